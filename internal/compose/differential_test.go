package compose_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest/random"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// oddities are what only proto2 has.
const oddities = `syntax = "proto2";
package odd;
message Odd {
  optional int32 number = 1 [default = 5];
  optional string text = 2;
  repeated int32 unpacked = 3;
  repeated sint64 packed = 4 [packed = true];
  optional group Inner = 5 { optional int32 a = 1; optional group Deep = 2 { repeated string b = 1; } }
  repeated group Many = 6 { optional int32 a = 1; }
  enum Closed { NONE = 0; ONE = 1; TWO = 2; }
  optional Closed closed = 7;
  repeated Closed closeds = 8;
  repeated Closed packeds = 9 [packed = true];
  oneof choice { int32 chosen = 10; Odd odd = 11; Closed enumerated = 12; group Grouped = 13 { optional int32 a = 1; } string said = 14; }
  map<string, Closed> enums = 15;
  map<int32, Odd> odds = 16;
  optional Odd again = 17;
  repeated Odd list = 70;
  optional fixed64 wide = 71;
  optional bytes raw = 72;
}
`

// mirror is a composition that takes a message apart and puts it together again: each field of a request becomes one of a
// call's request, three messages deep; each field of the responses becomes one of the answer, under another number.
type mirror struct {
	plan         *compose.Plan
	message      protoreflect.MessageDescriptor // of the request, and of what is called
	answer, call protoreflect.MessageDescriptor
	types        *dynamicpb.Types

	response []byte
	asked    []byte
}

// Call implements compose.Caller.
func (m *mirror) Call(_ context.Context, _ *compose.Target, request []byte) ([]byte, error) {
	if len(request) > 0 {
		m.asked = slices.Clone(request)
	}
	return m.response, nil
}

const mirrored = "mirror.proto"

// mirrorOf builds the mirror of a message.
func mirrorOf(t testing.TB, md protoreflect.MessageDescriptor) *mirror {
	t.Helper()
	file := &descriptorpb.FileDescriptorProto{
		Name: proto.String(mirrored), Package: proto.String("mirror"), Syntax: proto.String("proto2"),
		Dependency: []string{md.ParentFile().Path()},
	}
	for i := range md.ParentFile().Imports().Len() {
		file.Dependency = append(file.Dependency, md.ParentFile().Imports().Get(i).Path())
	}
	reflected := reflectedOf(md)
	file.MessageType = append(file.MessageType, reflected, wrapping("Middle", ".mirror.Reflected"), wrapping("Outer", ".mirror.Middle"))
	said := new(gatehousev1.Composition)
	for i, fd := range reflected.GetField() {
		part := &gatehousev1.Part{Field: fd.GetName(), Call: "mirror.Service/Get", Take: fd.GetName()}
		said.Parts = append(said.Parts, part)
		said.Parts[0].Bind = append(said.Parts[0].GetBind(), &gatehousev1.PartBinding{
			To: "in.in." + fd.GetName(), From: &gatehousev1.PartBinding_Request{Request: md.Fields().Get(i).TextName()},
		})
		part.Take = md.Fields().Get(i).TextName()
	}
	options := new(descriptorpb.MethodOptions)
	proto.SetExtension(options, gatehousev1.E_Compose, said)
	of := proto.String("." + string(md.FullName()))
	file.Service = []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("Service"), Method: []*descriptorpb.MethodDescriptorProto{
		{Name: proto.String("Get"), InputType: proto.String(".mirror.Outer"), OutputType: of},
		{Name: proto.String("Show"), InputType: of, OutputType: proto.String(".mirror.Reflected"), Options: options},
	}}}
	set := setOf(t, md.ParentFile(), file)
	show := method(t, set, "mirror.Service.Show")
	m := &mirror{
		message: show.Input(), answer: show.Output(), call: method(t, set, "mirror.Service.Get").Input(), types: dynamicpb.NewTypes(set.Files),
	}
	var problems []source.Problem
	if m.plan, problems = compose.Compile(set, show, compose.Options{}); len(problems) > 0 {
		t.Fatal(problems)
	}
	return m
}

// setOf links a file with another one and what that imports.
func setOf(t testing.TB, imported protoreflect.FileDescriptor, file *descriptorpb.FileDescriptorProto) *source.Set {
	t.Helper()
	var files []*descriptorpb.FileDescriptorProto
	var add func(protoreflect.FileDescriptor)
	add = func(fd protoreflect.FileDescriptor) {
		for i := range fd.Imports().Len() {
			add(fd.Imports().Get(i).FileDescriptor)
		}
		if !slices.ContainsFunc(files, func(f *descriptorpb.FileDescriptorProto) bool { return f.GetName() == fd.Path() }) {
			files = append(files, protodesc.ToFileDescriptorProto(fd))
		}
	}
	add(imported)
	set, err := source.Files(t.Context(), "mirror", append(files, file), []string{mirrored})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// wrapping is a message of one field.
func wrapping(name, of string) *descriptorpb.DescriptorProto {
	return &descriptorpb.DescriptorProto{Name: proto.String(name), Field: []*descriptorpb.FieldDescriptorProto{{
		Name: proto.String("in"), Number: proto.Int32(1), TypeName: proto.String(of),
		Type: descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
	}}}
}

// reflectedOf is a message of the same fields in another order, none of them in a oneof. What was a group is a message, and every
// third list that may be is packed.
func reflectedOf(md protoreflect.MessageDescriptor) *descriptorpb.DescriptorProto {
	out := &descriptorpb.DescriptorProto{Name: proto.String("Reflected")}
	for i := range md.Fields().Len() {
		fd := protodesc.ToFieldDescriptorProto(md.Fields().Get(i))
		fd.Number = proto.Int32(int32(1000 - 7*i))
		fd.OneofIndex, fd.Proto3Optional, fd.DefaultValue, fd.JsonName = nil, nil, nil, nil
		fd.Options = nil
		if md.Fields().Get(i).IsList() && wireList(md.Fields().Get(i)) && i%3 == 0 {
			fd.Options = &descriptorpb.FieldOptions{Packed: proto.Bool(true)}
		}
		if fd.GetType() == descriptorpb.FieldDescriptorProto_TYPE_GROUP {
			fd.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
		}
		if md.Fields().Get(i).IsMap() {
			entry := protodesc.ToDescriptorProto(md.Fields().Get(i).Message())
			out.NestedType = append(out.NestedType, entry)
			fd.TypeName = proto.String(".mirror.Reflected." + entry.GetName())
		}
		out.Field = append(out.Field, fd)
	}
	return out
}

func wireList(fd protoreflect.FieldDescriptor) bool {
	return fd.Message() == nil && fd.Kind() != protoreflect.StringKind && fd.Kind() != protoreflect.BytesKind
}

// reflection sets the fields of another message one by one.
func (m *mirror) reflection(t testing.TB, from protoreflect.Message) protoreflect.Message {
	t.Helper()
	to := dynamicpb.NewMessage(m.answer)
	from.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		field := m.answer.Fields().ByName(fd.Name())
		switch {
		case fd.IsExtension():
		case fd.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				to.Mutable(field).Map().Set(k, v)
				return true
			})
		case fd.IsList():
			for i := range v.List().Len() {
				to.Mutable(field).List().Append(v.List().Get(i))
			}
		default:
			to.Set(field, v)
		}
		return true
	})
	return to
}

// same checks that bytes are a message, what nobody knows aside.
func same(t testing.TB, what string, md protoreflect.MessageDescriptor, got []byte, want protoreflect.Message) {
	t.Helper()
	m := dynamicpb.NewMessage(md)
	if err := (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(got, m); err != nil {
		t.Fatalf("%s %x: %v", what, got, err)
	}
	m.SetUnknown(nil)
	if !proto.Equal(m, want.Interface()) {
		t.Fatalf("%s:\n got %v\nwant %v", what, m, want.Interface())
	}
}

// readWith reads a message with protobuf's library. Of a map entry that has its key once more, in another wire type, a dynamic
// message panics, and so says nothing.
func readWith(wire []byte, into proto.Message) (err error, sane bool) { //nolint:revive // the error is what is asked for
	defer func() {
		if recover() != nil {
			sane = false
		}
	}()
	return proto.UnmarshalOptions{AllowPartial: true}.Unmarshal(wire, into), true
}

// check runs the mirror on a message as request and response.
func (m *mirror) check(t testing.TB, wire []byte) {
	t.Helper()
	read := dynamicpb.NewMessage(m.message)
	unread, sane := readWith(wire, read)
	if !sane {
		return
	}
	m.response, m.asked = wire, nil
	answer, err := m.plan.Run(context.Background(), compose.Request{Message: wire, Caller: m})
	if err != nil {
		if unread == nil && m.message.FullName() == "edgetest.v1.Everything" && !isDeep(wire) && !isOdd(wire, false) {
			t.Fatalf("%x can be read, and fails with %v", wire, err)
		}
		return
	}
	if unread != nil {
		t.Fatalf("%x can not be read: %v; the answer is %x", wire, unread, answer.Message)
	}
	read.SetUnknown(nil)
	want := m.reflection(t, read)
	same(t, "answer", m.answer, answer.Message, want)
	if m.asked == nil {
		return // nothing to bind
	}
	inner := dynamicpb.NewMessage(m.call)
	if err := (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(m.asked, inner); err != nil {
		t.Fatalf("request %x: %v", m.asked, err)
	}
	middle := inner.Get(m.call.Fields().ByNumber(1)).Message()
	got := middle.Get(middle.Descriptor().Fields().ByNumber(1)).Message()
	got.SetUnknown(nil)
	if !proto.Equal(got.Interface(), want.Interface()) {
		t.Fatalf("request of the call:\n got %v\nwant %v", got, want)
	}
}

// isDeep tells whether messages may nest deeper than an answer permits.
func isDeep(b []byte) bool { return len(b) > 150 }

// isOdd tells whether a group has a field of a number that fields can not have. Go's protobuf takes those in groups that nobody
// knows; the edge does not.
func isOdd(b []byte, grouped bool) bool {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 || typ == protowire.EndGroupType {
			return false
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(num, typ, b)
		switch content, _ := protowire.ConsumeBytes(b); {
		case grouped && num > protowire.MaxValidNumber:
			return true
		case size < 0:
			return false
		case typ == protowire.StartGroupType && isOdd(b[:size], true), typ == protowire.BytesType && isOdd(content, false):
			return true
		}
		b = b[size:]
	}
	return false
}

// mirrors are those of a message of proto3 and of one of proto2.
func mirrors(t testing.TB) []*mirror {
	t.Helper()
	set, err := source.FS(t.Context(), fstest.MapFS{"odd.proto": {Data: []byte(oddities + "service S { rpc Get(Odd) returns (Odd); }")}})
	if err != nil {
		t.Fatal(err)
	}
	return []*mirror{
		mirrorOf(t, (*edgetestv1.Everything)(nil).ProtoReflect().Descriptor()),
		mirrorOf(t, method(t, set, "odd.S.Get").Input()),
	}
}

// written is a random message of the mirror's, written as protobuf permits and encoders never do.
func (m *mirror) written(t testing.TB, seed uint64) []byte {
	t.Helper()
	g := &random.Generator{Rand: rand.New(rand.NewPCG(seed, 6)), Types: m.types}
	message := dynamicpb.NewMessage(m.message)
	g.Fill(message, 3)
	wire, err := proto.MarshalOptions{AllowPartial: true}.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return scrambled(g.Rand, wire, m.message, 3)
}

func TestAnswersAndRequestsAreWhatSettingEachFieldWouldMake(t *testing.T) {
	t.Parallel()
	for _, m := range mirrors(t) {
		t.Run(string(m.message.FullName()), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(600) {
				m.check(t, m.written(t, seed))
			}
		})
	}
}

func FuzzWhatIsAcceptedIsWhatProtobufReads(f *testing.F) {
	all := mirrors(f)
	for seed := range uint64(20) {
		for i, m := range all {
			f.Add(i == 0, m.written(f, seed))
		}
	}
	f.Add(true, []byte("\xda\x9f\x8e\x89\x30\x00")) // a number that fields can not have
	f.Add(true, []byte("\xc3\x06\xc4\x06"))
	f.Add(true, []byte("\x33\xe5\xe6\x8f\x98\x300000\x34")) // such a number in a group
	f.Add(false, []byte("\x2b\x13\x0a\x00\x14\x2c"))
	f.Fuzz(func(t *testing.T, proto3 bool, wire []byte) {
		m := all[1]
		if proto3 {
			m = all[0]
		}
		m.check(t, wire)
	})
}

// scrambled shuffles the fields of a message, takes messages and lists to pieces, and says things twice.
func scrambled(r *rand.Rand, b []byte, md protoreflect.MessageDescriptor, depth int) []byte {
	var fields [][]byte
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		size := protowire.ConsumeFieldValue(num, typ, b[n:])
		value := b[n : n+size]
		fields = append(fields, pieces(r, b[:n+size], value, md.Fields().ByNumber(num), typ, depth)...)
		b = b[n+size:]
	}
	if r.IntN(3) > 0 {
		r.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	}
	for range r.IntN(3) {
		if len(fields) > 0 {
			fields = append(fields, fields[r.IntN(len(fields))])
		}
	}
	if r.IntN(4) == 0 {
		fields = append(fields, []byte{0xf8, 0xff, 0x30, 7}) // of a number that nobody knows
	}
	return slices.Concat(fields...)
}

// pieces writes one occurrence of a field otherwise.
func pieces(
	r *rand.Rand, whole, value []byte, fd protoreflect.FieldDescriptor, typ protowire.Type, depth int,
) [][]byte {
	switch {
	case fd == nil || depth == 0:
	case typ == protowire.BytesType && fd.Kind() == protoreflect.MessageKind && !fd.IsMap():
		content, _ := protowire.ConsumeBytes(value)
		content = scrambled(r, content, fd.Message(), depth-1)
		tag := protowire.AppendTag(nil, fd.Number(), typ)
		if _, _, n := protowire.ConsumeField(content); n > 0 && !fd.IsList() && r.IntN(2) == 0 {
			return [][]byte{protowire.AppendBytes(slices.Clone(tag), content[:n]), protowire.AppendBytes(tag, content[n:])}
		}
		return [][]byte{protowire.AppendBytes(tag, content)}
	case typ == protowire.BytesType && fd.IsPacked() && r.IntN(2) == 0:
		content, _ := protowire.ConsumeBytes(value)
		return unpacked(r, content, fd)
	case fd.Enum() != nil && typ == protowire.VarintType && r.IntN(3) == 0: // a value that there is not
		return [][]byte{whole, protowire.AppendVarint(protowire.AppendTag(nil, fd.Number(), typ), 77)}
	case r.IntN(10) == 0: // another type than the field's
		return [][]byte{whole, protowire.AppendFixed32(protowire.AppendTag(nil, fd.Number(), protowire.Fixed32Type), 77)}
	}
	return [][]byte{whole}
}

// unpacked takes a list to pieces, some of them packed.
func unpacked(r *rand.Rand, content []byte, fd protoreflect.FieldDescriptor) [][]byte {
	wireType := map[protoreflect.Kind]protowire.Type{
		protoreflect.DoubleKind: protowire.Fixed64Type, protoreflect.FloatKind: protowire.Fixed32Type,
	}[fd.Kind()]
	var out [][]byte
	for len(content) > 0 {
		n := protowire.ConsumeFieldValue(fd.Number(), wireType, content)
		if r.IntN(3) == 0 {
			out = append(out, protowire.AppendBytes(protowire.AppendTag(nil, fd.Number(), protowire.BytesType), content[:n]))
		} else {
			out = append(out, append(protowire.AppendTag(nil, fd.Number(), wireType), content[:n]...))
		}
		content = content[n:]
	}
	return out
}
