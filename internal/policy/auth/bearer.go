package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

const (
	// maxToken is how long a token may be, in bytes.
	maxToken = 16 << 10
	// maxRemembered is how long one may be that is remembered, which bounds what all of them cost.
	maxRemembered = 4 << 10
	// rememberedTokens is how many are.
	rememberedTokens = 1 << 14
)

// tokens tells who bears a token.
type tokens struct {
	issuers  map[string]*issuer // by what the claim iss says
	verified *memory[verified]
	now      func() time.Time
	meters   *meters
}

// verified is what is known of a token whose signature was good.
type verified struct {
	principal *principal.Principal
	issuer    *issuer
	keys      *keySet // that were the issuer's when it was verified
	until     time.Time
}

// holds tells whether all is as it was: the issuer's keys may have been replaced.
func (v *verified) holds(now time.Time) bool {
	return now.Before(v.until) && v.issuer.keys.current() == v.keys
}

func newTokens(list []*configv1.Issuer, options Options, m *meters) (*tokens, error) {
	t := &tokens{
		issuers: make(map[string]*issuer, len(list)), verified: newMemory[verified](rememberedTokens), now: options.Now, meters: m,
	}
	var errs []error
	for i, cfg := range list {
		issuer, err := newIssuer(cfg, options, m)
		if err != nil {
			errs = append(errs, fmt.Errorf("issuers[%d].%w", i, err))
			continue
		}
		t.issuers[cfg.GetIssuer()] = issuer
	}
	if len(errs) > 0 {
		t.close()
		return nil, errors.Join(errs...)
	}
	return t, nil
}

func (t *tokens) close() {
	if t == nil {
		return
	}
	for _, issuer := range t.issuers {
		issuer.keys.close()
	}
}

// shown returns what a request has in its Authorization headers, and whether it has any.
func (t *tokens) shown(h http.Header) ([]string, bool) {
	if t == nil {
		return nil, false // they are not for the edge
	}
	values, ok := h["Authorization"]
	return values, ok
}

func (t *tokens) authenticate(ctx context.Context, headers []string) (*principal.Principal, error) {
	text, err := bearer(headers)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(text))
	if v, ok := t.verified.get(&sum); ok && v.holds(t.now()) {
		t.meters.remembered.Inc()
		return v.principal, nil
	}
	token, err := parseToken(text)
	if err != nil {
		return nil, refuseBecause("the token is malformed", err)
	}
	name, _ := token.claims["iss"].(string)
	issuer := t.issuers[name]
	if issuer == nil {
		return nil, refuse("the issuer of the token is not known")
	}
	v, err := issuer.verify(ctx, token, t.now())
	if err != nil {
		return nil, err
	}
	if len(text) <= maxRemembered {
		t.verified.put(&sum, *v)
	}
	return v.principal, nil
}

// bearer returns the token of a request (RFC 6750, section 2.1).
func bearer(headers []string) (string, error) {
	if len(headers) != 1 {
		return "", invalidRequest("there are several Authorization headers; send one")
	}
	scheme, text, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", invalidRequest("the scheme of the Authorization header is not Bearer")
	}
	text = strings.TrimLeft(text, " ")
	if len(text) > maxToken {
		return "", refuse("the token is too long")
	}
	return text, nil
}
