package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// authority signs certificates of clients.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{key: newEC(t, elliptic.P256())}
	a.certificate = a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, &a.key.PublicKey)
	return a
}

func (a *authority) sign(t testing.TB, template *x509.Certificate, public any) *x509.Certificate {
	t.Helper()
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(1), time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	parent := a.certificate
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, a.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// client makes a client's certificate.
func (a *authority) client(t testing.TB, name string, uris ...string) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	for _, text := range uris {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		template.URIs = append(template.URIs, u)
	}
	key := newEC(t, elliptic.P256())
	c := a.sign(t, template, &key.PublicKey)
	return tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key}
}

// who is what a server that asks for certificates has found out.
type who struct {
	Principal *principal.Principal
	Reason    fault.Reason
}

// listen serves e with TLS that asks for certificates of an authority.
func (e *edge) listen(t testing.TB, a *authority, mode tls.ClientAuthType) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := e.Authenticate(r)
		json.NewEncoder(w).Encode(who{p, reason(err)}) //nolint:errcheck // the test sees it
	}))
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	s.TLS = &tls.Config{ClientAuth: mode, ClientCAs: pool, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// ask calls a server with a certificate, and maybe a token.
func ask(t testing.TB, s *httptest.Server, own *tls.Certificate, token string) who {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	config := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	if own != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
	}
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	defer c.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var w who
	if err := json.NewDecoder(response.Body).Decode(&w); err != nil {
		t.Fatal(err)
	}
	return w
}

const rules = `
- {spiffe: spiffe://example.com/ns/shop/sa/billing, scopes: [bill], tier: gold, audience: partner}
- {spiffe: spiffe://example.com/ns/shop/, scopes: [orders.read]}
- {common_name: batch.example.com, scopes: [batch]}
- {common_name: batch.example.com, scopes: [never]}`

func TestACertificateSaysWhoCalls(t *testing.T) {
	t.Parallel()
	e, a := newEdge(t, "certificates: "+rules), newAuthority(t)
	s := e.listen(t, a, tls.VerifyClientCertIfGiven)
	of := func(subject string, scopes ...string) *principal.Principal {
		return &principal.Principal{Subject: subject, Issuer: "CN=authority", Method: principal.Certificate, Scopes: scopes}
	}
	billing := of("spiffe://example.com/ns/shop/sa/billing", "bill")
	billing.Tier, billing.Audience = "gold", "partner"
	for name, c := range map[string]struct {
		name string
		uris []string
		want *principal.Principal
	}{
		"an URI":                  {"", []string{"spiffe://example.com/ns/shop/sa/billing"}, billing},
		"the beginning of an URI": {"", []string{"spiffe://example.com/ns/shop/sa/cart"}, of("spiffe://example.com/ns/shop/sa/cart", "orders.read")},
		"a common name":           {"batch.example.com", nil, of("batch.example.com", "batch")},
		"an URI and a name":       {"batch.example.com", []string{"spiffe://example.com/ns/shop/a"}, of("spiffe://example.com/ns/shop/a", "orders.read")},

		"a longer URI":        {"", []string{"spiffe://example.com/ns/shopping/sa/cart"}, nil},
		"the folder":          {"", []string{"spiffe://example.com/ns/shop"}, nil},
		"the folder, slashed": {"", []string{"spiffe://example.com/ns/shop/"}, nil},
		"another domain":      {"", []string{"spiffe://example.com.evil.example/ns/shop/a"}, nil},
		"dots":                {"", []string{"spiffe://example.com/ns/shop/../admin"}, nil},
		"escaped dots":        {"", []string{"spiffe://example.com/ns/shop/%2e%2e/admin"}, nil},
		"a query":             {"", []string{"spiffe://example.com/ns/shop/a?b"}, nil},
		"a port":              {"", []string{"spiffe://example.com:443/ns/shop/a"}, nil},
		"a user":              {"", []string{"spiffe://a@example.com/ns/shop/a"}, nil},
		"https":               {"", []string{"https://example.com/ns/shop/a"}, nil},
		"two URIs":            {"", []string{"spiffe://example.com/ns/shop/a", "spiffe://example.com/ns/shop/b"}, nil},
		"another name":        {"batch.example.com.evil.example", nil, nil},
		"no name":             {"", nil, nil},
	} {
		own := a.client(t, c.name, c.uris...)
		if got := ask(t, s, &own, ""); !reflect.DeepEqual(got, who{Principal: c.want}) {
			t.Errorf("%s: %+v %s, want %+v", name, got.Principal, got.Reason, c.want)
		}
	}
	if got := ask(t, s, nil, ""); got != (who{}) {
		t.Errorf("without a certificate: %+v", got)
	}
}

func TestACertificateThatNobodyVerifiedSaysNothing(t *testing.T) {
	t.Parallel()
	e, a := newEdge(t, "certificates: "+rules), newAuthority(t)
	own := newAuthority(t).client(t, "batch.example.com")
	if got := ask(t, e.listen(t, a, tls.RequestClientCert), &own, ""); got != (who{}) {
		t.Errorf("%+v", got)
	}
}

func TestACertificateThatHasExpiredSinceIsRefused(t *testing.T) {
	t.Parallel()
	e, a := newEdge(t, "certificates: "+rules), newAuthority(t)
	s, own := e.listen(t, a, tls.VerifyClientCertIfGiven), a.client(t, "batch.example.com")
	e.clock.advance(2 * time.Hour)
	if got := ask(t, s, &own, ""); got.Principal != nil || got.Reason != fault.BadCredentials {
		t.Errorf("%+v", got)
	}
}

func TestATokenBesideACertificateSaysWhoCalls(t *testing.T) {
	t.Parallel()
	l := newLogin(t, webKey(t, "rsa", &rsaKey().PublicKey, nil))
	e, a := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}], certificates: [{common_name: proxy}]}`), newAuthority(t)
	s, own := e.listen(t, a, tls.VerifyClientCertIfGiven), a.client(t, "proxy")
	if got := ask(t, s, &own, ""); got.Principal == nil || got.Principal.Subject != "proxy" {
		t.Errorf("%+v", got)
	}
	token := sign(t, jwt.SigningMethodRS256, rsaKey(), "rsa", claims(l.URL), nil)
	if got := ask(t, s, &own, token); got.Principal == nil || got.Principal.Subject != "c-1001" {
		t.Errorf("%+v", got)
	}
	if got := ask(t, s, &own, token[1:]); got.Principal != nil || got.Reason != fault.BadCredentials {
		t.Errorf("a bad token beside a good certificate: %+v", got)
	}
}
