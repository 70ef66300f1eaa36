package extauthz

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

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

// maxAnswer is the most that the service may say, in bytes.
const maxAnswer = 256 << 10

// Checker asks the service. Its methods may be called concurrently.
type Checker struct {
	conn      *grpc.ClientConn
	client    authv3.AuthorizationClient
	timeout   time.Duration
	failOpen  bool
	public    bool
	headers   map[string]struct{} // that are told; none for all
	upstream  map[string]struct{} // that it may add
	keyHeader string
	now       func() time.Time
	log       *slog.Logger
	away      atomic.Bool
	outcomes  *prometheus.CounterVec
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
	c := &Checker{
		timeout: defaultTimeout, failOpen: cfg.GetFailOpen(), public: cfg.GetPublicMethods(), keyHeader: o.KeyHeader, now: o.Now, log: o.Log,
		headers: set(cfg.GetHeaders()), upstream: set(cfg.GetUpstreamHeaders()),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_external_authorizations_total", Help: "Questions to the external authorizer, by what became of them.",
		}, []string{"outcome"}),
	}
	if cfg.GetTimeout() != nil {
		c.timeout = cfg.GetTimeout().AsDuration()
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.Default()
	}
	if o.Registerer != nil {
		if err := o.Registerer.Register(c.outcomes); err != nil {
			return nil, err
		}
	}
	if o.Credentials == nil {
		o.Credentials = insecure.NewCredentials()
	}
	var err error
	c.conn, err = grpc.NewClient(cfg.GetTarget(), grpc.WithTransportCredentials(o.Credentials),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)))
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	c.client = authv3.NewAuthorizationClient(c.conn)
	return c, nil
}

func set(names []string) map[string]struct{} {
	s := map[string]struct{}{}
	for _, name := range names {
		s[name] = struct{}{}
	}
	return s
}

// Close ends the connection.
func (c *Checker) Close() error { return c.conn.Close() }

// Public tells whether the service is asked about methods too that are public.
func (c *Checker) Public() bool { return c.public }

// Owns lists the headers, by their canonical names, that services get from the authorizer, so that no client may send them.
func (c *Checker) Owns() []string {
	var names []string
	for name := range c.upstream {
		names = append(names, http.CanonicalHeaderKey(name))
	}
	return names
}

// Check asks about a call. What the service adds for the upstream comes back as metadata, names and values in turn. The
// error is a *fault.Error: what the service decided, or AUTHENTICATION_UNAVAILABLE if it does not answer.
func (c *Checker) Check(ctx context.Context, call *Call) ([]string, error) {
	asking, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	answer, err := c.client.Check(asking, c.question(call))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, fault.New(fault.ClientGone, "the client left before the answer").Because(err)
	case err != nil:
		return nil, c.unanswered(err)
	}
	if c.away.CompareAndSwap(true, false) {
		c.log.Info("the external authorizer answers again")
	}
	if codes.Code(answer.GetStatus().GetCode()) != codes.OK {
		c.outcomes.WithLabelValues("denied").Inc()
		return nil, denial(answer)
	}
	c.outcomes.WithLabelValues("allowed").Inc()
	return c.added(answer.GetOkResponse().GetHeaders()), nil
}

// unanswered is what becomes of a call while the service is away, which is logged once.
func (c *Checker) unanswered(err error) error {
	if c.away.CompareAndSwap(false, true) {
		c.log.Error("the external authorizer does not answer", "let_through", c.failOpen, "error", err)
	}
	if c.failOpen {
		c.outcomes.WithLabelValues("let_through").Inc()
		return nil
	}
	c.outcomes.WithLabelValues("unavailable").Inc()
	return fault.New(fault.AuthUnavailable, "who may call can not be found out at the moment; try again").
		With("Retry-After", "1").Because(err)
}

// told are the headers of a denial that clients get.
var told = []string{"Retry-After", "Www-Authenticate"}

// denial is the service's refusal in the edge's form. Its body is its own words to somebody else, so it is left out.
func denial(answer *authv3.CheckResponse) error {
	denied := answer.GetDeniedResponse()
	reason, text := fault.Forbidden, "the authorization policy does not let this call through"
	switch int(denied.GetStatus().GetCode()) {
	case http.StatusUnauthorized:
		reason, text = fault.Unauthenticated, "the authorization policy asks for other credentials"
	case http.StatusTooManyRequests:
		reason, text = fault.RateLimited, "the authorization policy lets no more calls through for now"
	case http.StatusServiceUnavailable:
		reason, text = fault.AuthUnavailable, "who may call can not be found out at the moment; try again"
	}
	f := fault.New(reason, text)
	for _, h := range denied.GetHeaders() {
		name := http.CanonicalHeaderKey(h.GetHeader().GetKey())
		for _, passes := range told {
			if value := h.GetHeader().GetValue(); name == passes && isValue(value) {
				f = f.With(name, value)
			}
		}
	}
	if message := answer.GetStatus().GetMessage(); message != "" {
		f = f.Because(errors.New(message))
	}
	return f
}

// added are the headers that the upstream gets.
func (c *Checker) added(options []*corev3.HeaderValueOption) []string {
	var pairs []string
	for _, o := range options {
		name, value := strings.ToLower(o.GetHeader().GetKey()), o.GetHeader().GetValue()
		if value == "" {
			value = string(o.GetHeader().GetRawValue())
		}
		if _, may := c.upstream[name]; may && !isReserved(name) && isValue(value) {
			pairs = append(pairs, name, value)
		}
	}
	return pairs
}

// isValue tells whether a value can be metadata, and stand in a header: printable ASCII, and not too much.
func isValue(value string) bool {
	const longest = 8 << 10
	return len(value) <= longest && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' })
}
