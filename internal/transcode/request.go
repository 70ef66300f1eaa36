package transcode

import (
	"bytes"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Body says what of the request message an HTTP body holds.
type Body uint8

const (
	// NoBody: a body is not read.
	NoBody Body = iota
	// WholeBody: the body is the message, but for what the path gives.
	WholeBody
	// FieldBody: the body is one field of the message.
	FieldBody
)

// RequestSpec is how one HTTP binding fills a request message.
type RequestSpec struct {
	Message protoreflect.MessageDescriptor
	// Variables are the fields that the path's variables set, in the path's order, each as the fields that lead to it.
	Variables [][]protoreflect.FieldDescriptor
	Body      Body
	BodyField protoreflect.FieldDescriptor // with FieldBody

	// Selectable: the parameter fields says what of the answer is wanted, unless the message has a field of that name.
	Selectable bool
	// FillMask: where the client does not say what to change, update_mask gets the paths of what a JSON body gives.
	FillMask bool
	// EmptyField: without a body, the message field that it would give is set to an empty message, as grpc-gateway does.
	EmptyField bool
}

// Request turns the parts of an HTTP request into the wire bytes of a request message. It is immutable.
type Request struct {
	message   *Message
	body      Body
	bodyField *field
	variables []variable
	query     query
	form      *query // of a body that is a form; nil where there can be none

	emptyField     bool
	mask, resource *field // to be filled, and what its paths are relative to; nil for none
	masked         masked
}

type variable struct {
	name   string
	fields []*field
}

// Request compiles the way a binding fills its request message. A field that the codec's audience can not see cannot be
// bound: the result is nil.
func (c *Codec) Request(spec RequestSpec) *Request {
	m := c.Message(spec.Message)
	r := &Request{message: m, body: spec.Body, query: query{message: m, name: "query"}}
	for _, path := range spec.Variables {
		fields := m.resolve(path)
		if fields == nil {
			return nil
		}
		r.variables = append(r.variables, variable{name: pathName(fields), fields: fields})
		r.query.bound = append(r.query.bound, fields)
	}
	if spec.Body == FieldBody {
		fields := m.resolve([]protoreflect.FieldDescriptor{spec.BodyField})
		if fields == nil {
			return nil
		}
		r.bodyField = fields[0]
		r.query.bound = append(r.query.bound, fields)
	}
	if spec.Selectable && !r.OwnsParameter(selectedParameter) {
		r.query.skipped = selectedParameter
	}
	r.emptyField = spec.EmptyField && spec.Body == FieldBody && r.bodyField.message != nil && r.bodyField.card == singular
	if spec.FillMask {
		r.compileMask()
	}
	r.compileMasked()
	r.compileForm()
	return r
}

// resolve returns the rows of the fields on a path, nil if one is not visible.
func (m *Message) resolve(path []protoreflect.FieldDescriptor) []*field {
	fields := make([]*field, 0, len(path))
	for _, fd := range path {
		if m == nil {
			return nil
		}
		f := m.lookup(uint64(fd.Number()))
		if f == nil {
			return nil
		}
		fields = append(fields, f)
		m = f.message
	}
	return fields
}

// OwnsParameter tells whether the parameter of that name is a field of the request message, in either spelling.
func (r *Request) OwnsParameter(name string) bool { return r.message.byName[name] != nil }

func pathName(fields []*field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.text
	}
	return strings.Join(names, ".")
}

// AppendWire appends the request message to dst: what the body gives, then what the raw query of the URL gives, then
// the decoded values of the path's variables. Of a field given more than once the last counts, so the path wins. An
// empty body is an empty message. An error is an [*Error].
func (r *Request) AppendWire(dst, body []byte, rawQuery string, variables []string) ([]byte, error) {
	start := len(dst)
	dst, err := r.appendBody(dst, body)
	if err != nil {
		return dst, err
	}
	if dst, err = r.appendParameters(dst, start, rawQuery, variables); err == nil && r.mask != nil {
		dst, err = r.appendUpdateMask(dst, start, body)
	}
	return dst, err
}

// appendParameters appends what query and path give to the message that begins at start.
func (r *Request) appendParameters(dst []byte, start int, rawQuery string, variables []string) ([]byte, error) {
	var err error
	if rawQuery != "" {
		if dst, err = r.appendQuery(dst, rawQuery); err != nil {
			return dst, err
		}
	}
	for i := range r.variables {
		if dst, err = r.appendVariable(dst, &r.variables[i], variables[i]); err != nil {
			return dst, err
		}
	}
	if r.message.required {
		return dst, rooted(r.message.checkRequired(dst[start:]))
	}
	return dst, nil
}

func (r *Request) appendBody(dst, body []byte) ([]byte, error) {
	if r.body == NoBody {
		return dst, nil
	}
	if isBlank(body) {
		if r.emptyField {
			dst = r.bodyField.appendContent(dst, nil)
		}
		return dst, nil
	}
	return r.message.decode(dst, body, r.bodyField)
}

// isBlank tells whether a body is an empty message.
func isBlank(body []byte) bool { return len(bytes.TrimSpace(body)) == 0 }

func (r *Request) appendQuery(dst []byte, rawQuery string) ([]byte, error) {
	if r.body != WholeBody {
		return r.query.appendWire(dst, rawQuery)
	}
	if r.message.codec.opts.Unknown == RejectUnknown && !r.query.onlySkipped(rawQuery) {
		return dst, parameterError("query", "the body gives all fields; there are no query parameters")
	}
	return dst, nil
}

func (r *Request) appendVariable(dst []byte, v *variable, text string) ([]byte, error) {
	last := len(v.fields) - 1
	return appendNested(dst, v.fields[:last], func(dst []byte) ([]byte, error) {
		return r.message.codec.appendParameter(dst, v.fields[last], v.name, text)
	})
}
