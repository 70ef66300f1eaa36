package server

import (
	"fmt"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/concurrency"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
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
	ratelimit.Problems(cfg.GetRateLimiting(), under("rate_limiting"))
	concurrency.Problems(cfg.GetConcurrency(), under("concurrency"))
	for i, p := range cfg.GetPolicies() {
		_, problems := ratelimit.Of("name", p.GetPolicy().GetRateLimits())
		for _, problem := range problems {
			report(fmt.Sprintf("policies[%d].policy", i), "%s", problem)
		}
	}
}
