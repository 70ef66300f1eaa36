package stream

import (
	"errors"
	"net/http"
)

// Writer writes the messages of one answer. It is for one goroutine. Nothing is sent before the first call of a method
// that sends something, so that until then the answer can be any other.
//
// End, Error and Head end the stream, as does Close; what is sent behind them is refused. A write or a flush that fails
// (with [errors.ErrUnsupported] where the response can not be flushed) fails all that follow.
type Writer interface {
	// Started tells whether the response has begun, so that its status can not be changed any more.
	Started() bool
	// Start sends the header, and what stands before the first message. All but Close do so by themselves; a client
	// that shall know of the stream before there is a message needs it. To call it again does nothing.
	Start() error
	// Head sends the header only, which is the answer to a HEAD request.
	Head() error
	// Send writes one message and flushes it. The JSON has no line breaks, as none that is written here has, and is not
	// kept. The event is what SSE makes of it; the other forms have no place for it.
	Send(json []byte, ev Event) error
	// Error writes the status of a stream that failed. A form that can not say so returns [ErrAbort].
	Error(status []byte) error
	// End writes what stands behind the last message. Without it, or Error, the answer is incomplete.
	End() error
	// Close releases what the stream holds. Once it has returned, nothing is written to the response any more, so that
	// the handler can return. It may be called at any time, more than once, and by defer.
	Close()
}

// Event names a message to the clients of SSE. Line breaks and NUL, which can not be written there, are left out.
type Event struct {
	// ID comes back as Last-Event-ID from a client that lost the connection. Empty: it keeps the last one.
	ID string
	// Type is the event that listeners wait for. Empty: "message". So is "end" or "error", which are the stream's own.
	Type string
}

// ErrAbort is returned by Error where the form of the stream has no place for an error. The caller aborts the transfer
// ([http.ErrAbortHandler]), so that the client sees a failure and no complete answer.
var ErrAbort = errors.New("the stream has no form for an error: the transfer must be aborted")

var errOver = errors.New("the stream is over")

// response is what the forms have in common.
type response struct {
	w       http.ResponseWriter
	started bool
	over    bool
	err     error // of the first write that failed
}

// Started implements [Writer].
func (r *response) Started() bool { return r.started }

// write writes the parts, one behind the other and behind the header and the opening if these are still to come, and
// flushes them. The parts are not put together first: a stream that waits for its next message holds no memory.
func (r *response) write(contentType string, opening []byte, parts ...[]byte) error {
	if r.over {
		return errOver
	}
	if !r.started {
		r.header(contentType)
		r.part(opening)
	}
	for _, p := range parts {
		r.part(p)
	}
	return r.flush()
}

func (r *response) header(contentType string) {
	r.started = true
	r.w.Header().Set("Content-Type", contentType)
	r.w.Header().Set("X-Content-Type-Options", "nosniff")
	r.w.WriteHeader(http.StatusOK)
}

func (r *response) part(p []byte) {
	if r.err == nil && len(p) > 0 {
		_, r.err = r.w.Write(p)
	}
}

func (r *response) flush() error {
	if r.err == nil {
		r.err = http.NewResponseController(r.w).Flush()
	}
	return r.err
}

// head sends the header and ends the stream.
func (r *response) head(contentType string) error {
	if r.over {
		return errOver
	}
	if !r.started {
		r.header(contentType)
	}
	r.over = true
	return r.flush()
}
