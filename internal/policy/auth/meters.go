package auth

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// meters count what becomes of credentials.
type meters struct {
	outcomes   map[principal.Method]*outcomes
	remembered prometheus.Counter
	fetches    *prometheus.CounterVec // by issuer and outcome
}

type outcomes struct{ known, refused, unavailable prometheus.Counter }

func newMeters(registerer prometheus.Registerer) *meters {
	authentications := register(registerer, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gatehouse_authentications_total", Help: "Requests with credentials, by the kind of these and what became of them.",
	}, []string{"method", "outcome"}))
	m := &meters{
		outcomes: map[principal.Method]*outcomes{},
		remembered: register(registerer, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gatehouse_tokens_remembered_total", Help: "Tokens that were known to be good.",
		})),
		fetches: register(registerer, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_issuer_fetches_total", Help: "Attempts to get the keys of issuers.",
		}, []string{"issuer", "outcome"})),
	}
	for _, by := range []principal.Method{principal.Bearer, principal.APIKey, principal.Certificate} {
		m.outcomes[by] = &outcomes{
			known:       authentications.WithLabelValues(string(by), "known"),
			refused:     authentications.WithLabelValues(string(by), "refused"),
			unavailable: authentications.WithLabelValues(string(by), "unavailable"),
		}
	}
	return m
}

// register registers a collector, or returns the one that is registered already.
func register[C prometheus.Collector](registerer prometheus.Registerer, c C) C {
	if registerer == nil {
		return c
	}
	err := registerer.Register(c)
	if already, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if known, ok := already.ExistingCollector.(C); ok {
			return known
		}
	}
	return c
}
