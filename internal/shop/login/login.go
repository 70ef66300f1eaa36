// Package login is the sample shop's issuer of tokens: an OpenID provider as far as an edge needs one, with three callers who
// need no password. It is for demonstrations: whoever reaches it may be anybody.
package login

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"time"
)

// Audience is what the tokens are for.
const Audience = "shop"

// Lifetime is how long a token holds.
const Lifetime = 24 * time.Hour

// The claims beside those that every token has.
const (
	ViewClaim = "view" // the edge's audience
	TierClaim = "tier"
)

// Caller is somebody who gets tokens.
type Caller struct {
	Name  string
	Says  string // who that is
	claim map[string]any
}

// Callers are those who get tokens.
func Callers() []Caller {
	return []Caller{
		{"customer", "Mira, customer c-1001", map[string]any{"sub": "c-1001", TierClaim: "standard"}},
		{"partner", "a shop that buys wholesale", map[string]any{"sub": "p-2001", TierClaim: "partner", ViewClaim: "partner"}},
		{"admin", "somebody of the shop", map[string]any{"sub": "s-3001", TierClaim: "staff", ViewClaim: "internal", "scope": "admin"}},
	}
}

// Issuer signs tokens with a key that is made with it. It may be used by any number of goroutines at once.
type Issuer struct {
	url string
	kid string
	key ed25519.PrivateKey
}

// New returns an issuer at a URL.
func New(url string) (*Issuer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return &Issuer{url: url, kid: rand.Text(), key: key}, nil
}

// Token returns a token for a caller.
func (i *Issuer) Token(c Caller, now time.Time) (string, error) {
	claims := map[string]any{
		"iss": i.url, "aud": Audience, "iat": now.Unix(), "exp": now.Add(Lifetime).Unix(), "jti": rand.Text(),
	}
	maps.Copy(claims, c.claim)
	header, err := encode(map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": i.kid})
	if err != nil {
		return "", err
	}
	payload, err := encode(claims)
	if err != nil {
		return "", err
	}
	signed := header + "." + payload
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(i.key, []byte(signed))), nil
}

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// Handler serves what an edge asks an issuer, and a token for each caller under their name.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{"issuer": i.url, "jwks_uri": i.url + "/jwks.json"})
	})
	mux.HandleFunc("GET /jwks.json", func(w http.ResponseWriter, _ *http.Request) {
		public := i.key.Public().(ed25519.PublicKey) //nolint:forcetypeassert // as it is documented
		say(w, map[string]any{"keys": []any{map[string]any{
			"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": i.kid,
			"x": base64.RawURLEncoding.EncodeToString(public),
		}}})
	})
	for _, c := range Callers() {
		mux.HandleFunc("GET /"+c.Name, func(w http.ResponseWriter, _ *http.Request) {
			token, err := i.Token(c, time.Now())
			if err != nil {
				http.Error(w, "no token can be made", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			fmt.Fprintln(w, token)
		})
	}
	return mux
}

func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) //nolint:errcheck,errchkjson // a client that left needs no answer
}
