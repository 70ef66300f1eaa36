package shop_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Whoever tests an edge with the shop must meet every kind of field in it.
func TestTheShopUsesEveryKindOfField(t *testing.T) {
	t.Parallel()
	used := make(map[string]bool)
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(file.Package()), "shop.") {
			for i := range file.Messages().Len() {
				walk(file.Messages().Get(i), used)
			}
			for i := range file.Services().Len() {
				methods := file.Services().Get(i).Methods()
				for j := range methods.Len() {
					used[string(methods.Get(j).Input().FullName())] = true
					used[string(methods.Get(j).Output().FullName())] = true
				}
			}
		}
		return true
	})
	want := []string{"oneof", "optional", "nested message", "google.api.HttpBody"}
	for kind := protoreflect.Kind(1); kind <= protoreflect.Sint64Kind; kind++ {
		if kind != protoreflect.GroupKind { // proto3 has none
			want = append(want, "one "+kind.String(), "repeated "+kind.String())
		}
	}
	for _, key := range []string{"string", "int32", "int64", "uint32", "uint64", "bool"} {
		want = append(want, "map by "+key)
	}
	for _, name := range []string{
		"Timestamp", "Duration", "FieldMask", "Struct", "Value", "ListValue", "Any", "Empty", "DoubleValue", "FloatValue",
		"Int64Value", "UInt64Value", "Int32Value", "UInt32Value", "BoolValue", "StringValue", "BytesValue",
	} {
		want = append(want, "google.protobuf."+name)
	}
	for _, feature := range want {
		if !used[feature] {
			t.Errorf("no message of the shop uses %s", feature)
		}
	}
}

func walk(m protoreflect.MessageDescriptor, used map[string]bool) {
	for i := range m.Messages().Len() {
		if nested := m.Messages().Get(i); !nested.IsMapEntry() {
			used["nested message"] = true
			walk(nested, used)
		}
	}
	for i := range m.Fields().Len() {
		fd := m.Fields().Get(i)
		switch {
		case fd.IsMap():
			used["map by "+fd.MapKey().Kind().String()] = true
			fd = fd.MapValue()
		case fd.IsList():
			used["repeated "+fd.Kind().String()] = true
		default:
			used["one "+fd.Kind().String()] = true
		}
		if fd.HasOptionalKeyword() {
			used["optional"] = true
		} else if fd.ContainingOneof() != nil {
			used["oneof"] = true
		}
		if fd.Message() != nil {
			used[string(fd.Message().FullName())] = true
		}
	}
}
