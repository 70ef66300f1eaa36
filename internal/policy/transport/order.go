package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"
)

const (
	letsEncrypt  = "https://acme-v02.api.letsencrypt.org/directory"
	accountKey   = "account.key"
	replyTimeout = time.Minute
)

// order gets a certificate with a new key from the authority. It returns the key and the chain in PEM.
func (a *authority) order(ctx context.Context, name string) ([]byte, error) {
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	if len(client.ChallengeSolvers) == 0 {
		return nil, errors.New("the authority could look at HTTP only, since clients have to show certificates; it needs a listener with redirect at port 80")
	}
	account := acme.Account{TermsOfServiceAgreed: a.cfg.GetAcceptTerms()}
	if account.PrivateKey, err = a.key(); err != nil {
		return nil, err
	}
	if email := a.cfg.GetEmail(); email != "" {
		account.Contact = []string{"mailto:" + email}
	}
	if account, err = client.NewAccount(ctx, account); err != nil { // the account that there is, if there is one
		return nil, fmt.Errorf("account: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	chains, err := client.ObtainCertificateForSANs(ctx, account, key, []string{name})
	if err != nil {
		return nil, err
	}
	if len(chains) == 0 {
		return nil, errors.New("the authority sent no certificate")
	}
	secret, err := encodeKey(key)
	return slices.Concat(secret, chains[0].ChainPEM), err
}

// key returns the account's key. The first time, it is made.
func (a *authority) key() (*ecdsa.PrivateKey, error) {
	content, err := a.folder.read(accountKey)
	if errors.Is(err, os.ErrNotExist) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		if content, err = encodeKey(key); err != nil {
			return nil, err
		}
		return key, a.folder.write(accountKey, content)
	}
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(content); block != nil {
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, ok := key.(*ecdsa.PrivateKey); ok {
				return key, nil
			}
		}
	}
	return nil, fmt.Errorf("%s holds no key of an account; remove it, and a new account is made", a.folder.path(accountKey))
}

// client talks to the authority, as its own authorities are at the time.
func (a *authority) client() (*acmez.Client, error) {
	roots, err := a.roots()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: replyTimeout,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
	}
	return &acmez.Client{
		Client: &acme.Client{
			Directory: a.directory(), UserAgent: "gatehouse", Logger: slog.New(warnings{a.log.Handler()}),
			HTTPClient: &http.Client{Transport: transport, Timeout: replyTimeout},
		},
		ChallengeSolvers: a.solvers(),
	}, nil
}

// warnings leave out the steps of an order, and of each look at whether one is due.
type warnings struct{ slog.Handler }

// Enabled tells whether something is a warning or worse, and logged.
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// roots are the authorities that vouch for the directory's server, nil for the system's.
func (a *authority) roots() (*x509.CertPool, error) {
	path := a.cfg.GetAuthorities()
	if path == "" {
		return nil, nil //nolint:nilnil // nil is crypto/tls' word for the system's
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool, err := a.pool(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return pool, nil
}
