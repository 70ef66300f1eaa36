package auth_test

import (
	"crypto/elliptic"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// request has one header.
func request(t testing.TB, name, value string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set(name, value)
	return r
}

func TestATokenSaysWhoCalls(t *testing.T) {
	t.Parallel()
	l := newLogin(t, webKey(t, "rsa", &rsaKey().PublicKey, nil))
	url := `jwks_url: "` + l.URL + `/keys"`
	e := newEdge(t, `issuers:
- {issuer: "`+l.URL+`", audiences: [shop]}
- {issuer: told, audiences: [shop], `+url+`, scopes_claim: "https://example.com/rights", tier_claim: plan, audience: public, audience_claim: view}`)
	for name, c := range map[string]struct {
		claims jwt.MapClaims
		want   principal.Principal
	}{
		"scopes in a text":   {claims(l.URL), principal.Principal{Scopes: []string{"orders.read", "orders.write"}}},
		"scopes in scp":      {with(with(claims(l.URL), "scope", nil), "scp", []string{"a", "b"}), principal.Principal{Scopes: []string{"a", "b"}}},
		"scope before scp":   {with(claims(l.URL), "scp", "c"), principal.Principal{Scopes: []string{"orders.read", "orders.write"}}},
		"a list of scopes":   {with(claims(l.URL), "scope", []string{"a b", "c"}), principal.Principal{Scopes: []string{"a b", "c"}}},
		"scopes of numbers":  {with(claims(l.URL), "scope", []any{"a", 1}), principal.Principal{}},
		"no scopes":          {with(claims(l.URL), "scope", nil), principal.Principal{Scopes: []string{}}},
		"a tier nobody asks": {with(claims(l.URL), "plan", "gold"), principal.Principal{Scopes: []string{"orders.read", "orders.write"}}},
		"all claims": {
			with(with(with(claims("told"), "plan", "gold"), "view", "partner"), "https://example.com/rights", "x y"),
			principal.Principal{Tier: "gold", Audience: "partner", Scopes: []string{"x", "y"}},
		},
		"no claims": {claims("told"), principal.Principal{Audience: "public", Scopes: []string{}}},
	} {
		p := *e.known(t, sign(t, jwt.SigningMethodRS256, rsaKey(), "rsa", c.claims, nil))
		if at, ok := p.Claim("exp"); !ok || at == "" {
			t.Errorf("%s: claims %v", name, p.Claims)
		}
		p.Claims = nil
		c.want.Issuer, _ = c.claims["iss"].(string)
		c.want.Subject, c.want.Method = "c-1001", principal.Bearer
		if !reflect.DeepEqual(p, c.want) {
			t.Errorf("%s: %+v, want %+v", name, p, c.want)
		}
	}
}

func TestALargeNumberInAClaimStaysWhatItIs(t *testing.T) {
	t.Parallel()
	l := newLogin(t, webKey(t, "rsa", &rsaKey().PublicKey, nil))
	e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
	p := e.known(t, sign(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(claims(l.URL), "account", json.Number("9007199254740993")), nil))
	if got, ok := p.Claim("account"); !ok || got != "9007199254740993" {
		t.Errorf("%q %t", got, ok)
	}
}

func TestATokenThatIsRememberedExpires(t *testing.T) {
	t.Parallel()
	l := newLogin(t, webKey(t, "rsa", &rsaKey().PublicKey, nil))
	e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop], leeway: 0s}]}`)
	token := sign(t, jwt.SigningMethodRS256, rsaKey(), "rsa", claims(l.URL), nil)
	first, again := e.known(t, token), e.known(t, token)
	if first != again || e.metric(t, "gatehouse_auth_tokens_remembered_total") != 1 {
		t.Error("a token was verified twice")
	}
	e.clock.advance(time.Hour)
	if p, err := e.token(t, token); p != nil || reason(err) != fault.BadCredentials {
		t.Errorf("%+v %v", p, err)
	}
}

func TestKeysInAFileAreFollowed(t *testing.T) {
	t.Parallel()
	ec := newEC(t, elliptic.P521())
	path := write(t, "keys.json", keySet(t, webKey(t, "rsa", &rsaKey().PublicKey, nil)))
	e := newEdge(t, `{issuers: [{issuer: here, audiences: [shop], jwks_file: "`+path+`"}]}`)
	old := sign(t, jwt.SigningMethodRS256, rsaKey(), "rsa", claims("here"), nil)
	token := sign(t, jwt.SigningMethodES512, ec, "ec", claims("here"), nil)
	e.known(t, old)
	if p, err := e.token(t, token); p != nil || reason(err) != fault.BadCredentials {
		t.Errorf("%+v %v", p, err)
	}
	if err := os.WriteFile(path, keySet(t, webKey(t, "ec", &ec.PublicKey, nil)), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "the new key is known", func() bool { p, _ := e.token(t, token); return p != nil })
	if p, err := e.token(t, old); p != nil || reason(err) != fault.BadCredentials {
		t.Errorf("a token of a key that was taken away: %+v %v", p, err)
	}
}

func TestEdDSAIsTaken(t *testing.T) {
	t.Parallel()
	key := newEd25519(t)
	path := write(t, "keys.json", keySet(t, webKey(t, "ed", key.Public(), map[string]any{"alg": "EdDSA", "use": "sig", "x5t": "not one"})))
	e := newEdge(t, `{issuers: [{issuer: here, audiences: [shop], jwks_file: "`+path+`"}]}`)
	e.known(t, sign(t, jwt.SigningMethodEdDSA, key, "ed", claims("here"), nil))
}
