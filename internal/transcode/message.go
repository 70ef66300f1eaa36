package transcode

import (
	"bytes"
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// AppendJSON appends the JSON of the message that wire encodes to dst. Without enough room, dst moves. On an error,
// which is about the wire bytes and never names their content, what was appended is of no use.
func (m *Message) AppendJSON(dst, wire []byte) ([]byte, error) {
	return m.encode(dst, wire, (*encoder).message)
}

// encode runs one pass over wire and, if that finds fault with it, another over a canonical copy: what looks like half a
// message may be completed by what follows.
func (m *Message) encode(dst, wire []byte, pass func(*encoder, []byte, *Message, []byte) ([]byte, error)) ([]byte, error) {
	if m.required {
		if err := m.checkRequired(wire); err != nil {
			return dst, err
		}
	}
	out, err := m.run(dst, wire, pass)
	if err == nil {
		return out, nil
	}
	if wire, err = m.canonical(nil, wire, m.codec.opts.maxDepth()); err == nil {
		out, err = m.run(dst, wire, pass)
	}
	if err != nil {
		return dst, fmt.Errorf("%s: %w", m.name, err)
	}
	return out, nil
}

func (m *Message) run(dst, wire []byte, pass func(*encoder, []byte, *Message, []byte) ([]byte, error)) ([]byte, error) {
	e := newEncoder(m.codec)
	defer e.free()
	out, err := pass(e, dst, m, wire)
	if err != nil {
		return dst, err
	}
	return out[:len(out)-1], nil // without the comma
}

// AppendWire appends the wire form of the message that json describes to dst. An error is an [*Error].
func (m *Message) AppendWire(dst, json []byte) ([]byte, error) {
	start := len(dst)
	dst, err := m.decode(dst, json, nil)
	if err == nil && m.required {
		err = rooted(m.checkRequired(dst[start:]))
	}
	return dst, err
}

// nullIsUnset tells whether null is no value of the field.
func (f *field) nullIsUnset() bool {
	return f.card != singular || f.message == nil && f.kind != protoreflect.EnumKind
}

// decode takes the JSON of the message or, with one, of a field of it.
func (m *Message) decode(dst, json []byte, f *field) ([]byte, error) {
	d := newDecoder(m.codec, json)
	defer d.free()
	var err error
	switch {
	case f == nil:
		dst, err = d.message(dst, m)
	case f.nullIsUnset() && string(bytes.TrimSpace(json)) == "null":
		return dst, nil // as where the field stands in a message
	default:
		dst, err = d.field(dst, f)
	}
	if err == nil {
		err = d.end()
	}
	return dst, rooted(err)
}
