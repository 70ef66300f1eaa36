package compose

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// message reads the JSON of a message.
func message(types *source.Types, md protoreflect.MessageDescriptor, text string) ([]byte, error) {
	m := dynamicpb.NewMessage(md)
	if err := (protojson.UnmarshalOptions{Resolver: types}).Unmarshal([]byte(text), m); err != nil {
		return nil, errors.New(plain(err))
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// constant reads the value of a field: the text of a string, JSON for all else, whose quotes may be left out. It returns the
// field's occurrences.
func constant(types *source.Types, fd protoreflect.FieldDescriptor, text string) ([]byte, error) {
	quoted, err := json.Marshal(text)
	if err != nil {
		return nil, err
	}
	forms := [][]byte{[]byte(text), quoted}
	if fd.Kind() == protoreflect.StringKind && !isList(fd) {
		forms = forms[1:]
	}
	for _, form := range forms {
		object, err := json.Marshal(map[string]json.RawMessage{fd.TextName(): form})
		if err != nil {
			continue // it is no JSON
		}
		m := dynamicpb.NewMessage(fd.ContainingMessage())
		if (protojson.UnmarshalOptions{Resolver: types, AllowPartial: true}).Unmarshal(object, m) == nil {
			return proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(m)
		}
	}
	if isList(fd) {
		return nil, fmt.Errorf("%q is no JSON of field %s", text, fd.FullName())
	}
	return nil, fmt.Errorf("%q is no %s", text, kindOf(fd))
}

// plain takes away what the protobuf runtime puts before its messages, and the places that mean nothing in an option.
func plain(err error) string {
	text := strings.ReplaceAll(strings.TrimLeft(strings.TrimPrefix(err.Error(), "proto:"), " \u00a0"), "\u00a0", " ")
	return strings.TrimSpace(text)
}

// claimed is a claim as a value of a field; ok tells whether the text is one.
func claimed(fd protoreflect.FieldDescriptor, text string) (v value, ok bool) {
	v.typ = wireType(fd.Kind())
	switch fd.Kind() {
	case protoreflect.StringKind:
		v.raw = []byte(text)
		return v, true
	case protoreflect.BoolKind:
		b, err := strconv.ParseBool(text)
		v.raw = protowire.AppendVarint(nil, protowire.EncodeBool(b))
		return v, err == nil
	case protoreflect.EnumKind:
		if value := fd.Enum().Values().ByName(protoreflect.Name(text)); value != nil {
			v.raw = protowire.AppendVarint(nil, uint64(value.Number()))
			return v, true
		}
		return v, false
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		n, err := strconv.ParseUint(text, 10, bits(fd.Kind()))
		v.raw = appendNumber(fd.Kind(), n)
		return v, err == nil
	default:
		n, err := strconv.ParseInt(text, 10, bits(fd.Kind()))
		v.raw = appendNumber(fd.Kind(), uint64(n))
		return v, err == nil
	}
}

// claimable tells whether a field can hold a claim.
func claimable(fd protoreflect.FieldDescriptor) bool {
	switch fd.Kind() {
	case protoreflect.DoubleKind, protoreflect.FloatKind, protoreflect.BytesKind, protoreflect.MessageKind, protoreflect.GroupKind:
		return false
	default:
		return !isList(fd)
	}
}

func bits(k protoreflect.Kind) int {
	switch k {
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return 64
	default:
		return 32
	}
}

func appendNumber(k protoreflect.Kind, n uint64) []byte {
	switch {
	case k == protoreflect.Sint32Kind || k == protoreflect.Sint64Kind:
		return protowire.AppendVarint(nil, protowire.EncodeZigZag(int64(n)))
	case wireType(k) == protowire.Fixed32Type:
		return protowire.AppendFixed32(nil, uint32(n))
	case wireType(k) == protowire.Fixed64Type:
		return protowire.AppendFixed64(nil, n)
	default:
		return protowire.AppendVarint(nil, n)
	}
}
