package concurrency

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// retryAfter is for how long those who are refused are sent away. The edge does not know when there will be room, but a
// second is longer than most calls take.
const retryAfter = time.Second

// Settings are one limit's.
type Settings struct {
	// Calls is how many may be under way; 0 is no limit.
	Calls uint32
	// Queue is how many more wait for their turn.
	Queue uint32
	// Wait is the longest that one waits.
	Wait time.Duration
}

// Limiter lets so many calls through at once. Its methods may be called concurrently, and allocate for a client that leaves
// while it waits only.
type Limiter struct {
	settings Settings
	refusal  *fault.Error

	// state is how many calls are under way and how many wait, in one number so that both change at once: as long as any
	// wait, as many are under way as may be.
	state atomic.Uint64
	// turns are handed to those who wait, longest first. Each is a call that counts as under way already, so there is always
	// room for one more.
	turns   chan struct{}
	timers  sync.Pool
	refused atomic.Uint64
}

// New returns a limiter. What it limits, "the method" or "the service", is for those who are refused.
func New(what string, s Settings) *Limiter {
	l := &Limiter{settings: s, turns: make(chan struct{}, min(s.Calls, math.MaxInt32))}
	// One error serves all calls: refusing must not cost more than serving, just when there is too much to do.
	l.refusal = fault.New(fault.Overloaded, fmt.Sprintf("%s has as many calls under way as it may; try again later", what),
		&errdetails.RetryInfo{RetryDelay: durationpb.New(retryAfter)},
	).With("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
	return l
}

// Acquire lets a call through, at once or when it is its turn. Whoever gets nil has to call Release. The error is a
// *fault.Error.
func (l *Limiter) Acquire(ctx context.Context) error {
	if l.settings.Calls == 0 {
		return nil
	}
	for {
		state := l.state.Load()
		running, waiting := split(state)
		switch {
		case running < l.settings.Calls:
			if l.state.CompareAndSwap(state, joined(running+1, waiting)) {
				return nil
			}
		case waiting < l.settings.Queue:
			if l.state.CompareAndSwap(state, joined(running, waiting+1)) {
				return l.wait(ctx)
			}
		default:
			return l.refuse()
		}
	}
}

// Release ends a call that was let through.
func (l *Limiter) Release() {
	if l.settings.Calls == 0 {
		return
	}
	for {
		state := l.state.Load()
		running, waiting := split(state)
		if waiting > 0 {
			if l.state.CompareAndSwap(state, joined(running, waiting-1)) {
				l.turns <- struct{}{}
				return
			}
		} else if l.state.CompareAndSwap(state, joined(running-1, 0)) {
			return
		}
	}
}

// wait returns when it is the call's turn, or when it has waited for too long.
func (l *Limiter) wait(ctx context.Context) error {
	timer, ok := l.timers.Get().(*time.Timer)
	if ok {
		timer.Reset(l.settings.Wait)
	} else {
		timer = time.NewTimer(l.settings.Wait)
	}
	defer func() {
		timer.Stop()
		l.timers.Put(timer)
	}()
	select {
	case <-l.turns:
		return nil
	case <-timer.C:
	case <-ctx.Done():
	}
	if !l.leave() {
		<-l.turns // everybody who was waiting has been called, this call too, at the last moment
		return nil
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fault.New(fault.ClientGone, "the client left before the answer")
	}
	return l.refuse()
}

// leave takes a call out of the queue, unless a turn has been handed out for it.
func (l *Limiter) leave() bool {
	for {
		state := l.state.Load()
		running, waiting := split(state)
		if waiting == 0 {
			return false
		}
		if l.state.CompareAndSwap(state, joined(running, waiting-1)) {
			return true
		}
	}
}

func (l *Limiter) refuse() error {
	l.refused.Add(1)
	return l.refusal
}

// Load is how many calls are under way and how many wait. It may be read for metrics, at any time.
func (l *Limiter) Load() (running, waiting uint32) { return split(l.state.Load()) }

// Refused is how many calls have been refused.
func (l *Limiter) Refused() uint64 { return l.refused.Load() }

func split(state uint64) (running, waiting uint32) { return uint32(state >> 32), uint32(state) }

func joined(running, waiting uint32) uint64 { return uint64(running)<<32 | uint64(waiting) }
