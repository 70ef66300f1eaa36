package extauthz

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// Options are what a checker needs beside its configuration. All but Credentials have defaults.
type Options struct {
	// Credentials are how the service is known; nil is without TLS.
	Credentials credentials.TransportCredentials
	// KeyHeader is the header of API keys, in lower case, which is told only if it is named.
	KeyHeader string
	// Log gets the beginning and the end of each outage. Default: slog's.
	Log *slog.Logger
	// Now is the edge's clock. Default: time.Now.
	Now func() time.Time
	// Registerer gets the metrics. Default: none are kept.
	Registerer prometheus.Registerer
}

// Checker asks the service. Its methods may be called concurrently.
type Checker struct {
	conn      *grpc.ClientConn
	client    authv3.AuthorizationClient
	timeout   time.Duration
	failOpen  bool
	public    bool
	headers   map[string]struct{} // that are told; none for all
	upstream  map[string]struct{} // that it may add
	owns      []string
	keyHeader string
	now       func() time.Time
	outage    *outage

	allowed, denied, letThrough, refused prometheus.Counter
}

// New returns a checker, or all that is wrong with its configuration. It does not wait for the service.
func New(cfg *configv1.ExternalAuthorization, o Options) (*Checker, error) {
	var problems []error
	Problems(cfg, func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf(key+": "+format, args...))
	})
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	c := &Checker{
		timeout: defaultTimeout, failOpen: cfg.GetFailOpen(), public: cfg.GetPublicMethods(), keyHeader: o.KeyHeader, now: o.Now,
		headers: setOf(cfg.GetHeaders()), upstream: setOf(cfg.GetUpstreamHeaders()),
		outage: &outage{log: o.Log.With("let_through", cfg.GetFailOpen()), now: o.Now},
	}
	if cfg.GetTimeout() != nil {
		c.timeout = cfg.GetTimeout().AsDuration()
	}
	for name := range c.upstream {
		c.owns = append(c.owns, http.CanonicalHeaderKey(name))
	}
	if err := c.meter(o.Registerer); err != nil {
		return nil, err
	}
	var err error
	if c.conn, err = dial(cfg.GetTarget(), o.Credentials); err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	c.client = authv3.NewAuthorizationClient(c.conn)
	return c, nil
}

func setOf(names []string) map[string]struct{} {
	s := map[string]struct{}{}
	for _, name := range names {
		s[name] = struct{}{}
	}
	return s
}

func (c *Checker) meter(registerer prometheus.Registerer) error {
	outcomes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gatehouse_external_authorizations_total", Help: "Questions to the external authorizer, by what became of them.",
	}, []string{"outcome"})
	c.allowed, c.denied = outcomes.WithLabelValues("allowed"), outcomes.WithLabelValues("denied")
	c.letThrough, c.refused = outcomes.WithLabelValues("let_through"), outcomes.WithLabelValues("unavailable")
	if registerer == nil {
		return nil
	}
	return registerer.Register(outcomes)
}

// maxAnswer and maxMetadata are the most that the service may say, in bytes.
const maxAnswer, maxMetadata = 256 << 10, 64 << 10

// dial begins to connect, and tries again for as long as it takes: calls wait for the service no longer than they have to,
// so a service that is back, or that has gone without a word, has to be noticed soon.
func dial(target string, creds credentials.TransportCredentials) (*grpc.ClientConn, error) {
	if creds == nil {
		creds = insecure.NewCredentials()
	}
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"round_robin":{}}]}`),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
		grpc.WithMaxHeaderListSize(maxMetadata),
		grpc.WithIdleTimeout(0),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: 2 * time.Second,
		}),
	)
	if err != nil {
		return nil, err
	}
	conn.Connect()
	return conn, nil
}

// Close ends the connection.
func (c *Checker) Close() error { return c.conn.Close() }

// Public tells whether the service is asked about methods too that are public.
func (c *Checker) Public() bool { return c.public }

// Owns lists the headers, by their canonical names, that services get from the authorizer, so that no client may send them.
// The list is not to be changed.
func (c *Checker) Owns() []string { return c.owns }

// Check asks about a call. What the service adds for the upstream comes back as metadata, names and values in turn. The
// error is a *fault.Error: what the service decided, or AUTHENTICATION_UNAVAILABLE if it does not decide.
func (c *Checker) Check(ctx context.Context, call *Call) ([]string, error) {
	asking, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	answer, err := c.client.Check(asking, c.question(call))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, fault.New(fault.ClientGone, "the client left before the answer").Because(err)
	case err != nil:
		return nil, c.undecided(err)
	case answer.GetErrorResponse() != nil:
		return nil, c.undecided(fmt.Errorf("it has failed: %s", answer.GetStatus().GetMessage()))
	}
	c.outage.answered()
	if !allows(answer) {
		c.denied.Inc()
		return nil, denial(answer)
	}
	c.allowed.Inc()
	return c.added(answer.GetOkResponse().GetHeaders()), nil
}

// unavailable is what clients are told while there is no decision.
const unavailable = "who may call can not be found out at the moment; try again"

// undecided is what becomes of a call of which the service did not decide. Only while nobody answers is it let through: an
// answer that is an error may be the caller's doing.
func (c *Checker) undecided(err error) error {
	c.outage.failed(err)
	code := status.Code(err)
	if c.failOpen && (code == codes.Unavailable || code == codes.DeadlineExceeded) {
		c.letThrough.Inc()
		return nil
	}
	c.refused.Inc()
	return fault.New(fault.AuthUnavailable, unavailable).With("Retry-After", "1").Because(err)
}
