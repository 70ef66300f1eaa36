package ratelimit

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// decider is who has decided about a call.
type decider uint8

const (
	alone    decider = iota // this edge, since no Redis is configured
	together                // Redis
	recalled                // this edge, since Redis has just refused the same
	fallback                // this edge, since Redis is away
	deciders
)

// meters are what operators see. Limits are labels by their names, of which there are as many as are declared; keys never
// are.
type meters struct {
	decisions [deciders]struct{ allowed, refused prometheus.Counter }
	refusals  *prometheus.CounterVec
	failures  prometheus.Counter
	up        prometheus.Gauge
	seconds   prometheus.Histogram
	forgotten prometheus.Counter
}

func newMeters(r prometheus.Registerer) *meters {
	decisions := registered(r, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gatehouse_ratelimit_decisions_total", Help: "Calls that were counted, by who decided and what.",
	}, []string{"by", "outcome"}))
	m := &meters{
		refusals: registered(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_ratelimit_refused_total", Help: "Calls refused, by the limit that did.",
		}, []string{"limit"})),
		failures: registered(r, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gatehouse_ratelimit_redis_failures_total", Help: "Questions that Redis did not answer.",
		})),
		up: registered(r, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gatehouse_ratelimit_redis_up", Help: "1 if Redis is asked, 0 if it is away or there is none.",
		})),
		seconds: registered(r, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "gatehouse_ratelimit_redis_seconds", Help: "How long Redis took to decide about a call.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1},
		})),
		forgotten: registered(r, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gatehouse_ratelimit_keys_forgotten_total", Help: "Counts that were given up because there were too many keys.",
		})),
	}
	for by, name := range [deciders]string{alone: "edge", together: "redis", recalled: "memory", fallback: "fallback"} {
		m.decisions[by].allowed = decisions.WithLabelValues(name, "allowed")
		m.decisions[by].refused = decisions.WithLabelValues(name, "refused")
	}
	return m
}

// registered returns the collector, or the one that an earlier limiter has registered under its name.
func registered[C prometheus.Collector](r prometheus.Registerer, c C) C {
	if r == nil {
		return c
	}
	err := r.Register(c)
	if taken, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if earlier, ok := taken.ExistingCollector.(C); ok {
			return earlier
		}
	}
	if err != nil {
		panic("ratelimit: " + err.Error()) // somebody else uses these names
	}
	return c
}

func (m *meters) count(by decider, d Decision) Decision {
	if d.Allowed {
		m.decisions[by].allowed.Inc()
		return d
	}
	m.decisions[by].refused.Inc()
	m.refusals.WithLabelValues(d.Limit.Name).Inc()
	return d
}
