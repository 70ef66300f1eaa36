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

	form       form
	extensible bool // what it does not know may be an extension
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
	made := &shape{high: map[protowire.Number]*cell{}, form: formOf(md), extensible: md.ExtensionRanges().Len() > 0}
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

// nothing is what nobody knows.
var nothing shape

// check tells what is wrong with a message, which may nest so deep, and whether it can be that it has no JSON form.
func (s *shape) check(b []byte, depth int) (doubtful bool, err error) {
	var l look
	err = l.message(s, b, depth)
	return l.doubtful, err
}

// look is one reading of a message.
type look struct {
	doubtful bool // there is something in it that may have no JSON form
}

// message checks one message, from its beginning to its end.
func (l *look) message(s *shape, b []byte, depth int) error {
	if s.form != plainForm && !s.form.isCertain(b) {
		l.doubtful = true
	}
	_, err := l.fields(s, b, 0, depth)
	return err
}

// fields checks the fields in b, up to the end of the group if it is in one. It returns what is behind that.
func (l *look) fields(s *shape, b []byte, group protowire.Number, depth int) ([]byte, error) {
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
		if c == nil && s.extensible {
			l.doubtful = true
		}
		var err error
		switch {
		case c != nil && typ == protowire.BytesType:
			b, err = l.chunk(c, b, depth)
		case typ == protowire.StartGroupType:
			b, err = l.group(c, b, num, depth)
		case typ == protowire.EndGroupType:
			if num != group {
				return nil, errBadTag
			}
			return b, nil
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

// group checks what is between the tags of a group.
func (l *look) group(c *cell, b []byte, num protowire.Number, depth int) (rest []byte, err error) {
	if c == nil || c.typ != protowire.StartGroupType {
		return l.fields(&nothing, b, num, depth-1)
	}
	l.doubtful = l.doubtful || c.message.form != plainForm
	return l.fields(c.message, b, num, depth-1)
}

// chunk checks what has a length.
func (l *look) chunk(c *cell, b []byte, depth int) (rest []byte, err error) {
	raw, n := protowire.ConsumeBytes(b)
	switch {
	case n < 0:
		return nil, errTruncated
	case c.typ == protowire.BytesType && c.message != nil:
		err = l.message(c.message, raw, depth-1)
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
