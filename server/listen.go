package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	defaultAdmin  = "127.0.0.1:9901"
	noAdmin       = "off"
)

// listener is one open address.
type listener struct {
	net.Listener
	tls *tls.Config // nil for plain HTTP
}

// Listen opens all addresses of the configuration, or none.
func (e *Edge) Listen() error {
	for _, l := range listenersOf(e.cfg) {
		opened, err := open(l)
		if err != nil {
			return errors.Join(err, e.closeListeners())
		}
		e.listeners = append(e.listeners, opened)
	}
	address := or(e.cfg.GetAdminAddress(), defaultAdmin)
	if address == noAdmin {
		return nil
	}
	var err error
	if e.admin, err = net.Listen("tcp", address); err != nil {
		return errors.Join(fmt.Errorf("admin listener: %w", err), e.closeListeners())
	}
	return nil
}

// listenersOf are the listeners of a configuration, or the default one.
func listenersOf(cfg *configv1.Config) []*configv1.Listener {
	if listeners := cfg.GetListeners(); len(listeners) > 0 {
		return listeners
	}
	return []*configv1.Listener{{Address: "127.0.0.1:8080"}}
}

// enter makes the entrances, one for each listener.
func (e *Edge) enter() {
	for _, l := range listenersOf(e.cfg) {
		e.entrances = append(e.entrances, &entrance{edge: e, audience: e.audiences.named(l.GetAudience()), only: l.GetOnlyAudience()})
	}
}

func open(l *configv1.Listener) (listener, error) {
	config, err := tlsConfig(l.GetTls())
	if err != nil {
		return listener{}, fmt.Errorf("listener %s: %w", l.GetAddress(), err)
	}
	opened, err := net.Listen("tcp", l.GetAddress())
	if err != nil {
		return listener{}, fmt.Errorf("listener: %w", err)
	}
	return listener{Listener: opened, tls: config}, nil
}

func (e *Edge) closeListeners() error {
	var errs []error
	for _, l := range e.listeners {
		errs = append(errs, l.Close())
	}
	e.listeners = nil
	return errors.Join(errs...)
}

// URLs lists where the edge listens, once it does.
func (e *Edge) URLs() []string {
	var urls []string
	for _, l := range e.listeners {
		scheme := "http://"
		if l.tls != nil {
			scheme = "https://"
		}
		urls = append(urls, scheme+l.Addr().String())
	}
	return urls
}

// AdminURL is where the admin listener listens, "" if there is none.
func (e *Edge) AdminURL() string {
	if e.admin == nil {
		return ""
	}
	return "http://" + e.admin.Addr().String()
}

// Serve serves the open listeners until ctx is done. Then it drains: no new connections, readiness fails, and calls in
// flight get the drain's time to end. The error tells of a listener that failed or of calls that had to be cut off.
func (e *Edge) Serve(ctx context.Context) error {
	servers := make([]*http.Server, 0, len(e.listeners)+1)
	failed := make(chan error, len(e.listeners)+1)
	for i, l := range e.listeners {
		s := e.httpServer(e.entrances[i], l.tls)
		servers = append(servers, s)
		l.Listener = patientListener{l.Listener, e.limits.write}
		go func() { failed <- serveOn(s, l) }()
	}
	if e.admin != nil {
		admin := e.httpServer(e.adminHandler(), nil)
		servers = append(servers, admin)
		go func() { failed <- serveOn(admin, listener{Listener: e.admin}) }()
	}
	go e.current.Load().warm()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	return errors.Join(err, e.drain(servers), e.Close())
}

func serveOn(s *http.Server, l listener) error {
	var err error
	if l.tls != nil {
		err = s.ServeTLS(l.Listener, "", "")
	} else {
		err = s.Serve(l.Listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("listener %s: %w", l.Addr(), err)
}

func (e *Edge) httpServer(h http.Handler, config *tls.Config) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(config == nil)
	return &http.Server{
		Handler: h, TLSConfig: config, Protocols: protocols,
		ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: 2*e.limits.header + e.limits.url, // the edge refuses what is over its limits in its own words
		ErrorLog:       slog.NewLogLogger(e.log.Handler(), slog.LevelDebug),
	}
}

// drain ends the servers, the last one, which may be the admin's, last: health is asked for to the end.
func (e *Edge) drain(servers []*http.Server) error {
	e.draining.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), e.limits.drain)
	defer cancel()
	var errs []error
	for _, s := range servers {
		if err := s.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("calls still in flight after %s were cut off: %w", e.limits.drain, err), s.Close())
		}
	}
	return errors.Join(append(errs, e.drainSockets(ctx))...)
}

// drainSockets waits for WebSockets as for other calls, and then tells those that are left to go.
func (e *Edge) drainSockets(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		e.sockets.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	e.stop()
	<-done
	return fmt.Errorf("WebSockets still open after %s were closed", e.limits.drain)
}

func tlsConfig(cfg *configv1.Tls) (*tls.Config, error) {
	if cfg == nil {
		return nil, nil //nolint:nilnil // no TLS is no error
	}
	var cert tls.Certificate
	var err error
	if cfg.GetSelfSigned() {
		cert, err = selfSigned()
	} else {
		cert, err = tls.LoadX509KeyPair(cfg.GetCertificate(), cfg.GetKey())
	}
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

// selfSigned makes a certificate for this machine alone, valid for thirty days.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Gatehouse development certificate"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, 30),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
