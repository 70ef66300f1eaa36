package server

import (
	"bytes"
	"net/http"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// The fields of google.api.HttpBody.
const (
	httpBodyContentType protowire.Number = 1
	httpBodyData        protowire.Number = 2
)

// rawBody is where the bytes of a request's body go: the request message itself, if field is 0, or one of its fields.
type rawBody struct {
	field protowire.Number
}

// rawBodyOf tells where raw bytes go in a binding whose body is a google.api.HttpBody; nil for all others.
func rawBodyOf(b *schema.Binding) *rawBody {
	input := b.Method.Descriptor.Input()
	switch {
	case b.Body == schema.WholeBody && input.FullName() == httpBody:
		return &rawBody{}
	case b.Body == schema.FieldBody && isHTTPBody(b.BodyField):
		return &rawBody{field: b.BodyField.Number()}
	default:
		return nil
	}
}

func isHTTPBody(fd protoreflect.FieldDescriptor) bool {
	return fd.Message() != nil && fd.Message().FullName() == httpBody && fd.Cardinality() != protoreflect.Repeated
}

// append appends the body's bytes and type as the fields of a request message.
func (r *rawBody) append(dst []byte, contentType string, body []byte) []byte {
	if r.field == 0 {
		return appendHTTPBody(dst, contentType, body)
	}
	dst = protowire.AppendTag(dst, r.field, protowire.BytesType)
	size := sizeHTTPBody(contentType, body)
	return appendHTTPBody(protowire.AppendVarint(dst, uint64(size)), contentType, body)
}

func sizeHTTPBody(contentType string, body []byte) int {
	return protowire.SizeTag(httpBodyContentType) + protowire.SizeBytes(len(contentType)) +
		protowire.SizeTag(httpBodyData) + protowire.SizeBytes(len(body))
}

func appendHTTPBody(dst []byte, contentType string, body []byte) []byte {
	dst = protowire.AppendTag(dst, httpBodyContentType, protowire.BytesType)
	dst = protowire.AppendString(dst, contentType)
	dst = protowire.AppendTag(dst, httpBodyData, protowire.BytesType)
	return protowire.AppendBytes(dst, body)
}

// answerRaw writes the bytes of a google.api.HttpBody. As their number is known, a GET can ask for a range of them.
func (c *call) answerRaw(wire []byte, status int) error {
	contentType, data, ok := readHTTPBody(wire, c.op.rawField)
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

// readHTTPBody finds the content of a google.api.HttpBody, or of the one in the given field of a message. It reports
// false for bytes that are no message.
func readHTTPBody(wire []byte, field protowire.Number) (contentType string, data []byte, ok bool) {
	if field != 0 {
		_, inner, ok := findBytes(wire, field, 0)
		if !ok {
			return "", nil, false
		}
		wire = inner
	}
	kind, data, ok := findBytes(wire, httpBodyData, httpBodyContentType)
	return string(kind), data, ok
}

// findBytes returns the last values of two length-delimited fields.
func findBytes(wire []byte, want, also protowire.Number) (other, value []byte, ok bool) {
	for len(wire) > 0 {
		num, typ, n := protowire.ConsumeTag(wire)
		if n < 0 {
			return nil, nil, false
		}
		size := protowire.ConsumeFieldValue(num, typ, wire[n:])
		if size < 0 {
			return nil, nil, false
		}
		if typ == protowire.BytesType {
			content, _ := protowire.ConsumeBytes(wire[n:])
			switch num {
			case want:
				value = content
			case also:
				other = content
			}
		}
		wire = wire[n+size:]
	}
	return other, value, true
}
