package transcode

import (
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// compileForm prepares for bodies that are forms: their names are those of the fields of what the body is.
func (r *Request) compileForm() {
	switch {
	case r.body == WholeBody:
		r.form = &query{message: r.message, name: "form", bound: r.query.bound}
	case r.body == FieldBody && r.bodyField.isObject():
		r.form = &query{message: r.bodyField.message, name: "form"}
		for _, path := range r.query.bound {
			if path[0] == r.bodyField && len(path) > 1 {
				r.form.bound = append(r.form.bound, path[1:])
			}
		}
	}
}

// AppendForm is [Request.AppendWire] for a body of the type application/x-www-form-urlencoded, whose parameters are read
// as those of a query.
func (r *Request) AppendForm(dst []byte, form, rawQuery string, variables []string) ([]byte, error) {
	start := len(dst)
	dst, err := r.appendForm(dst, form)
	if err != nil {
		return dst, err
	}
	return r.appendParameters(dst, start, rawQuery, variables)
}

func (r *Request) appendForm(dst []byte, form string) ([]byte, error) {
	if form == "" {
		return dst, nil
	}
	if r.form == nil {
		return dst, parameterError("body", "has no fields that a form could give")
	}
	if r.body == WholeBody {
		return r.form.appendWire(dst, form)
	}
	return appendNested(dst, []*field{r.bodyField}, func(dst []byte) ([]byte, error) { return r.form.appendWire(dst, form) })
}

// FormField is a field that bytes fill as they are: a part of a multipart/form-data body, or a whole body. The zero value
// is a request message that is a google.api.HttpBody itself.
type FormField struct {
	parents []*field
	leaf    *field
}

// RawField returns the field of the request message, a google.api.HttpBody, that a whole body fills; nil is the message.
// It reports false for a field that the codec's audience can not see.
func (r *Request) RawField(fd protoreflect.FieldDescriptor) (FormField, bool) {
	if fd == nil {
		return FormField{}, true
	}
	leaf := r.message.lookup(uint64(fd.Number()))
	return FormField{leaf: leaf}, leaf != nil
}

// FormField returns the field of that name, if it takes bytes: one of the kind bytes, or a google.api.HttpBody. Names
// are read as those of a form. All other parts are parameters.
func (r *Request) FormField(name string) (FormField, bool) {
	if r.form == nil {
		return r.rawField(name)
	}
	fields, err := r.form.message.walk(name, name)
	if err != nil || r.form.isBound(fields) {
		return FormField{}, false
	}
	if r.body == FieldBody {
		fields = append([]*field{r.bodyField}, fields...)
	}
	last := len(fields) - 1
	return FormField{parents: fields[:last], leaf: fields[last]}, fields[last].takesBytes()
}

// rawField is for bindings whose body is raw bytes: the part of that field's name has them.
func (r *Request) rawField(name string) (FormField, bool) {
	f := r.message.byName[name]
	if r.body != NoBody || f == nil || !f.takesBytes() || r.query.isBound([]*field{f}) {
		return FormField{}, false
	}
	return FormField{leaf: f}, true
}

func (f *field) takesBytes() bool {
	switch {
	case f.card == mapping:
		return false
	case f.message != nil:
		return f.message.name == HTTPBody
	default:
		return f.kind == protoreflect.BytesKind
	}
}

// Append appends the data, which has that media type, as the field's value.
func (f FormField) Append(dst []byte, contentType string, data []byte) []byte {
	dst, _ = appendNested(dst, f.parents, func(dst []byte) ([]byte, error) {
		switch {
		case f.leaf == nil:
			return appendHTTPBody(dst, contentType, data), nil
		case f.leaf.message == nil:
			return protowire.AppendBytes(append(dst, f.leaf.tag...), data), nil
		default:
			dst = protowire.AppendVarint(append(dst, f.leaf.tag...), uint64(sizeHTTPBody(contentType, data)))
			return appendHTTPBody(dst, contentType, data), nil
		}
	})
	return dst
}

// AppendMessage appends one message of a stream of requests. What query and path give belongs to the first.
func (r *Request) AppendMessage(dst, body []byte, first bool, rawQuery string, variables []string) ([]byte, error) {
	if first {
		return r.AppendWire(dst, body, rawQuery, variables)
	}
	start := len(dst)
	dst, err := r.appendBody(dst, body)
	if err == nil && r.message.required {
		err = rooted(r.message.checkRequired(dst[start:]))
	}
	return dst, err
}

// TakesObjects tells whether a message of a stream is an object in JSON, so that an array can only be a list of them.
func (r *Request) TakesObjects() bool {
	if r.body == FieldBody {
		return r.bodyField.isObject()
	}
	return r.message.shape == shapeObject
}

// QueryValue returns the first value of a parameter of the raw query of a URL, and whether there is one. A value whose
// percent-encoding is broken is returned as it stands, to be refused as what it is.
func QueryValue(rawQuery, name string) (string, bool) {
	for pair := range strings.SplitSeq(rawQuery, "&") {
		rawName, rawText, _ := strings.Cut(pair, "=")
		if decoded, ok := unescape(rawName); ok && decoded == name && pair != "" {
			if text, ok := unescape(rawText); ok {
				return text, true
			}
			return rawText, true
		}
	}
	return "", false
}
