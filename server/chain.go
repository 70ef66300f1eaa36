package server

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// serve surrounds a request with what every request gets, outermost first: an id, so that all that follows can name it; a
// measure; a net under panics; and the one place where an error becomes a response.
func (e *Edge) serve(w http.ResponseWriter, r *http.Request, in *entrance) {
	start := time.Now()
	id := requestID(r)
	c := call{out: newWriter(w, r, e.limits.write), r: r, id: id, edge: e, entrance: in, tables: e.current.Load().tables}
	c.w = &c.out
	c.span = e.door.tracer.Request(r)
	c.join(in.ofHost(r))
	w.Header()["X-Request-Id"] = c.value(requestIDValue, id)
	if in.hsts != nil {
		w.Header()["Strict-Transport-Security"] = in.hsts
	}
	if c.table.cors != nil && !c.table.cors.IsPreflight(r) {
		c.table.cors.Actual(w.Header(), r)
	}
	if e.door.vary != nil {
		addVary(w.Header(), e.door.vary)
	}
	var room [4]string
	c.vars = room[:0]

	abort := false
	if err := e.guarded(&c); err != nil {
		abort = e.fail(&c, err)
	}
	if abort {
		c.packed.Discard()
	} else if err := c.packed.Close(); err != nil {
		e.fail(&c, begun(err))
	}
	took := time.Since(start)
	e.meters.count(c.op, or(c.status, http.StatusOK), took)
	c.log(start, took)
	c.endSpan()
	if abort {
		panic(http.ErrAbortHandler) // the transfer must not look whole
	}
}

// guarded serves the call and turns a panic into an error.
func (e *Edge) guarded(c *call) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		err = fault.New(fault.Internal, "the request could not be served").
			Because(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		if c.status != 0 || c.streaming {
			err = aborted(err)
		}
	}()
	return c.serve()
}

// fail answers with the error, unless the response has begun, and logs what only the operator may know. It tells whether
// the transfer is to be aborted.
func (e *Edge) fail(c *call, err error) (abort bool) {
	if b, ok := errors.AsType[*begunError](err); ok {
		c.failed = fault.From(b.cause)
		level := slog.LevelWarn
		if c.isGone(b.cause) { // a client may leave when it likes
			level, c.failed = slog.LevelDebug, fault.New(fault.ClientGone, "the client left before the end of the answer")
		} else {
			c.op.meter.broken.Inc()
		}
		e.log.Log(c.r.Context(), level, "answer ended early", "request_id", c.id, "rpc", c.op.rpc, "error", b.cause)
		return b.abort
	}
	f := fault.From(err)
	c.failed = f
	if f.Cause != nil {
		rpc := ""
		if c.op != nil {
			rpc = c.op.rpc
		}
		level := e.log.Warn
		if f.Reason == fault.Internal {
			level = e.log.Error
		}
		level("request failed", "request_id", c.id, "rpc", rpc, "status", f.HTTP, "reason", string(f.Reason), "cause", f.Cause)
	}
	if c.dialect.gateway && codes.Code(f.Status.GetCode()) == codes.Unauthenticated && f.Header["Www-Authenticate"] == nil {
		c.w.Header().Set("WWW-Authenticate", f.Status.GetMessage())
	}
	if !c.dialect.gateway && !c.dialect.problems {
		c.varyOnAccept()
	}
	c.status = f.HTTP
	fault.Write(c.w, f, c.id, c.errorFormat())
	return false
}

// isGone tells whether an error came of a client that left.
func (c *call) isGone(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && f.Reason == fault.ClientGone || c.r.Context().Err() != nil
}

// requestID takes the client's X-Request-Id if it is well formed, and makes one otherwise.
func requestID(r *http.Request) string {
	if ids := r.Header["X-Request-Id"]; len(ids) == 1 && isRequestID(ids[0]) {
		return ids[0]
	}
	var b [32]byte
	high := strconv.AppendUint(b[:0], rand.Uint64()|1<<63, 16)       //nolint:gosec // an id has to be unique, not secret
	return string(strconv.AppendUint(high, rand.Uint64()|1<<63, 16)) //nolint:gosec // likewise
}

// isRequestID tells whether an id from outside may stand in logs and headers: up to 128 letters, digits, and .-_~:=+/
func isRequestID(id string) bool {
	const longest = 128
	if id == "" || len(id) > longest {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '.', c == '-', c == '_', c == '~', c == ':', c == '=', c == '+', c == '/':
		default:
			return false
		}
	}
	return true
}
