package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
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
	handler http.Handler
	tls     *transport.Listener // nil for plain HTTP
}

// Listen opens all addresses of the configuration, or none.
func (e *Edge) Listen() error {
	for i, l := range listenersOf(e.cfg) {
		opened, err := e.open(l, e.entrances[i])
		if err != nil {
			return errors.Join(err, e.closeListeners())
		}
		e.listeners = append(e.listeners, opened)
	}
	for i, l := range listenersOf(e.cfg) {
		if l.GetRedirect() != 0 {
			e.listeners[i].handler = redirect(l.GetRedirect(), e.listeners)
		}
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
		in := &entrance{edge: e, audience: e.audiences.named(l.GetAudience()), only: l.GetOnlyAudience()}
		if value := transport.HSTS(l.GetHsts()); value != "" {
			in.hsts = []string{value}
		}
		e.entrances = append(e.entrances, in)
	}
}

func (e *Edge) open(l *configv1.Listener, h http.Handler) (opened listener, err error) {
	opened.handler = h
	if l.GetTls() != nil {
		if opened.tls, err = transport.Server(l.GetTls(), transport.Options{Log: e.log, Registerer: e.meters.registry}); err != nil {
			return listener{}, fmt.Errorf("listener %s: %w", l.GetAddress(), err)
		}
	}
	if opened.Listener, err = net.Listen("tcp", l.GetAddress()); err != nil {
		opened.close() //nolint:errcheck // nothing is open but what follows files
		return listener{}, fmt.Errorf("listener: %w", err)
	}
	return opened, nil
}

func (l *listener) close() error {
	if l.tls != nil {
		l.tls.Close()
	}
	if l.Listener == nil {
		return nil
	}
	return l.Close()
}

func (e *Edge) closeListeners() error {
	var errs []error
	for _, l := range e.listeners {
		errs = append(errs, l.close())
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
	for _, l := range e.listeners {
		s := e.httpServer(l.handler, l.tls)
		servers = append(servers, s)
		go func() { failed <- serveOn(s, l, e.limits.write) }()
	}
	if e.admin != nil {
		admin := e.httpServer(e.adminHandler(), nil)
		servers = append(servers, admin)
		go func() { failed <- serveOn(admin, listener{Listener: e.admin}, e.limits.write) }()
	}
	go e.current.Load().warm()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	err = errors.Join(err, e.drain(servers))
	for _, l := range e.listeners {
		if l.tls != nil {
			l.tls.Close()
		}
	}
	return errors.Join(err, e.Close())
}

func serveOn(s *http.Server, l listener, patience time.Duration) error {
	var err error
	patient := patientListener{l.Listener, patience}
	if l.tls != nil {
		l.tls.Start()
		err = s.ServeTLS(patient, "", "")
	} else {
		err = s.Serve(patient)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("listener %s: %w", l.Addr(), err)
}

func (e *Edge) httpServer(h http.Handler, encryption *transport.Listener) *http.Server {
	var config *tls.Config
	if encryption != nil {
		config = encryption.Config()
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(config == nil)
	return &http.Server{
		Handler: patientWithBodies(h, e.limits.bodyTimeout), TLSConfig: config, Protocols: protocols,
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
