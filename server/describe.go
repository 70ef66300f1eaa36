package server

import (
	"fmt"
	"slices"
	"strings"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/policy/access"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// describePolicy is what the callers of a method have to know of its policy. What is wrong with it, whoever serves it says.
func (e *Edge) describePolicy(a *audience, m *schema.Method) *openapi.Policy {
	holds, _ := a.layers.of(m)
	unread := func(schema.FieldPath) func([]byte) string { return func([]byte) string { return "" } }
	rule, _ := access.Compile(holds.GetAccess(), m.Descriptor.Input(), unread)
	p := describeAccess(e.door.settle(rule, holds.GetAccess()))
	p.Limits = e.describeLimits(m, holds)
	return p
}

func describeAccess(rule *access.Rule) *openapi.Policy {
	scopes, either := rule.Scopes()
	p := &openapi.Policy{Who: openapi.Known, Scopes: scopes}
	switch {
	case rule.Public():
		p.Who = openapi.Anybody
	case rule.Denied():
		p.Who = openapi.Nobody
	case either:
		p.Who = openapi.AnyScope
	case len(scopes) > 0:
		p.Who = openapi.AllScopes
	}
	for _, f := range rule.Fields() {
		own := openapi.OwnField{Path: f.Path, Claim: f.Claim, Unless: f.Unless}
		if own.Claim == principal.SubjectClaim {
			own.Claim = ""
		}
		p.Own = append(p.Own, own)
	}
	return p
}

func (e *Edge) describeLimits(m *schema.Method, holds *gatehousev1.Policy) []openapi.Limit {
	rules, _ := ratelimit.Of(m.FullName(), holds.GetRateLimits())
	if len(rules) == 0 {
		rules = e.door.defaults
	}
	var limits []openapi.Limit
	for i, r := range rules {
		l := openapi.Limit{
			Requests: r.Limit.Requests, Window: r.Limit.Window, Burst: r.Limit.Burst,
			Quota: r.Limit.Kind == ratelimit.Quota, Shared: r.By == ratelimit.ByAll, Tiers: r.Tiers,
		}
		if r.By == ratelimit.ByField {
			l.Each, _ = schema.Scalar(m.Descriptor.Input(), holds.GetRateLimits()[i].GetField())
		}
		limits = append(limits, l)
	}
	return limits
}

// schemes are the ways in which callers of an audience show who they are. An issuer and a certificate that make somebody
// else of them are not theirs to know of.
func (e *Edge) schemes(a *audience) []openapi.Scheme {
	if !e.door.knows {
		return nil
	}
	cfg := e.cfg.GetAuthentication()
	schemes := issuerSchemes(cfg.GetIssuers(), a.name)
	if keys := cfg.GetApiKeys(); keys != nil {
		schemes = append(schemes, openapi.Scheme{Name: "apiKey", Kind: openapi.KeyInHeader, Header: or(keys.GetHeader(), defaultKeyHeader)})
	}
	if slices.ContainsFunc(cfg.GetCertificates(), func(c *configv1.CertificateRule) bool { return or(c.GetAudience(), a.name) == a.name }) {
		schemes = append(schemes, openapi.Scheme{Name: "certificate", Kind: openapi.ClientCertificate})
	}
	return schemes
}

// issuerSchemes names each issuer that describes itself to everybody. Tokens of all others look the same to callers.
func issuerSchemes(issuers []*configv1.Issuer, audience string) []openapi.Scheme {
	var schemes []openapi.Scheme
	others := false
	for _, issuer := range issuers {
		discovered := issuer.GetJwksUrl() == "" && issuer.GetJwksFile() == "" && strings.HasPrefix(issuer.GetIssuer(), "https:")
		switch {
		case issuer.GetAudienceClaim() == "" && or(issuer.GetAudience(), audience) != audience:
		case discovered:
			name := "openId"
			if len(schemes) > 0 {
				name += fmt.Sprint(len(schemes) + 1)
			}
			url := strings.TrimSuffix(issuer.GetIssuer(), "/") + "/.well-known/openid-configuration"
			schemes = append(schemes, openapi.Scheme{Name: name, Kind: openapi.OpenIDToken, URL: url})
		default:
			others = true
		}
	}
	if others {
		schemes = append(schemes, openapi.Scheme{Name: "bearer", Kind: openapi.BearerToken})
	}
	return schemes
}
