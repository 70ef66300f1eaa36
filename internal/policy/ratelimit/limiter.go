package ratelimit

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// Options are what a limiter needs beside its configuration. All have defaults.
type Options struct {
	// Log gets the beginning and the end of each outage of Redis. Default: slog's.
	Log *slog.Logger
	// Now is the edge's clock. Default: time.Now.
	Now func() time.Time
	// Registerer gets the metrics. Limiters that have it in common count together. Default: none are kept.
	Registerer prometheus.Registerer
}

// Limiter counts calls. Limits are no part of it: what it holds outlasts the loading of a new API. Its methods may be called
// concurrently.
type Limiter struct {
	now    func() time.Time
	local  *table
	meters *meters
	exempt []netip.Prefix

	shared     *shared // nil if the edge counts for itself
	outage     *outage
	failClosed bool
}

// New returns a limiter, or all that is wrong with its configuration. It does not wait for Redis. A nil configuration is
// that of an edge that counts for itself.
func New(cfg *configv1.RateLimiting, options Options) (*Limiter, error) {
	if err := Validate(cfg); err != nil {
		return nil, err
	}
	l := &Limiter{
		now: options.Now, meters: newMeters(options.Registerer), exempt: exempt(cfg.GetExemptAddresses()),
		failClosed: cfg.GetOnFailure() == configv1.RateLimiting_FAIL_CLOSED,
	}
	if l.now == nil {
		l.now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	l.local = newTable(maxKeys(cfg), l.meters.forgotten)
	if cfg.GetRedis() == nil {
		l.meters.up.Set(0) // an earlier limiter may have had one
		return l, nil
	}
	var err error
	if l.shared, err = newShared(cfg.GetRedis()); err != nil {
		return nil, err
	}
	l.outage = newOutage(options.Log, l.shared, l.meters.up)
	return l, nil
}

// Close ends the connections to Redis. It is called when no call is being decided about any more.
func (l *Limiter) Close() error {
	if l.shared == nil {
		return nil
	}
	l.outage.close()
	return l.shared.client.Close()
}

// Exempt tells whether calls from an address are not limited.
func (l *Limiter) Exempt(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, p := range l.exempt {
		if p.Contains(address) {
			return true
		}
	}
	return false
}

// Allow decides about a call, and counts it if it is let through. The error, a *fault.Error, is only of a configuration that
// refuses calls while Redis is away; a refusal by a limit is none, [Refusal] makes one of it.
//
// Without Redis there is no waiting and no allocation for up to 8 checks.
func (l *Limiter) Allow(ctx context.Context, checks []Check) (Decision, error) {
	if len(checks) == 0 {
		return Decision{Allowed: true}, nil
	}
	var idRoom [room]uint64
	ids := idRoom[:0]
	for i := range checks {
		ids = append(ids, checks[i].id())
	}
	if l.shared == nil {
		return l.meters.count(alone, l.local.decide(checks, ids, l.now().UnixNano())), nil
	}
	return l.allowShared(ctx, checks, ids)
}

func (l *Limiter) allowShared(ctx context.Context, checks []Check, ids []uint64) (Decision, error) {
	if ended := l.outage.ended.Load(); !l.outage.open.Load() {
		if d, ok := l.local.refused(checks, ids, l.now().UnixNano()); ok {
			return l.meters.count(recalled, d), nil
		}
		began := time.Now()
		allowed, readings, err := l.shared.decide(ctx, checks)
		if err == nil {
			l.outage.report(ended, nil)
			l.meters.seconds.Observe(time.Since(began).Seconds())
			l.local.follow(checks, ids, readings, allowed, l.now().UnixNano())
			return l.meters.count(together, weigh(allowed, checks, readings)), nil
		}
		if ctx.Err() == nil { // otherwise the call was given up, which says nothing of Redis
			l.meters.failures.Inc()
			l.outage.report(ended, err)
		}
	}
	if l.failClosed {
		return Decision{}, unknown()
	}
	return l.meters.count(fallback, l.local.decide(checks, ids, l.now().UnixNano())), nil
}

// unknown is 503 and not 429: the caller has done nothing too often. It has no cause: that is logged once for the outage.
func unknown() *fault.Error {
	const soon = time.Second // about as long as it takes to see that Redis is back
	return fault.New(fault.Overloaded, "calls can not be counted at the moment",
		&errdetails.RetryInfo{RetryDelay: durationpb.New(soon)}).With("Retry-After", seconds(soon))
}
