package route

import "strings"

// trie is what the search needs of a table; it has no type parameter, so that one search serves them all.
type trie struct {
	root    node
	depth   int // segments of the deepest template
	longest int // bytes of the longest literal
}

// reading says how the colon of the last segment may still be read. Before that segment is reached it is both.
type reading uint8

const (
	asData reading = 1 << iota
	asVerb
)

// search is one walk over the trie with one path. It lives on the stack of its caller.
type search struct {
	trie   *trie
	method string
	path   string

	// ends are the offsets behind the first count segments. If more, the path goes on after them.
	ends  [MaxDepth]int
	count int
	more  bool
	// colon is where the verb of the last segment would begin, or -1; verb is its decoded text.
	colon int
	verb  string

	found     *endpoint
	headAsGet bool
	verbTaken bool
	known     bool // some template matches the path

	collect bool // look for all methods instead of one route
	methods []string

	visits int // nodes entered, which the tests bound
}

func (s *search) run() bool {
	if s.colon < 0 {
		return s.walk(&s.trie.root, 0, asData)
	}
	return s.walk(&s.trie.root, 0, asData|asVerb)
}

func (s *search) missed() Outcome {
	switch {
	case !s.known:
		return NotFound
	case s.method == "OPTIONS":
		return Options
	default:
		return MethodNotAllowed
	}
}

// walk looks for a route below n, to which the first depth segments have led, best first.
func (s *search) walk(n *node, depth int, r reading) bool {
	s.visits++
	if depth == s.count {
		return !s.more && s.take(&n.here, r) || s.take(&n.rest, r)
	}
	start, end := s.start(depth), s.ends[depth]
	if s.colon >= start && end == len(s.path) {
		return s.last(n, depth, start) || s.take(&n.rest, r)
	}
	if child := s.child(n, s.path[start:end]); child != nil && s.walk(child, depth+1, r) {
		return true
	}
	if n.star != nil && start < end && s.walk(n.star, depth+1, r) {
		return true
	}
	return s.take(&n.rest, r)
}

// last is walk for a last segment that holds a colon: the two readings give two literals and, before the colon, maybe
// nothing for a star to take.
func (s *search) last(n *node, depth, start int) bool {
	if child := s.child(n, s.path[start:s.colon]); child != nil && s.walk(child, depth+1, asVerb) {
		return true
	}
	if child := s.child(n, s.path[start:]); child != nil && s.walk(child, depth+1, asData) {
		return true
	}
	if n.star == nil {
		return false
	}
	if start == s.colon {
		return s.walk(n.star, depth+1, asData)
	}
	return s.walk(n.star, depth+1, asData|asVerb)
}

// child returns the node below n for a literal segment, which is decoded if need be.
func (s *search) child(n *node, segment string) *node {
	if n.literals == nil {
		return nil
	}
	if strings.IndexByte(segment, '%') < 0 {
		return n.literals[segment]
	}
	if len(segment) > 3*s.trie.longest {
		return nil
	}
	var room [64]byte
	return n.literals[string(appendDecoded(room[:0], segment, false))]
}

// take settles on a route that ends in l, if the verb and the method allow one.
func (s *search) take(l *leaf, r reading) bool {
	if r&asVerb != 0 && l.verbs != nil && s.choose(l.verbs[s.verb]) {
		s.verbTaken = true
		return true
	}
	return r&asData != 0 && s.choose(l.plain)
}

func (s *search) choose(e endpoints) bool {
	if len(e) == 0 {
		return false
	}
	s.known = true
	if s.collect {
		for i := range e {
			s.methods = append(s.methods, e[i].method)
		}
		return false
	}
	s.found, s.headAsGet = e.pick(s.method)
	return s.found != nil
}
