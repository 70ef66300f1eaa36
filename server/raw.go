package server

import (
	"bytes"
	"net/http"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// isRawBody tells whether a binding's body is a google.api.HttpBody.
func isRawBody(b *schema.Binding) bool {
	switch b.Body {
	case schema.WholeBody:
		return b.Method.Descriptor.Input().FullName() == transcode.HTTPBody
	case schema.FieldBody:
		return isHTTPBody(b.BodyField)
	default:
		return false
	}
}

func isHTTPBody(fd protoreflect.FieldDescriptor) bool {
	return fd.Message() != nil && fd.Message().FullName() == transcode.HTTPBody && fd.Cardinality() != protoreflect.Repeated
}

// answerRaw writes the bytes of a google.api.HttpBody. As their number is known, a GET can ask for a range of them.
func (c *call) answerRaw(wire []byte, status int) error {
	contentType, data, ok := transcode.ReadHTTPBody(wire, c.op.rawField)
	if !ok {
		return notUnderstood(nil)
	}
	h := c.w.Header()
	h.Set("Content-Type", or(contentType, "application/octet-stream"))
	h.Set("X-Content-Type-Options", "nosniff")
	if status == http.StatusOK && !c.dialect.gateway && (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead) {
		modified, _ := http.ParseTime(h.Get("Last-Modified")) // without one, the zero time means none
		into := &recorder{call: c}
		http.ServeContent(into, c.r, "", modified.In(time.UTC), bytes.NewReader(data))
		return into.refused
	}
	c.announce(len(data))
	if status != http.StatusOK {
		c.begin(status)
	}
	return c.write(data)
}

// recorder lets what [http.ServeContent] answers through, but for its refusals, which become faults.
type recorder struct {
	*call
	refused error
}

func (r *recorder) Header() http.Header { return r.w.Header() }

func (r *recorder) WriteHeader(status int) {
	if status < http.StatusBadRequest {
		r.begin(status)
		return
	}
	if status == http.StatusPreconditionFailed {
		r.refused = fault.New(fault.PreconditionFailed, "the content is not, or no longer, what the request's conditions ask for")
	} else {
		r.refused = fault.New(fault.BadRange, "the content has no such range")
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.refused == nil {
		if err := r.write(b); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}
