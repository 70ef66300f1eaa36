package auth

import (
	"crypto/sha256"
	"sync"
)

// memory remembers what has been found out of so many things at most, by their hashes. What is asked for again stays longer
// than what is not. Its methods may be called concurrently.
type memory[V any] struct {
	shards [shards]shard[V]
	most   int // in one half of a shard
}

// shards is in how many parts a memory is, so that requests wait for each other as little as possible.
const shards = 64

// shard is two generations: what is new or asked for is in the young one. When that is full, it takes the place of the old.
type shard[V any] struct {
	mu         sync.Mutex
	young, old map[[sha256.Size]byte]V
}

func newMemory[V any](most int) *memory[V] { return &memory[V]{most: max(1, most/shards/2)} }

func (m *memory[V]) get(sum *[sha256.Size]byte) (V, bool) {
	s := &m.shards[sum[0]%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.young[*sum]; ok {
		return v, true
	}
	v, ok := s.old[*sum]
	if ok {
		s.put(sum, v, m.most)
	}
	return v, ok
}

func (m *memory[V]) put(sum *[sha256.Size]byte, v V) {
	s := &m.shards[sum[0]%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(sum, v, m.most)
}

func (s *shard[V]) put(sum *[sha256.Size]byte, v V, most int) {
	if s.young == nil || len(s.young) >= most {
		s.old, s.young = s.young, make(map[[sha256.Size]byte]V, most)
	}
	s.young[*sum] = v
}
