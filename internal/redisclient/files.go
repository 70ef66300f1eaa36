package redisclient

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

// password returns what a file holds, without the end of its line.
func password(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("password_file: %w", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

func clientTLS(cfg *configv1.RedisTls) (*tls.Config, error) {
	if cfg == nil {
		return nil, nil //nolint:nilnil // without it, nothing is encrypted
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: cfg.GetServerName()}
	if path := cfg.GetAuthorities(); path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("tls.authorities: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls.authorities: %s holds no PEM certificate", path)
		}
	}
	if cfg.GetCertificate() != "" {
		own := func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(cfg.GetCertificate(), cfg.GetKey())
			return &pair, err
		}
		if _, err := own(nil); err != nil {
			return nil, fmt.Errorf("tls.certificate: %w", err)
		}
		c.GetClientCertificate = own // read again, since certificates are renewed
	}
	return c, nil
}
