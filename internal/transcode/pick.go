package transcode

import (
	"encoding/json"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Pick reads the value of one field, however deep in messages, as plain text. It is immutable.
type Pick struct {
	message *Message
	fields  []*field
}

// Pick compiles the way to a singular field. If the codec's audience can not see it, the result is nil.
func (c *Codec) Pick(md protoreflect.MessageDescriptor, path []protoreflect.FieldDescriptor) *Pick {
	m := c.Message(md)
	fields := m.resolve(path)
	if len(fields) == 0 {
		return nil
	}
	return &Pick{message: m, fields: fields}
}

// Text returns the field's value in wire as JSON would write it, but without quotes; "" if it is not there, or wire is no
// message.
func (p *Pick) Text(wire []byte) string {
	text, _ := p.last(wire, p.fields)
	return text
}

// last returns the last value on the path, as the last of several is the one that counts.
func (p *Pick) last(wire []byte, path []*field) (text string, found bool) {
	f := path[0]
	for i := 0; i < len(wire); {
		tag, j := uvarint(wire, i)
		if j < 0 {
			return "", false
		}
		end, err := skip(wire, j, tag, DefaultMaxDepth)
		if err != nil {
			return "", false
		}
		if tag>>3 == uint64(f.number) && protowire.Type(tag&7) == f.wire {
			if t, ok := p.value(wire[j:end], path); ok {
				text, found = t, true
			}
		}
		i = end
	}
	return text, found
}

func (p *Pick) value(b []byte, path []*field) (string, bool) {
	f := path[0]
	if len(path) > 1 {
		return p.last(f.content(b), path[1:])
	}
	e := newEncoder(p.message.codec)
	defer e.free()
	out, _, err := e.value(nil, f, b, 0)
	if err != nil {
		return "", false
	}
	return unquoted(out[:len(out)-1])
}

// unquoted is the content of a JSON string; other values are as they are.
func unquoted(value []byte) (string, bool) {
	if value[0] != '"' {
		return string(value), true
	}
	var text string
	err := json.Unmarshal(value, &text)
	return text, err == nil
}
