package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"google.golang.org/grpc/credentials"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/watch"
)

// Credentials are how the edge and an upstream know each other, for grpc.WithTransportCredentials. Files are followed: each
// new connection is made with what they hold. Its methods may be called concurrently, and clones share its files.
type Credentials struct {
	base        *tls.Config
	authorities *watch.Value[*x509.CertPool]   // nil: the system's
	own         *watch.Value[*tls.Certificate] // nil: the edge shows none
}

// Client makes the credentials for an upstream. Its files are followed until they are closed.
func Client(cfg *configv1.UpstreamTls, o Options) (*Credentials, error) {
	var problems []error
	UpstreamProblems(cfg, func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf("tls."+key+": "+format, args...))
	})
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	r := newReader(o)
	c := &Credentials{base: &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: suites, ServerName: cfg.GetServerName(), Time: r.now,
	}}
	var err error
	if path := cfg.GetAuthorities(); path != "" {
		read := func(contents [][]byte) (*x509.CertPool, error) { return r.pool(contents[0]) }
		if c.authorities, err = watch.New(r.log, read, path); err != nil {
			return nil, fmt.Errorf("tls.authorities: %w", err)
		}
	}
	if cfg.GetCertificate() != "" {
		if c.own, err = r.pair(cfg.GetCertificate(), cfg.GetKey()); err != nil {
			c.Close()
			return nil, fmt.Errorf("tls.certificate: %w", err)
		}
	}
	return c, nil
}

// Close ends what follows files. Connections stay.
func (c *Credentials) Close() {
	if c.authorities != nil {
		c.authorities.Close()
	}
	if c.own != nil {
		c.own.Close()
	}
}

// now is what a connection is made with that is begun now.
func (c *Credentials) now() credentials.TransportCredentials {
	config := c.base.Clone()
	if c.authorities != nil {
		config.RootCAs = c.authorities.Get()
	}
	if c.own != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.own.Get(), nil }
	}
	return credentials.NewTLS(config)
}

// ClientHandshake makes a connection to the upstream secure.
func (c *Credentials) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return c.now().ClientHandshake(ctx, authority, conn)
}

// ServerHandshake is an error: these are a client's credentials.
func (*Credentials) ServerHandshake(net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("credentials of a client can not serve")
}

// Info says that this is TLS, and which name is expected.
func (c *Credentials) Info() credentials.ProtocolInfo { return c.now().Info() }

// Clone returns credentials that expect another name once that is overridden.
func (c *Credentials) Clone() credentials.TransportCredentials {
	clone := *c
	clone.base = c.base.Clone()
	return &clone
}

// OverrideServerName changes the name that is expected. It is deprecated in gRPC, and must not be called concurrently.
func (c *Credentials) OverrideServerName(name string) error {
	c.base.ServerName = name
	return nil
}
