package auth

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// Options are what an authenticator needs beside its configuration. All have defaults.
type Options struct {
	// Audiences are the names that tokens, keys and rules may give. Default: none.
	Audiences []string
	// Log gets the beginning and the end of each outage of an issuer or of Redis. Default: slog's.
	Log *slog.Logger
	// Now is the edge's clock. Default: time.Now.
	Now func() time.Time
	// Registerer gets the metrics. Authenticators that have it in common count together. Default: none are kept.
	Registerer prometheus.Registerer
}

// Authenticator finds out who calls. Its methods may be called concurrently.
type Authenticator struct {
	tokens       *tokens  // nil without issuers
	keys         *apiKeys // nil if none are handed out
	certificates certificates
	challenges   challenges
	meters       *meters
	now          func() time.Time
}

// New returns an authenticator, or all that is wrong with its configuration. It reads what files there are, and waits for
// neither issuers nor Redis. That of a nil configuration knows nobody.
func New(cfg *configv1.Authentication, options Options) (*Authenticator, error) {
	if err := validate(cfg, options.Audiences); err != nil {
		return nil, err
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	a := &Authenticator{
		certificates: cfg.GetCertificates(), challenges: newChallenges(cfg), meters: newMeters(options.Registerer), now: options.Now,
	}
	var err error
	if len(cfg.GetIssuers()) > 0 {
		if a.tokens, err = newTokens(cfg.GetIssuers(), options, a.meters); err != nil {
			return nil, err
		}
	}
	if cfg.GetApiKeys() != nil {
		if a.keys, err = newAPIKeys(cfg.GetApiKeys(), options, a.meters); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return a, nil
}

// Close ends the fetching of keys and the watching of files.
func (a *Authenticator) Close() error {
	a.tokens.close()
	return a.keys.close()
}

// Authenticate returns who makes a request, nil for one that shows nothing. The error is a *fault.Error: BAD_CREDENTIALS, or
// AUTHENTICATION_UNAVAILABLE for what can not be decided at the moment.
//
// A token or a key tells who calls even if there is a certificate, which then is that of the machine that passes the call on.
func (a *Authenticator) Authenticate(r *http.Request) (*principal.Principal, error) {
	token, hasToken := a.tokens.shown(r.Header)
	key, hasKey := a.keys.shown(r.Header)
	switch {
	case hasToken && hasKey:
		return nil, a.fail(principal.Bearer, invalidRequest("there are a token and a key; send one of them"))
	case hasToken:
		p, err := a.tokens.authenticate(r.Context(), token)
		return a.answer(principal.Bearer, p, err)
	case hasKey:
		p, err := a.keys.authenticate(r.Context(), key)
		return a.answer(principal.APIKey, p, err)
	case len(a.certificates) > 0 && r.TLS != nil && len(r.TLS.VerifiedChains) > 0:
		p, err := a.certificates.authenticate(r.TLS.VerifiedChains[0], a.now())
		return a.answer(principal.Certificate, p, err)
	default:
		return nil, nil //nolint:nilnil // nobody, which is no error
	}
}

func (a *Authenticator) answer(by principal.Method, p *principal.Principal, err error) (*principal.Principal, error) {
	if err != nil {
		return nil, a.fail(by, err)
	}
	if p != nil {
		a.meters.outcomes[by].known.Inc()
	}
	return p, nil
}

// fail makes of what is wrong with credentials what the client is told.
func (a *Authenticator) fail(by principal.Method, err error) error {
	if r, ok := errors.AsType[*refusal](err); ok {
		a.meters.outcomes[by].refused.Inc()
		return fault.New(fault.BadCredentials, r.text).
			With("WWW-Authenticate", a.challenges.refused(by, r)).Because(r.cause)
	}
	a.meters.outcomes[by].unavailable.Inc()
	return fault.New(fault.AuthUnavailable, "who calls can not be found out at the moment; try again").
		With("Retry-After", "1").Because(err)
}

// Challenge is the WWW-Authenticate of an answer to a request that shows nothing and would have to.
func (a *Authenticator) Challenge() string { return a.challenges.all }

// InsufficientScope is the WWW-Authenticate of an answer to a token that has not all scopes that a request needs.
func (a *Authenticator) InsufficientScope(scopes []string) string { return a.challenges.scopes(scopes) }
