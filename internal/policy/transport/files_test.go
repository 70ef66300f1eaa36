package transport_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
	"github.com/gatehouse-edge/gatehouse/internal/watch"
)

// issuer is an authority of a test.
type issuer struct {
	t    *testing.T
	cert *x509.Certificate
	key  crypto.Signer
}

func newIssuer(t *testing.T, name string) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key}
	i.cert = &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	i.cert = i.sign(i.cert, key.Public())
	return i
}

func (i *issuer) sign(template *x509.Certificate, public crypto.PublicKey) *x509.Certificate {
	i.t.Helper()
	var err error
	if template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		i.t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, i.cert, public, i.key)
	if err != nil {
		i.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		i.t.Fatal(err)
	}
	return c
}

// pool is what those hold who trust the issuer.
func (i *issuer) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(i.cert)
	return p
}

func (i *issuer) file() string { return write(i.t, "authorities.pem", encode(i.cert)) }

func encode(certs ...*x509.Certificate) []byte {
	var b []byte
	for _, c := range certs {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return b
}

// pair is a certificate with its key, in files and in memory.
type pair struct {
	leaf        *x509.Certificate
	memory      tls.Certificate
	public, key []byte
	dir         string
}

func (p *pair) certificate() string { return filepath.Join(p.dir, "tls.crt") }

func (p *pair) keyFile() string { return filepath.Join(p.dir, "tls.key") }

// write puts the pair into the files of another one.
func (p *pair) write(t *testing.T, dir string) {
	t.Helper()
	replace(t, filepath.Join(dir, "tls.crt"), p.public)
	replace(t, filepath.Join(dir, "tls.key"), p.key)
}

type change func(*x509.Certificate)

func expired(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(-time.Minute)
}

// issue makes a certificate for names, for servers and clients.
func (i *issuer) issue(names []string, changes ...change) *pair {
	i.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	return i.issueFor(key, names, changes...)
}

func (i *issuer) issueRSA(names ...string) *pair {
	i.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		i.t.Fatal(err)
	}
	return i.issueFor(key, names)
}

func (i *issuer) issueFor(key crypto.Signer, names []string, changes ...change) *pair {
	i.t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "of a test"}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, c := range changes {
		c(template)
	}
	leaf := i.sign(template, key.Public())
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		i.t.Fatal(err)
	}
	p := &pair{
		leaf: leaf, public: encode(leaf), key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
		memory: tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}, dir: i.t.TempDir(),
	}
	p.write(i.t, p.dir)
	return p
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	replace(t, path, content)
	return path
}

func replace(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lines) options() transport.Options {
	return transport.Options{Log: slog.New(slog.NewTextHandler(l, nil))}
}

// until waits for files to be read again, and for what follows from it.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 400 {
		if ok() {
			return
		}
		time.Sleep(watch.Interval / 40)
	}
	t.Fatal("it never came to pass: " + what)
}
