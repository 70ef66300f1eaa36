package transcode

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Response turns the wire bytes of a response message into the JSON that an HTTP binding answers with: the message's,
// or that of one of its fields. It is immutable.
type Response struct {
	message *Message
	field   *field   // the answer, where it is one field of the message
	paths   []string // of what was selected
	pass    func(*encoder, []byte, *Message, []byte) ([]byte, error)
}

// Response compiles the answer of a binding. field is its response_body, nil for the whole message. If the codec's
// audience can not see the field, the result is nil.
func (c *Codec) Response(md protoreflect.MessageDescriptor, field protoreflect.FieldDescriptor) *Response {
	m := c.Message(md)
	if field == nil {
		return &Response{message: m, pass: (*encoder).message}
	}
	f := m.lookup(uint64(field.Number()))
	if f == nil {
		return nil
	}
	return &Response{message: m.only(f, &selection{whole: true}), field: f, pass: (*encoder).fields}
}

// only returns a table whose JSON is the bare value of one field. s is what of its message is wanted.
func (m *Message) only(f *field, s *selection) *Message {
	one := &Message{codec: m.codec, name: m.name, words: 1, fields: []field{*f}}
	row := &one.fields[0]
	row.index, row.slot, row.oneof, row.ordered = 0, 0, false, true
	row.bare(m.codec)
	if row.card == singular && !row.implicit {
		row.absent = m.codec.unset(row, s) + ","
	}
	one.absent, one.absentAt = row.absent, []int{0, len(row.absent)}
	one.index(row)
	return one
}

// unset is what stands for a field with presence that is not there. grpc-gateway writes a message with nothing in it.
func (c *Codec) unset(f *field, s *selection) string {
	if c.opts.Emit != EmitUnpopulated || f.message == nil {
		return "null"
	}
	empty, err := f.message.encode(nil, nil, s.pass)
	if err != nil {
		return "null"
	}
	return string(empty)
}

// AppendJSON is [Message.AppendJSON] for the binding's answer.
func (r *Response) AppendJSON(dst, wire []byte) ([]byte, error) {
	return r.message.encode(dst, wire, r.pass)
}

// chunkSize is how much JSON is collected before Stream hands it on.
const chunkSize = 64 << 10

// Stream writes the JSON of a message that is too large to hold twice. The wire bytes are read once to make sure that
// they have a JSON form, and only then again to write it, in pieces of about 64 KiB: once write has been called, the
// only errors left are its own. buf is room to work in; it is returned to be used again.
func (r *Response) Stream(buf, wire []byte, write func([]byte) error) ([]byte, error) {
	discard := func([]byte) error { return nil }
	wire, buf, err := r.verify(buf, wire, discard)
	if err != nil {
		return buf, err
	}
	e := newEncoder(r.message.codec)
	defer e.free()
	e.flush, e.limit = write, chunkSize
	out, err := r.pass(e, buf[:0], r.message, wire)
	if err != nil {
		return out, err
	}
	return out, write(out[:len(out)-1])
}

// verify returns wire, or a canonical copy of it, once it is known to have a JSON form.
func (r *Response) verify(buf, wire []byte, discard func([]byte) error) (verified, room []byte, err error) {
	limited := func(e *encoder, dst []byte, m *Message, b []byte) ([]byte, error) {
		e.flush, e.limit = discard, chunkSize
		verified = b
		return r.pass(e, dst, m, b)
	}
	room, err = r.message.encode(buf[:0], wire, limited)
	return verified, room[:0], err
}
