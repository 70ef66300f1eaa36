package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/access"
	"github.com/gatehouse-edge/gatehouse/internal/policy/auth"
	"github.com/gatehouse-edge/gatehouse/internal/policy/concurrency"
	"github.com/gatehouse-edge/gatehouse/internal/policy/extauthz"
	"github.com/gatehouse-edge/gatehouse/internal/policy/identity"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
	"github.com/gatehouse-edge/gatehouse/internal/policy/tracing"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// door is what guards the tables. It outlasts them: what has been counted stays counted when descriptors are loaded again.
type door struct {
	limiter     *ratelimit.Limiter
	defaults    []ratelimit.Rule
	concurrency *configv1.Concurrency
	store       *compose.Store      // of what compositions remember
	open        bool                // authentication is off
	knows       bool                // callers can show who they are
	auth        *auth.Authenticator // nil if they can not
	external    *extauthz.Checker   // nil without one
	signer      *identity.Signer    // nil without one
	tracer      *tracing.Tracer     // nil if nothing is traced
	consumes    []string            // the headers of credentials, which are for the edge alone
	vary        []string            // the headers of credentials: caches must not give one caller's answer to another
	closers     []func() error

	mu      sync.Mutex
	methods map[string]*concurrency.Limiter // by method and number
	targets map[string]*concurrency.Limiter
}

func (e *Edge) newDoor(ctx context.Context) (*door, error) {
	cfg := e.cfg
	d := &door{
		defaults: ratelimit.Defaults(cfg.GetRateLimiting()), concurrency: cfg.GetConcurrency(), store: compose.NewStore(0, 0),
		open:    cfg.GetAuthentication().GetOff(),
		methods: map[string]*concurrency.Limiter{}, targets: map[string]*concurrency.Limiter{},
	}
	var err error
	d.knows = cfg.GetAuthentication() != nil && !d.open
	if e.offline {
		return d, nil
	}
	if d.limiter, err = ratelimit.New(cfg.GetRateLimiting(), ratelimit.Options{Log: e.log, Registerer: e.meters.registry}); err != nil {
		return nil, err
	}
	d.closers = append(d.closers, d.limiter.Close)
	if d.knows {
		err = d.know(cfg.GetAuthentication(), e.audiences.names(), e.log, e.meters)
	}
	if err == nil && cfg.GetTracing() != nil {
		err = e.trace(ctx, d)
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// know makes what finds out about callers, and tells services of them.
func (d *door) know(cfg *configv1.Authentication, audiences []string, log *slog.Logger, m *meters) error {
	var err error
	if d.auth, err = auth.New(cfg, auth.Options{Audiences: audiences, Log: log, Registerer: m.registry}); err != nil {
		return fmt.Errorf("authentication: %w", err)
	}
	d.closers = append(d.closers, d.auth.Close)
	if len(cfg.GetIssuers()) > 0 {
		d.consumes = append(d.consumes, "Authorization")
	}
	keyHeader := or(cfg.GetApiKeys().GetHeader(), defaultKeyHeader)
	if cfg.GetApiKeys() != nil {
		d.consumes = append(d.consumes, http.CanonicalHeaderKey(keyHeader))
	}
	if len(d.consumes) > 0 {
		d.vary = []string{strings.Join(d.consumes, ", ")}
	}
	if said := cfg.GetInternalToken(); said != nil {
		if d.signer, err = identity.NewSigner(said, identity.Options{Log: log}); err != nil {
			return fmt.Errorf("authentication.internal_token: %w", err)
		}
		d.closers = append(d.closers, func() error { d.signer.Close(); return nil })
	}
	if cfg.GetExternal() == nil {
		return nil
	}
	return d.ask(cfg.GetExternal(), keyHeader, log, m)
}

// ask makes what asks another service about calls.
func (d *door) ask(cfg *configv1.ExternalAuthorization, keyHeader string, log *slog.Logger, m *meters) error {
	options := extauthz.Options{KeyHeader: strings.ToLower(keyHeader), Log: log, Registerer: m.registry}
	if cfg.GetTls() != nil {
		secure, err := transport.Client(cfg.GetTls(), transport.Options{Log: log, Registerer: m.registry})
		if err != nil {
			return fmt.Errorf("authentication.external: %w", err)
		}
		d.closers = append(d.closers, func() error { secure.Close(); return nil })
		options.Credentials = secure
	}
	var err error
	if d.external, err = extauthz.New(cfg, options); err != nil {
		return fmt.Errorf("authentication.external: %w", err)
	}
	d.closers = append(d.closers, d.external.Close)
	return nil
}

// defaultKeyHeader carries API keys.
const defaultKeyHeader = "X-Api-Key"

// close ends what the door holds open.
func (d *door) close() error {
	var errs []error
	for _, c := range slices.Backward(d.closers) {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// settle makes of what a policy says what holds here. Without authentication, methods of which nobody says who may call
// them are for everybody; with it, for nobody.
func (d *door) settle(rule *access.Rule, said *gatehousev1.Access) *access.Rule {
	if d.open || !d.knows && said.GetWho() == nil && len(said.GetFields()) == 0 {
		return access.Open()
	}
	return rule
}

// gates are what bounds how many calls of a method, and of its upstream, are under way. A method of which each part has an
// upstream of its own has none itself.
func (d *door) gates(m *schema.Method, p *gatehousev1.Policy, target *upstream.Target) []*concurrency.Limiter {
	var gates []*concurrency.Limiter
	if n := p.GetMaxConcurrent(); n != 0 {
		gates = append(gates, d.gate(d.methods, m.FullName(), "the method", n))
	}
	if n := d.concurrency.GetUpstreamCalls(); n != 0 && target != nil {
		gates = append(gates, d.gate(d.targets, target.Name(), "the service", n))
	}
	return gates
}

// gate returns the limiter of a name, which stays the same as long as its number does.
func (d *door) gate(known map[string]*concurrency.Limiter, name, what string, calls uint32) *concurrency.Limiter {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := name + "/" + strconv.FormatUint(uint64(calls), 10)
	if known[key] == nil {
		known[key] = concurrency.New(what, concurrency.SettingsOf(d.concurrency, calls))
	}
	return known[key]
}

// identify finds out who makes a request. Credentials go no further: they are taken out of it, and returned if an authorizer
// may want to see them.
func (d *door) identify(r *http.Request) (p *principal.Principal, credentials http.Header, err error) {
	if d.auth == nil {
		return nil, nil, nil
	}
	if p, err = d.auth.Authenticate(r); err != nil {
		return nil, nil, err
	}
	for _, header := range d.consumes {
		values, shown := r.Header[header]
		if !shown {
			continue
		}
		delete(r.Header, header)
		if d.external != nil {
			if credentials == nil {
				credentials = http.Header{}
			}
			credentials[header] = values
		}
	}
	return p, credentials, nil
}

// asking adds to a refusal with 401 what it has to have, if the authorizer has not said it.
func (d *door) asking(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Reason == fault.Unauthenticated && f.Header["Www-Authenticate"] == nil {
		return f.With("WWW-Authenticate", d.auth.Challenge())
	}
	return err
}

// challenge tells a caller who was refused what would be right.
func (d *door) challenge(err error, rule *access.Rule, p *principal.Principal) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || d.auth == nil {
		return err
	}
	scopes, _ := rule.Scopes()
	switch {
	case f.Reason == fault.Unauthenticated:
		return f.With("WWW-Authenticate", d.auth.Challenge())
	case p != nil && p.Method == principal.Bearer && len(scopes) > 0:
		return f.With("WWW-Authenticate", d.auth.InsufficientScope(scopes))
	default:
		return f
	}
}
