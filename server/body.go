package server

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// buffers are rooms for bodies, messages and answers. A room that has grown beyond keep is left to the collector.
var buffers = sync.Pool{New: func() any { return &buffer{b: make([]byte, 0, 4<<10)} }}

const keep = 1 << 20

type buffer struct{ b []byte }

func newBuffer() *buffer { return buffers.Get().(*buffer) }

func (b *buffer) free() {
	if cap(b.b) > keep {
		return
	}
	b.b = b.b[:0]
	buffers.Put(b)
}

// readBody reads the request's body into the buffer, up to the limit.
func readBody(r *http.Request, limit int, into *buffer) ([]byte, error) {
	if r.ContentLength > int64(limit) {
		return nil, tooLarge(limit)
	}
	b := into.b[:0]
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Body.Read(b[len(b):min(cap(b), limit+1)])
		b = b[:len(b)+n]
		into.b = b
		switch {
		case len(b) > limit:
			return nil, tooLarge(limit)
		case errors.Is(err, io.EOF):
			return b, nil
		case err != nil:
			return nil, fault.New(fault.BadRequest, "the request's body could not be read to its end").Because(err)
		}
	}
}

func tooLarge(limit int) error {
	return fault.New(fault.BodyTooLarge, fmt.Sprintf("the body is larger than the %d bytes that are let through", limit))
}

// checkJSON refuses a body that says it is something else than JSON.
func checkJSON(contentType string) error {
	if contentType == "" || contentType == "application/json" {
		return nil
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json")) {
		return nil
	}
	return fault.New(fault.UnsupportedMedia, "the body must be JSON; send it with Content-Type: application/json")
}
