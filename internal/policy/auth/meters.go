package auth

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// meters are what operators see. Issuers are labels by what the configuration calls them; callers never are.
type meters struct {
	outcomes      map[principal.Method]outcomes
	remembered    prometheus.Counter
	fetched       *prometheus.CounterVec
	keys          *prometheus.GaugeVec
	redisFailures prometheus.Counter
}

// outcomes are what has become of credentials.
type outcomes struct{ known, refused, unavailable prometheus.Counter }

// fetchMeters are those of one issuer.
type fetchMeters struct {
	fetched, failed prometheus.Counter
	keys            prometheus.Gauge
}

func newMeters(r prometheus.Registerer) *meters {
	credentials := registered(r, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gatehouse_auth_credentials_total", Help: "Requests that showed who calls, by how and what came of it.",
	}, []string{"method", "outcome"}))
	m := &meters{
		outcomes: map[principal.Method]outcomes{},
		remembered: registered(r, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gatehouse_auth_tokens_remembered_total", Help: "Tokens that had been verified before.",
		})),
		fetched: registered(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_auth_issuer_fetches_total", Help: "How often an issuer's keys were fetched, by what came of it.",
		}, []string{"issuer", "outcome"})),
		keys: registered(r, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "gatehouse_auth_issuer_keys", Help: "How many keys of an issuer are known. 0 is an issuer whose tokens nobody can check.",
		}, []string{"issuer"})),
		redisFailures: registered(r, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gatehouse_auth_redis_failures_total", Help: "Keys that Redis did not answer about.",
		})),
	}
	for _, by := range []principal.Method{principal.Bearer, principal.APIKey, principal.Certificate} {
		m.outcomes[by] = outcomes{
			known:       credentials.WithLabelValues(string(by), "known"),
			refused:     credentials.WithLabelValues(string(by), "refused"),
			unavailable: credentials.WithLabelValues(string(by), "unavailable"),
		}
	}
	return m
}

func (m *meters) fetches(issuer string) fetchMeters {
	return fetchMeters{
		fetched: m.fetched.WithLabelValues(issuer, "fetched"),
		failed:  m.fetched.WithLabelValues(issuer, "failed"),
		keys:    m.keys.WithLabelValues(issuer),
	}
}

// registered returns the collector, or the one that an earlier authenticator has registered under its name.
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
		panic("auth: " + err.Error()) // somebody else uses these names
	}
	return c
}
