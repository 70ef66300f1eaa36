package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// issuer tells whether tokens are good that say that they are its own.
type issuer struct {
	name       string
	accepted   []string // aud
	algorithms []string
	kind       string // typ, in lower case
	leeway     time.Duration
	keys       keySource

	scopes, tier, audience string   // claims
	ownAudience            string   // of tokens without that claim
	audiences              []string // all there are
}

// keySource has the public keys of an issuer.
type keySource interface {
	// current returns the keys, nil if they have never been had.
	current() *keySet
	// newer returns keys that are newer than some, which lack one, or the same, if there are none. The error says that nobody
	// knows.
	newer(ctx context.Context, than *keySet) (*keySet, error)
	close()
}

func newIssuer(cfg *configv1.Issuer, options Options, m *meters) (*issuer, error) {
	i := &issuer{
		name: cfg.GetIssuer(), accepted: cfg.GetAudiences(), algorithms: cfg.GetAlgorithms(), kind: mediaType(cfg.GetType()),
		leeway: leeway(cfg), scopes: cfg.GetScopesClaim(), tier: cfg.GetTierClaim(), audience: cfg.GetAudienceClaim(),
		ownAudience: cfg.GetAudience(), audiences: options.Audiences,
	}
	if len(i.algorithms) == 0 {
		i.algorithms = allAlgorithms
	}
	var err error
	if cfg.GetJwksFile() != "" {
		i.keys, err = newLocalKeys(cfg.GetJwksFile(), options.Log)
	} else {
		i.keys, err = newRemoteKeys(cfg, options, m)
	}
	return i, err
}

// verify tells who bears a token. What it says is looked at before its signature, which costs the most.
func (i *issuer) verify(ctx context.Context, t *token, now time.Time) (*verified, error) {
	if !slices.Contains(i.algorithms, t.algorithm) {
		return nil, refuse("the token is signed in a way that is not taken")
	}
	if i.kind != "" && i.kind != mediaType(t.kind) {
		return nil, refuse("the token is of another type than is taken")
	}
	until, err := t.claims.holdAt(now, i.leeway)
	if err != nil {
		return nil, err
	}
	if !t.claims.forOne(i.accepted) {
		return nil, refuse("the token is for another audience")
	}
	p, err := i.principal(t.claims)
	if err != nil {
		return nil, err
	}
	keys, err := i.signed(ctx, t)
	if err != nil {
		return nil, err
	}
	return &verified{principal: p, issuer: i, keys: keys, until: until}, nil
}

// signed returns the issuer's keys, if one of them has signed the token. One that is not known may be newer than what is
// had.
func (i *issuer) signed(ctx context.Context, t *token) (*keySet, error) {
	keys := i.keys.current()
	for {
		err := keys.verify(t)
		if err == nil {
			return keys, nil
		}
		if !errors.Is(err, errNoKey) {
			return nil, refuseBecause("the signature of the token is not good", err)
		}
		newer, failure := i.keys.newer(ctx, keys)
		if failure != nil {
			return nil, failure
		}
		if newer == keys {
			return nil, refuseBecause("the signature of the token is not good", err)
		}
		keys = newer
	}
}

// principal is who a token speaks of.
func (i *issuer) principal(c claims) (*principal.Principal, error) {
	p := &principal.Principal{Issuer: i.name, Method: principal.Bearer, Audience: i.ownAudience, Claims: c}
	if p.Subject, _ = c[principal.SubjectClaim].(string); p.Subject == "" {
		return nil, refuse("the token does not say whom it is about")
	}
	if i.tier != "" {
		p.Tier, _ = c[i.tier].(string)
	}
	if said, given := c[i.audience]; i.audience != "" && given {
		if p.Audience, _ = said.(string); !slices.Contains(i.audiences, p.Audience) {
			return nil, refuse("the token names an audience that there is not")
		}
	}
	switch _, given := c["scope"]; {
	case i.scopes != "":
		p.Scopes = c.scopes(i.scopes)
	case given:
		p.Scopes = c.scopes("scope")
	default:
		p.Scopes = c.scopes("scp")
	}
	return p, nil
}

// mediaType is the form in which types are compared (RFC 7515, section 4.1.9).
func mediaType(text string) string {
	return strings.TrimPrefix(strings.ToLower(text), "application/")
}
