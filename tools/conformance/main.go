// Command conformance is a testee of the protobuf project's conformance runner: it answers the runner's JSON tests with
// the edge's codec. docs/conformance.md tells how to run it.
//
// Usage: conformance IMAGE, the descriptors of the test messages and of the runner's protocol.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// Values of the protocol's enums.
const (
	formatProtobuf        = 1
	formatJSON            = 2
	categoryIgnoreUnknown = 3
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: conformance IMAGE")
	}
	t, err := load(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	if err := t.run(os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

type testee struct {
	files           *protoregistry.Files
	request, answer protoreflect.MessageDescriptor
	strict, lenient *transcode.Codec
}

func load(image string) (*testee, error) {
	data, err := os.ReadFile(image)
	if err != nil {
		return nil, err
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(data, set); err != nil {
		return nil, fmt.Errorf("%s: %w", image, err)
	}
	for _, f := range set.File {
		for _, m := range f.MessageType {
			dropMessageSet(m)
		}
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", image, err)
	}
	t := &testee{
		files:   files,
		strict:  transcode.NewCodec(files, transcode.Options{Emit: transcode.EmitPresent}),
		lenient: transcode.NewCodec(files, transcode.Options{Emit: transcode.EmitPresent, Unknown: transcode.IgnoreUnknown}),
	}
	t.request, t.answer = t.find("conformance.ConformanceRequest"), t.find("conformance.ConformanceResponse")
	if t.request == nil || t.answer == nil {
		return nil, fmt.Errorf("%s does not hold the runner's protocol", image)
	}
	return t, nil
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

func (t *testee) find(name string) protoreflect.MessageDescriptor {
	d, err := t.files.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	md, _ := d.(protoreflect.MessageDescriptor)
	return md
}

// run answers requests, each after its length, until there are no more.
func (t *testee) run(in io.Reader, out io.Writer) error {
	reader := bufio.NewReader(in)
	var size [4]byte
	for {
		if _, err := io.ReadFull(reader, size[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		data := make([]byte, binary.LittleEndian.Uint32(size[:]))
		if _, err := io.ReadFull(reader, data); err != nil {
			return err
		}
		request := dynamicpb.NewMessage(t.request)
		if err := proto.Unmarshal(data, request); err != nil {
			return err
		}
		answer, err := t.pack(t.handle(request))
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint32(size[:], uint32(len(answer)))
		if _, err := out.Write(append(size[:], answer...)); err != nil {
			return err
		}
	}
}

func (t *testee) pack(field protoreflect.Name, value []byte) ([]byte, error) {
	m := dynamicpb.NewMessage(t.answer)
	fd := t.answer.Fields().ByName(field)
	if fd.Kind() == protoreflect.BytesKind {
		m.Set(fd, protoreflect.ValueOfBytes(value))
	} else {
		m.Set(fd, protoreflect.ValueOfString(string(value)))
	}
	return proto.Marshal(m)
}

// handle answers one request: the field of the answer, and its value.
func (t *testee) handle(request protoreflect.Message) (protoreflect.Name, []byte) {
	get := func(name protoreflect.Name) protoreflect.Value { return request.Get(t.request.Fields().ByName(name)) }
	if get("message_type").String() == "conformance.FailureSet" {
		return "protobuf_payload", nil // which tests may fail: none
	}
	md := t.find(get("message_type").String())
	payload, format := request.WhichOneof(t.request.Oneofs().ByName("payload")), get("requested_output_format").Enum()
	fromJSON := payload != nil && payload.Name() == "json_payload"
	switch {
	case md == nil:
		return "skipped", []byte("unknown message type")
	case !fromJSON && (payload == nil || payload.Name() != "protobuf_payload" || format != formatJSON),
		format != formatJSON && format != formatProtobuf:
		return "skipped", []byte("not a JSON test")
	}
	codec := t.strict
	if get("test_category").Enum() == categoryIgnoreUnknown {
		codec = t.lenient
	}
	m := codec.Message(md)
	wire := get("protobuf_payload").Bytes()
	if fromJSON {
		var err error
		if wire, err = m.AppendWire(nil, []byte(get("json_payload").String())); err != nil {
			return "parse_error", []byte(err.Error())
		}
		if format == formatProtobuf {
			return "protobuf_payload", wire
		}
	}
	text, err := m.AppendJSON(nil, wire)
	if err != nil {
		return "serialize_error", []byte(err.Error())
	}
	return "json_payload", text
}
