package transcode

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// value appends the JSON of the value at b[i:], of the field's own wire type, and a comma. It returns the index behind
// the value.
func (e *encoder) value(dst []byte, f *field, b []byte, i int) ([]byte, int, error) {
	switch f.wire {
	case protowire.VarintType:
		v, end := uvarint(b, i)
		if end < 0 {
			return dst, 0, varintError(b, i)
		}
		return append(e.appendVarint(dst, f, v), ','), end, nil
	case protowire.Fixed32Type:
		if len(b)-i < 4 {
			return dst, 0, errTruncated
		}
		return append(appendFixed32(dst, f.kind, binary.LittleEndian.Uint32(b[i:])), ','), i + 4, nil
	case protowire.Fixed64Type:
		if len(b)-i < 8 {
			return dst, 0, errTruncated
		}
		return append(appendFixed64(dst, f.kind, binary.LittleEndian.Uint64(b[i:])), ','), i + 8, nil
	case protowire.BytesType:
		v, end, err := chunk(b, i)
		if err != nil {
			return dst, 0, err
		}
		dst, err = e.appendChunk(dst, f, v)
		return dst, end, err
	default:
		v, end, err := group(b, i, f.number, e.depth)
		if err != nil {
			return dst, 0, err
		}
		dst, err = e.message(dst, f.message, v)
		return dst, end, err
	}
}

// appendChunk appends a length-delimited value and a comma.
func (e *encoder) appendChunk(dst []byte, f *field, v []byte) ([]byte, error) {
	switch f.kind {
	case protoreflect.StringKind:
		dst, ok := appendString(dst, v)
		if !ok {
			return dst, errNotUTF8
		}
		return append(dst, ','), nil
	case protoreflect.BytesKind:
		return append(appendBase64(dst, v), ','), nil
	default:
		return e.message(dst, f.message, v)
	}
}

func (e *encoder) appendVarint(dst []byte, f *field, v uint64) []byte {
	switch f.kind {
	case protoreflect.BoolKind:
		return strconv.AppendBool(dst, v != 0)
	case protoreflect.Int32Kind:
		return appendInt(dst, int64(int32(v)))
	case protoreflect.Uint32Kind:
		return appendUint(dst, uint64(uint32(v)))
	case protoreflect.Sint32Kind:
		return appendInt(dst, int64(int32(protowire.DecodeZigZag(v&math.MaxUint32))))
	case protoreflect.Int64Kind:
		return appendQuotedInt(dst, int64(v))
	case protoreflect.Uint64Kind:
		return appendQuotedUint(dst, v)
	case protoreflect.Sint64Kind:
		return appendQuotedInt(dst, protowire.DecodeZigZag(v))
	default:
		return e.codec.appendEnum(dst, f.enum, int32(v))
	}
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

func appendFixed32(dst []byte, kind protoreflect.Kind, v uint32) []byte {
	switch kind {
	case protoreflect.FloatKind:
		return appendFloat(dst, math.Float32frombits(v))
	case protoreflect.Sfixed32Kind:
		return appendInt(dst, int64(int32(v)))
	default:
		return appendUint(dst, uint64(v))
	}
}

func appendFixed64(dst []byte, kind protoreflect.Kind, v uint64) []byte {
	switch kind {
	case protoreflect.DoubleKind:
		return appendDouble(dst, math.Float64frombits(v))
	case protoreflect.Sfixed64Kind:
		return appendQuotedInt(dst, int64(v))
	default:
		return appendQuotedUint(dst, v)
	}
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
