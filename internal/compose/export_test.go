package compose

// Kept is how much a store holds.
func (s *Store) Kept() (entries, bytes int) {
	for i := range s.shards {
		sh := &s.shards[i]
		sh.Lock()
		entries, bytes = entries+len(sh.entries), bytes+sh.bytes
		sh.Unlock()
	}
	return entries, bytes
}
