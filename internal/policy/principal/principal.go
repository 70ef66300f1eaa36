// Package principal says who calls. Authentication makes a [Principal]; access rules, rate limits, logs and the metadata for
// upstreams read it.
package principal

import (
	"context"
	"slices"
)

// Method is how somebody has shown who they are.
type Method string

// The methods.
const (
	Bearer      Method = "bearer"      // a JWT
	APIKey      Method = "api_key"     // a key that was handed out
	Certificate Method = "certificate" // of TLS
)

// Principal is a caller who is known. It is not changed once it is made.
type Principal struct {
	// Subject names the caller, within what the issuer names.
	Subject string
	// Issuer is who vouches for the subject.
	Issuer string
	// Method is how that was shown.
	Method Method
	// Audience is the one whose view of the API the caller has; "" is the listener's.
	Audience string
	// Scopes are what the caller has been allowed.
	Scopes []string
	// Tier is the caller's class for rate limits; "" for none.
	Tier string
	// Claims are all that the issuer says, as JSON values.
	Claims map[string]any
}

// SubjectClaim is the claim that names the caller.
const SubjectClaim = "sub"

// HasScope tells whether the caller has been allowed something.
func (p *Principal) HasScope(scope string) bool { return p != nil && slices.Contains(p.Scopes, scope) }

// Claim returns a claim as the text that a field of a request may hold: a string, a number or a boolean. The subject is
// the claim sub.
func (p *Principal) Claim(name string) (string, bool) {
	if p == nil {
		return "", false
	}
	if name == SubjectClaim {
		return p.Subject, p.Subject != ""
	}
	return text(p.Claims[name])
}

type key struct{}

// NewContext returns a context that carries the caller.
func NewContext(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, key{}, p)
}

// FromContext returns the caller that a context carries, nil for one who is not known.
func FromContext(ctx context.Context) *Principal {
	p, _ := ctx.Value(key{}).(*Principal)
	return p
}
