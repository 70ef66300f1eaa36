package transport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

// upstream is a gRPC server that asks for certificates.
type upstream struct {
	healthv1.HealthServer
	address string
	shown   atomic.Pointer[x509.Certificate] // what the last caller has shown
}

func (u *upstream) Check(ctx context.Context, r *healthv1.HealthCheckRequest) (*healthv1.HealthCheckResponse, error) {
	if p, ok := peer.FromContext(ctx); ok {
		u.shown.Store(nil)
		if certs := p.AuthInfo.(credentials.TLSInfo).State.PeerCertificates; len(certs) > 0 {
			u.shown.Store(certs[0])
		}
	}
	return u.HealthServer.Check(ctx, r)
}

func newUpstream(t *testing.T, config *tls.Config) *upstream {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &upstream{HealthServer: health.NewServer(), address: listener.Addr().String()}
	s := grpc.NewServer(grpc.Creds(credentials.NewTLS(config)))
	healthv1.RegisterHealthServer(s, u)
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(s.Stop)
	return u
}

func secure(t *testing.T, cfg *configv1.UpstreamTls, o transport.Options) *transport.Credentials {
	t.Helper()
	c, err := transport.Client(cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// call calls the upstream over a connection of its own.
func call(t *testing.T, target string, c credentials.TransportCredentials) error {
	t.Helper()
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(c))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return check(t, conn)
}

func check(t *testing.T, conn *grpc.ClientConn) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := healthv1.NewHealthClient(conn).Check(ctx, &healthv1.HealthCheckRequest{})
	return err
}

func loopback(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} }

// server is who refuses. What the edge sees of that depends on how far it has come.
const server = "the server"

func TestAnUpstreamAndTheEdgeKnowEachOther(t *testing.T) {
	t.Parallel()
	services, edges, stranger := newIssuer(t, "services"), newIssuer(t, "edges"), newIssuer(t, "services")
	own, others := edges.issue(nil), stranger.issue(nil)
	u := newUpstream(t, &tls.Config{
		Certificates: []tls.Certificate{services.issue([]string{"orders.example.com"}, loopback).memory},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: edges.pool(),
	})
	shown := func(p *pair, cfg *configv1.UpstreamTls) *configv1.UpstreamTls {
		cfg.Certificate, cfg.Key = p.certificate(), p.keyFile()
		return cfg
	}
	authorities := services.file()
	for _, c := range []struct {
		name    string
		cfg     *configv1.UpstreamTls
		refused string // "": nobody refuses; what the edge says of it, or server
	}{
		{"the name in the target", shown(own, &configv1.UpstreamTls{Authorities: authorities}), ""},
		{"a name of its own", shown(own, &configv1.UpstreamTls{Authorities: authorities, ServerName: "orders.example.com"}), ""},
		{"another name", shown(own, &configv1.UpstreamTls{Authorities: authorities, ServerName: "carts.example.com"}), "not carts.example.com"},
		{"the system's authorities", shown(own, new(configv1.UpstreamTls)), "unknown authority"},
		{"other authorities of the same name", shown(own, &configv1.UpstreamTls{Authorities: stranger.file()}), "unknown authority"},
		{"no certificate of the edge", &configv1.UpstreamTls{Authorities: authorities}, server},
		{"an unknown certificate of the edge", shown(others, &configv1.UpstreamTls{Authorities: authorities}), server},
	} {
		u.shown.Store(nil)
		err := call(t, u.address, secure(t, c.cfg, transport.Options{}))
		switch {
		case c.refused == "":
			if err != nil || !u.shown.Load().Equal(own.leaf) {
				t.Errorf("%s: %v, and %v was shown", c.name, err, u.shown.Load())
			}
		case status.Code(err) != codes.Unavailable || u.shown.Load() != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.refused != server && !strings.Contains(err.Error(), c.refused):
			t.Errorf("%s: %v, want %q", c.name, err, c.refused)
		}
	}
	if err := call(t, u.address, insecure.NewCredentials()); status.Code(err) != codes.Unavailable {
		t.Errorf("without TLS: %v", err)
	}
}

func TestAnUpstreamThatSpeaksOldVersionsOnlyIsRefused(t *testing.T) {
	t.Parallel()
	ca := newIssuer(t, "services")
	u := newUpstream(t, &tls.Config{
		Certificates: []tls.Certificate{ca.issue(nil, loopback).memory}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
	})
	if err := call(t, u.address, secure(t, &configv1.UpstreamTls{Authorities: ca.file()}, transport.Options{})); err == nil {
		t.Error("it was called")
	}
}

func TestNewConnectionsToAnUpstreamFollowTheFiles(t *testing.T) {
	t.Parallel()
	old, next, edges := newIssuer(t, "old"), newIssuer(t, "next"), newIssuer(t, "edges")
	ask := func(ca *issuer) *tls.Config {
		return &tls.Config{
			Certificates: []tls.Certificate{ca.issue(nil, loopback).memory}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: edges.pool(),
		}
	}
	before, after := newUpstream(t, ask(old)), newUpstream(t, ask(next))
	own, renewed, authorities := edges.issue(nil), edges.issue(nil), old.file()
	c := secure(t, &configv1.UpstreamTls{Authorities: authorities, Certificate: own.certificate(), Key: own.keyFile()}, transport.Options{})
	kept, err := grpc.NewClient(before.address, grpc.WithTransportCredentials(c))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if err := check(t, kept); err != nil || !before.shown.Load().Equal(own.leaf) {
		t.Fatal(err)
	}
	renewed.write(t, own.dir)
	replace(t, authorities, encode(next.cert))
	until(t, "a new connection is made with new files", func() bool {
		return call(t, after.address, c.Clone()) == nil && after.shown.Load().Equal(renewed.leaf)
	})
	if err := check(t, kept); err != nil || !before.shown.Load().Equal(own.leaf) {
		t.Errorf("the connection that was open: %v", err)
	}
	if err := call(t, before.address, c); err == nil {
		t.Error("an authority that is gone is believed")
	}
}

func TestFilesForAnUpstreamThatAreNoGoodAreNamed(t *testing.T) {
	t.Parallel()
	p, absent := newIssuer(t, "edges").issue(nil), filepath.Join(t.TempDir(), "absent")
	for _, c := range []struct {
		cfg  *configv1.UpstreamTls
		want string
	}{
		{&configv1.UpstreamTls{Authorities: absent}, "tls.authorities: open " + absent},
		{&configv1.UpstreamTls{Certificate: absent, Key: p.keyFile()}, "tls.certificate: open " + absent},
		{&configv1.UpstreamTls{Certificate: p.certificate()}, "tls.key: is missing"},
	} {
		if _, err := transport.Client(c.cfg, transport.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// gRPC copies credentials, and its interface lets copies be asked for another name.
func TestACopyOfCredentialsHasAServerNameOfItsOwn(t *testing.T) {
	t.Parallel()
	ca := newIssuer(t, "services")
	u := newUpstream(t, &tls.Config{Certificates: []tls.Certificate{ca.issue([]string{"orders.example.com"}).memory}})
	c := secure(t, &configv1.UpstreamTls{Authorities: ca.file(), ServerName: "carts.example.com"}, transport.Options{})
	clone := c.Clone()
	if err := clone.OverrideServerName("orders.example.com"); err != nil { //nolint:staticcheck // deprecated, and there still
		t.Fatal(err)
	}
	if err := call(t, u.address, clone); err != nil {
		t.Errorf("the copy: %v", err)
	}
	if err := call(t, u.address, c); err == nil {
		t.Error("the original expects what the copy was told")
	}
	if got := c.Info().SecurityProtocol; got != "tls" {
		t.Errorf("the protocol is %q", got)
	}
	if _, _, err := c.ServerHandshake(nil); err == nil {
		t.Error("credentials of a client serve")
	}
}
