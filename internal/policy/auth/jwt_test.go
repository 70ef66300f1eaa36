package auth_test

import (
	"crypto"
	"crypto/elliptic"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/auth"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// here is the configuration of an issuer whose keys stand in a file.
func here(t testing.TB, more string, keys ...map[string]any) string {
	t.Helper()
	return `{issuers: [{issuer: here, audiences: [shop], jwks_file: "` + write(t, "keys.json", keySet(t, keys...)) + `"` + more + `}]}`
}

func TestTokensOfAllAlgorithmsAreTaken(t *testing.T) {
	t.Parallel()
	p256, p384, p521, ed := newEC(t, elliptic.P256()), newEC(t, elliptic.P384()), newEC(t, elliptic.P521()), newEd25519(t)
	for method, key := range map[jwt.SigningMethod]crypto.Signer{
		jwt.SigningMethodRS256: rsaKey(), jwt.SigningMethodRS384: rsaKey(), jwt.SigningMethodRS512: rsaKey(),
		jwt.SigningMethodPS256: rsaKey(), jwt.SigningMethodPS384: rsaKey(), jwt.SigningMethodPS512: rsaKey(),
		jwt.SigningMethodES256: p256, jwt.SigningMethodES384: p384, jwt.SigningMethodES512: p521,
		jwt.SigningMethodEdDSA: ed,
	} {
		t.Run(method.Alg(), func(t *testing.T) {
			t.Parallel()
			others := []map[string]any{
				webKey(t, "other", &otherRSA().PublicKey, nil), webKey(t, "other", newEC(t, elliptic.P256()).Public(), nil),
				webKey(t, "other", newEd25519(t).Public(), nil), {"kty": "new"},
			}
			for name, published := range map[string]map[string]any{
				"bare":       webKey(t, "k", key.Public(), nil),
				"for it":     webKey(t, "k", key.Public(), map[string]any{"alg": method.Alg(), "use": "sig", "key_ops": []string{"verify"}}),
				"certified":  webKey(t, "k", key.Public(), map[string]any{"x5t": "AAAA", "x5c": []string{"AAAA"}}),
				"without id": webKey(t, "", key.Public(), nil),
			} {
				e := newEdge(t, here(t, "", append(others, published)...))
				for how, header := range map[string]map[string]any{"named": nil, "not named": {"kid": nil}} {
					p := e.known(t, sign(t, method, key, "k", claims("here"), header))
					if p.Subject != "c-1001" || p.Issuer != "here" || p.Method != principal.Bearer {
						t.Errorf("%s, %s: got %+v", name, how, p)
					}
				}
			}
		})
	}
}

func TestClocksMayDifferByTheLeewayAndNoMore(t *testing.T) {
	t.Parallel()
	noon := time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC)
	key := newEd25519(t)
	for name, c := range map[string]struct {
		leeway string
		claim  string
		at     time.Duration
		good   bool
	}{
		"expired a moment ago":        {"", "exp", -29 * time.Second, true},
		"expired by all of it":        {"", "exp", -30 * time.Second, false},
		"valid in a moment":           {"", "nbf", 30 * time.Second, true},
		"valid later":                 {"", "nbf", 31 * time.Second, false},
		"issued in a moment":          {"", "iat", 30 * time.Second, true},
		"issued later":                {"", "iat", 31 * time.Second, false},
		"none: expires now":           {", leeway: 0s", "exp", 0, false},
		"none: expires then":          {", leeway: 0s", "exp", time.Second, true},
		"none: valid in a moment":     {", leeway: 0s", "nbf", time.Second, false},
		"much: expired minutes ago":   {", leeway: 300s", "exp", -299 * time.Second, true},
		"much: expired too long ago":  {", leeway: 300s", "exp", -300 * time.Second, false},
		"much: valid in some minutes": {", leeway: 300s", "nbf", 300 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := auth.New(parse(t, here(t, c.leeway, webKey(t, "k", key.Public(), nil))), auth.Options{Now: func() time.Time { return noon }})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			said := jwt.MapClaims{"iss": "here", "aud": "shop", "sub": "c-1001", "exp": noon.Add(time.Hour).Unix()}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			r.Header.Set("Authorization", "Bearer "+sign(t, jwt.SigningMethodEdDSA, key, "k", with(said, c.claim, noon.Add(c.at).Unix()), nil))
			for range 2 { // what is remembered is no better
				if _, err := a.Authenticate(r); (err == nil) != c.good {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestATokenInTheQueryIsNotLookedAt(t *testing.T) {
	t.Parallel()
	key := newEd25519(t)
	e := newEdge(t, here(t, "", webKey(t, "k", key.Public(), nil)))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet,
		"/?access_token="+sign(t, jwt.SigningMethodEdDSA, key, "k", claims("here"), nil), http.NoBody)
	if p, err := e.Authenticate(r); p != nil || err != nil {
		t.Errorf("%+v %v", p, err)
	}
}

func TestWithoutIssuersTokensAreNotForTheEdge(t *testing.T) {
	t.Parallel()
	e := newEdge(t, `{certificates: [{common_name: shop}]}`)
	if p, err := e.token(t, "whatever"); p != nil || err != nil {
		t.Errorf("%+v %v", p, err)
	}
}

func TestATokenOnceRefusedStaysRefused(t *testing.T) {
	t.Parallel()
	key := newEd25519(t)
	e := newEdge(t, here(t, "", webKey(t, "k", key.Public(), nil)))
	good := sign(t, jwt.SigningMethodEdDSA, key, "k", claims("here"), nil)
	bad := sign(t, jwt.SigningMethodEdDSA, newEd25519(t), "k", claims("here"), nil)
	for range 3 {
		e.known(t, good)
		if p, err := e.token(t, bad); p != nil || reason(err) != fault.BadCredentials {
			t.Errorf("%+v %v", p, err)
		}
	}
}
