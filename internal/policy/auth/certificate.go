package auth

import (
	"crypto/x509"
	"regexp"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// certificates tell who a client of TLS is. The first rule that fits holds.
type certificates []*configv1.CertificateRule

// authenticate takes a chain that was verified: the client's certificate comes first, who vouches for all comes last. It
// returns nil if no rule fits. A connection may outlast the certificate that it was opened with.
func (c certificates) authenticate(chain []*x509.Certificate, now time.Time) (*principal.Principal, error) {
	own, root := chain[0], chain[len(chain)-1]
	id := spiffeID(own)
	for _, rule := range c {
		subject := ""
		switch {
		case rule.GetSpiffe() != "" && id != "" && fits(id, rule.GetSpiffe()):
			subject = id
		case rule.GetCommonName() != "" && rule.GetCommonName() == own.Subject.CommonName:
			subject = own.Subject.CommonName
		default:
			continue
		}
		if now.After(own.NotAfter) {
			return nil, refuse("the certificate has expired")
		}
		return &principal.Principal{
			Subject: subject, Issuer: root.Subject.String(), Method: principal.Certificate,
			Audience: rule.GetAudience(), Scopes: rule.GetScopes(), Tier: rule.GetTier(),
		}, nil
	}
	return nil, nil //nolint:nilnil // nobody who is known, which is no error
}

func fits(id, rule string) bool {
	return id == rule || strings.HasSuffix(rule, "/") && strings.HasPrefix(id, rule)
}

// spiffe is the form of a SPIFFE ID. It has one only, so that its beginning can be compared: no dots that lead elsewhere,
// nothing escaped.
var spiffe = regexp.MustCompile(`^spiffe://[a-z0-9._-]+(/[a-zA-Z0-9._-]+)*$`)

// spiffeID returns the SPIFFE ID in a certificate, which has no other URI (X509-SVID, section 2).
func spiffeID(c *x509.Certificate) string {
	if len(c.URIs) != 1 {
		return ""
	}
	id := c.URIs[0].String()
	if !spiffe.MatchString(id) || hasDots(id) {
		return ""
	}
	return id
}

func hasDots(id string) bool {
	for segment := range strings.SplitSeq(id, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
