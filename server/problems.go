package server

import (
	"fmt"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/config"
	"github.com/gatehouse-edge/gatehouse/internal/policy/accesslog"
	"github.com/gatehouse-edge/gatehouse/internal/policy/auth"
	"github.com/gatehouse-edge/gatehouse/internal/policy/concurrency"
	"github.com/gatehouse-edge/gatehouse/internal/policy/cors"
	"github.com/gatehouse-edge/gatehouse/internal/policy/extauthz"
	"github.com/gatehouse-edge/gatehouse/internal/policy/identity"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
	"github.com/gatehouse-edge/gatehouse/internal/policy/tracing"
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
	var audiences []string
	for _, a := range config.Audiences(cfg) {
		audiences = append(audiences, a.GetName())
	}
	auth.Problems(cfg.GetAuthentication(), audiences, under("authentication"))
	if token := cfg.GetAuthentication().GetInternalToken(); token != nil {
		identity.Problems(token, under("authentication.internal_token"))
	}
	if external := cfg.GetAuthentication().GetExternal(); external != nil {
		extauthz.Problems(external, under("authentication.external"))
		transport.UpstreamProblems(external.GetTls(), under("authentication.external.tls"))
	}
	cors.Problems(cfg.GetCors(), under("cors"))
	for i, a := range cfg.GetAudiences() {
		cors.Problems(a.GetCors(), under(fmt.Sprintf("audiences[%d].cors", i)))
	}
	accesslog.Problems(cfg.GetAccessLog(), under("access_log"))
	if t := cfg.GetTracing(); t != nil {
		tracing.Problems(t, under("tracing"))
		transport.UpstreamProblems(t.GetTls(), under("tracing.tls"))
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
