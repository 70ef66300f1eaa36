package validate

import (
	"encoding/binary"
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

var (
	errTruncated = errors.New("message ends in the middle of a field")
	errBadTag    = errors.New("message holds an invalid field tag")
	errTooDeep   = errors.New("message is nested too deeply")
)

// uvarint reads the varint at b[i:]. It returns the index behind it, or a negative one if there is none.
func uvarint(b []byte, i int) (v uint64, end int) {
	if i >= len(b) {
		return 0, -1
	}
	if v = uint64(b[i]); v < 0x80 {
		return v, i + 1
	}
	v, n := protowire.ConsumeVarint(b[i:])
	if n < 0 {
		return 0, -1
	}
	return v, i + n
}

// chunk reads the length-delimited value at b[i:] and returns where it begins and ends.
func chunk(b []byte, i int) (start, end int, err error) {
	n, j := uvarint(b, i)
	if j < 0 || n > uint64(len(b)-j) {
		return 0, 0, errTruncated
	}
	return j, j + int(n), nil
}

// group reads the group whose start tag stands before b[i:] and returns where its content begins and ends, and what
// is behind its end tag.
func group(b []byte, i int, num protowire.Number) (start, end, behind int, err error) {
	content, n := protowire.ConsumeGroup(num, b[i:])
	if n < 0 {
		return 0, 0, 0, protowire.ParseError(n)
	}
	return i, i + len(content), i + n, nil
}

// number reads a number of one of the three wire types that numbers have.
func number(b []byte, i int, t protowire.Type) (raw uint64, end int, err error) {
	switch t {
	case protowire.Fixed32Type:
		if len(b)-i < 4 {
			return 0, 0, errTruncated
		}
		return uint64(binary.LittleEndian.Uint32(b[i:])), i + 4, nil
	case protowire.Fixed64Type:
		if len(b)-i < 8 {
			return 0, 0, errTruncated
		}
		return binary.LittleEndian.Uint64(b[i:]), i + 8, nil
	default:
		raw, end = uvarint(b, i)
		if end < 0 {
			return 0, 0, errTruncated
		}
		return raw, end, nil
	}
}

// skip passes over the value of a field that nobody asks about.
func skip(b []byte, i int, tag uint64) (int, error) {
	num := tag >> 3
	if num < uint64(protowire.MinValidNumber) || num > uint64(protowire.MaxValidNumber) {
		return 0, errBadTag
	}
	n := protowire.ConsumeFieldValue(protowire.Number(num), protowire.Type(tag&7), b[i:])
	if n < 0 {
		return 0, protowire.ParseError(n)
	}
	return i + n, nil
}

var wireTypes = map[protoreflect.Kind]protowire.Type{
	protoreflect.BoolKind:     protowire.VarintType,
	protoreflect.EnumKind:     protowire.VarintType,
	protoreflect.Int32Kind:    protowire.VarintType,
	protoreflect.Sint32Kind:   protowire.VarintType,
	protoreflect.Uint32Kind:   protowire.VarintType,
	protoreflect.Int64Kind:    protowire.VarintType,
	protoreflect.Sint64Kind:   protowire.VarintType,
	protoreflect.Uint64Kind:   protowire.VarintType,
	protoreflect.Sfixed32Kind: protowire.Fixed32Type,
	protoreflect.Fixed32Kind:  protowire.Fixed32Type,
	protoreflect.FloatKind:    protowire.Fixed32Type,
	protoreflect.Sfixed64Kind: protowire.Fixed64Type,
	protoreflect.Fixed64Kind:  protowire.Fixed64Type,
	protoreflect.DoubleKind:   protowire.Fixed64Type,
	protoreflect.StringKind:   protowire.BytesType,
	protoreflect.BytesKind:    protowire.BytesType,
	protoreflect.MessageKind:  protowire.BytesType,
	protoreflect.GroupKind:    protowire.StartGroupType,
}
