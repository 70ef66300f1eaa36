package compose

import "sync/atomic"

// budget is what may yet be done for one request, by all its parts and by those of parts that are composed themselves: lists
// within lists would otherwise multiply.
type budget struct{ calls atomic.Int64 }

// take takes so many calls, or those that are left. It returns how many.
func (b *budget) take(n int) int {
	for {
		left := b.calls.Load()
		taken := min(int64(n), left)
		if b.calls.CompareAndSwap(left, left-taken) {
			return int(taken)
		}
	}
}
