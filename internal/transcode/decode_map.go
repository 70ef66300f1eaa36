package transcode

import (
	"hash/maphash"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// mapping takes an object and appends its members as the entries of a map.
func (d *decoder) mapping(dst []byte, f *field) ([]byte, error) {
	if err := d.open('{', "an object"); err != nil {
		return dst, err
	}
	d.keys.push()
	size := 1
	for first := true; ; first = false {
		more, err := d.more('}', first)
		if err != nil {
			return dst, err
		}
		if !more {
			d.keys.pop()
			return dst, nil
		}
		if dst, size, err = d.entry(dst, f, size); err != nil {
			return dst, err
		}
	}
}

// entry takes `"key":value` and appends it; size is as in submessage.
func (d *decoder) entry(dst []byte, f *field, size int) ([]byte, int, error) {
	undo := len(dst)
	dst = append(dst, f.tag...)
	start := len(dst)
	dst = append(beginLength(dst, size), f.mapKey.tag...)

	d.peek()
	pos, key := d.pos, len(dst)
	text, err := d.str("a map key")
	if err != nil {
		return dst, size, err
	}
	dst, ok := appendMapKey(dst, f.mapKey.kind, text)
	if !ok {
		return dst, size, d.fail(pos, "expected a map key that is %s, found %q", keyNames[f.mapKey.kind], text)
	}
	// Two keys of one hash are taken for the same: among 64-bit hashes with a random seed that is out of reach.
	if !d.keys.add(maphash.Bytes(keySeed, dst[key:])) {
		return dst, size, d.fail(pos, "the map key %q is given twice", text)
	}
	name := d.in[pos:d.pos]
	if err := d.colon(); err != nil {
		return dst, size, err
	}
	if f.mapVal.message != nil {
		dst, _, err = d.submessage(dst, f.mapVal, 1)
	} else {
		var some bool
		if dst, some, err = d.scalar(append(dst, f.mapVal.tag...), f.mapVal, undo); err == nil && !some {
			return dst, size, nil
		}
	}
	if err != nil {
		return dst, size, at(err, "["+string(name)+"]")
	}
	dst, size = endLength(dst, start, size)
	return dst, size, nil
}

var keyNames = map[protoreflect.Kind]string{
	protoreflect.StringKind:   "UTF-8 text",
	protoreflect.BoolKind:     "true or false",
	protoreflect.Int32Kind:    numberNames[protoreflect.Int32Kind],
	protoreflect.Sint32Kind:   numberNames[protoreflect.Sint32Kind],
	protoreflect.Sfixed32Kind: numberNames[protoreflect.Sfixed32Kind],
	protoreflect.Uint32Kind:   numberNames[protoreflect.Uint32Kind],
	protoreflect.Fixed32Kind:  numberNames[protoreflect.Fixed32Kind],
	protoreflect.Int64Kind:    numberNames[protoreflect.Int64Kind],
	protoreflect.Sint64Kind:   numberNames[protoreflect.Sint64Kind],
	protoreflect.Sfixed64Kind: numberNames[protoreflect.Sfixed64Kind],
	protoreflect.Uint64Kind:   numberNames[protoreflect.Uint64Kind],
	protoreflect.Fixed64Kind:  numberNames[protoreflect.Fixed64Kind],
}

// appendMapKey appends what the text of an object's key stands for, in the wire form of that kind. It reports false if
// the kind has no such key.
func appendMapKey(dst []byte, kind protoreflect.Kind, text []byte) ([]byte, bool) {
	switch kind {
	case protoreflect.StringKind:
		return protowire.AppendBytes(dst, text), utf8.Valid(text)
	case protoreflect.BoolKind:
		switch string(text) {
		case "true":
			return append(dst, 1), true
		case "false":
			return append(dst, 0), true
		}
		return dst, false
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return appendUnsignedKey(dst, kind, text, 32)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return appendUnsignedKey(dst, kind, text, 64)
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return appendSignedKey(dst, kind, text, 32)
	default:
		return appendSignedKey(dst, kind, text, 64)
	}
}

func appendUnsignedKey(dst []byte, kind protoreflect.Kind, text []byte, size int) ([]byte, bool) {
	v, err := strconv.ParseUint(view(text), 10, size)
	if err != nil {
		return dst, false
	}
	return appendNumber(dst, kind, &decimal{mantissa: v, exact: true})
}

func appendSignedKey(dst []byte, kind protoreflect.Kind, text []byte, size int) ([]byte, bool) {
	v, err := strconv.ParseInt(view(text), 10, size)
	if err != nil {
		return dst, false
	}
	magnitude := uint64(v)
	if v < 0 {
		magnitude = -magnitude
	}
	return appendNumber(dst, kind, &decimal{mantissa: magnitude, exact: true, negative: v < 0})
}
