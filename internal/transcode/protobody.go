package transcode

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// AppendProto is [Request.AppendWire] for a body that is not JSON but the wire bytes of the message, or of the message
// field that the body is. What the audience can not see is dropped from it, as is what is not known.
func (r *Request) AppendProto(dst, body []byte, rawQuery string, variables []string) ([]byte, error) {
	start := len(dst)
	dst, err := r.appendProtoBody(dst, body)
	if err != nil {
		return dst, err
	}
	return r.appendParameters(dst, start, rawQuery, variables)
}

func (r *Request) appendProtoBody(dst, body []byte) ([]byte, error) {
	m := r.message
	switch {
	case r.body == NoBody:
		return dst, nil
	case r.body == FieldBody && (r.bodyField.message == nil || r.bodyField.card != singular):
		return dst, &Error{Path: "$", Offset: -1, Reason: "the body is no message, and has to be JSON"}
	case r.body == FieldBody:
		m = r.bodyField.message
	}
	clean, err := m.canonical(nil, body, m.codec.opts.maxDepth())
	if err != nil {
		return dst, &Error{Path: "$", Offset: -1, Reason: "the body is no message of type " + string(m.name) + ": " + err.Error()}
	}
	if r.body == WholeBody {
		return append(dst, clean...), nil
	}
	return r.bodyField.appendContent(dst, clean), nil
}

// appendContent appends the wire bytes of a message as the field's value.
func (f *field) appendContent(dst, content []byte) []byte {
	dst = append(dst, f.tag...)
	if f.wire == protowire.StartGroupType {
		return protowire.AppendTag(append(dst, content...), f.number, protowire.EndGroupType)
	}
	return protowire.AppendBytes(dst, content)
}

// SpeaksProto tells whether the answer is a message, which AppendProto can write.
func (r *Response) SpeaksProto() bool {
	return r.field == nil || r.field.message != nil && r.field.card == singular
}

var errNoMessage = errors.New("the answer is no message, and has to be JSON")

// AppendProto appends the wire bytes of the answer, without what the audience can not see or the table does not know. A
// selection does not cut them down. Of an answer that is no message it is an error.
func (r *Response) AppendProto(dst, wire []byte) ([]byte, error) {
	if !r.SpeaksProto() {
		return dst, errNoMessage
	}
	clean, err := r.message.canonical(nil, wire, r.message.codec.opts.maxDepth())
	if err != nil || r.field == nil || len(clean) == 0 {
		return append(dst, clean...), err
	}
	return append(dst, r.field.content(clean[len(r.field.tag):])...), nil
}
