package transcode_test

import (
	"os"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// testeeFiles returns the messages of the protobuf conformance suite: proto2, proto3 and editions.
func testeeFiles(t testing.TB) *protoregistry.Files {
	t.Helper()
	image, err := os.ReadFile("testdata/testee.binpb")
	if err != nil {
		t.Fatal(err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(image, set); err != nil {
		t.Fatal(err)
	}
	for _, f := range set.File {
		for _, m := range f.MessageType {
			dropMessageSet(m)
		}
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// dropMessageSet makes ordinary messages of message sets, which Go refuses and no JSON test needs.
func dropMessageSet(m *descriptorpb.DescriptorProto) {
	if m.GetOptions().GetMessageSetWireFormat() {
		m.Options.MessageSetWireFormat = nil
		for _, r := range m.ExtensionRange {
			r.End = proto.Int32(min(r.GetEnd(), 1<<29))
		}
	}
	for _, n := range m.NestedType {
		dropMessageSet(n)
	}
}

func messageDescriptor(t testing.TB, types *dynamicpb.Types, name string) protoreflect.MessageDescriptor {
	t.Helper()
	mt, err := types.FindMessageByName(protoreflect.FullName(name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return mt.Descriptor()
}
