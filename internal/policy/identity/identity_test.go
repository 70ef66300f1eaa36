package identity_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/identity"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/watch"
)

func TestServicesAreToldWhoCalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		caller *principal.Principal
		want   []string
	}{
		"nobody": {nil, nil},
		"a subject": {
			&principal.Principal{Subject: "c-1", Method: principal.APIKey},
			[]string{"x-gatehouse-subject", "c-1", "x-gatehouse-method", "api_key", "x-gatehouse-audience", "public"},
		},
		"everything": {
			&principal.Principal{Subject: "c-1", Issuer: "https://login.example.com", Method: principal.Bearer, Tier: "gold", Scopes: []string{"a", "b"}},
			[]string{
				"x-gatehouse-subject", "c-1", "x-gatehouse-issuer", "https://login.example.com", "x-gatehouse-method", "bearer",
				"x-gatehouse-tier", "gold", "x-gatehouse-audience", "public", "x-gatehouse-scopes", "a b",
			},
		},
		"what gRPC can not carry": {
			&principal.Principal{Subject: " Zoë\r\nx-evil: 100% ", Method: principal.Bearer},
			[]string{
				"x-gatehouse-subject", "%20Zo%C3%AB%0D%0Ax-evil: 100%25%20", "x-gatehouse-method", "bearer", "x-gatehouse-audience", "public",
			},
		},
		"a scope that would read as two": {
			&principal.Principal{Subject: "c-1", Method: principal.Bearer, Scopes: []string{"a admin", "b", "", "c\tadmin", "100%"}},
			[]string{
				"x-gatehouse-subject", "c-1", "x-gatehouse-method", "bearer", "x-gatehouse-audience", "public", "x-gatehouse-scopes", "b 100%25",
			},
		},
	} {
		if got := identity.Append(nil, c.caller, "public"); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

func writeKey(t *testing.T, path string, key crypto.PrivateKey) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func newEd25519(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func signer(t *testing.T, cfg *configv1.InternalToken) *identity.Signer {
	t.Helper()
	s, err := identity.NewSigner(cfg, identity.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// published are the keys that services can read.
func published(t *testing.T, s *identity.Signer) jose.JSONWebKeySet {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/jwks.json", http.NoBody))
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if strings.Contains(w.Body.String(), `"d":`) {
		t.Fatalf("a private key is published: %s", w.Body)
	}
	return set
}

// believe verifies a token as a service would, with another library, by the keys that are published.
func believe(t *testing.T, s *identity.Signer, token string) (jwt.MapClaims, error) {
	t.Helper()
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(parsed *jwt.Token) (any, error) {
		kid, _ := parsed.Header["kid"].(string)
		keys := published(t, s)
		if found := keys.Key(kid); len(found) == 1 && found[0].Algorithm == parsed.Method.Alg() {
			return found[0].Key, nil
		}
		return nil, jwt.ErrTokenUnverifiable
	}, jwt.WithAudience("shop.cart.v1.CartService"), jwt.WithIssuer("gatehouse"), jwt.WithExpirationRequired(), jwt.WithIssuedAt())
	return claims, err
}

func TestAServiceCanTellThatTheEdgeCalls(t *testing.T) {
	t.Parallel()
	ec256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsa2048, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	caller := &principal.Principal{Subject: "c-1", Scopes: []string{"a", "b"}, Claims: map[string]any{"email": "c@example.com", "secret": "x"}}
	for name, key := range map[string]crypto.PrivateKey{"ES256": ec256, "ES384": ec384, "RS256": rsa2048, "EdDSA": newEd25519(t)} {
		path := filepath.Join(t.TempDir(), "key.pem")
		writeKey(t, path, key)
		s := signer(t, &configv1.InternalToken{Key: path, Claims: []string{"email", "phone"}})
		pairs, err := s.Append(nil, caller, "shop.cart.v1.CartService")
		if err != nil || len(pairs) != 2 || pairs[0] != "x-gatehouse-token" {
			t.Fatalf("%s: %v %v", name, pairs, err)
		}
		claims, err := believe(t, s, pairs[1])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		life := claims["exp"].(float64) - claims["iat"].(float64)
		if claims["sub"] != "c-1" || claims["scope"] != "a b" || claims["email"] != "c@example.com" || claims["secret"] != nil || life != 60 || claims["jti"] == "" {
			t.Errorf("%s: %v", name, claims)
		}
		again, err := s.Append(nil, nil, "shop.cart.v1.CartService")
		if err != nil {
			t.Fatal(err)
		}
		if claims, err := believe(t, s, again[1]); err != nil || claims["sub"] != nil {
			t.Errorf("%s: of nobody: %v %v", name, claims, err)
		}
	}
}

func TestAKeyMayHaveTheFormsThatOpensslWrites(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p256 := []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7} // its object identifier
	for name, blocks := range map[string][]pem.Block{
		"openssl ecparam -genkey":     {{Type: "EC PARAMETERS", Bytes: p256}, {Type: "EC PRIVATE KEY", Bytes: sec1}},
		"openssl genrsa -traditional": {{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}},
	} {
		var text []byte
		for i := range blocks {
			text = append(text, pem.EncodeToMemory(&blocks[i])...)
		}
		path := filepath.Join(t.TempDir(), "key.pem")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		s := signer(t, &configv1.InternalToken{Key: path})
		pairs, err := s.Append(nil, nil, "shop.cart.v1.CartService")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := believe(t, s, pairs[1]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoTwoCallsHaveTheSameToken(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.pem")
	writeKey(t, path, newEd25519(t))
	s := signer(t, &configv1.InternalToken{Key: path})
	seen := map[any]bool{}
	for range 100 {
		pairs, err := s.Append(nil, &principal.Principal{Subject: "c-1", Scopes: []string{"a admin", "b"}}, "shop.cart.v1.CartService")
		if err != nil {
			t.Fatal(err)
		}
		claims, err := believe(t, s, pairs[1])
		if err != nil || claims["scope"] != "b" {
			t.Fatalf("%v %v", claims, err)
		}
		seen[claims["jti"]] = true
	}
	if len(seen) != 100 {
		t.Errorf("of 100 calls, %d have a jti of their own", len(seen))
	}
}

func TestTokensHoldWhileTheKeyChanges(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.pem")
	writeKey(t, path, newEd25519(t))
	s := signer(t, &configv1.InternalToken{Key: path})
	before, err := s.Append(nil, nil, "shop.cart.v1.CartService")
	if err != nil {
		t.Fatal(err)
	}
	old := published(t, s).Keys[0].KeyID
	writeKey(t, path, newEd25519(t))
	follows(t, s, old, 2)
	after, err := s.Append(nil, nil, "shop.cart.v1.CartService")
	if err != nil {
		t.Fatal(err)
	}
	for when, pairs := range map[string][]string{"before": before, "after": after} {
		if _, err := believe(t, s, pairs[1]); err != nil {
			t.Errorf("a token of %s the change: %v", when, err)
		}
	}
}

// follows waits until the set has so many keys, the first of which is not one that was first before.
func follows(t *testing.T, s *identity.Signer, before string, keys int) {
	t.Helper()
	for deadline := time.Now().Add(20 * watch.Interval); ; time.Sleep(watch.Interval / 10) {
		if set := published(t, s).Keys; len(set) == keys && set[0].KeyID != before {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the new key is not used")
		}
	}
}

func TestAKeyThatIsNoLongerUsedIsForgottenOnceItsTokensHaveExpired(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.pem")
	writeKey(t, path, newEd25519(t))
	var passed atomic.Int64
	now := func() time.Time { return time.Unix(1_800_000_000+passed.Load(), 0) }
	s, err := identity.NewSigner(&configv1.InternalToken{Key: path, Lifetime: durationpb.New(5 * time.Minute)}, identity.Options{
		Log: slog.New(slog.DiscardHandler), Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	first := published(t, s).Keys[0].KeyID
	writeKey(t, path, newEd25519(t))
	follows(t, s, first, 2)
	passed.Store(300)
	if n := len(published(t, s).Keys); n != 2 {
		t.Errorf("%d keys while a token of the old one may hold", n)
	}
	passed.Store(310)
	if n := len(published(t, s).Keys); n != 1 {
		t.Errorf("%d keys after that", n)
	}
}

// lines is a log whose lines can be waited for.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

func TestCallsAreVouchedForWhileTheKeyChanges(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.pem")
	writeKey(t, path, newEd25519(t))
	log := make(lines, 16)
	s, err := identity.NewSigner(&configv1.InternalToken{Key: path}, identity.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	first := published(t, s).Keys[0].KeyID
	stop := make(chan struct{})
	var calls sync.WaitGroup
	for range 4 {
		calls.Go(func() {
			for {
				pairs, err := s.Append(nil, nil, "shop.cart.v1.CartService")
				if err == nil {
					_, err = believe(t, s, pairs[1])
				}
				if err != nil {
					t.Error(err)
				}
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
				}
			}
		})
	}
	if err := os.WriteFile(path, []byte("half a key"), 0o600); err != nil {
		t.Error(err)
	}
	if line := <-log; !strings.Contains(line, "can not be used") {
		t.Error(line)
	}
	if now := published(t, s).Keys[0].KeyID; now != first {
		t.Error("a file that holds no key took the place of one that does")
	}
	writeKey(t, path, newEd25519(t))
	follows(t, s, first, 2)
	close(stop)
	calls.Wait()
}

func TestAKeyThatCanNotSignIsRefused(t *testing.T) {
	t.Parallel()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip("this Go makes no short keys")
	}
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	writeKey(t, path("small"), small)
	writeKey(t, path("p521"), p521)
	for name, text := range map[string]string{
		"none": "no key", "certificate": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
		"encrypted": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
	} {
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"missing": "no such file", "none": "holds no PEM block with a key", "certificate": "holds a certificate", "encrypted": "is encrypted",
		"small": "1024 bits is too short", "p521": "take EC on P-256",
	} {
		_, err := identity.NewSigner(&configv1.InternalToken{Key: path(name)}, identity.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = identity.NewSigner(&configv1.InternalToken{Lifetime: durationpb.New(time.Hour), Claims: []string{"sub"}}, identity.Options{})
	for _, want := range []string{"key: is missing", "lifetime: 1h0m0s is not between", `claims[0]: "sub"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("nothing of %s in %v", want, err)
		}
	}
}

func BenchmarkToken(b *testing.B) {
	path := filepath.Join(b.TempDir(), "key.pem")
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		b.Fatal(err)
	}
	s, err := identity.NewSigner(&configv1.InternalToken{Key: path}, identity.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	caller := &principal.Principal{Subject: "c-1"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Append(nil, caller, "shop.cart.v1.CartService"); err != nil {
			b.Fatal(err)
		}
	}
}
