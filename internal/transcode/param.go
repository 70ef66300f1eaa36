package transcode

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// appendNested appends what value appends within the messages that lead to it.
func appendNested(dst []byte, parents []*field, value func([]byte) ([]byte, error)) ([]byte, error) {
	if len(parents) == 0 {
		return value(dst)
	}
	f := parents[0]
	dst = append(dst, f.tag...)
	if f.kind == protoreflect.GroupKind {
		dst, err := appendNested(dst, parents[1:], value)
		return protowire.AppendTag(dst, f.number, protowire.EndGroupType), err
	}
	start := len(dst)
	dst, err := appendNested(beginLength(dst, 1), parents[1:], value)
	if err != nil {
		return dst, err
	}
	dst, _ = endLength(dst, start, 1)
	return dst, nil
}

// appendParameter appends one value of the field as text in a URL gives it, tag and all. A value that means unset is
// written too: it has to win over what stands before it.
func (c *Codec) appendParameter(dst []byte, f *field, name, text string) ([]byte, error) {
	tag := f.tag
	if f.packed {
		tag = tagOf(f.number, f.wire)
	}
	dst = append(dst, tag...)
	if f.message == nil {
		return appendScalarText(dst, f, name, text)
	}
	start := len(dst)
	dst, err := c.appendMessageText(beginLength(dst, 1), f.message, name, text)
	if err != nil {
		return dst, err
	}
	dst, _ = endLength(dst, start, 1)
	return dst, nil
}

// appendScalarText appends the value that text stands for, as strconv reads it.
func appendScalarText(dst []byte, f *field, name, text string) ([]byte, error) {
	ok := false
	switch f.kind {
	case protoreflect.StringKind:
		if !utf8.ValidString(text) {
			return dst, parameterError(name, "the value is not UTF-8")
		}
		return protowire.AppendString(dst, text), nil
	case protoreflect.BytesKind:
		start := len(dst)
		if dst, ok = appendBytes(beginLength(dst, 1), []byte(text)); ok {
			dst, _ = endLength(dst, start, 1)
		}
	case protoreflect.BoolKind:
		v, err := strconv.ParseBool(text)
		dst, ok = protowire.AppendVarint(dst, protowire.EncodeBool(v)), err == nil
	case protoreflect.EnumKind:
		dst, ok = f.enum.appendText(dst, text)
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		dst, ok = appendFloatText(dst, f.kind, text)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind,
		protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		dst, ok = appendMapKey(dst, f.kind, []byte(text))
	default:
		dst, ok = appendSignedKey(dst, f.kind, []byte(text), 64)
	}
	if !ok {
		return dst, parameterError(name, "expected %s, found %q", f.textForm(), text)
	}
	return dst, nil
}

// textForm names what text of the field looks like, for people.
func (f *field) textForm() string {
	switch f.kind {
	case protoreflect.BytesKind:
		return "base64 text"
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.EnumKind:
		return f.enum.describe()
	default:
		return numberNames[f.kind]
	}
}

// appendText reads a name of the enum, or the number of one.
func (e *enum) appendText(dst []byte, text string) ([]byte, bool) {
	if n, ok := e.numbers[text]; ok {
		return protowire.AppendVarint(dst, uint64(n)), true
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return protowire.AppendVarint(dst, uint64(n)), err == nil && e.quoted(int32(n)) != ""
}

// appendFloatText reads a decimal number, or NaN and the infinities as JSON spells them.
func appendFloatText(dst []byte, kind protoreflect.Kind, text string) ([]byte, bool) {
	size := 64
	if kind == protoreflect.FloatKind {
		size = 32
	}
	v, err := strconv.ParseFloat(text, size)
	special := math.IsInf(v, 0) || math.IsNaN(v)
	switch {
	case err != nil || strings.ContainsAny(text, "xX_"):
		return dst, false
	case special && text != "NaN" && text != "Infinity" && text != "-Infinity":
		return dst, false
	}
	return appendNumber(dst, kind, &decimal{text: []byte(text)})
}

// appendMessageText appends the fields of a message that text can stand for: a wrapper, or a well-known type that is a
// string in JSON; Struct, Value and ListValue as JSON text.
func (c *Codec) appendMessageText(dst []byte, m *Message, name, text string) ([]byte, error) {
	switch m.shape {
	case shapeWrapper:
		return c.appendParameter(dst, &m.fields[0], name, text)
	case shapeTimestamp:
		dst, ok := appendKnownText(dst, m.shape, []byte(text))
		if !ok {
			return dst, parameterError(name, "expected %s, found %q", textNames[m.shape], text)
		}
		return dst, nil
	case shapeDuration:
		return appendDurationText(dst, name, text)
	case shapeFieldMask:
		dst, ok := appendMaskPaths(dst, []byte(camelMask(text)))
		if !ok {
			return dst, parameterError(name, "expected field paths such as \"name,price.units\", found %q", text)
		}
		return dst, nil
	case shapeStruct, shapeValue, shapeListValue:
		dst, err := m.AppendWire(dst, []byte(text))
		return dst, at(err, name+": ")
	default:
		return dst, parameterError(name, "%s can not be given as one value; give its fields as %s.field=value", m.name, name)
	}
}

// appendDurationText reads the JSON form (1.5s) and, as grpc-gateway does, Go's (1m30s).
func appendDurationText(dst []byte, name, text string) ([]byte, error) {
	if seconds, nanos, ok := parseDuration([]byte(text)); ok {
		return appendSecondsAndNanos(dst, seconds, nanos), nil
	}
	v, err := time.ParseDuration(text)
	if err != nil {
		return dst, parameterError(name, "expected %s, found %q", textNames[shapeDuration], text)
	}
	return appendSecondsAndNanos(dst, int64(v/time.Second), int64(v%time.Second)), nil
}

// camelMask turns snake_case names into lowerCamelCase: in a URL, both spell a field mask.
func camelMask(text string) string {
	if !strings.Contains(text, "_") {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if c := text[i]; c == '_' && i+1 < len(text) && text[i+1] >= 'a' && text[i+1] <= 'z' {
			i++
			out = append(out, text[i]-'a'+'A')
		} else {
			out = append(out, c)
		}
	}
	return string(out)
}
