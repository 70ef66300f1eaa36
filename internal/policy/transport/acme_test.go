package transport_test

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

// The whole of ACME is tested against Let's Encrypt's own test server, in the module interop.

func acmeConfig(t *testing.T) *configv1.Tls {
	t.Helper()
	return &configv1.Tls{Acme: &configv1.Acme{
		Hosts: []string{"api.example.com"}, Folder: t.TempDir(), AcceptTerms: true, Directory: "https://acme.example.com/dir/v2",
	}}
}

// place is the folder of the directory in the folder of acmeConfig.
func place(cfg *configv1.Tls, name string) string {
	return filepath.Join(cfg.GetAcme().GetFolder(), "acme.example.com-dir-v2", name)
}

func newListener(t *testing.T, cfg *configv1.Tls, o transport.Options) *transport.Listener {
	t.Helper()
	l, err := transport.Server(cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func TestACertificateThatWasGotEarlierIsShownAtOnce(t *testing.T) {
	t.Parallel()
	ca, cfg := newIssuer(t, "authority"), acmeConfig(t)
	newListener(t, cfg, transport.Options{}) // makes the folder
	p := ca.issue([]string{"api.example.com"})
	replace(t, place(cfg, "api.example.com.pem"), slices.Concat(p.key, p.public))
	address := serve(t, cfg, transport.Options{})
	state, err := dial(t, address, &tls.Config{RootCAs: ca.pool(), ServerName: "API.example.com"})
	if err != nil || !state.PeerCertificates[0].Equal(p.leaf) {
		t.Errorf("%v", err)
	}
}

func TestACertificateThatWasGotEarlierAndIsNoGoodIsNotShown(t *testing.T) {
	t.Parallel()
	ca := newIssuer(t, "authority")
	for name, p := range map[string]*pair{
		"expired":        ca.issue([]string{"api.example.com"}, expired),
		"another host's": ca.issue([]string{"www.example.com"}),
	} {
		cfg, log := acmeConfig(t), new(lines)
		newListener(t, cfg, transport.Options{})
		replace(t, place(cfg, "api.example.com.pem"), slices.Concat(p.key, p.public))
		address := serve(t, cfg, log.options())
		if _, err := dial(t, address, &tls.Config{InsecureSkipVerify: true, ServerName: "api.example.com"}); err == nil {
			t.Errorf("%s: it is shown", name)
		}
		if !strings.Contains(log.String(), place(cfg, "api.example.com.pem")) {
			t.Errorf("%s: the log says %q", name, log)
		}
	}
}

func TestWhatACMENeedsIsForTheEdgeAlone(t *testing.T) {
	t.Parallel()
	cfg := acmeConfig(t)
	newListener(t, cfg, transport.Options{})
	for name, want := range map[string]os.FileMode{"": 0o700, "account.key": 0o600} {
		info, err := os.Stat(place(cfg, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v, %v", name, info, err)
		}
	}
	before, err := os.ReadFile(place(cfg, "account.key"))
	if err != nil {
		t.Fatal(err)
	}
	newListener(t, cfg, transport.Options{})
	if after, err := os.ReadFile(place(cfg, "account.key")); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the account is another one at the next start: %v", err)
	}
	replace(t, place(cfg, "account.key"), []byte("garbage"))
	if _, err := transport.Server(cfg, transport.Options{}); err == nil || !strings.Contains(err.Error(), "tls.acme.folder: "+place(cfg, "account.key")) {
		t.Errorf("a broken key of the account: %v", err)
	}
}

func TestFilesForACMEThatAreNoGoodAreNamed(t *testing.T) {
	t.Parallel()
	file := write(t, "file", []byte("garbage"))
	for want, change := range map[string]func(*configv1.Acme){
		"tls.acme.authorities: open /absent": func(a *configv1.Acme) { a.Authorities = "/absent" },
		"tls.acme.authorities: " + file:      func(a *configv1.Acme) { a.Authorities = file },
		"tls.acme.folder: mkdir " + file:     func(a *configv1.Acme) { a.Folder = file },
		"tls.acme.accept_terms: is not true": func(a *configv1.Acme) { a.AcceptTerms = false },
	} {
		cfg := acmeConfig(t)
		change(cfg.GetAcme())
		if _, err := transport.Server(cfg, transport.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestNothingButChallengesIsReadFromTheFolder(t *testing.T) {
	t.Parallel()
	cfg := acmeConfig(t)
	handler := newListener(t, cfg, transport.Options{}).HTTPChallenge()
	replace(t, place(cfg, "http-tok_en-1"), []byte("tok_en-1.thumbprint"))
	replace(t, place(cfg, "secret"), []byte("secret"))
	for path, want := range map[string]int{
		"/.well-known/acme-challenge/tok_en-1":                     http.StatusOK,
		"/.well-known/acme-challenge/other":                        http.StatusNotFound,
		"/.well-known/acme-challenge/":                             http.StatusNotFound,
		"/.well-known/acme-challenge/.":                            http.StatusNotFound,
		"/.well-known/acme-challenge/..":                           http.StatusNotFound,
		"/.well-known/acme-challenge/../secret":                    http.StatusNotFound,
		"/.well-known/acme-challenge/x/../../secret":               http.StatusNotFound,
		"/.well-known/acme-challenge/sub/tok_en-1":                 http.StatusNotFound,
		"/.well-known/acme-challenge/tok_en-1/":                    http.StatusNotFound,
		"/.well-known/acme-challenge/\x00":                         http.StatusNotFound,
		"/.well-known/acme-challenge/" + strings.Repeat("a", 4096): http.StatusNotFound,
		"/account.key": http.StatusNotFound,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}, Host: "api.example.com"})
		if w.Code != want || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%q: got %d %q, want %d", path, w.Code, w.Body, want)
		}
		if want == http.StatusOK && w.Body.String() != "tok_en-1.thumbprint" {
			t.Errorf("%q: got %q", path, w.Body)
		}
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/.well-known/acme-challenge/tok_en-1", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("POST: got %d", w.Code)
	}
}

func TestChallengesByTLSAreAnsweredForOwnHostsOnly(t *testing.T) {
	t.Parallel()
	ca, cfg := newIssuer(t, "authority"), acmeConfig(t)
	address := serve(t, cfg, transport.Options{})
	p := ca.issue([]string{"api.example.com"})
	for _, name := range []string{"api.example.com", "www.example.com"} {
		replace(t, place(cfg, "tls-"+name+".pem"), slices.Concat(p.key, p.public))
	}
	for name, want := range map[string]bool{"api.example.com": true, "API.example.com": true, "www.example.com": false, "": false} {
		state, err := dial(t, address, &tls.Config{InsecureSkipVerify: true, ServerName: name, NextProtos: []string{"acme-tls/1"}})
		if got := err == nil && state.PeerCertificates[0].Equal(p.leaf); got != want {
			t.Errorf("%q: %t, %v", name, got, err)
		}
	}
	if _, err := dial(t, address, &tls.Config{InsecureSkipVerify: true, ServerName: "api.example.com", NextProtos: []string{"h2"}}); err == nil {
		t.Error("a client that is no authority is shown the answer to a challenge")
	}
}

// An authority has no certificate to show. If it were let in without, whoever says that he is one would be.
func TestChallengesByTLSAreNoWayAroundCertificatesOfClients(t *testing.T) {
	t.Parallel()
	ca, cfg := newIssuer(t, "authority"), acmeConfig(t)
	cfg.Clients = &configv1.ClientCertificates{Authorities: ca.file()}
	address := serve(t, cfg, transport.Options{})
	p := ca.issue([]string{"api.example.com"})
	replace(t, place(cfg, "tls-api.example.com.pem"), slices.Concat(p.key, p.public))
	if _, err := dial(t, address, &tls.Config{InsecureSkipVerify: true, ServerName: "api.example.com", NextProtos: []string{"acme-tls/1"}}); err == nil {
		t.Error("there was a handshake")
	}
}

func TestAnAuthorityThatFailsIsNotAskedAgainAtOnce(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"type":"urn:ietf:params:acme:error:unauthorized","detail":"nobody is served today"}`)
	}))
	t.Cleanup(s.Close)
	cfg, log := acmeConfig(t), new(lines)
	cfg.GetAcme().Directory = s.URL
	cfg.GetAcme().Authorities = write(t, "roots.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	l := newListener(t, cfg, log.options())
	l.Start()
	until(t, "the failure is logged", func() bool { return strings.Contains(log.String(), "no certificate was got") })
	first := asked.Load()
	address := serveConfig(t, l.Config())
	for range 20 { // handshakes are no reason to ask
		if _, err := dial(t, address, &tls.Config{InsecureSkipVerify: true, ServerName: "api.example.com"}); err == nil {
			t.Error("there is a certificate")
		}
	}
	time.Sleep(100 * time.Millisecond)
	if n := asked.Load(); n != first || first == 0 {
		t.Errorf("the authority was asked %d times after %d", n, first)
	}
	for _, want := range []string{"host=api.example.com", "after=1m0s", "nobody is served today"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in the log: %s", want, log)
		}
	}
	if strings.Contains(log.String(), "PRIVATE") {
		t.Error("a key was logged")
	}
	l.Close() // does not wait for the next try
}

func TestAnOrderEndsWithTheListener(t *testing.T) {
	t.Parallel()
	asked, gone := make(chan struct{}), make(chan struct{})
	s := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
		close(gone)
	}))
	t.Cleanup(s.Close)
	cfg, log := acmeConfig(t), new(lines)
	cfg.GetAcme().Directory = s.URL
	cfg.GetAcme().Authorities = write(t, "roots.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	l := newListener(t, cfg, log.options())
	l.Start()
	<-asked
	l.Close()
	<-gone
	if strings.Contains(log.String(), "no certificate was got") {
		t.Errorf("the end is logged as a failure: %s", log)
	}
}

func TestRequiredCertificatesLeaveTheChallengeByHTTP(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	cfg, log := acmeConfig(t), new(lines)
	cfg.GetAcme().Directory = s.URL
	cfg.Clients = &configv1.ClientCertificates{Authorities: newIssuer(t, "partners").file()}
	l := newListener(t, cfg, log.options())
	l.Start()
	until(t, "it is said that a redirect is needed", func() bool { return strings.Contains(log.String(), "needs a listener with redirect") })
}

func TestWithoutACMEThereIsNoChallenge(t *testing.T) {
	t.Parallel()
	l := newListener(t, &configv1.Tls{SelfSigned: true}, transport.Options{})
	if l.HTTPChallenge() != nil {
		t.Error("there is a handler")
	}
	l.Start()
}
