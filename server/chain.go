package server

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// ServeHTTP surrounds a request with what every request gets, outermost first: an id, so that all that follows can name
// it; a measure; a net under panics; and the one place where an error becomes a response.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	id := requestID(r)
	w.Header()["X-Request-Id"] = []string{id}
	c := call{w: w, r: r, id: id, table: e.table.Load()}
	var room [4]string
	c.vars = room[:0]

	err := e.guarded(&c)
	status := http.StatusOK
	if err != nil {
		status = e.fail(&c, err)
	}
	e.meters.count(c.op, status, time.Since(start))
}

// guarded serves the call and turns a panic into an error. http.ErrAbortHandler passes: net/http ends the connection.
func (e *Edge) guarded(c *call) (err error) {
	defer func() {
		switch p := recover(); {
		case p == nil:
		case p == http.ErrAbortHandler: //nolint:errorlint // panics are values, compared as net/http does
			panic(p)
		default:
			err = fault.New(fault.Internal, "the request could not be served").
				Because(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return c.serve()
}

// fail answers with the error, unless the response has begun, logs what only the operator may know, and returns the
// status that the caller saw.
func (e *Edge) fail(c *call, err error) int {
	if errors.Is(err, errBegun) {
		e.log.Warn("stream ended early", "request_id", c.id, "rpc", c.op.rpc, "error", err)
		return http.StatusOK
	}
	f := fault.From(err)
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
	if c.table.dialect.gateway && codes.Code(f.Status.GetCode()) == codes.Unauthenticated {
		c.w.Header().Set("WWW-Authenticate", f.Status.GetMessage())
	}
	fault.Write(c.w, f, c.id, c.errorFormat())
	return f.HTTP
}

// errorFormat is how the error of the call is written.
func (c *call) errorFormat() fault.Format {
	switch {
	case !c.table.dialect.gateway:
		return fault.Brief
	case c.streaming:
		return fault.Chunk
	default:
		return fault.Unpopulated
	}
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
