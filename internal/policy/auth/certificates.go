package auth

import (
	"slices"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// certificates are the rules that say who a client with a certificate is.
type certificates []*configv1.CertificateRule

// authenticate returns who shows a chain that was verified, nil if no rule fits.
func (rules certificates) authenticate(c chain, now time.Time) (*principal.Principal, error) {
	leaf := c[0]
	if now.After(leaf.NotAfter) { // the connection may be older than that
		return nil, refuse("the certificate has expired")
	}
	spiffe := ""
	if len(leaf.URIs) == 1 && leaf.URIs[0].Scheme == "spiffe" { // X.509-SVID, section 2: one URI, no more
		spiffe = leaf.URIs[0].String()
	}
	for _, rule := range rules {
		subject := leaf.Subject.CommonName
		fits := rule.GetCommonName() != "" && rule.GetCommonName() == subject
		if rule.GetSpiffe() != "" {
			subject, fits = spiffe, fitsSPIFFE(spiffe, rule.GetSpiffe())
		}
		if !fits {
			continue
		}
		return &principal.Principal{
			Subject: subject, Issuer: c[len(c)-1].Subject.String(), Method: principal.Certificate, Audience: rule.GetAudience(),
			Scopes: slices.Clone(rule.GetScopes()), Tier: rule.GetTier(),
		}, nil
	}
	return nil, nil //nolint:nilnil // a certificate that is for something else
}

// fitsSPIFFE tells whether an URI is that of a rule or, if the rule ends in a slash, begins with it.
func fitsSPIFFE(uri, rule string) bool {
	if strings.HasSuffix(rule, "/") {
		return strings.HasPrefix(uri, rule) && len(uri) > len(rule)
	}
	return uri == rule
}
