package ratelimit

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// failuresInRow are taken for an outage. Each is one call that waited for the time-out.
	failuresInRow = 3
	// slowestProbe is how long Redis may be back before that is seen.
	firstProbe, slowestProbe = 100 * time.Millisecond, time.Second
)

// outage keeps calls from waiting for a Redis that is away. After some failures in a row nobody is asked any more but by a
// probe in the background, so no call pays for finding out that Redis is back.
type outage struct {
	log   *slog.Logger
	probe func(context.Context) error
	up    interface{ Set(float64) }

	failures atomic.Int32 // in a row
	open     atomic.Bool
	ended    atomic.Uint32 // outages

	ctx    context.Context // until close
	cancel context.CancelFunc
	probes sync.WaitGroup
}

func newOutage(log *slog.Logger, s *shared, up interface{ Set(float64) }) *outage {
	o := &outage{log: log, probe: s.probe, up: up}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	up.Set(1)
	return o
}

// report takes the outcome of a question to Redis, and how many outages had ended when it was asked: what comes of a question
// that an outage has outlived must not begin the next one.
func (o *outage) report(ended uint32, err error) {
	if ended != o.ended.Load() {
		return
	}
	if err == nil {
		if o.failures.Load() != 0 { // so that calls do not all write to one place
			o.failures.Store(0)
		}
		return
	}
	if o.failures.Add(1) < failuresInRow || !o.open.CompareAndSwap(false, true) {
		return
	}
	o.up.Set(0)
	o.log.Warn("redis does not answer; rate limits are not shared", "cause", err)
	o.probes.Go(o.watch)
}

// watch waits until Redis is back.
func (o *outage) watch() {
	began := time.Now()
	for pause := firstProbe; ; pause = min(2*pause, slowestProbe) {
		select {
		case <-o.ctx.Done():
			return
		case <-time.After(pause):
		}
		if o.probe(o.ctx) == nil {
			break
		}
	}
	o.log.Info("redis answers again; rate limits are shared", "away", time.Since(began).Round(time.Millisecond))
	o.up.Set(1)
	o.ended.Add(1)
	o.failures.Store(0)
	o.open.Store(false)
}

func (o *outage) close() {
	o.cancel()
	o.probes.Wait()
}
