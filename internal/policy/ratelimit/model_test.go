package ratelimit_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
)

// clock is one that tests set.
type clock struct{ nanoseconds int64 }

func (c *clock) now() time.Time { return time.Unix(0, c.nanoseconds) }

// local is a limiter of one edge.
func local(t testing.TB, now func() time.Time) *ratelimit.Limiter {
	t.Helper()
	l, err := ratelimit.New(nil, ratelimit.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// allow asks about one limit.
func allow(t testing.TB, l *ratelimit.Limiter, limit *ratelimit.Limit, key ratelimit.Key) ratelimit.Decision {
	t.Helper()
	return allowAll(t, l, ratelimit.Check{Limit: limit, Key: key})
}

func allowAll(t testing.TB, l *ratelimit.Limiter, checks ...ratelimit.Check) ratelimit.Decision {
	t.Helper()
	d, err := l.Allow(t.Context(), checks)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// model simulates a limit, one nanosecond after another.
type model interface {
	tick()
	fits() bool
	add()
	remaining() int
}

// leaky is a bucket that loses one drop in each nanosecond. A call is as many drops as nanoseconds go by until one comes
// back.
type leaky struct{ level, call, size int }

func (b *leaky) tick()          { b.level = max(0, b.level-1) }
func (b *leaky) fits() bool     { return b.level+b.call <= b.size }
func (b *leaky) add()           { b.level += b.call }
func (b *leaky) remaining() int { return (b.size - b.level) / b.call }

// calendar counts the calls of a window, and has to be told of each nanosecond too.
type calendar struct{ at, window, calls, holds int }

func (c *calendar) fits() bool     { return c.calls < c.holds }
func (c *calendar) add()           { c.calls++ }
func (c *calendar) remaining() int { return c.holds - c.calls }
func (c *calendar) tick() {
	if c.at++; c.at%c.window == 0 {
		c.calls = 0
	}
}

func modelOf(l *ratelimit.Limit) model {
	if l.Kind == ratelimit.Quota {
		return &calendar{window: int(l.Window), holds: int(l.Requests)}
	}
	burst := int(l.Burst)
	if burst == 0 {
		burst = int(l.Requests)
	}
	call := int(l.Window) / int(l.Requests)
	return &leaky{call: call, size: call * burst}
}

// randomLimit has a window of some nanoseconds, so that a model can walk through it.
func randomLimit(r *rand.Rand, name string) *ratelimit.Limit {
	l := &ratelimit.Limit{Name: name, Requests: 1 + r.Uint32N(20)}
	l.Window = time.Duration(int(l.Requests) * (1 + r.IntN(30)))
	switch r.IntN(3) {
	case 0:
		l.Kind = ratelimit.Quota
	case 1:
		l.Burst = 1 + r.Uint32N(40)
	}
	return l
}

func TestLimitsDecideAsASimulationOfEveryNanosecondDoes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		limits := make([]*ratelimit.Limit, 1+r.IntN(3))
		models := make([]model, len(limits))
		checks := make([]ratelimit.Check, len(limits))
		for i := range limits {
			limits[i] = randomLimit(r, fmt.Sprint("limit-", i))
			models[i] = modelOf(limits[i])
			checks[i] = ratelimit.Check{Limit: limits[i], Key: ratelimit.OfField("somebody")}
		}
		at := &clock{}
		l := local(t, at.now)
		for range 400 {
			for range r.IntN(40) {
				at.nanoseconds++
				for _, m := range models {
					m.tick()
				}
			}
			compare(t, seed, at, models, checks, allowAll(t, l, checks...))
			if t.Failed() {
				return
			}
		}
	}
}

// compare lets the models decide about a call, and holds a decision against theirs.
func compare(t *testing.T, seed uint64, at *clock, models []model, checks []ratelimit.Check, d ratelimit.Decision) {
	t.Helper()
	fits := true
	for _, m := range models {
		fits = fits && m.fits()
	}
	least := 0
	for i, m := range models {
		if fits {
			m.add()
		}
		if m.remaining() < models[least].remaining() {
			least = i
		}
	}
	switch {
	case d.Allowed != fits:
		t.Errorf("seed %d at %d: allowed %t, want %t: %+v", seed, at.nanoseconds, d.Allowed, fits, limitsOf(checks))
	case d.Remaining != uint32(models[least].remaining()):
		t.Errorf("seed %d at %d: %d remain, want %d: %+v", seed, at.nanoseconds, d.Remaining, models[least].remaining(), limitsOf(checks))
	case !fits && d.RetryAfter <= 0:
		t.Errorf("seed %d at %d: refused, but try again after %v", seed, at.nanoseconds, d.RetryAfter)
	}
}

func limitsOf(checks []ratelimit.Check) []ratelimit.Limit {
	var limits []ratelimit.Limit
	for _, c := range checks {
		limits = append(limits, *c.Limit)
	}
	return limits
}

// What is told is true to the nanosecond: RetryAfter is the first moment at which the call is let through, Reset the first at
// which as many are as ever.
func TestACallerWhoWaitsAsToldIsLetThroughAndNotBefore(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		limit := randomLimit(r, "limit")
		at := &clock{nanoseconds: int64(r.IntN(1000))}
		l := local(t, at.now)
		var last ratelimit.Decision
		for last = allow(t, l, limit, ratelimit.Key{}); last.Allowed; last = allow(t, l, limit, ratelimit.Key{}) {
			if at.nanoseconds += int64(r.IntN(2)); last.RetryAfter > 0 != (last.Remaining == 0) {
				t.Fatalf("seed %d: %+v of %+v", seed, last, limit)
			}
		}
		at.nanoseconds += int64(last.RetryAfter) - 1
		if early := allow(t, l, limit, ratelimit.Key{}); early.Allowed || early.RetryAfter != 1 {
			t.Errorf("seed %d: %+v, a nanosecond before the end of %+v, of %+v", seed, early, last, limit)
		}
		at.nanoseconds++
		if d := allow(t, l, limit, ratelimit.Key{}); !d.Allowed {
			t.Errorf("seed %d: %+v at the end of %+v, of %+v", seed, d, last, limit)
		} else {
			at.nanoseconds += int64(d.Reset)
		}
		full := limit.Requests
		if limit.Burst > 0 {
			full = limit.Burst
		}
		if d := allow(t, l, limit, ratelimit.Key{}); d.Remaining != full-1 {
			t.Errorf("seed %d: %d of %d are back after Reset", seed, d.Remaining+1, full)
		}
	}
}
