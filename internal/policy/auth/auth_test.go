package auth_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"buf.build/go/protoyaml"
	"github.com/golang-jwt/jwt/v5"
	"github.com/prometheus/client_golang/prometheus"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/auth"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// patience is how long something may take that takes a moment.
const patience = 30 * time.Second

// Keys take long to make, so tests have them in common.
var (
	rsaKey   = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	otherRSA = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	weakRSA  = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(1024) })
)

func newRSA(bits int) *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return k
}

func newEC(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newEd25519(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// webKey writes a public key as RFC 7518 and RFC 8037 say, with further members.
func webKey(t testing.TB, id string, public crypto.PublicKey, more map[string]any) map[string]any {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString
	k := map[string]any{"kid": id}
	switch p := public.(type) {
	case *rsa.PublicKey:
		k["kty"], k["n"], k["e"] = "RSA", text(p.N.Bytes()), text(big.NewInt(int64(p.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		half := (len(point) - 1) / 2
		k["kty"], k["crv"], k["x"], k["y"] = "EC", p.Params().Name, text(point[1:1+half]), text(point[1+half:])
	case ed25519.PublicKey:
		k["kty"], k["crv"], k["x"] = "OKP", "Ed25519", text(p)
	default:
		t.Fatalf("a %T", public)
	}
	maps.Copy(k, more)
	return k
}

func keySet(t testing.TB, keys ...map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"keys": append([]map[string]any{}, keys...)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// login is an issuer: a server with a discovery document and keys.
type login struct {
	*httptest.Server
	set     atomic.Pointer[[]byte]
	answer  atomic.Pointer[http.HandlerFunc] // in place of the keys
	fetches atomic.Int32
}

func newLogin(t testing.TB, keys ...map[string]any) *login {
	t.Helper()
	l := new(login)
	l.publish(t, keys...)
	l.Server = httptest.NewServer(l)
	t.Cleanup(l.Close)
	return l
}

func (l *login) publish(t testing.TB, keys ...map[string]any) {
	t.Helper()
	set := keySet(t, keys...)
	l.set.Store(&set)
}

// say answers in place of the keys, until it is nil.
func (l *login) say(h http.HandlerFunc) {
	if h == nil {
		l.answer.Store(nil)
		return
	}
	l.answer.Store(&h)
}

func (l *login) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		json.NewEncoder(w).Encode(map[string]string{"issuer": l.URL, "jwks_uri": l.URL + "/keys"}) //nolint:errcheck // the edge sees it
	case "/keys":
		l.fetches.Add(1)
		if h := l.answer.Load(); h != nil {
			(*h)(w, r)
			return
		}
		w.Write(*l.set.Load()) //nolint:errcheck // the edge sees it
	default:
		http.NotFound(w, r)
	}
}

// claims are those of a good token for the edge.
func claims(issuer string) jwt.MapClaims {
	now := time.Now()
	return jwt.MapClaims{
		"iss": issuer, "aud": "shop", "sub": "c-1001", "scope": "orders.read orders.write",
		"exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "nbf": now.Unix(),
	}
}

// with changes a claim; nil leaves it out.
func with(c jwt.MapClaims, name string, value any) jwt.MapClaims {
	if value == nil {
		delete(c, name)
	} else {
		c[name] = value
	}
	return c
}

// sign makes a token. Header members that are nil are left out.
func sign(t testing.TB, method jwt.SigningMethod, key any, id string, c jwt.MapClaims, header map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	token.Header["kid"] = id
	for name, v := range header {
		if v == nil {
			delete(token.Header, name)
			continue
		}
		token.Header[name] = v
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// edge is an authenticator, and what its operator sees.
type edge struct {
	*auth.Authenticator
	registry *prometheus.Registry
	log      *logged
	clock    *clock
}

func parse(t testing.TB, text string) *configv1.Authentication {
	t.Helper()
	cfg := new(configv1.Authentication)
	if err := protoyaml.Unmarshal([]byte(text), cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func newEdge(t testing.TB, text string) *edge {
	t.Helper()
	e := &edge{registry: prometheus.NewRegistry(), log: new(logged), clock: new(clock)}
	var err error
	e.Authenticator, err = auth.New(parse(t, text), auth.Options{
		Audiences: []string{"public", "partner"}, Now: e.clock.now, Registerer: e.registry,
		Log: slog.New(slog.NewTextHandler(io.MultiWriter(e.log, t.Output()), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// bearing authenticates a request with Authorization headers.
func (e *edge) bearing(ctx context.Context, headers ...string) (*principal.Principal, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	r.Header["Authorization"] = headers
	return e.Authenticate(r)
}

func (e *edge) token(t testing.TB, token string) (*principal.Principal, error) {
	t.Helper()
	return e.bearing(t.Context(), "Bearer "+token)
}

// known fails the test if a token is not taken.
func (e *edge) known(t testing.TB, token string) *principal.Principal {
	t.Helper()
	p, err := e.token(t, token)
	if err != nil || p == nil {
		t.Fatalf("%+v %v", p, err)
	}
	return p
}

// reason is that of a refusal, "" if there is none.
func reason(err error) fault.Reason {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Reason
	}
	return fault.Reason(err.Error())
}

func challenge(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Header.Get("WWW-Authenticate")
	}
	return ""
}

// metric adds up the counters and gauges of a name that have some label values.
func (e *edge) metric(t testing.TB, name string, labels ...string) float64 {
	t.Helper()
	families, err := e.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			text := ""
			for _, l := range m.GetLabel() {
				text += "|" + l.GetValue() + "|"
			}
			fits := true
			for _, want := range labels {
				fits = fits && strings.Contains(text, "|"+want+"|")
			}
			if fits {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// clock can be put forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// logged is a log that can be read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

// until waits for what will be so soon.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not within " + patience.String() + ": " + what)
		}
	}
}

// write writes a file of a test's own.
func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestARequestThatShowsNothingIsNobodys(t *testing.T) {
	t.Parallel()
	l := newLogin(t)
	for name, text := range map[string]string{
		"without a configuration": `{}`,
		"switched off":            `{off: true}`,
		"with an issuer":          `{issuers: [{issuer: "` + l.URL + `", audiences: [shop]}]}`,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		if p, err := newEdge(t, text).Authenticate(r); p != nil || err != nil {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}
}

func TestClientsAreToldWhatTheyHaveToSend(t *testing.T) {
	t.Parallel()
	l, file := newLogin(t), write(t, "keys.yaml", []byte("keys: []"))
	issuers, keys := `issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]`, `api_keys: {file: "`+file+`"}`
	rule := `certificates: [{common_name: shop}]`
	for text, want := range map[string]string{
		`{` + issuers + `}`:                             `Bearer realm="gatehouse"`,
		`{` + issuers + `, realm: "the shop"}`:          `Bearer realm="the shop"`,
		`{` + keys + `}`:                                `ApiKey realm="gatehouse", header="X-Api-Key"`,
		`{` + issuers + `, ` + keys + `, ` + rule + `}`: `Bearer realm="gatehouse", ApiKey realm="gatehouse", header="X-Api-Key"`,
		`{` + rule + `}`:                                `Certificate realm="gatehouse"`,
		`{}`:                                            `Bearer realm="gatehouse"`,
	} {
		if got := newEdge(t, text).Challenge(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	const want = `Bearer realm="gatehouse", error="insufficient_scope", scope="orders.read orders.write"`
	if got := newEdge(t, `{}`).InsufficientScope([]string{"orders.read", "orders.write"}); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
