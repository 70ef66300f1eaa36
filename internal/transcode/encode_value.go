package transcode

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// value appends the JSON of the value at b[i:], of the field's own wire type, and a comma. It returns the index behind
// the value.
func (e *encoder) value(dst []byte, f *field, b []byte, i int) ([]byte, int, error) {
	switch f.kind {
	case protoreflect.StringKind:
		v, end, err := chunk(b, i)
		if err != nil {
			return dst, 0, err
		}
		var ok bool
		if dst, ok = appendString(dst, v); !ok {
			return dst, 0, errNotUTF8
		}
		return append(dst, ','), end, nil
	case protoreflect.BytesKind:
		v, end, err := chunk(b, i)
		if err != nil {
			return dst, 0, err
		}
		return append(appendBase64(dst, v), ','), end, nil
	case protoreflect.MessageKind:
		v, end, err := chunk(b, i)
		if err != nil {
			return dst, 0, err
		}
		dst, err = e.message(dst, f.message, v)
		return dst, end, err
	case protoreflect.GroupKind:
		v, end, err := group(b, i, f.number, e.depth)
		if err != nil {
			return dst, 0, err
		}
		dst, err = e.message(dst, f.message, v)
		return dst, end, err
	case protoreflect.DoubleKind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		if len(b)-i < 8 {
			return dst, 0, errTruncated
		}
		return appendFixed64(dst, f.kind, binary.LittleEndian.Uint64(b[i:])), i + 8, nil
	case protoreflect.FloatKind, protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		if len(b)-i < 4 {
			return dst, 0, errTruncated
		}
		return appendFixed32(dst, f.kind, binary.LittleEndian.Uint32(b[i:])), i + 4, nil
	default:
		v, end := uvarint(b, i)
		if end < 0 {
			return dst, 0, varintError(b, i)
		}
		return e.appendVarint(dst, f, v), end, nil
	}
}

// appendVarint appends the value of a field that is a varint on the wire, and a comma.
func (e *encoder) appendVarint(dst []byte, f *field, v uint64) []byte {
	switch f.kind {
	case protoreflect.BoolKind:
		if v != 0 {
			return append(dst, "true,"...)
		}
		return append(dst, "false,"...)
	case protoreflect.Int32Kind:
		dst = appendInt(dst, int64(int32(v)))
	case protoreflect.Uint32Kind:
		dst = appendUint(dst, uint64(uint32(v)))
	case protoreflect.Sint32Kind:
		dst = appendInt(dst, int64(int32(protowire.DecodeZigZag(v&math.MaxUint32))))
	case protoreflect.Int64Kind:
		dst = appendQuotedInt(dst, int64(v))
	case protoreflect.Uint64Kind:
		dst = appendQuotedUint(dst, v)
	case protoreflect.Sint64Kind:
		dst = appendQuotedInt(dst, protowire.DecodeZigZag(v))
	default:
		dst = e.codec.appendEnum(dst, f.enum, int32(v))
	}
	return append(dst, ',')
}

func (c *Codec) appendEnum(dst []byte, e *enum, n int32) []byte {
	if e.null {
		return append(dst, "null"...)
	}
	if name := e.quoted(n); name != "" && !c.opts.EnumNumbers {
		return append(dst, name...)
	}
	return appendInt(dst, int64(n))
}

// appendFixed32 appends a value of four bytes on the wire, and a comma.
func appendFixed32(dst []byte, kind protoreflect.Kind, v uint32) []byte {
	switch kind {
	case protoreflect.FloatKind:
		dst = appendFloat(dst, math.Float32frombits(v))
	case protoreflect.Sfixed32Kind:
		dst = appendInt(dst, int64(int32(v)))
	default:
		dst = appendUint(dst, uint64(v))
	}
	return append(dst, ',')
}

// appendFixed64 appends a value of eight bytes on the wire, and a comma.
func appendFixed64(dst []byte, kind protoreflect.Kind, v uint64) []byte {
	switch kind {
	case protoreflect.DoubleKind:
		dst = appendDouble(dst, math.Float64frombits(v))
	case protoreflect.Sfixed64Kind:
		dst = appendQuotedInt(dst, int64(v))
	default:
		dst = appendQuotedUint(dst, v)
	}
	return append(dst, ',')
}

func appendQuotedInt(dst []byte, v int64) []byte {
	return append(appendInt(append(dst, '"'), v), '"')
}

func appendQuotedUint(dst []byte, v uint64) []byte {
	return append(appendUint(append(dst, '"'), v), '"')
}

// describe names what the enum has, for people.
func (e *enum) describe() string {
	const most = 8
	names := make([]string, 0, len(e.numbers))
	for name := range e.numbers {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return int(e.numbers[a]) - int(e.numbers[b]) })
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return "one of " + strings.Join(names, ", ")
}
