package compose

import "sync/atomic"

// budget is what may yet be done for one request, by all its parts and by those of parts that are composed themselves: lists
// within lists would otherwise multiply.
type budget struct {
	calls atomic.Int64
	bytes atomic.Int64 // of responses
}

// mostHeld is how many times the longest answer the responses may be that it is made of.
const mostHeld = 4

func (b *budget) set(opts *Options) {
	b.calls.Store(int64(opts.MaxCalls))
	b.bytes.Store(mostHeld * int64(opts.MaxAnswer))
}

// hold counts a response. It reports false if that is more than is held for one request.
func (b *budget) hold(size int) bool { return b.bytes.Add(-int64(size)) >= 0 }

// isSpent tells whether there may be something that was not done for want of it.
func (b *budget) isSpent() bool { return b.calls.Load() == 0 || b.bytes.Load() < 0 }

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
