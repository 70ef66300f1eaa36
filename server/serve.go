package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/route"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// call is one request on its way through the house.
type call struct {
	w     http.ResponseWriter
	r     *http.Request
	id    string
	table *table
	op    *operation
	vars  []string

	streaming bool // the upstream was asked for a stream
}

// serve answers one request or returns the error that is to be answered with.
func (c *call) serve() error {
	if err := c.match(); err != nil {
		return err // 400, 404, 405, 414
	}
	if c.op == nil {
		return nil // OPTIONS
	}
	timeout, err := upstream.Timeout(c.r.Header, c.op.timeout)
	if err != nil {
		return err // 400
	}
	ctx, cancel := withTimeout(c.r.Context(), timeout)
	defer cancel()
	ctx, err = c.table.dialect.headers.Outgoing(ctx, c.r, c.op.rpc, c.id)
	if err != nil {
		return err // 400
	}
	request := newBuffer()
	defer request.free()
	if err := c.translateIn(request); err != nil {
		return err // 400, 413, 415
	}
	switch c.op.kind {
	case unary:
		return c.callUnary(ctx, request.b)
	case serverStream:
		return c.callStream(ctx, request.b)
	default:
		return fault.New(fault.StreamUnsupported, "this method takes a stream of messages, which plain requests can not carry")
	}
}

// withTimeout is context.WithTimeout, but for 0, which is no limit.
func withTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, timeout)
}

// match finds the operation. For OPTIONS on a path that takes other methods, it answers and leaves the operation nil.
func (c *call) match() error {
	if len(c.r.RequestURI) > c.table.limits.url {
		return fault.New(fault.URLTooLong, fmt.Sprintf("the URL is longer than the %d bytes that are let through", c.table.limits.url))
	}
	path := c.r.URL.EscapedPath()
	m, outcome := c.table.routes.Match(c.r.Method, path, c.vars)
	switch outcome {
	case route.Found:
		c.op, c.vars = m.Route.Value, m.Values
		return nil
	case route.Options:
		c.w.Header().Set("Allow", strings.Join(c.table.routes.Allow(path), ", "))
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	case route.MethodNotAllowed:
		allow := strings.Join(c.table.routes.Allow(path), ", ")
		return c.wrongMethod(allow)
	case route.BadPath:
		return fault.New(fault.BadPath, "the path is malformed").Because(route.CheckPath(path))
	default:
		return fault.New(fault.NoRoute, "there is nothing at this path")
	}
}

// wrongMethod is 405, or what grpc-gateway answers instead.
func (c *call) wrongMethod(allow string) error {
	e := fault.New(fault.MethodNotAllowed, fmt.Sprintf("%s is not possible here; %s are", c.r.Method, allow)).With("Allow", allow)
	if c.table.dialect.gateway {
		e.HTTP = http.StatusNotImplemented
	}
	return e
}

// translateIn makes the wire bytes of the request message of body, query and path.
func (c *call) translateIn(into *buffer) error {
	body, err := []byte(nil), error(nil)
	if c.op.binding.Body != 0 {
		room := newBuffer()
		defer room.free()
		if body, err = readBody(c.r, c.table.limits.body, room); err != nil {
			return err
		}
	}
	contentType := c.r.Header.Get("Content-Type")
	switch {
	case c.op.rawBody != nil:
		into.b, body = c.op.rawBody.append(into.b, contentType, body), nil
	case len(body) > 0 && !c.table.dialect.gateway:
		if err := checkJSON(contentType); err != nil {
			return err
		}
	}
	into.b, err = c.op.request.AppendWire(into.b, body, c.r.URL.RawQuery, c.vars)
	return badRequest(err)
}

// badRequest turns the transcoder's error into a fault that names the field.
func badRequest(err error) error {
	bad, ok := errors.AsType[*transcode.Error](err)
	switch {
	case err == nil:
		return nil
	case !ok:
		return err
	case bad.Offset >= 0:
		return fault.Field(bad.Path, fmt.Sprintf("%s (offset %d)", bad.Reason, bad.Offset))
	default:
		return fault.Field(bad.Path, bad.Reason)
	}
}

// callUnary calls the upstream and answers with what it says.
func (c *call) callUnary(ctx context.Context, request []byte) error {
	if c.op.target == nil {
		return noUpstream(c.op)
	}
	reply := upstream.NewReply()
	defer reply.Free()
	err := c.op.target.Unary(ctx, c.op.rpc, request, reply)
	c.table.dialect.headers.Answer(c.w.Header(), c.r, reply.Header, reply.Trailer)
	if err != nil {
		return err
	}
	if c.op.rawReply {
		return c.answerRaw(reply.Message.Bytes())
	}
	return c.answer(reply.Message.Bytes())
}

func noUpstream(op *operation) error {
	return fault.New(fault.UpstreamAbsent, "the service is not connected").
		Because(fmt.Errorf("no upstream is configured for %s", op.binding.Method.Service.Descriptor.FullName()))
}

// streamFrom is the size of a message from which its JSON is sent in pieces instead of being held whole.
const streamFrom = 512 << 10

var jsonType = []string{"application/json"}

// answer translates the answer and writes it.
func (c *call) answer(wire []byte) error {
	room := newBuffer()
	defer room.free()
	h := c.w.Header()
	h["Content-Type"] = jsonType
	var err error
	if len(wire) >= streamFrom {
		room.b, err = c.op.response.Stream(room.b, wire, c.write)
	} else if room.b, err = c.op.response.AppendJSON(room.b, wire); err == nil {
		c.announce(len(room.b))
		err = c.write(room.b)
	}
	if err == nil || errors.Is(err, errBegun) {
		return err
	}
	return notUnderstood(err)
}

// announce tells the length of the answer, unless trailers follow it, for which HTTP/1.1 has no place then.
func (c *call) announce(length int) {
	h := c.w.Header()
	if c.table.dialect.gateway {
		for name := range h {
			if strings.HasPrefix(name, http.TrailerPrefix) {
				return
			}
		}
	}
	h["Content-Length"] = []string{strconv.Itoa(length)}
}

func notUnderstood(cause error) error {
	return fault.New(fault.UpstreamBadMessage, "the service's answer could not be understood").Because(cause)
}

// errBegun marks errors that come when the response has begun, so that its status can not tell of them any more.
var errBegun = errors.New("the response has begun")

func begun(errs ...error) error { return fmt.Errorf("%w: %w", errBegun, errors.Join(errs...)) }

func (c *call) write(b []byte) error {
	if _, err := c.w.Write(b); err != nil {
		return begun(err)
	}
	return nil
}

// answerRaw writes the bytes of a google.api.HttpBody.
func (c *call) answerRaw(wire []byte) error {
	var field protowire.Number
	if fd := c.op.binding.Response; fd != nil {
		field = fd.Number()
	}
	contentType, data, ok := readHTTPBody(wire, field)
	if !ok {
		return notUnderstood(nil)
	}
	h := c.w.Header()
	h.Set("Content-Type", or(contentType, "application/octet-stream"))
	c.announce(len(data))
	h.Set("X-Content-Type-Options", "nosniff")
	return c.write(data)
}
