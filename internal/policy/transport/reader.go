package transport

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatehouse-edge/gatehouse/internal/watch"
)

// Options are what a listener and the connections to an upstream get from the edge.
type Options struct {
	// Log gets changes of files, certificates that are no good, and what becomes of orders for new ones. Default: slog's.
	Log *slog.Logger
	// Now is the edge's clock. Default: time.Now.
	Now func() time.Time
	// Registerer gets when certificates end. Default: it is not kept.
	Registerer prometheus.Registerer
}

// reader reads certificates, and tells of their ends.
type reader struct {
	log  *slog.Logger
	now  func() time.Time
	ends *prometheus.GaugeVec
}

func newReader(o Options) *reader {
	r := &reader{log: o.Log, now: o.Now, ends: expirations(o.Registerer)}
	if r.log == nil {
		r.log = slog.Default()
	}
	if r.now == nil {
		r.now = time.Now
	}
	return r
}

func expirations(r prometheus.Registerer) *prometheus.GaugeVec {
	ends := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "gatehouse_certificate_expiration_timestamp_seconds",
		Help: "When a certificate of the edge ends, in seconds since 1970.",
	}, []string{"certificate"})
	if r == nil {
		return ends
	}
	err := r.Register(ends)
	if taken, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if earlier, ok := taken.ExistingCollector.(*prometheus.GaugeVec); ok {
			return earlier
		}
	}
	if err != nil {
		panic("transport: " + err.Error()) // somebody else uses this name
	}
	return ends
}

// pair follows the files of a certificate and its key.
func (r *reader) pair(certificate, key string) (*watch.Value[*tls.Certificate], error) {
	return watch.New(r.log, func(contents [][]byte) (*tls.Certificate, error) {
		c, err := parsePair(contents[0], contents[1], key)
		if err == nil {
			r.note(certificate, c)
		}
		return c, err
	}, certificate, key)
}

// note tells when a certificate ends, and if it is of no use to anybody now.
func (r *reader) note(name string, c *tls.Certificate) {
	r.ends.WithLabelValues(name).Set(float64(c.Leaf.NotAfter.Unix()))
	switch now := r.now(); {
	case now.After(c.Leaf.NotAfter):
		r.log.Warn("a certificate has expired; those who are shown it will refuse it", "certificate", name, "end", c.Leaf.NotAfter)
	case now.Before(c.Leaf.NotBefore):
		r.log.Warn("a certificate is not valid yet; those who are shown it will refuse it", "certificate", name, "begin", c.Leaf.NotBefore)
	}
}

// pool reads authorities. Each of them has to be readable, so that none is left out without a word.
func (r *reader) pool(content []byte) (*x509.CertPool, error) {
	authorities, err := parseCertificates(content)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	for _, a := range authorities {
		if r.now().After(a.NotAfter) {
			r.log.Warn("an authority's certificate has expired; it vouches for nobody", "authority", a.Subject.String(), "end", a.NotAfter)
		}
		pool.AddCert(a)
	}
	return pool, nil
}

func parseCertificates(content []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	keys := 0
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			keys++
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d in it can not be read: %w", len(all)+1, err)
		}
		all = append(all, c)
	}
	switch {
	case len(all) == 0 && keys > 0:
		return nil, errors.New("it holds a private key and no certificate; have the two files changed places?")
	case len(all) == 0:
		return nil, errors.New("it holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----")
	}
	return all, nil
}

// parsePair makes a certificate of its chain and its key, and says what to do if that does not work.
func parsePair(certificate, key []byte, keyPath string) (*tls.Certificate, error) {
	chain, err := parseCertificates(certificate)
	if err != nil {
		return nil, err
	}
	if err := usableKey(key); err != nil {
		return nil, fmt.Errorf("its key %s: %w", keyPath, err)
	}
	c, err := tls.X509KeyPair(certificate, key)
	if err == nil {
		return &c, nil
	}
	for i, other := range chain[1:] {
		one := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Raw})
		if _, fits := tls.X509KeyPair(one, key); fits == nil {
			return nil, fmt.Errorf("the key %s is that of certificate %d in it; that one has to come first, and those that vouch for it after it", keyPath, i+2)
		}
	}
	return nil, fmt.Errorf("its key %s does not fit; give the one that this certificate was made for (%w)", keyPath, err)
}

func usableKey(content []byte) error {
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
			return errors.New("it is encrypted, and there is nobody to ask for the password; decrypt it: openssl pkey -in KEY -out NEW")
		}
		return nil
	}
	return errors.New("it holds no private key in PEM, which begins with -----BEGIN PRIVATE KEY-----")
}
