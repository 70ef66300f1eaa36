package auth

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	// fetchTimeout is for all that it takes to get keys.
	fetchTimeout = 5 * time.Second
	// maxAnswer and maxAnswerHeader are how long answers of issuers may be, in bytes.
	maxAnswer, maxAnswerHeader = 1 << 20, 64 << 10
	maxRedirects               = 3
)

// fetcher gets the keys of an issuer.
type fetcher struct {
	issuer, jwksURL string // jwksURL is "" if the issuer says where its keys are
	client          *http.Client
}

func newFetcher(cfg *configv1.Issuer) (*fetcher, error) {
	encryption := &tls.Config{MinVersion: tls.VersionTLS12}
	if path := cfg.GetAuthorities(); path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("authorities: %w", err)
		}
		encryption.RootCAs = x509.NewCertPool()
		if !encryption.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("authorities: %s holds no PEM certificate", path)
		}
	}
	return &fetcher{issuer: cfg.GetIssuer(), jwksURL: cfg.GetJwksUrl(), client: &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: encryption, ForceAttemptHTTP2: true,
			MaxResponseHeaderBytes: maxAnswerHeader, IdleConnTimeout: fetchTimeout,
		},
		CheckRedirect: follows,
	}}, nil
}

// keys returns the text of the issuer's key set.
func (f *fetcher) keys(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	at := f.jwksURL
	if at == "" {
		var err error
		if at, err = f.discover(ctx); err != nil {
			return nil, err
		}
	}
	return f.get(ctx, at)
}

// discover asks the issuer where its keys are (OpenID Connect Discovery 1.0, section 4). An answer that speaks for another
// issuer is none.
func (f *fetcher) discover(ctx context.Context) (string, error) {
	at := strings.TrimSuffix(f.issuer, "/") + "/.well-known/openid-configuration"
	text, err := f.get(ctx, at)
	if err != nil {
		return "", err
	}
	var says struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(text, &says); err != nil {
		return "", fmt.Errorf("%s: %w", at, err)
	}
	if says.Issuer != f.issuer {
		return "", fmt.Errorf("%s: it is of the issuer %q", at, says.Issuer)
	}
	from, err := url.Parse(at)
	if err != nil {
		return "", err
	}
	to, err := url.Parse(says.JWKSURI)
	if err != nil || !mayLead(from, to) {
		return "", fmt.Errorf("%s: jwks_uri: %q is no https URL", at, says.JWKSURI)
	}
	return says.JWKSURI, nil
}

func (f *fetcher) get(ctx context.Context, at string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json, application/jwk-set+json")
	r.Header.Set("User-Agent", "gatehouse")
	response, err := f.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", at, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	if len(text) > maxAnswer {
		return nil, fmt.Errorf("%s: the answer has more than %d bytes", at, maxAnswer)
	}
	return text, nil
}

func follows(r *http.Request, earlier []*http.Request) error {
	if len(earlier) > maxRedirects {
		return fmt.Errorf("there are more than %d redirects", maxRedirects)
	}
	if !mayLead(earlier[0].URL, r.URL) {
		return errors.New("a redirect leads away from https")
	}
	return nil
}

// mayLead tells whether one URL may name another one: what was asked for safely stays so.
func mayLead(from, to *url.URL) bool {
	return isSafe(to) && (to.Scheme == "https" || from.Scheme == "http")
}

// isSafe tells whether nobody can change what comes from a URL: https, or this machine.
func isSafe(u *url.URL) bool {
	if u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	switch u.Scheme {
	case "https":
		return true
	case "http":
		ip := net.ParseIP(u.Hostname())
		return u.Hostname() == "localhost" || ip.IsLoopback()
	default:
		return false
	}
}
