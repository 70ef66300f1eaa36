package transport_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

func files(p *pair) *configv1.Tls {
	return &configv1.Tls{Certificate: p.certificate(), Key: p.keyFile()}
}

func more(p *pair) *configv1.Certificate {
	return &configv1.Certificate{Certificate: p.certificate(), Key: p.keyFile()}
}

// serve answers HTTPS as a configuration says: with who the client is, if its certificate was verified. It returns where.
func serve(t *testing.T, cfg *configv1.Tls, o transport.Options) string {
	t.Helper()
	l, err := transport.Server(cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return serveConfig(t, l.Config())
}

func serveConfig(t *testing.T, config *tls.Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(whoami)}
	go func() { _ = s.ServeTLS(listener, "", "") }()
	t.Cleanup(func() { _ = s.Close() })
	return listener.Addr().String()
}

func whoami(w http.ResponseWriter, r *http.Request) {
	name := "nobody"
	if chains := r.TLS.VerifiedChains; len(chains) > 0 {
		name = chains[0][0].Subject.CommonName + " of " + chains[0][len(chains[0])-1].Subject.CommonName
	}
	fmt.Fprintf(w, "%s %s resumed=%t", name, r.Proto, r.TLS.DidResume)
}

func dial(t *testing.T, address string, config *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	conn, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState(), nil
}

// get asks over a new connection.
func get(t *testing.T, address string, config *tls.Config) (string, error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	return ask(t.Context(), client, address)
}

func ask(ctx context.Context, client *http.Client, address string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+address, nil)
	if err != nil {
		return "", err
	}
	response, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestOldVersionsAreRefused(t *testing.T) {
	t.Parallel()
	ca := newIssuer(t, "authority")
	p := ca.issue([]string{"localhost"})
	addresses := map[configv1.Tls_Version]string{}
	for _, least := range []configv1.Tls_Version{configv1.Tls_VERSION_UNSPECIFIED, configv1.Tls_VERSION_TLS12, configv1.Tls_VERSION_TLS13} {
		cfg := files(p)
		cfg.Minimum = least
		addresses[least] = serve(t, cfg, transport.Options{})
	}
	for _, c := range []struct {
		version uint16
		spoken  map[configv1.Tls_Version]bool
	}{
		{tls.VersionTLS10, nil},
		{tls.VersionTLS11, nil},
		{tls.VersionTLS12, map[configv1.Tls_Version]bool{configv1.Tls_VERSION_UNSPECIFIED: true, configv1.Tls_VERSION_TLS12: true}},
		{tls.VersionTLS13, map[configv1.Tls_Version]bool{configv1.Tls_VERSION_UNSPECIFIED: true, configv1.Tls_VERSION_TLS12: true, configv1.Tls_VERSION_TLS13: true}},
	} {
		for least, address := range addresses {
			state, err := dial(t, address, &tls.Config{RootCAs: ca.pool(), ServerName: "localhost", MinVersion: c.version, MaxVersion: c.version})
			if spoken := err == nil && state.Version == c.version; spoken != c.spoken[least] {
				t.Errorf("%s at %v: spoken %t (%v), want %t", tls.VersionName(c.version), least, spoken, err, c.spoken[least])
			}
		}
	}
}

func TestOnlySuitesWithForwardSecrecyAndAuthenticatedEncryption(t *testing.T) {
	t.Parallel()
	ca := newIssuer(t, "authority")
	cfg := files(ca.issue([]string{"localhost"}))
	cfg.Certificates = []*configv1.Certificate{more(ca.issueRSA("localhost"))}
	address := serve(t, cfg, transport.Options{})
	spoken := 0
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		if !slices.Contains(suite.SupportedVersions, tls.VersionTLS12) {
			continue
		}
		_, err := dial(t, address, &tls.Config{
			RootCAs: ca.pool(), ServerName: "localhost", MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID},
		})
		good := strings.HasPrefix(suite.Name, "TLS_ECDHE_") && (strings.Contains(suite.Name, "GCM") || strings.Contains(suite.Name, "POLY1305"))
		if (err == nil) != good {
			t.Errorf("%s: %v", suite.Name, err)
		}
		if err == nil {
			spoken++
		}
	}
	if spoken != 6 {
		t.Errorf("%d suites are spoken", spoken)
	}
}

func TestOpenSSLAgrees(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	ca := newIssuer(t, "authority")
	address := serve(t, files(ca.issue([]string{"localhost"})), transport.Options{})
	for _, c := range []struct {
		flags  string
		wanted []string // nil: it must fail
	}{
		{"-tls1_3 -alpn h2,http/1.1", []string{"Verification: OK", "TLSv1.3", "ALPN protocol: h2"}},
		{"-tls1_2 -alpn http/1.1", []string{"Verification: OK", "TLSv1.2", "ALPN protocol: http/1.1", "ECDHE-ECDSA"}},
		{"-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", nil},
		{"-tls1_1 -cipher DEFAULT@SECLEVEL=0", nil},
		{"-tls1 -cipher DEFAULT@SECLEVEL=0", nil},
		{"-tls1_2 -alpn acme-tls/1", nil},
	} {
		args := append([]string{"s_client", "-connect", address, "-servername", "localhost", "-verify_return_error", "-verify_hostname", "localhost", "-CAfile", ca.file()},
			strings.Fields(c.flags)...)
		cmd := exec.CommandContext(t.Context(), openssl, args...)
		out, err := cmd.CombinedOutput()
		if (err == nil) != (c.wanted != nil) {
			t.Errorf("%s: %v\n%s", c.flags, err, out)
		}
		for _, want := range c.wanted {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s: no %q in\n%s", c.flags, want, out)
			}
		}
	}
}

func TestEachClientGetsTheCertificateForTheNameItAsksFor(t *testing.T) {
	t.Parallel()
	ca := newIssuer(t, "authority")
	first, wild, exact, rsa := ca.issue([]string{"one.example.com"}), ca.issue([]string{"*.example.org"}),
		ca.issue([]string{"api.example.org", "www.example.net"}), ca.issueRSA("one.example.com")
	cfg := files(first)
	cfg.Certificates = []*configv1.Certificate{more(wild), more(exact), more(rsa)}
	address := serve(t, cfg, transport.Options{})
	onlyRSA := []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
	for _, c := range []struct {
		name   string
		suites []uint16
		want   *pair
	}{
		{"one.example.com", nil, first},
		{"ONE.example.com", nil, first},
		{"one.example.com", onlyRSA, rsa},
		{"any.example.org", nil, wild},
		{"api.example.org", nil, exact},
		{"API.Example.Org", nil, exact},
		{"www.example.net", nil, exact},
		{"a.b.example.org", nil, first},
		{"example.org", nil, first},
		{"elsewhere.example.edu", nil, first},
		{"elsewhere.example.edu", onlyRSA, rsa},
		{"127.0.0.1", nil, first},
		{"", nil, first},
	} {
		state, err := dial(t, address, &tls.Config{
			InsecureSkipVerify: true, ServerName: c.name, CipherSuites: c.suites, MaxVersion: tls.VersionTLS12,
		})
		if err != nil {
			t.Errorf("%q: %v", c.name, err)
			continue
		}
		if got := state.PeerCertificates[0]; !got.Equal(c.want.leaf) {
			t.Errorf("%q: got the certificate for %s, want that for %s", c.name, got.DNSNames, c.want.leaf.DNSNames)
		}
	}
	if _, err := dial(t, address, &tls.Config{RootCAs: ca.pool(), ServerName: "api.example.org"}); err != nil {
		t.Errorf("a client that verifies: %v", err)
	}
}

func TestAChangedCertificateFailsNoHandshakeAndDropsNoConnection(t *testing.T) {
	t.Parallel()
	ca := newIssuer(t, "authority")
	current := ca.issue([]string{"localhost"})
	address := serve(t, files(current), transport.Options{})
	config := func() *tls.Config { return &tls.Config{RootCAs: ca.pool(), ServerName: "localhost"} }
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var dials, asked atomic.Int64
	for range 2 {
		wg.Go(func() { // new connections
			for ctx.Err() == nil {
				if _, err := dial(t, address, config()); err != nil {
					t.Errorf("a handshake failed: %v", err)
				}
				dials.Add(1)
				time.Sleep(time.Millisecond)
			}
		})
		wg.Go(func() { // one connection, that stays
			var connections atomic.Int64
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: config(), DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				connections.Add(1)
				return new(net.Dialer).DialContext(ctx, network, address)
			}}}
			defer client.CloseIdleConnections()
			for ctx.Err() == nil {
				if _, err := ask(t.Context(), client, address); err != nil {
					t.Errorf("a call failed: %v", err)
				}
				asked.Add(1)
				time.Sleep(time.Millisecond)
			}
			if n := connections.Load(); n != 1 {
				t.Errorf("there were %d connections, want one", n)
			}
		})
	}
	for range 2 {
		next := ca.issue([]string{"localhost"})
		next.write(t, current.dir)
		until(t, "the new certificate is shown", func() bool {
			state, err := dial(t, address, config())
			return err == nil && state.PeerCertificates[0].Equal(next.leaf)
		})
	}
	stop()
	wg.Wait()
	if dials.Load() < 10 || asked.Load() < 10 {
		t.Errorf("only %d handshakes and %d calls were made", dials.Load(), asked.Load())
	}
}

func TestASwappedSymlinkIsFollowed(t *testing.T) {
	t.Parallel()
	ca, secret := newIssuer(t, "authority"), t.TempDir()
	old, next := ca.issue([]string{"localhost"}), ca.issue([]string{"localhost"})
	data := filepath.Join(secret, "..data")
	if err := os.Symlink(old.dir, data); err != nil {
		t.Fatal(err)
	}
	address := serve(t, &configv1.Tls{Certificate: filepath.Join(data, "tls.crt"), Key: filepath.Join(data, "tls.key")}, transport.Options{})
	swap := filepath.Join(secret, "..swap")
	if err := os.Symlink(next.dir, swap); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(swap, data); err != nil {
		t.Fatal(err)
	}
	until(t, "the certificate behind the new link is shown", func() bool {
		state, err := dial(t, address, &tls.Config{RootCAs: ca.pool(), ServerName: "localhost"})
		return err == nil && state.PeerCertificates[0].Equal(next.leaf)
	})
}

func TestAChangeThatIsNoGoodChangesNothing(t *testing.T) {
	t.Parallel()
	ca, log := newIssuer(t, "authority"), new(lines)
	p, other := ca.issue([]string{"localhost"}), ca.issue([]string{"localhost"})
	address := serve(t, files(p), log.options())
	replace(t, p.keyFile(), other.key)
	until(t, "the key that does not fit is logged", func() bool { return strings.Contains(log.String(), p.keyFile()+" does not fit") })
	state, err := dial(t, address, &tls.Config{RootCAs: ca.pool(), ServerName: "localhost"})
	if err != nil || !state.PeerCertificates[0].Equal(p.leaf) {
		t.Errorf("what there was before is no longer shown: %v", err)
	}
	if strings.Contains(log.String(), "PRIVATE KEY") {
		t.Error("a key was logged")
	}
}

func TestFilesThatAreNoGoodAreNamedWithARemedy(t *testing.T) {
	t.Parallel()
	ca := newIssuer(t, "authority")
	p, other := ca.issue([]string{"localhost"}), ca.issue([]string{"localhost"})
	absent := filepath.Join(t.TempDir(), "absent")
	turned := write(t, "turned.pem", append(encode(ca.cert), p.public...))
	garbage := write(t, "garbage.pem", []byte("garbage"))
	broken := write(t, "broken.pem", []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	encrypted := write(t, "encrypted.key", []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"))
	old := write(t, "old.key", []byte("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"))
	for name, c := range map[string]struct {
		cfg  *configv1.Tls
		want []string
	}{
		"no certificate file":     {&configv1.Tls{Certificate: absent, Key: p.keyFile()}, []string{"tls.certificate: open " + absent}},
		"no key file":             {&configv1.Tls{Certificate: p.certificate(), Key: absent}, []string{"tls.certificate: open " + absent}},
		"another's key":           {&configv1.Tls{Certificate: p.certificate(), Key: other.keyFile()}, []string{p.certificate(), other.keyFile() + " does not fit; give the one"}},
		"files have changed":      {&configv1.Tls{Certificate: p.keyFile(), Key: p.certificate()}, []string{p.keyFile(), "have the two files changed places?"}},
		"no PEM":                  {&configv1.Tls{Certificate: garbage, Key: p.keyFile()}, []string{garbage, "-----BEGIN CERTIFICATE-----"}},
		"a broken certificate":    {&configv1.Tls{Certificate: broken, Key: p.keyFile()}, []string{broken, "certificate 1 in it can not be read"}},
		"no key in PEM":           {&configv1.Tls{Certificate: p.certificate(), Key: garbage}, []string{garbage, "-----BEGIN PRIVATE KEY-----"}},
		"an encrypted key":        {&configv1.Tls{Certificate: p.certificate(), Key: encrypted}, []string{encrypted, "openssl pkey"}},
		"a key encrypted of old":  {&configv1.Tls{Certificate: p.certificate(), Key: old}, []string{old, "openssl pkey"}},
		"a chain the wrong way":   {&configv1.Tls{Certificate: turned, Key: p.keyFile()}, []string{turned, "certificate 2 in it; that one has to come first"}},
		"a further certificate":   {&configv1.Tls{Certificate: p.certificate(), Key: p.keyFile(), Certificates: []*configv1.Certificate{{Certificate: absent, Key: absent}}}, []string{"tls.certificates[0]: open " + absent}},
		"no authorities":          {&configv1.Tls{Certificate: p.certificate(), Key: p.keyFile(), Clients: &configv1.ClientCertificates{Authorities: absent}}, []string{"tls.clients.authorities: open " + absent}},
		"no authorities in PEM":   {&configv1.Tls{Certificate: p.certificate(), Key: p.keyFile(), Clients: &configv1.ClientCertificates{Authorities: garbage}}, []string{"tls.clients.authorities: " + garbage, "holds no certificate"}},
		"half a configuration":    {&configv1.Tls{Certificate: p.certificate()}, []string{"tls.key: is missing"}},
		"a folder that is a file": {&configv1.Tls{SelfSigned: true, Folder: garbage}, []string{"tls.folder: ", garbage}},
	} {
		_, err := transport.Server(c.cfg, transport.Options{})
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: no %q in %q", name, want, err)
			}
		}
	}
}

func TestAnExpiredCertificateIsToldOfAndServed(t *testing.T) {
	t.Parallel()
	ca, log, registry := newIssuer(t, "authority"), new(lines), prometheus.NewRegistry()
	p := ca.issue([]string{"localhost"}, expired)
	o := log.options()
	o.Registerer = registry
	address := serve(t, files(p), o)
	if !strings.Contains(log.String(), "has expired") || !strings.Contains(log.String(), p.certificate()) {
		t.Errorf("the log says %q", log)
	}
	if _, err := dial(t, address, &tls.Config{RootCAs: ca.pool(), ServerName: "localhost"}); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("a client said %v", err)
	}
	if got, want := expiration(t, registry, p.certificate()), float64(p.leaf.NotAfter.Unix()); got != want {
		t.Errorf("the gauge says %v, want %v", got, want)
	}
	again, err := transport.Server(files(p), o) // as two listeners do
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

// expiration is what the gauge says of a certificate.
func expiration(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "gatehouse_certificate_expiration_timestamp_seconds" && m.GetLabel()[0].GetValue() == name {
				return m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("no gauge for %s", name)
	return 0
}
