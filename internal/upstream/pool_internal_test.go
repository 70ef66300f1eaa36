package upstream

import "testing"

func TestPoolHandsOutTheLengthAskedFor(t *testing.T) {
	t.Parallel()
	var p pool
	for _, length := range []int{0, 1, 2, 3, 4096, 4097, 60_000, largestPooled - 1, largestPooled, largestPooled + 1, 3 * largestPooled} {
		for range 3 { // made, and used again
			b := p.Get(length)
			if len(*b) != length {
				t.Fatalf("got %d bytes, want %d", len(*b), length)
			}
			for i := range *b {
				(*b)[i] = 0xaa
			}
			p.Put(b)
		}
	}
}

func TestPoolTakesWhatItDidNotMake(t *testing.T) {
	t.Parallel()
	var p pool
	for _, size := range []int{0, 3, 100, 128, 2 * largestPooled} {
		b := make([]byte, size)
		p.Put(&b)
		for _, length := range []int{1, 100, 128, 1000} {
			if got := p.Get(length); len(*got) != length {
				t.Errorf("after a buffer of %d: got %d bytes, want %d", size, len(*got), length)
			}
		}
	}
}
