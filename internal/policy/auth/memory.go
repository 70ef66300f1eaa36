package auth

import (
	"crypto/sha256"
	"encoding/binary"
	"sync/atomic"
)

// ways is how many places there are for a digest.
const ways = 4

type digest = [sha256.Size]byte

// memory remembers something of digests. It never grows and nobody waits for anybody: each digest has a few places, and a
// new one takes that of another if all are taken.
type memory[T any] struct {
	sets [][ways]atomic.Pointer[memo[T]]
}

type memo[T any] struct {
	of    digest
	value T
}

// newMemory has room for about n digests, a power of two.
func newMemory[T any](n int) *memory[T] {
	return &memory[T]{sets: make([][ways]atomic.Pointer[memo[T]], n/ways)}
}

func (m *memory[T]) set(d *digest) *[ways]atomic.Pointer[memo[T]] {
	return &m.sets[binary.LittleEndian.Uint64(d[:])&uint64(len(m.sets)-1)]
}

// get returns what is remembered. Digests are compared as they are: who measures how long that takes learns of digests, of
// which nobody finds a token or a key.
func (m *memory[T]) get(d *digest) (*T, bool) {
	set := m.set(d)
	for i := range set {
		if found := set[i].Load(); found != nil && found.of == *d {
			return &found.value, true
		}
	}
	return nil, false
}

func (m *memory[T]) put(d *digest, value T) {
	set, to := m.set(d), int(d[len(d)-1])%ways
	for i := range set {
		found := set[i].Load()
		if found != nil && found.of == *d {
			to = i
			break
		}
		if found == nil {
			to = i
		}
	}
	set[to].Store(&memo[T]{of: *d, value: value})
}
