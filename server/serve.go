package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/coding"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/accesslog"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/policy/tracing"
	"github.com/gatehouse-edge/gatehouse/internal/route"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// call is one request on its way through the house.
type call struct {
	w        http.ResponseWriter
	r        *http.Request
	id       string
	tables   []*table
	edge     *Edge
	entrance *entrance
	table    *table
	op       *operation
	dialect  *dialect
	vars     []string
	values   [3]string           // of response headers, to be had in one piece with the call
	form     form                // of the answer
	response *transcode.Response // the operation's, or what of it is wanted
	packed   coding.Ending       // of a compressed answer

	principal   *principal.Principal // nil for one who is not known
	credentials http.Header          // that showed who calls, for an authorizer
	added       []string             // metadata that an authorizer adds
	address     netip.Addr           // of the client, once it is asked for

	out      writer // of all that is answered
	span     tracing.Request
	received int64 // bytes of the request's body
	failed   *fault.Error
	asked    time.Duration    // that the upstream took
	queued   time.Duration    // that the call waited for its turn
	retries  int              // how often the upstream was asked again
	parts    []accesslog.Part // of a composed answer, for the log

	status    int    // of the response, once it has begun; 0 is that of the first write, 200
	streaming bool   // the upstream was asked for a stream
	events    uint64 // how many the client has seen
}

// serve answers one request or returns the error that is to be answered with.
func (c *call) serve() error {
	if c.table.cors.IsPreflight(c.r) {
		return c.preflight() // 414, 431
	}
	if err := c.identify(); err != nil {
		return err // 401, 503
	}
	if err := c.match(); err != nil || c.op == nil {
		return err // 400, 404, 405, 414, 431; none for OPTIONS and pages
	}
	if err := c.admit(); err != nil {
		return err // 401, 403, 429, 503
	}
	if err := c.negotiate(); err != nil {
		return err // 406
	}
	c.compress()
	if err := c.selectResponse(); err != nil {
		return err // 400
	}
	timeout, err := upstream.Timeout(c.r.Header, c.op.timeout)
	if err != nil {
		return err // 400
	}
	ctx, cancel := withTimeout(c.span.Within(c.r.Context()), timeout)
	defer cancel()
	ctx, err = c.dialect.headers.Outgoing(ctx, c.r, c.op.rpc, c.id)
	if err != nil {
		return err // 400
	}
	if ctx, err = c.introduce(ctx); err != nil {
		return err // 500
	}
	switch {
	case c.op.plan != nil:
		return c.callComposed(ctx)
	case c.op.target == nil:
		return noUpstream(c.op) // 503
	case c.op.kind == unary:
		return c.callUnary(ctx)
	case c.form == formSocket:
		return c.callSocket(ctx)
	case c.op.kind == serverStream:
		return c.callServerStream(ctx)
	case c.op.kind == clientStream:
		return c.callClientStream(ctx)
	default:
		return c.callBothWays(ctx)
	}
}

// preflight tells a browser whether a page may call. It shows no credentials, so that the host alone decides.
func (c *call) preflight() error {
	if err := c.bounds(); err != nil {
		return err
	}
	c.table.cors.Preflight(c.w.Header(), c.r, c.table.routes.Allow(c.r.URL.EscapedPath()))
	c.begin(http.StatusNoContent)
	return nil
}

// withTimeout is context.WithTimeout, but for 0, which is no limit.
func withTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, timeout)
}

// match finds the operation. For OPTIONS on a path that takes other methods, and for what tells about the API, it answers
// and leaves the operation nil.
func (c *call) match() error {
	if err := c.bounds(); err != nil {
		return err
	}
	path := c.r.URL.EscapedPath()
	if isUpgrade(c.r) && c.matchSocket(path) {
		return nil
	}
	m, outcome := c.table.routes.Match(c.method(), path, c.vars)
	switch outcome {
	case route.Found:
		c.take(m.Route.Value, m.Values)
		return nil
	case route.Options:
		c.w.Header().Set("Allow", strings.Join(c.table.routes.Allow(path), ", "))
		c.begin(http.StatusNoContent)
		return nil
	case route.MethodNotAllowed:
		return c.wrongMethod(strings.Join(c.table.routes.Allow(path), ", "))
	case route.BadPath:
		return fault.New(fault.BadPath, "the path is malformed").Because(route.CheckPath(path))
	default:
		return c.page(path) // 404
	}
}

// The headers whose values are made for every call.
const (
	requestIDValue = iota
	lengthValue
	tagValue
)

// value returns the value of a response header as net/http wants it.
func (c *call) value(of int, value string) []string {
	c.values[of] = value
	return c.values[of : of+1 : of+1]
}

func (c *call) take(op *operation, vars []string) {
	c.op, c.vars, c.dialect = op, vars, op.dialect
}

// bounds refuses a URL or headers that are too large. What net/http itself reads is bounded by more than that, so that
// the refusal has the shape of all others.
func (c *call) bounds() error {
	limits := &c.table.limits
	if len(c.r.RequestURI) > limits.url {
		return fault.New(fault.URLTooLong, fmt.Sprintf("the URL is longer than the %d bytes that are let through", limits.url))
	}
	size := 0
	for name, values := range c.r.Header {
		for _, value := range values {
			size += len(name) + len(value) + len(": \r\n")
		}
	}
	if size > limits.header {
		return fault.New(fault.HeadersTooLarge, fmt.Sprintf("the headers are larger than the %d bytes that are let through", limits.header))
	}
	return nil
}

// method is the request's, unless the configuration lets a header stand for it.
func (c *call) method() string {
	if !c.table.methodOverride || c.r.Method != http.MethodPost {
		return c.r.Method
	}
	switch override := strings.ToUpper(c.r.Header.Get("X-Http-Method-Override")); override {
	case http.MethodPut, http.MethodPatch, http.MethodDelete:
		return override
	default:
		return c.r.Method
	}
}

// wrongMethod is 405, or what grpc-gateway answers instead.
func (c *call) wrongMethod(allow string) error {
	e := fault.New(fault.MethodNotAllowed, fmt.Sprintf("%s is not possible here; %s are", c.r.Method, allow)).With("Allow", allow)
	if c.dialect.gateway {
		e.HTTP = http.StatusNotImplemented
	}
	return e
}

func noUpstream(op *operation) error {
	return fault.New(fault.UpstreamAbsent, "the service is not connected").
		Because(fmt.Errorf("no upstream is configured for %s", op.service))
}

func notUnderstood(cause error) error {
	return fault.New(fault.UpstreamBadMessage, "the service's answer could not be understood").Because(cause)
}

// begunError is what goes wrong when the response has begun, so that its status can not tell of it any more.
type begunError struct {
	cause error
	abort bool // the client has not been told, so the transfer must not look whole
}

func (e *begunError) Error() string { return "the response has begun: " + e.cause.Error() }

func (e *begunError) Unwrap() error { return e.cause }

func begun(errs ...error) error { return &begunError{cause: errors.Join(errs...)} }

func aborted(errs ...error) error { return &begunError{cause: errors.Join(errs...), abort: true} }

// begin sends the response's status and headers.
func (c *call) begin(status int) {
	c.status = status
	c.w.WriteHeader(status)
}

// write sends a piece of the response.
func (c *call) write(b []byte) error {
	c.status = or(c.status, http.StatusOK)
	if _, err := c.w.Write(b); err != nil {
		return begun(err)
	}
	return nil
}
