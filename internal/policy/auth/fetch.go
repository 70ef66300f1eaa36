package auth

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	// fetchTimeout is how long an issuer may take to answer one question.
	fetchTimeout = 5 * time.Second
	// maxFetched is how much it may say, in bytes.
	maxFetched   = 1 << 20
	maxRedirects = 3
)

// fetcher gets the keys of an issuer.
type fetcher struct {
	issuer string
	url    string // of the keys; "" to ask the issuer where they are
	client *http.Client
}

func newFetcher(cfg *configv1.Issuer) (*fetcher, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if path := cfg.GetAuthorities(); path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("authorities: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("authorities: %s holds no PEM certificate", path)
		}
	}
	return &fetcher{issuer: cfg.GetIssuer(), url: cfg.GetJwksUrl(), client: &http.Client{
		Timeout:   fetchTimeout,
		Transport: &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			switch {
			case len(via) > maxRedirects:
				return errors.New("it sends on too often")
			case !isFetchable(r.URL.String()):
				return errors.New("it sends on to a URL that is not https")
			default:
				return nil
			}
		},
	}}, nil
}

func (f *fetcher) fetch(ctx context.Context) (*keySet, error) {
	url := f.url
	if url == "" {
		var err error
		if url, err = f.discover(ctx); err != nil {
			return nil, err
		}
	}
	text, err := f.get(ctx, url)
	if err != nil {
		return nil, err
	}
	set, err := parseKeys(text)
	if err == nil && len(set.keys) == 0 {
		err = errors.Join(append([]error{fmt.Errorf("%s holds no key that can be used", url)}, set.unused...)...)
	}
	return set, err
}

// discover asks the issuer where its keys are (OpenID Connect Discovery 1.0, section 4).
func (f *fetcher) discover(ctx context.Context) (string, error) {
	text, err := f.get(ctx, strings.TrimSuffix(f.issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return "", err
	}
	var says struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	switch err := json.Unmarshal(text, &says); {
	case err != nil:
		return "", fmt.Errorf("its configuration can not be read: %w", err)
	case says.Issuer != f.issuer:
		return "", fmt.Errorf("its configuration is that of %q", says.Issuer)
	case !isFetchable(says.Keys):
		return "", fmt.Errorf("its keys are at %q, which is no https URL", says.Keys)
	default:
		return says.Keys, nil
	}
}

func (f *fetcher) get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody) //nolint:gosec // G704: of the configuration, or of the issuer that it names
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := f.client.Do(req) //nolint:gosec // G704: likewise
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, res.Status)
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, maxFetched+1))
	if err == nil && len(text) > maxFetched {
		err = fmt.Errorf("%s says more than %d bytes", url, maxFetched)
	}
	return text, err
}
