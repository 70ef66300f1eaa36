package auth

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
)

func numbered(i int) *digest {
	sum := sha256.Sum256([]byte(fmt.Sprint(i)))
	return &sum
}

func TestAMemoryNeverGrowsAndMixesNothingUp(t *testing.T) {
	t.Parallel()
	const room, writers, each = 64, 8, 2000
	m := newMemory[int](room)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				n := w*each + i
				m.put(numbered(n), n)
				if v, ok := m.get(numbered(n / 2)); ok && *v != n/2 {
					t.Errorf("%d is remembered as %d", n/2, *v)
				}
			}
		})
	}
	all.Wait()
	remembered := 0
	for i := range writers * each {
		if _, ok := m.get(numbered(i)); ok {
			remembered++
		}
	}
	if remembered == 0 || remembered > room {
		t.Errorf("%d are remembered, of %d places", remembered, room)
	}
}

func TestAMemoryHasRoomAndTakesWhatIsNewer(t *testing.T) {
	t.Parallel()
	m := newMemory[string](64)
	m.put(numbered(1), "old")
	m.put(numbered(1), "new")
	if v, ok := m.get(numbered(1)); !ok || *v != "new" {
		t.Errorf("%v %t", v, ok)
	}
	if _, ok := m.get(numbered(2)); ok {
		t.Error("what was never put is remembered")
	}
}
