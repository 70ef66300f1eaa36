package auth

import (
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	// failuresInRow are taken for an outage. Each is one call that waited for the time-out.
	failuresInRow = 3
	// pause is how often one call tries whether it is over.
	pause = time.Second
)

var errAway = errors.New("redis does not answer")

// outage keeps calls from waiting for a Redis that is away.
type outage struct {
	log      *slog.Logger
	failures atomic.Int32 // in a row
	until    atomic.Int64 // when the next call may try, in nanoseconds since 1970; 0: there is no outage
}

// on tells whether a call does better not to ask.
func (o *outage) on(now time.Time) bool {
	until := o.until.Load()
	if until == 0 {
		return false
	}
	return now.UnixNano() < until || !o.until.CompareAndSwap(until, now.Add(pause).UnixNano())
}

func (o *outage) failed(now time.Time, cause error) {
	if o.failures.Add(1) >= failuresInRow && o.until.CompareAndSwap(0, now.Add(pause).UnixNano()) {
		o.log.Warn("redis does not answer; the keys that are known go on", "cause", cause)
	}
}

func (o *outage) answered() {
	if o.failures.Load() != 0 { // so that calls do not all write to one place
		o.failures.Store(0)
	}
	if o.until.Load() != 0 && o.until.Swap(0) != 0 {
		o.log.Info("redis answers again; keys are looked up")
	}
}
