package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// authority signs certificates.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	file        string
}

var serial atomic.Int64

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial.Add(1)), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, file: filepath.Join(t.TempDir(), "authority.pem")}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	put(t, a.file, "CERTIFICATE", der)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// put writes a PEM file under another name and moves it to its place, so that it is never seen half written.
func put(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// issue writes a certificate for 127.0.0.1, or for a client of some SPIFFE ID, and its key, and returns its number.
func (a *authority) issue(t *testing.T, crt, key, spiffe string) int64 {
	t.Helper()
	private := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial.Add(1)), Subject: pkix.Name{CommonName: "leaf"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if spiffe != "" {
		id, err := url.Parse(spiffe)
		if err != nil {
			t.Fatal(err)
		}
		template.URIs = []*url.URL{id}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, private.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	put(t, key, "PRIVATE KEY", secret)
	put(t, crt, "CERTIFICATE", der)
	return template.SerialNumber.Int64()
}

// files are a new certificate and its key.
func (a *authority) files(t *testing.T, spiffe string) (crt, key string, number int64) {
	t.Helper()
	folder := t.TempDir()
	crt, key = filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	return crt, key, a.issue(t, crt, key, spiffe)
}

// client trusts the authority, and shows a certificate if there is one.
func (a *authority) client(t *testing.T, crt, key string) *http.Client {
	t.Helper()
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AddCert(a.certificate)
	if crt != "" {
		pair, err := tls.LoadX509KeyPair(crt, key)
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// secured is an answer over TLS.
type secured struct {
	reply
	proto  int
	number int64 // of the certificate
}

// ask asks a client for a URL.
func ask(t *testing.T, client *http.Client, url string) (secured, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		return secured{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	got := secured{reply: reply{res.StatusCode, res.Header, string(body)}, proto: res.ProtoMajor}
	if res.TLS != nil {
		got.number = res.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	return got, err
}

func TestCertificatesAreReplacedUnderLoadWithoutAFailedRequest(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	crt, key, first := a.files(t, "")
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Listeners = []*configv1.Listener{{Address: free, Tls: &configv1.Tls{Certificate: crt, Key: key}}}
	url := listening(t, cfg).URLs()[0] + prefix + "/query"

	var seen atomic.Int64
	var load sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		load.Go(func() {
			kept := a.client(t, "", "") // whose connection stays open
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, client := range []*http.Client{kept, a.client(t, "", "")} {
					got, err := ask(t, client, url)
					if err != nil || got.status != http.StatusOK {
						t.Errorf("%v %v", err, got)
						return
					}
					if client == kept {
						continue
					}
					seen.Store(got.number)
					client.CloseIdleConnections()
				}
			}
		})
	}
	until(t, "the first certificate is served", func() bool { return seen.Load() == first })
	second := a.issue(t, crt, key, "")
	until(t, "the second certificate is served", func() bool { return seen.Load() == second })
	close(stop)
	load.Wait()
}

func TestTheTLSListenerAloneSpeaksOfHSTSAndOnlyNewTLS(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	crt, key, _ := a.files(t, "")
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Listeners = []*configv1.Listener{
		{Address: free}, {Address: free, Tls: &configv1.Tls{Certificate: crt, Key: key}, Hsts: &configv1.Hsts{IncludeSubdomains: true}},
	}
	urls := listening(t, cfg).URLs()
	client := a.client(t, "", "")
	for _, path := range []string{prefix + "/query", "/nowhere"} {
		if got, err := ask(t, client, urls[0]+path); err != nil || got.header.Get("Strict-Transport-Security") != "" {
			t.Errorf("plain HTTP: %v %v", err, got)
		}
		got, err := ask(t, client, urls[1]+path)
		if err != nil || got.proto != 2 || got.header.Get("Strict-Transport-Security") != "max-age=31536000; includeSubDomains" {
			t.Errorf("HTTPS: %v %v", err, got)
		}
	}
	address := strings.TrimPrefix(urls[1], "https://")
	for version, served := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		conn, err := tls.Dial("tcp", address, &tls.Config{MinVersion: version, MaxVersion: version, InsecureSkipVerify: true})
		if (err == nil) != served {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			conn.Close() //nolint:errcheck // it was for looking only
		}
	}
	for _, suite := range []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA} {
		conn, err := tls.Dial("tcp", address, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite}, InsecureSkipVerify: true})
		if err == nil {
			t.Errorf("%s is spoken", tls.CipherSuiteName(suite))
			conn.Close() //nolint:errcheck // it was for looking only
		}
	}
}

func TestARedirectServesNothingButTheWayToHTTPS(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Listeners = []*configv1.Listener{{Address: free, Redirect: 8443}, {Address: free, Tls: &configv1.Tls{SelfSigned: true}}}
	address := listening(t, cfg).URLs()[0]
	for path, want := range map[string]string{
		prefix + "/query?text=a": "https://127.0.0.1:8443" + prefix + "/query?text=a",
		"//evil.example.com/":    "https://127.0.0.1:8443//evil.example.com/",
	} {
		for _, method := range []string{"GET", "POST", "OPTIONS"} {
			answers := pipelined(t, address, method+" "+path+" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
			if answers[0].status != http.StatusPermanentRedirect || answers[0].header.Get("Location") != want {
				t.Errorf("%s %s: %d %v", method, path, answers[0].status, answers[0].header)
			}
		}
	}
	if m, _ := b.Last(); m != nil {
		t.Errorf("%v was served", m)
	}
}

func TestAClientsCertificateIsWhoItIs(t *testing.T) {
	t.Parallel()
	a, other := newAuthority(t), newAuthority(t)
	crt, key, _ := a.files(t, "")
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.DefaultPolicy = known()
	cfg.Policies = []*configv1.PolicySettings{{Names: []string{"edgetest.v1.EverythingService.Nothing"}, Policy: everybody()}}
	cfg.Authentication = &configv1.Authentication{Certificates: []*configv1.CertificateRule{
		{Spiffe: "spiffe://example.com/ns/shop/", Scopes: []string{"orders.read"}, Tier: "gold", Audience: "partner"},
	}}
	cfg.Listeners = []*configv1.Listener{{Address: free, Tls: &configv1.Tls{
		Certificate: crt, Key: key, Clients: &configv1.ClientCertificates{Authorities: a.file, Optional: true},
	}}}
	url := listening(t, cfg).URLs()[0]

	crt, key, _ = a.files(t, "spiffe://example.com/ns/shop/cart")
	answer, err := ask(t, a.client(t, crt, key), url+prefix+"/query")
	if err != nil {
		t.Fatal(err)
	}
	if got := identities(reached(t, b, answer.reply)); got["x-gatehouse-subject"] != "spiffe://example.com/ns/shop/cart" || got["x-gatehouse-method"] != "certificate" ||
		got["x-gatehouse-scopes"] != "orders.read" || got["x-gatehouse-tier"] != "gold" || got["x-gatehouse-audience"] != "partner" {
		t.Errorf("%v", got)
	}
	for name, client := range map[string]*http.Client{
		"no certificate": a.client(t, "", ""),
		"another's": func() *http.Client {
			crt, key, _ := a.files(t, "spiffe://example.com/ns/shopping/cart")
			return a.client(t, crt, key)
		}(),
	} {
		got, err := ask(t, client, url+prefix+"/query")
		if err != nil || got.status != http.StatusUnauthorized {
			t.Errorf("%s: %v %v", name, err, got)
		}
		if got, err = ask(t, client, url+prefix+"/nothing"); err != nil || got.status != http.StatusOK {
			t.Errorf("%s, what is public: %v %v", name, err, got)
		}
	}
	crt, key, _ = other.files(t, "spiffe://example.com/ns/shop/cart")
	if got, err := ask(t, a.client(t, crt, key), url+prefix+"/nothing"); err == nil {
		t.Errorf("a certificate of an authority that nobody trusts is taken: %v", got)
	}
	// A proxy that ends TLS would tell of certificates in headers; here nobody is believed.
	if got := send(t, "GET", edgeWithoutTLS(t, cfg)+prefix+"/query", "", "X-Forwarded-Client-Cert", "URI=spiffe://example.com/ns/shop/cart"); got.status != http.StatusUnauthorized {
		t.Errorf("a header for a certificate: %d %s", got.status, got.body)
	}
}

func edgeWithoutTLS(t *testing.T, cfg *configv1.Config) string {
	t.Helper()
	cfg.Listeners = nil
	_, url := edgetest.Edge(t, cfg)
	return url
}

func TestTheEdgeAndItsUpstreamsKnowEachOther(t *testing.T) {
	t.Parallel()
	a, other := newAuthority(t), newAuthority(t)
	crt, key, _ := a.files(t, "")
	pair, err := tls.LoadX509KeyPair(crt, key)
	if err != nil {
		t.Fatal(err)
	}
	authorities := x509.NewCertPool()
	authorities.AddCert(a.certificate)
	target := edgetest.Serve(t, everything(new(edgetest.Backend)), grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: authorities, MinVersion: tls.VersionTLS12,
	})))
	crt, key, _ = a.files(t, "spiffe://example.com/ns/edge/gatehouse")
	strange, strangeKey, _ := other.files(t, "")
	for name, c := range map[string]struct {
		tls    *configv1.UpstreamTls
		status int
	}{
		"both are known":         {&configv1.UpstreamTls{Authorities: a.file, Certificate: crt, Key: key}, 200},
		"the edge is a stranger": {&configv1.UpstreamTls{Authorities: a.file, Certificate: strange, Key: strangeKey}, 503},
		"the edge shows nothing": {&configv1.UpstreamTls{Authorities: a.file}, 503},
		"the service is another": {&configv1.UpstreamTls{Authorities: other.file, Certificate: crt, Key: key}, 503},
		"the system's roots":     {&configv1.UpstreamTls{Certificate: crt, Key: key}, 503},
		"another name":           {&configv1.UpstreamTls{Authorities: a.file, Certificate: crt, Key: key, ServerName: "example.com"}, 503},
		"no TLS":                 {nil, 503},
	} {
		cfg := edgetest.InFrontOf(target)
		cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto/edgetest"}}}
		cfg.Upstreams[0].Tls = c.tls
		_, url := edgetest.Edge(t, cfg)
		if got := send(t, "GET", url+prefix+"/query", ""); got.status != c.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}
