package interop_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

const hostname = "api.example.com"

// pebble is Let's Encrypt's test server, for which all hosts are at the loopback address.
type pebble struct {
	*httptest.Server
	ca *ca.CAImpl
	db *db.MemoryStore
}

// startPebble runs one that comes to look at certain ports. Certificates are valid for a time; 0 is ninety days.
func startPebble(t *testing.T, httpPort, tlsPort int, valid time.Duration) *pebble {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	quiet, store := log.New(io.Discard, "", 0), db.NewMemoryStore()
	authority := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {ValidityPeriod: uint64(valid / time.Second)}})
	validation := va.New(quiet, httpPort, tlsPort, true, startDNS(t), store)
	front := wfe.New(quiet, store, validation, authority, nil, true, false, 0, 0)
	p := &pebble{httptest.NewTLSServer(front.Handler()), authority, store}
	t.Cleanup(p.Close)
	return p
}

func (p *pebble) roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(p.ca.GetRootCert(0).Cert)
	return roots
}

func startDNS(t *testing.T) string {
	t.Helper()
	listener := listen(t)
	s := &dns.Server{Listener: listener, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		answer := new(dns.Msg)
		answer.SetReply(question)
		if q := question.Question[0]; q.Qtype == dns.TypeA {
			answer.Answer = []dns.RR{&dns.A{
				Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(127, 0, 0, 1),
			}}
		}
		if err := w.WriteMsg(answer); err != nil {
			t.Log(err)
		}
	})}
	go func() { _ = s.ActivateAndServe() }()
	t.Cleanup(func() { _ = s.Shutdown() })
	return listener.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// serveTLS serves with the TLS of a listener.
func serveTLS(t *testing.T, on net.Listener, l *transport.Listener) {
	t.Helper()
	serveHTTP(t, on, http.NotFoundHandler(), l.Config())
}

func serveHTTP(t *testing.T, on net.Listener, h http.Handler, config *tls.Config) {
	t.Helper()
	s := &http.Server{Handler: h, TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0)}
	if config == nil {
		go func() { _ = s.Serve(on) }()
	} else {
		go func() { _ = s.ServeTLS(on, "", "") }()
	}
	t.Cleanup(func() { _ = s.Close() })
}

func (p *pebble) config(t *testing.T, folder string) *configv1.Tls {
	t.Helper()
	roots := filepath.Join(t.TempDir(), "roots.pem")
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})
	if err := os.WriteFile(roots, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return &configv1.Tls{Acme: &configv1.Acme{
		Hosts: []string{hostname}, Folder: folder, Directory: p.URL + wfe.DirectoryPath, Email: "operations@example.com",
		Authorities: roots, AcceptTerms: true,
	}}
}

func newListener(t *testing.T, cfg *configv1.Tls) *transport.Listener {
	t.Helper()
	l, err := transport.Server(cfg, transport.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// shown is the certificate that a client of Pebble's authorities is shown, which has to be a good one.
func (p *pebble) shown(ctx context.Context, at net.Listener) (*x509.Certificate, error) {
	d := tls.Dialer{Config: &tls.Config{RootCAs: p.roots(), ServerName: hostname}}
	conn, err := d.DialContext(ctx, "tcp", at.Addr().String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

// await waits until a certificate other than an earlier one, which may be nil, is shown.
func (p *pebble) await(t *testing.T, at net.Listener, earlier *x509.Certificate) *x509.Certificate {
	t.Helper()
	var err error
	for range 600 {
		var c *x509.Certificate
		if c, err = p.shown(t.Context(), at); err == nil && (earlier == nil || !c.Equal(earlier)) {
			return c
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no new certificate is shown: %v", err)
	return nil
}

// wantRenewed has the authority say that a certificate should have been renewed already (RFC 9773).
func (p *pebble) wantRenewed(t *testing.T, c *x509.Certificate) {
	t.Helper()
	now := time.Now()
	wish := fmt.Sprintf(`{"suggestedWindow":{"start":%q,"end":%q}}`, now.Add(-2*time.Hour).Format(time.RFC3339), now.Add(-time.Hour).Format(time.RFC3339))
	if err := p.db.SetARIResponse(c.SerialNumber, wish); err != nil {
		t.Fatal(err)
	}
}

func TestACertificateIsGotByTheChallengeOverTLSAndKept(t *testing.T) {
	https, folder := listen(t), t.TempDir()
	p := startPebble(t, 1, port(https), 0)
	first := newListener(t, p.config(t, folder))
	serveTLS(t, https, first)
	if _, err := p.shown(t.Context(), https); err == nil {
		t.Fatal("there is a certificate before any was got")
	}
	first.Start()
	got := p.await(t, https, nil)
	first.Close()

	p.Close() // the next start needs nobody
	restarted := listen(t)
	serveTLS(t, restarted, newListener(t, p.config(t, folder)))
	if again, err := p.shown(t.Context(), restarted); err != nil || !again.Equal(got) {
		t.Errorf("after the next start: %v", err)
	}
	kept, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	if err != nil || len(kept) != 2 {
		t.Errorf("the folder holds %q, want the account and the certificate, %v", kept, err)
	}
	for _, path := range kept {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
}

// Clients have to show certificates, which an authority that comes to look does not.
func TestACertificateIsGotByTheChallengeOverHTTP(t *testing.T) {
	https, plain := listen(t), listen(t)
	p := startPebble(t, port(plain), port(https), 0)
	cfg := p.config(t, t.TempDir())
	cfg.Clients = &configv1.ClientCertificates{Authorities: cfg.GetAcme().GetAuthorities()}
	l := newListener(t, cfg)
	serveTLS(t, https, l)
	serveHTTP(t, plain, transport.Redirect(443, l.HTTPChallenge()), nil)
	l.Start()
	p.await(t, https, nil)
}

// Whichever challenge is tried first: one that fails is followed by the other.
func TestACertificateIsGotThoughOneOfTheChallengesFails(t *testing.T) {
	https, plain := listen(t), listen(t)
	p := startPebble(t, port(plain), 1, 0)
	l := newListener(t, p.config(t, t.TempDir()))
	serveTLS(t, https, l)
	serveHTTP(t, plain, transport.Redirect(443, l.HTTPChallenge()), nil)
	l.Start()
	p.await(t, https, nil)
}

func TestAListenerAnswersTheChallengesOfOthersWithItsFolder(t *testing.T) {
	reached, other, folder := listen(t), listen(t), t.TempDir()
	p := startPebble(t, 1, port(reached), 0)
	answers, asks := newListener(t, p.config(t, folder)), newListener(t, p.config(t, folder))
	serveTLS(t, reached, answers)
	serveTLS(t, other, asks)
	asks.Start()
	got := p.await(t, other, nil)
	answers.Start()
	if same := p.await(t, reached, nil); !same.Equal(got) {
		t.Error("the certificate in the folder was ordered once more")
	}
}

func TestACertificateIsRenewedWhileCallsGoOn(t *testing.T) {
	https := listen(t)
	p := startPebble(t, 1, port(https), 30*time.Second) // which is short enough to be asked for wishes every three
	l := newListener(t, p.config(t, t.TempDir()))
	serveTLS(t, https, l)
	l.Start()
	last := p.await(t, https, nil)
	ctx, stop := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		defer close(failed)
		for ctx.Err() == nil {
			if _, err := p.shown(t.Context(), https); err != nil {
				failed <- err
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	for range 2 {
		p.wantRenewed(t, last)
		next := p.await(t, https, last)
		if bytes.Equal(next.RawSubjectPublicKeyInfo, last.RawSubjectPublicKeyInfo) {
			t.Error("the new certificate has the old one's key")
		}
		last = next
	}
	stop()
	if err := <-failed; err != nil {
		t.Errorf("a handshake failed: %v", err)
	}
}

func TestACertificateIsRenewedWhenItsAuthorityWantsThat(t *testing.T) {
	https, folder := listen(t), t.TempDir()
	p := startPebble(t, 1, port(https), 0)
	first := newListener(t, p.config(t, folder))
	serveTLS(t, https, first)
	first.Start()
	old := p.await(t, https, nil)
	first.Close()

	p.wantRenewed(t, old)
	// The listener that is reached answers for this one, whose certificate is looked at, at another port.
	second, at := newListener(t, p.config(t, folder)), listen(t)
	serveTLS(t, at, second)
	second.Start()
	p.await(t, at, old)
}
