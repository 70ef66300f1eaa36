package transcode_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// mapped is a message of one map, with keys of a kind.
func mapped(t *testing.T, key protoreflect.Kind) protoreflect.MessageDescriptor {
	t.Helper()
	label, kind, text := descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL, descriptorpb.FieldDescriptorProto_Type(key), descriptorpb.FieldDescriptorProto_TYPE_STRING
	repeated, message := descriptorpb.FieldDescriptorProto_LABEL_REPEATED, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("m.proto"), Syntax: proto.String("proto3"), Package: proto.String("m"),
		MessageType: []*descriptorpb.DescriptorProto{{
			Name: proto.String("M"),
			Field: []*descriptorpb.FieldDescriptorProto{{
				Name: proto.String("all"), Number: proto.Int32(1), Label: &repeated, Type: &message, TypeName: proto.String(".m.M.AllEntry"),
			}},
			NestedType: []*descriptorpb.DescriptorProto{{
				Name: proto.String("AllEntry"), Options: &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)},
				Field: []*descriptorpb.FieldDescriptorProto{
					{Name: proto.String("key"), Number: proto.Int32(1), Label: &label, Type: &kind},
					{Name: proto.String("value"), Number: proto.Int32(2), Label: &label, Type: &text},
				},
			}},
		}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file.Messages().Get(0)
}

// TestAMapHasOneOrderWhateverItsServiceWrites holds the order against protojson's, and that of protobuf bodies against
// deterministic marshalling, for entries that come in any order.
func TestAMapHasOneOrderWhateverItsServiceWrites(t *testing.T) {
	t.Parallel()
	var short, long []any
	for _, n := range []int64{0, 1, -1, 7, 127, 128, 300, math.MaxInt32, math.MinInt32, -300} {
		short, long = append(short, int32(n)), append(long, n)
	}
	long = append(long, int64(math.MaxInt64), int64(math.MinInt64))
	small, large := []any{uint32(0), uint32(9), uint32(200), uint32(math.MaxUint32)}, []any{uint64(0), uint64(1 << 40), uint64(3), uint64(math.MaxUint64)}
	keys := map[protoreflect.Kind][]any{
		protoreflect.Int32Kind: short, protoreflect.Sint32Kind: short, protoreflect.Sfixed32Kind: short,
		protoreflect.Int64Kind: long, protoreflect.Sint64Kind: long, protoreflect.Sfixed64Kind: long,
		protoreflect.Uint32Kind: small, protoreflect.Fixed32Kind: small, protoreflect.Uint64Kind: large, protoreflect.Fixed64Kind: large,
		protoreflect.BoolKind:   {true, false},
		protoreflect.StringKind: {"", "a", "b", "ab", "paid", "placed", "packed", "status-9", "status-10", "status-1", "status-1\x00", "ß", "日本"},
	}
	for kind, values := range keys {
		md := mapped(t, kind)
		codec := transcode.NewCodec(nil, transcode.Options{Emit: transcode.EmitPresent})
		m := dynamicpb.NewMessage(md)
		entries := m.Mutable(md.Fields().Get(0)).Map()
		var pieces [][]byte
		for i, v := range values {
			key := protoreflect.ValueOf(v).MapKey()
			entries.Set(key, protoreflect.ValueOfString(fmt.Sprint("value ", i)))
			one := dynamicpb.NewMessage(md)
			one.Mutable(md.Fields().Get(0)).Map().Set(key, protoreflect.ValueOfString(fmt.Sprint("value ", i)))
			pieces = append(pieces, wireOf(t, one))
		}
		text, err := protojson.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		want := new(bytes.Buffer)
		if err := json.Compact(want, text); err != nil {
			t.Fatal(err)
		}
		canonical, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		for range len(pieces) {
			pieces = append(pieces[1:], pieces[0])
			for _, wire := range [][]byte{slices.Concat(pieces...), slices.Concat(pieces[0], slices.Concat(pieces...))} { // with a key twice, too
				if got, err := codec.Message(md).AppendJSON(nil, wire); err != nil || string(got) != want.String() {
					t.Fatalf("%s: %v\n got %s\nwant %s", kind, err, got, want)
				}
				if got, err := codec.Response(md, nil).AppendProto(nil, wire); err != nil || !bytes.Equal(got, canonical) {
					t.Fatalf("%s: %v\n got %x\nwant %x", kind, err, got, canonical)
				}
			}
		}
	}
}

// TestAnEntryOfTwoKeysHasTheLast is about bytes that no encoder writes.
func TestAnEntryOfTwoKeysHasTheLast(t *testing.T) {
	t.Parallel()
	codec := transcode.NewCodec(nil, transcode.Options{Emit: transcode.EmitPresent})
	wire := []byte("\x0a\x09\x0a\x01b\x0a\x01c\x12\x01x" + "\x0a\x06\x0a\x01b\x12\x01y")
	if got, err := codec.Message(mapped(t, protoreflect.StringKind)).AppendJSON(nil, wire); err != nil || string(got) != `{"all":{"b":"y","c":"x"}}` {
		t.Errorf("%s %v", got, err)
	}
}
