package server

import (
	"fmt"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/concurrency"
	"github.com/gatehouse-edge/gatehouse/internal/policy/cors"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

// Problems reports what is wrong with a configuration as far as the parts know that take it, each under the path of its key.
func Problems(cfg *configv1.Config, report func(key, format string, args ...any)) {
	under := func(prefix string) func(key, format string, args ...any) {
		return func(key, format string, args ...any) {
			if key != "" {
				key = "." + key
			}
			report(prefix+key, format, args...)
		}
	}
	for i, l := range cfg.GetListeners() {
		transport.Problems(l, under(fmt.Sprintf("listeners[%d]", i)))
	}
	for i, u := range cfg.GetUpstreams() {
		if u.GetTls() != nil {
			transport.UpstreamProblems(u.GetTls(), under(fmt.Sprintf("upstreams[%d].tls", i)))
		}
	}
	cors.Problems(cfg.GetCors(), under("cors"))
	for i, a := range cfg.GetAudiences() {
		cors.Problems(a.GetCors(), under(fmt.Sprintf("audiences[%d].cors", i)))
	}
	ratelimit.Problems(cfg.GetRateLimiting(), under("rate_limiting"))
	concurrency.Problems(cfg.GetConcurrency(), under("concurrency"))
	for i, p := range cfg.GetPolicies() {
		_, problems := ratelimit.Of("name", p.GetPolicy().GetRateLimits())
		for _, problem := range problems {
			report(fmt.Sprintf("policies[%d].policy", i), "%s", problem)
		}
	}
}
