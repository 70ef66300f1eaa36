package compose

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

var (
	errTruncated = errors.New("message ends in the middle of a field")
	errBadTag    = errors.New("message holds an invalid field tag")
	errTooDeep   = errors.New("message is nested too deeply")
	errNotUTF8   = errors.New("message holds a string that is not UTF-8")
)

// value is what an occurrence of a field holds: of a number its bytes, of all else what is between its length, or its group's
// tags, and its end.
type value struct {
	typ protowire.Type
	raw []byte
}

// next reads the first field of b. It returns what is behind it.
func next(b []byte) (num protowire.Number, v value, rest []byte, err error) {
	num, typ, n := protowire.ConsumeTag(b)
	if n < 0 || num > protowire.MaxValidNumber {
		return 0, v, nil, errBadTag
	}
	b = b[n:]
	switch v.typ = typ; typ {
	case protowire.BytesType:
		v.raw, n = protowire.ConsumeBytes(b)
	case protowire.StartGroupType:
		v.raw, n = protowire.ConsumeGroup(num, b)
	default:
		if n = protowire.ConsumeFieldValue(num, typ, b); n >= 0 {
			v.raw = b[:n]
		}
	}
	if n < 0 {
		return 0, v, nil, protowire.ParseError(n)
	}
	return num, v, b[n:], nil
}

// number reads the first number of a packed list. It returns what is behind it.
func number(b []byte, typ protowire.Type) (v value, rest []byte, err error) {
	n := protowire.ConsumeFieldValue(1, typ, b)
	if n < 0 {
		return v, nil, protowire.ParseError(n)
	}
	return value{typ, b[:n]}, b[n:], nil
}

// append writes an occurrence of a field.
func (v value) append(dst []byte, num protowire.Number) []byte {
	dst = protowire.AppendTag(dst, num, v.typ)
	switch v.typ {
	case protowire.BytesType:
		return protowire.AppendBytes(dst, v.raw)
	case protowire.StartGroupType:
		dst = append(dst, v.raw...)
		return protowire.AppendTag(dst, num, protowire.EndGroupType)
	default:
		return append(dst, v.raw...)
	}
}

// size is how much append writes.
func (v value) size(num protowire.Number) int {
	switch v.typ {
	case protowire.BytesType:
		return protowire.SizeTag(num) + protowire.SizeBytes(len(v.raw))
	case protowire.StartGroupType:
		return 2*protowire.SizeTag(num) + len(v.raw)
	default:
		return protowire.SizeTag(num) + len(v.raw)
	}
}

// as gives the message in a value the form that a field has: that of a group, or not.
func (v value) as(typ protowire.Type) value {
	if v.typ == protowire.StartGroupType || typ == protowire.StartGroupType {
		v.typ = typ
	}
	return v
}

// wireType is how one value of a field is written when it is not packed.
func wireType(k protoreflect.Kind) protowire.Type {
	switch k {
	case protoreflect.Sfixed32Kind, protoreflect.Fixed32Kind, protoreflect.FloatKind:
		return protowire.Fixed32Type
	case protoreflect.Sfixed64Kind, protoreflect.Fixed64Kind, protoreflect.DoubleKind:
		return protowire.Fixed64Type
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	case protoreflect.GroupKind:
		return protowire.StartGroupType
	default:
		return protowire.VarintType
	}
}
