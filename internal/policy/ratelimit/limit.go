package ratelimit

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind is how a limit's windows follow each other.
type Kind uint8

const (
	// Rate slides: calls come back one by one, at even distances.
	Rate Kind = iota
	// Quota begins anew at each multiple of its window since 1970 in UTC: one of 24 hours at midnight.
	Quota
)

// Limit is how often one key may call. It is not changed once it is in use.
type Limit struct {
	// Name is that of a method, or one that the configuration gives. Callers see it, and calls are counted under it: while
	// it stays, so do the counts, whatever else of the limit changes.
	Name string
	// Requests is how many calls a window holds. 0 refuses everything.
	Requests uint32
	// Window is how long a window is, in whole seconds.
	Window time.Duration
	// Burst is how many calls may come at once; 0 is as many as the window holds. Quotas have none.
	Burst uint32
	// Kind is how windows follow each other.
	Kind Kind
}

const (
	maxWindow = 31 * 24 * time.Hour
	// maxPerSecond is where the microseconds that Redis counts in begin to be too few.
	maxPerSecond = 100_000
	// maxFill is how long a burst may take to come back. Beyond some centuries, nanoseconds overflow.
	maxFill = 366 * 24 * time.Hour
)

// Validate reports what is wrong with a limit, joined. The others can be given to [Limiter.Allow].
func (l *Limit) Validate() error {
	var problems []error
	l.problems(func(field, format string, args ...any) {
		problems = append(problems, fmt.Errorf(field+": "+format, args...))
	})
	return errors.Join(problems...)
}

func (l *Limit) problems(report func(field, format string, args ...any)) {
	if l.Name == "" || strings.ContainsFunc(l.Name, notInName) {
		report("name", "%q is no name of letters, digits and -_./:, such as free-minute", l.Name)
	}
	if l.Requests == 0 {
		report("requests", "is missing; give how many calls a window holds")
	}
	switch {
	case l.Window < time.Second || l.Window > maxWindow || l.Window%time.Second != 0:
		report("window", "%v is not between 1s and 744h in whole seconds; a part of a second can be had with fewer requests and a burst", l.Window)
	case float64(l.Requests) > maxPerSecond*l.Window.Seconds():
		report("requests", "%d in %v are more than the %d a second that can be counted", l.Requests, l.Window, maxPerSecond)
	case l.Kind == Quota && 24*time.Hour%l.Window != 0:
		report("window", "%v does not divide a day, so the windows of a quota would begin at odd times", l.Window)
	case l.Kind == Quota && l.Burst != 0:
		report("burst", "is for rates; all of a quota may come at once")
	case float64(l.Burst)*l.Window.Seconds() > float64(l.Requests)*maxFill.Seconds():
		report("burst", "%d calls at %d in %v take more than a year to come back", l.Burst, l.Requests, l.Window)
	}
}

func notInName(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_./:", r):
		return false
	default:
		return true
	}
}

// burst is how many calls of a rate may come at once.
func (l *Limit) burst() uint32 {
	if l.Burst == 0 {
		return l.Requests
	}
	return l.Burst
}

// Check is one limit that a call has to keep, and the key that it counts under. No two checks of a call have both in common.
type Check struct {
	Limit *Limit
	Key   Key
}

// Decision is what has become of a call.
type Decision struct {
	// Allowed says that the call may go on, and has been counted.
	Allowed bool
	// Limit is the one that refused, or the one that is nearest to it; nil if nothing limits the call.
	Limit *Limit
	// Remaining is how many more calls that limit lets through at once.
	Remaining uint32
	// Reset is when it will have all its calls back.
	Reset time.Duration
	// RetryAfter is when it will let another call through; 0 is now.
	RetryAfter time.Duration
}

// weigh makes the decision that the limits' readings come to. readings[i] is of checks[i].
func weigh(allowed bool, checks []Check, readings []reading) Decision {
	d := Decision{Allowed: allowed}
	for i, r := range readings {
		if d.Limit == nil || tighter(allowed, r, d) {
			d.Limit, d.Remaining, d.Reset, d.RetryAfter = checks[i].Limit, r.remaining, r.reset, r.retry
		}
	}
	return d
}

// tighter tells which limit a caller has to know of: of those that refuse the one that does so the longest, of others
// the one that has the least left.
func tighter(allowed bool, r reading, than Decision) bool {
	switch {
	case !allowed || r.remaining == 0 && than.Remaining == 0:
		return r.retry > than.RetryAfter
	case r.remaining != than.Remaining:
		return r.remaining < than.Remaining
	default:
		return r.reset > than.Reset
	}
}
