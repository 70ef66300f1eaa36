package transcode

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// scalar takes the JSON of a value that is no message and appends it. If the value is the unknown name of an enum and
// such are passed over, it cuts dst back to undo and reports false.
func (d *decoder) scalar(dst []byte, f *field, undo int) ([]byte, bool, error) {
	c := d.peek()
	switch f.kind {
	case protoreflect.StringKind:
		dst, err := d.appendText(dst)
		return dst, true, err
	case protoreflect.BytesKind:
		dst, err := d.appendBase64(dst)
		return dst, true, err
	case protoreflect.BoolKind:
		switch {
		case c == 't' && d.literal("true"):
			return append(dst, 1), true, nil
		case c == 'f' && d.literal("false"):
			return append(dst, 0), true, nil
		}
		return dst, true, d.expected("true or false")
	case protoreflect.EnumKind:
		return d.appendEnum(dst, f.enum, undo)
	case protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		if v, ok := d.smallNumber(c); ok {
			return protowire.AppendVarint(dst, v), true, nil
		}
	}
	start := d.pos
	if err := d.decimal(c, f); err != nil {
		return dst, true, err
	}
	dst, ok := appendNumber(dst, f.kind, &d.num)
	if !ok {
		d.pos = start
		return dst, true, d.expected(numberNames[f.kind])
	}
	return dst, true, nil
}

// smallNumber takes a whole number of at most nine digits, in quotes or not, as nearly all are: any field of a varint
// can hold it. If something else stands there, it takes nothing.
func (d *decoder) smallNumber(c byte) (uint64, bool) {
	const most = 9
	i := d.pos
	if c == '"' {
		i++
	}
	first := i
	var v uint64
	for i < len(d.in) && isDigit(d.in[i]) {
		v = v*10 + uint64(d.in[i]-'0')
		i++
	}
	if n := i - first; n == 0 || n > most || i == len(d.in) || d.in[first] == '0' && n > 1 {
		return 0, false
	}
	switch end := d.in[i]; {
	case c == '"' && end == '"':
		i++
	case c == '"' || end == '.' || end|0x20 == 'e':
		return 0, false
	}
	d.pos = i
	return v, true
}

var numberNames = map[protoreflect.Kind]string{
	protoreflect.Int32Kind:    "a whole number of 32 bits",
	protoreflect.Sint32Kind:   "a whole number of 32 bits",
	protoreflect.Sfixed32Kind: "a whole number of 32 bits",
	protoreflect.Uint32Kind:   "a whole number of 32 bits that is not negative",
	protoreflect.Fixed32Kind:  "a whole number of 32 bits that is not negative",
	protoreflect.Int64Kind:    "a whole number of 64 bits",
	protoreflect.Sint64Kind:   "a whole number of 64 bits",
	protoreflect.Sfixed64Kind: "a whole number of 64 bits",
	protoreflect.Uint64Kind:   "a whole number of 64 bits that is not negative",
	protoreflect.Fixed64Kind:  "a whole number of 64 bits that is not negative",
	protoreflect.FloatKind:    "a number within the range of 32-bit floats",
	protoreflect.DoubleKind:   "a number within the range of 64-bit floats",
}

// decimal takes a number, which may stand in quotes. NaN and the infinities are numbers of floats.
func (d *decoder) decimal(c byte, f *field) error {
	if c != '"' {
		if c != '-' && !isDigit(c) {
			return d.expected(numberNames[f.kind])
		}
		return d.number()
	}
	start := d.pos
	text, err := d.str("")
	if err != nil {
		return err
	}
	if d.num.scan(text, 0) == len(text) {
		return nil
	}
	if f.kind == protoreflect.FloatKind || f.kind == protoreflect.DoubleKind {
		switch string(text) {
		case "NaN", "Infinity", "-Infinity":
			d.num = decimal{text: text} // which strconv understands
			return nil
		}
	}
	d.pos = start
	return d.expected(numberNames[f.kind])
}

// appendNumber appends a number as that kind of field holds it. It reports false if the kind can not.
func appendNumber(dst []byte, kind protoreflect.Kind, n *decimal) ([]byte, bool) {
	switch kind {
	case protoreflect.Int32Kind:
		v, ok := n.integer(32)
		return protowire.AppendVarint(dst, uint64(v)), ok
	case protoreflect.Int64Kind:
		v, ok := n.integer(64)
		return protowire.AppendVarint(dst, uint64(v)), ok
	case protoreflect.Uint32Kind:
		v, ok := n.unsigned(32)
		return protowire.AppendVarint(dst, v), ok
	case protoreflect.Uint64Kind:
		v, ok := n.unsigned(64)
		return protowire.AppendVarint(dst, v), ok
	case protoreflect.Sint32Kind:
		v, ok := n.integer(32)
		return protowire.AppendVarint(dst, protowire.EncodeZigZag(v)), ok
	case protoreflect.Sint64Kind:
		v, ok := n.integer(64)
		return protowire.AppendVarint(dst, protowire.EncodeZigZag(v)), ok
	case protoreflect.Fixed32Kind:
		v, ok := n.unsigned(32)
		return binary.LittleEndian.AppendUint32(dst, uint32(v)), ok
	case protoreflect.Sfixed32Kind:
		v, ok := n.integer(32)
		return binary.LittleEndian.AppendUint32(dst, uint32(v)), ok
	case protoreflect.Fixed64Kind:
		v, ok := n.unsigned(64)
		return binary.LittleEndian.AppendUint64(dst, v), ok
	case protoreflect.Sfixed64Kind:
		v, ok := n.integer(64)
		return binary.LittleEndian.AppendUint64(dst, uint64(v)), ok
	case protoreflect.FloatKind:
		v, ok := n.float()
		return binary.LittleEndian.AppendUint32(dst, math.Float32bits(v)), ok
	case protoreflect.DoubleKind:
		v, ok := n.double()
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v)), ok
	default:
		panic(fmt.Sprintf("transcode: %v is not a kind of number", kind))
	}
}

// appendText takes a string and appends it with its length.
func (d *decoder) appendText(dst []byte) ([]byte, error) {
	text, err := d.str("a string")
	return protowire.AppendBytes(dst, text), err
}

// appendBase64 takes a string of base64 text and appends the bytes with their length.
func (d *decoder) appendBase64(dst []byte) ([]byte, error) {
	d.peek()
	pos := d.pos
	text, err := d.str("a string of base64 text")
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst, ok := appendBytes(beginLength(dst, 1), text)
	if !ok {
		return dst, d.fail(pos, "the string is not base64 text")
	}
	dst, _ = endLength(dst, start, 1)
	return dst, nil
}

// appendEnum takes the name or number of an enum value; undo is as in scalar.
func (d *decoder) appendEnum(dst []byte, e *enum, undo int) ([]byte, bool, error) {
	start := d.pos
	switch c := d.peek(); {
	case c == '"':
		name, err := d.str("")
		if err != nil {
			return dst, true, err
		}
		if n, ok := e.numbers[string(name)]; ok {
			return protowire.AppendVarint(dst, uint64(n)), true, nil
		}
		if d.codec.opts.Unknown == IgnoreUnknown {
			return dst[:undo], false, nil
		}
	case c == '-' || isDigit(c):
		if err := d.number(); err != nil {
			return dst, true, err
		}
		if v, ok := d.num.integer(32); ok {
			return protowire.AppendVarint(dst, uint64(v)), true, nil
		}
	case c == 'n' && e.null && d.literal("null"):
		return append(dst, 0), true, nil
	}
	d.pos = start
	return dst, true, d.expected(e.describe())
}
