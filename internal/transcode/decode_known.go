package transcode

import (
	"bytes"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// known takes the JSON of a well-known type and appends its fields.
func (d *decoder) known(dst []byte, m *Message) ([]byte, error) {
	switch m.shape {
	case shapeAny:
		return d.any(dst, m)
	case shapeValue:
		return d.dynamic(dst, m)
	case shapeTimestamp, shapeDuration, shapeFieldMask:
		what := textNames[m.shape]
		d.peek()
		pos := d.pos
		text, err := d.str(what)
		if err != nil {
			return dst, err
		}
		dst, ok := appendKnownText(dst, m.shape, text)
		if !ok {
			d.pos = pos
			return dst, d.expected(what)
		}
		return dst, nil
	case shapeMessageSet:
		return dst, d.fail(d.pos, "%s", errMessageSet)
	case shapeWrapper:
		f := &m.fields[0]
		return d.implicit(dst, f)
	default: // Struct and ListValue are their only field
		return d.field(dst, &m.fields[0])
	}
}

var textNames = map[shape]string{
	shapeTimestamp: "a time such as \"2006-01-02T15:04:05Z\" (RFC 3339)",
	shapeDuration:  "a duration in seconds such as \"1.5s\"",
	shapeFieldMask: "a list of lowerCamelCase field paths such as \"name,price.units\"",
}

// appendKnownText appends the fields of a type whose JSON is a string of its own syntax. It reports false if text does
// not follow it.
func appendKnownText(dst []byte, s shape, text []byte) ([]byte, bool) {
	switch s {
	case shapeTimestamp:
		seconds, nanos, ok := parseTimestamp(text)
		return appendSecondsAndNanos(dst, seconds, nanos), ok
	case shapeDuration:
		seconds, nanos, ok := parseDuration(text)
		return appendSecondsAndNanos(dst, seconds, nanos), ok
	default:
		return appendMaskPaths(dst, text)
	}
}

func appendSecondsAndNanos(dst []byte, seconds, nanos int64) []byte {
	if seconds != 0 {
		dst = protowire.AppendVarint(append(dst, 1<<3), uint64(seconds))
	}
	if nanos != 0 {
		dst = protowire.AppendVarint(append(dst, 2<<3), uint64(nanos))
	}
	return dst
}

// parseTimestamp reads RFC 3339 with at most nine fractional digits, in the years 1 to 9999.
func parseTimestamp(text []byte) (seconds, nanos int64, ok bool) {
	s := view(text)
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, 0, false
	}
	point := bytes.LastIndexByte(text, '.')
	zone := bytes.LastIndexAny(text, "Z-+")
	if point >= 0 && zone-point > len(".999999999") {
		return 0, 0, false
	}
	seconds = t.Unix()
	return seconds, int64(t.Nanosecond()), seconds >= minTimestamp && seconds <= maxTimestamp
}

// parseDuration reads decimal seconds with at most nine fractional digits and an s: 1s, -0.5s, +.5s, 3.s.
func parseDuration(text []byte) (seconds, nanos int64, ok bool) {
	if len(text) < 2 || text[len(text)-1] != 's' {
		return 0, 0, false
	}
	text = text[:len(text)-1]
	negative := text[0] == '-'
	if negative || text[0] == '+' {
		text = text[1:]
	}
	whole, fraction, point := bytes.Cut(text, []byte{'.'})
	if len(whole) == 0 && !point || len(whole) > 1 && whole[0] == '0' || len(whole) > len("315576000000") || len(fraction) > 9 {
		return 0, 0, false
	}
	if seconds, ok = digits(whole); !ok || seconds > maxDuration {
		return 0, 0, false
	}
	if nanos, ok = digits(fraction); !ok {
		return 0, 0, false
	}
	for range 9 - len(fraction) {
		nanos *= 10
	}
	if negative {
		return -seconds, -nanos, true
	}
	return seconds, nanos, true
}

// digits reads at most 18 decimal digits; none are 0.
func digits(text []byte) (v int64, ok bool) {
	for _, c := range text {
		if !isDigit(c) {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	return v, true
}

// appendMaskPaths appends the comma-separated lowerCamelCase paths of text as the paths of a FieldMask.
func appendMaskPaths(dst, text []byte) ([]byte, bool) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return dst, true
	}
	for path := range bytes.SplitSeq(text, []byte{','}) {
		dst = append(dst, 1<<3|byte(protowire.BytesType))
		start := len(dst)
		dst = beginLength(dst, 1)
		for _, c := range path {
			switch {
			case c == '_':
				return dst, false
			case c >= 'A' && c <= 'Z':
				dst = append(dst, '_', lower(c))
			default:
				dst = append(dst, c)
			}
		}
		if !protoreflect.FullName(view(dst[start+1:])).IsValid() {
			return dst, false
		}
		dst, _ = endLength(dst, start, 1)
	}
	return dst, true
}

// The rows of google.protobuf.Value's table.
const (
	valueNull = iota
	valueNumber
	valueString
	valueBool
	valueStruct
	valueList
)

// dynamic takes any JSON value and appends it as the fields of a google.protobuf.Value.
func (d *decoder) dynamic(dst []byte, m *Message) ([]byte, error) {
	row := valueNull
	switch c := d.peek(); {
	case c == 'n':
	case c == '"':
		row = valueString
	case c == 't' || c == 'f':
		row = valueBool
	case c == '{':
		row = valueStruct
	case c == '[':
		row = valueList
	case c == '-' || isDigit(c):
		row = valueNumber
	default:
		return dst, d.expected("a value")
	}
	if row == valueNull && !d.literal("null") {
		return dst, d.expected("a value")
	}
	f := &m.fields[row]
	if row == valueNull {
		return append(append(dst, f.tag...), 0), nil
	}
	return d.field(dst, f)
}

// any takes the object of a google.protobuf.Any. Its type may stand behind the content, so it is looked for first.
func (d *decoder) any(dst []byte, m *Message) ([]byte, error) {
	if d.peek() != '{' {
		return dst, d.expected("an object")
	}
	start, depth := d.pos, d.depth
	url, members, err := d.typeURL()
	if err != nil {
		return dst, err
	}
	if url == "" {
		if members == 0 || d.codec.opts.Unknown == IgnoreUnknown {
			return dst, nil
		}
		return dst, d.fail(start, `the object has no "@type"`)
	}
	inner := d.codec.any([]byte(url))
	if inner == nil && !d.codec.opts.OpaqueAny {
		return dst, d.fail(start, "the type %q is not known", url)
	}
	d.pos, d.depth = start, depth

	urlField, valueField := &m.fields[0], &m.fields[1]
	dst = protowire.AppendString(append(dst, urlField.tag...), url)
	undo := len(dst)
	dst = append(dst, valueField.tag...)
	room := len(dst)
	dst = beginLength(dst, 1)
	switch {
	case inner == nil:
		dst, err = d.anyValue(dst[:undo], func(dst []byte) ([]byte, error) {
			return d.appendBase64(append(dst, valueField.tag...))
		}, false)
		return dst, err
	case inner.shape == shapeObject && inner.name != "google.protobuf.Empty":
		d.inAny = true
		dst, err = d.object(dst, inner)
	default:
		dst, err = d.anyValue(dst, func(dst []byte) ([]byte, error) { return d.message(dst, inner) },
			inner.name == "google.protobuf.Empty")
	}
	if err != nil {
		return dst, err
	}
	dst, _ = endLength(dst, room, 1)
	return dst, nil
}

// typeURL takes an object and returns its "@type" and how many members it has.
func (d *decoder) typeURL() (url string, members int, err error) {
	if err := d.open('{', "an object"); err != nil {
		return "", 0, err
	}
	for first := true; ; first = false {
		more, err := d.more('}', first)
		if err != nil || !more {
			return url, members, err
		}
		members++
		d.peek()
		pos := d.pos
		name, err := d.str("a field name")
		if err != nil {
			return "", 0, err
		}
		isType := string(name) == "@type"
		if err := d.colon(); err != nil {
			return "", 0, err
		}
		if !isType {
			if err := d.skip(); err != nil {
				return "", 0, err
			}
			continue
		}
		if url != "" {
			return "", 0, d.fail(pos, `"@type" is given twice`)
		}
		text, err := d.str("a type URL")
		if err != nil {
			return "", 0, err
		}
		if url = string(text); url == "" {
			return "", 0, d.fail(pos, `"@type" is empty`)
		}
	}
}

// anyValue takes the object of an Any whose content is no object of its own but stands under "value".
func (d *decoder) anyValue(dst []byte, value func([]byte) ([]byte, error), optional bool) ([]byte, error) {
	if err := d.open('{', "an object"); err != nil {
		return dst, err
	}
	found := false
	for first := true; ; first = false {
		more, err := d.more('}', first)
		if err != nil {
			return dst, err
		}
		if !more {
			if !found && !optional {
				return dst, d.fail(d.pos-1, `the object has no "value"`)
			}
			return dst, nil
		}
		d.peek()
		pos := d.pos
		name, err := d.str("a field name")
		if err != nil {
			return dst, err
		}
		isValue, isType := string(name) == "value", string(name) == "@type"
		if !isValue && !isType && d.codec.opts.Unknown == RejectUnknown {
			return dst, d.fail(pos, "unknown field %q; beside \"@type\" there is only \"value\"", name)
		}
		if err := d.colon(); err != nil {
			return dst, err
		}
		switch {
		case isValue && found:
			return dst, d.fail(pos, `"value" is given twice`)
		case isValue:
			found = true
			if dst, err = value(dst); err != nil {
				return dst, at(err, ".value")
			}
		default:
			if err := d.skip(); err != nil {
				return dst, err
			}
		}
	}
}
