package route

// Visits counts the nodes that a search for the path enters.
func Visits[T any](t *Table[T], method, path string) int {
	s := search{trie: &t.trie, method: method, path: path}
	s.split()
	s.run()
	return s.visits
}

// Nodes counts the nodes of the trie.
func Nodes[T any](t *Table[T]) int { return count(&t.trie.root) }

func count(n *node) int {
	sum := 1
	for _, child := range n.literals {
		sum += count(child)
	}
	if n.star != nil {
		sum += count(n.star)
	}
	return sum
}
