package ratelimit

import "time"

// count is what is held of a key under a limit.
type count struct {
	// until is when the count means nothing any more, in nanoseconds since 1970: of a rate when all its calls are back, the
	// theoretical arrival time of GCRA; of a quota the end of its window.
	until int64
	// used is how many calls a quota's window has had.
	used uint32
}

// reading is what a count says at some time.
type reading struct {
	remaining    uint32        // calls that may come at once
	reset, retry time.Duration // as in a Decision
}

// interval is the time in which one call of a rate comes back.
func (l *Limit) interval() int64 { return int64(l.Window) / int64(max(1, l.Requests)) }

// read says what is left.
func (l *Limit) read(c count, now int64) reading {
	if l.Kind == Quota {
		end := l.windowEnd(now)
		r := reading{reset: time.Duration(end - now)}
		if used := l.used(c, end); used < l.Requests {
			r.remaining = l.Requests - used
		} else {
			r.retry = r.reset
		}
		return r
	}
	interval := l.interval()
	owed := l.owed(c, now)
	free := interval*int64(l.burst()) - owed
	r := reading{remaining: uint32(free / interval), reset: time.Duration(owed)}
	if r.remaining == 0 {
		r.retry = time.Duration(interval - free)
	}
	return r
}

// spend counts one more call.
func (l *Limit) spend(c count, now int64) count {
	if l.Kind == Quota {
		end := l.windowEnd(now)
		return count{until: end, used: l.used(c, end) + 1}
	}
	return count{until: now + l.owed(c, now) + l.interval()}
}

// owed is the time in which all calls of a rate come back, no more than all of them take. A count that says far more than
// that is of a clock that was set back, or of a limit that was larger: it must not shut its caller out. A little more is of
// another goroutine's later clock.
func (l *Limit) owed(c count, now int64) int64 {
	most := l.interval() * int64(l.burst())
	owed := max(0, c.until-now)
	if owed > 2*most+int64(time.Second) {
		return 0
	}
	return min(owed, most)
}

// windowEnd is when a quota begins anew.
func (l *Limit) windowEnd(now int64) int64 { return now - now%int64(l.Window) + int64(l.Window) }

// used is how many calls the window that ends then has had.
func (l *Limit) used(c count, end int64) uint32 {
	if c.until != end {
		return 0
	}
	return c.used
}

// countOf is the count that a reading comes from.
func (l *Limit) countOf(r reading, now int64) count {
	c := count{until: now + int64(r.reset)}
	if l.Kind == Quota {
		// The clocks of an edge and of Redis differ a little, but windows end for both at the same multiple.
		c.until = (c.until + int64(l.Window)/2) / int64(l.Window) * int64(l.Window)
		c.used = l.Requests - r.remaining
	}
	return c
}
