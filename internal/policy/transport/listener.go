package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/watch"
)

// suites are those of TLS 1.2 that have forward secrecy and authenticated encryption. TLS 1.3 has no others.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// Listener is the TLS of a listener. Its methods may be called concurrently.
type Listener struct {
	config  *tls.Config
	sources []source
	clients *watch.Value[*tls.Config] // nil if clients are not asked for certificates
	acme    *authority                // nil without ACME
}

// Server makes the TLS of a listener. Its files are followed until it is closed.
func Server(cfg *configv1.Tls, o Options) (*Listener, error) {
	var problems []error
	tlsProblems(cfg, func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf("tls."+key+": "+format, args...))
	})
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	l, r := new(Listener), newReader(o)
	if err := l.open(cfg, r); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (l *Listener) open(cfg *configv1.Tls, r *reader) error {
	if err := l.openFiles(cfg, r); err != nil {
		return err
	}
	if cfg.GetSelfSigned() {
		c, err := selfSigned(cfg.GetFolder(), r)
		if err != nil {
			return fmt.Errorf("tls.folder: %w", err)
		}
		l.sources = append(l.sources, (*fixed)(c))
	}
	l.config = &tls.Config{
		MinVersion: minimum(cfg), CipherSuites: suites, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: l.certificate, Time: r.now,
	}
	if cfg.GetAcme() != nil {
		if err := l.openACME(cfg, r); err != nil {
			return fmt.Errorf("tls.acme.%w", err)
		}
	}
	if cfg.GetClients() != nil {
		if err := l.askClients(cfg.GetClients(), r); err != nil {
			return fmt.Errorf("tls.clients.authorities: %w", err)
		}
	}
	return nil
}

func (l *Listener) openFiles(cfg *configv1.Tls, r *reader) error {
	if cfg.GetCertificate() != "" {
		v, err := r.pair(cfg.GetCertificate(), cfg.GetKey())
		if err != nil {
			return fmt.Errorf("tls.certificate: %w", err)
		}
		l.sources = append(l.sources, v)
	}
	for i, c := range cfg.GetCertificates() {
		v, err := r.pair(c.GetCertificate(), c.GetKey())
		if err != nil {
			return fmt.Errorf("tls.certificates[%d]: %w", i, err)
		}
		l.sources = append(l.sources, v)
	}
	return nil
}

func (l *Listener) openACME(cfg *configv1.Tls, r *reader) error {
	var err error
	if l.acme, err = newAuthority(cfg.GetAcme(), r); err != nil {
		return err
	}
	for _, h := range l.acme.hosts {
		l.sources = append(l.sources, h)
	}
	// An authority that checks by TLS shows no certificate. If that were let in, so would be everybody who says the same.
	if cfg.GetClients() == nil || cfg.GetClients().GetOptional() {
		l.acme.byTLS = true
		l.config.NextProtos = append(l.config.NextProtos, challengeProtocol)
	}
	return nil
}

// askClients has clients show certificates that the authorities of a file vouch for, as the file is at the time.
func (l *Listener) askClients(cfg *configv1.ClientCertificates, r *reader) error {
	l.config.ClientAuth = tls.RequireAndVerifyClientCert
	if cfg.GetOptional() {
		l.config.ClientAuth = tls.VerifyClientCertIfGiven
	}
	base := l.config.Clone()
	var err error
	l.clients, err = watch.New(r.log, func(contents [][]byte) (*tls.Config, error) {
		pool, err := r.pool(contents[0])
		if err != nil {
			return nil, err
		}
		c := base.Clone()
		c.ClientCAs = pool
		return c, nil
	}, cfg.GetAuthorities())
	if err != nil {
		return err
	}
	l.config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return l.clients.Get(), nil }
	return nil
}

func minimum(cfg *configv1.Tls) uint16 {
	if cfg.GetMinimum() == configv1.Tls_VERSION_TLS13 {
		return tls.VersionTLS13
	}
	return tls.VersionTLS12
}

// Config is what the listener's connections are made with. It must not be changed.
func (l *Listener) Config() *tls.Config { return l.config }

func (l *Listener) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if l.acme != nil && l.acme.byTLS && challenged(hello) {
		return l.acme.answer(hello.ServerName)
	}
	return choose(l.sources, hello)
}

// HTTPChallenge answers the HTTP challenges of ACME, at ChallengePath of port 80; nil without ACME. Whoever asks for it
// before Start promises that it is served there, and certificates are got by that challenge too.
func (l *Listener) HTTPChallenge() http.Handler {
	if l.acme == nil {
		return nil
	}
	l.acme.byHTTP.Store(true)
	return http.HandlerFunc(l.acme.serveChallenge)
}

// Start begins to get certificates by ACME, and to renew them. It is called once, when connections are accepted: the
// authority comes to look. Without ACME it does nothing.
func (l *Listener) Start() {
	if l.acme != nil {
		l.acme.start()
	}
}

// Close ends what follows files and renews certificates. Connections stay.
func (l *Listener) Close() {
	if l.acme != nil {
		l.acme.close()
	}
	for _, s := range l.sources {
		s.Close()
	}
	if l.clients != nil {
		l.clients.Close()
	}
}
