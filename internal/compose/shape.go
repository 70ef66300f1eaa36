package compose

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// shape is what a message has to be to be sound on the wire.
type shape struct {
	low  []*cell // by field number, as far as it is small
	high map[protowire.Number]*cell
}

// cell is one field of a shape.
type cell struct {
	typ      protowire.Type
	packable bool
	text     bool
	message  *shape // nil for none
}

// manyFields is below which number a shape finds fields by index.
const manyFields = 64

// shapes makes shapes, each once.
type shapes map[protoreflect.FullName]*shape

func (s shapes) of(md protoreflect.MessageDescriptor) *shape {
	if known := s[md.FullName()]; known != nil {
		return known
	}
	made := &shape{high: map[protowire.Number]*cell{}}
	s[md.FullName()] = made
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		st := stepOf(fd)
		c := &cell{typ: st.typ, packable: st.packable, text: fd.Kind() == protoreflect.StringKind}
		if fd.Message() != nil {
			c.message = s.of(fd.Message())
		}
		if fd.Number() >= manyFields {
			made.high[fd.Number()] = c
			continue
		}
		for int(fd.Number()) >= len(made.low) {
			made.low = append(made.low, nil)
		}
		made.low[fd.Number()] = c
	}
	return made
}

func (s *shape) cell(num protowire.Number) *cell {
	if int(num) < len(s.low) {
		return s.low[num]
	}
	return s.high[num]
}

// check tells what is wrong with a message. It may nest so deep.
func (s *shape) check(b []byte, depth int) error {
	_, err := s.scan(b, 0, depth)
	return err
}

// scan checks the fields in b, up to the end of the group if it is in one. It returns what is behind that.
func (s *shape) scan(b []byte, group protowire.Number, depth int) ([]byte, error) {
	if depth < 0 {
		return nil, errTooDeep
	}
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 || num > protowire.MaxValidNumber {
			return nil, errBadTag
		}
		b = b[n:]
		c := s.cell(num)
		var err error
		switch {
		case typ == protowire.EndGroupType:
			if num != group {
				return nil, errBadTag
			}
			return b, nil
		case c != nil && c.typ == typ && typ == protowire.StartGroupType:
			b, err = c.message.scan(b, num, depth-1)
		case c != nil && typ == protowire.BytesType:
			b, err = c.chunk(b, depth)
		default: // a number, or nothing that is known
			if n = protowire.ConsumeFieldValue(num, typ, b); n < 0 {
				return nil, protowire.ParseError(n)
			}
			b = b[n:]
		}
		if err != nil {
			return nil, err
		}
	}
	if group != 0 {
		return nil, errTruncated
	}
	return nil, nil
}

// chunk checks what has a length.
func (c *cell) chunk(b []byte, depth int) (rest []byte, err error) {
	raw, n := protowire.ConsumeBytes(b)
	switch {
	case n < 0:
		return nil, errTruncated
	case c.typ == protowire.BytesType && c.message != nil:
		_, err = c.message.scan(raw, 0, depth-1)
	case c.text && !utf8.Valid(raw):
		err = errNotUTF8
	case c.packable:
		err = c.packed(raw)
	}
	return b[n:], err
}

func (c *cell) packed(b []byte) error {
	switch c.typ {
	case protowire.Fixed32Type, protowire.Fixed64Type:
		width := 4
		if c.typ == protowire.Fixed64Type {
			width = 8
		}
		if len(b)%width != 0 {
			return errTruncated
		}
		return nil
	default:
		for len(b) > 0 {
			_, n := protowire.ConsumeVarint(b)
			if n < 0 {
				return errTruncated
			}
			b = b[n:]
		}
		return nil
	}
}
