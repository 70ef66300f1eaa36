package transcode_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/edgetest/random"
)

// generator makes random schemas and random messages of them.
type generator struct {
	*rand.Rand
	types *dynamicpb.Types
}

// fill sets random fields of m.
func (g *generator) fill(m protoreflect.Message, depth int) {
	(&random.Generator{Rand: g.Rand, Types: g.types}).Fill(m, depth)
}

// scramble rewrites wire bytes in a way that protobuf permits and canonical encoders never choose: fields in another
// order, messages in pieces, packed lists unpacked, overlong numbers, fields that nobody knows. One type's bytes stay
// of that type; what they mean may change, for both decoders alike.
func (g *generator) scramble(b []byte, md protoreflect.MessageDescriptor, depth int) []byte {
	var fields [][]byte
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		size := protowire.ConsumeFieldValue(num, typ, b[n:])
		if n < 0 || size < 0 {
			return b
		}
		fields = append(fields, g.rewrite(b[:n+size], num, typ, b[n:n+size], md, depth)...)
		b = b[n+size:]
	}
	if g.IntN(2) == 0 {
		g.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	}
	if len(fields) > 0 && g.IntN(3) == 0 {
		fields = append(fields, fields[g.IntN(len(fields))])
	}
	if g.IntN(4) == 0 {
		fields = append(fields, protowire.AppendVarint(protowire.AppendTag(nil, 99999, protowire.VarintType), 7))
	}
	return slices.Concat(fields...)
}

func (g *generator) rewrite(raw []byte, num protowire.Number, typ protowire.Type, value []byte, md protoreflect.MessageDescriptor, depth int) [][]byte {
	fd := md.Fields().ByNumber(num)
	switch {
	case fd == nil || depth == 0:
		return [][]byte{raw}
	case typ == protowire.VarintType && g.IntN(4) == 0:
		tag := protowire.AppendTag(nil, num, typ)
		last := len(value) - 1
		if last >= 8 {
			return [][]byte{raw}
		}
		long := append(slices.Clone(value[:last]), value[last]|0x80, 0)
		return [][]byte{append(tag, long...)}
	case typ == protowire.BytesType && fd.Kind() == protoreflect.MessageKind:
		content, _ := protowire.ConsumeBytes(value)
		content = g.scramble(content, fd.Message(), depth-1)
		var pieces [][]byte
		if !fd.IsList() && !fd.IsMap() && g.IntN(3) == 0 {
			cut := splitPoint(content, g.IntN(4))
			pieces = append(pieces, content[:cut])
			content = content[cut:]
		}
		pieces = append(pieces, content)
		for i, p := range pieces {
			pieces[i] = protowire.AppendBytes(protowire.AppendTag(nil, num, typ), p)
		}
		return pieces
	case typ == protowire.BytesType && fd.IsPacked() && g.IntN(2) == 0:
		return unpack(num, fd, value)
	}
	return [][]byte{raw}
}

// splitPoint returns the end of the nth field, or of the last.
func splitPoint(b []byte, n int) int {
	end := 0
	for range n {
		size := 0
		if end < len(b) {
			_, _, size = protowire.ConsumeField(b[end:])
		}
		if size <= 0 {
			break
		}
		end += size
	}
	return end
}

func unpack(num protowire.Number, fd protoreflect.FieldDescriptor, value []byte) [][]byte {
	var elements [][]byte
	content, _ := protowire.ConsumeBytes(value)
	typ := protowire.VarintType
	switch fd.Kind() {
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		typ = protowire.Fixed32Type
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		typ = protowire.Fixed64Type
	}
	for len(content) > 0 {
		n := protowire.ConsumeFieldValue(num, typ, content)
		elements = append(elements, append(protowire.AppendTag(nil, num, typ), content[:n]...))
		content = content[n:]
	}
	return elements
}

// schema returns a file of random messages that refer to one another.
func (g *generator) schema() (*protoregistry.Files, error) {
	syntax := []string{"proto2", "proto3"}[g.IntN(2)]
	file := &descriptorpb.FileDescriptorProto{
		Name: proto.String("random.proto"), Package: proto.String("random"), Syntax: &syntax,
		EnumType: []*descriptorpb.EnumDescriptorProto{{Name: proto.String("E"), Value: []*descriptorpb.EnumValueDescriptorProto{
			{Name: proto.String("ZERO"), Number: proto.Int32(0)}, {Name: proto.String("ONE"), Number: proto.Int32(1)},
			{Name: proto.String("MINUS"), Number: proto.Int32(-1)}, {Name: proto.String("FAR"), Number: proto.Int32(1 << 20)},
		}}},
	}
	const messages = 4
	for i := range messages {
		file.MessageType = append(file.MessageType, g.messageType(fmt.Sprintf("M%d", i), messages))
	}
	fd, err := protodesc.NewFile(file, nil)
	if err != nil {
		return nil, err
	}
	files := new(protoregistry.Files)
	return files, files.RegisterFile(fd)
}

// messageType makes a message of up to 90 fields, enough to need more than one word of presence bits, the last few of
// them the members of two oneofs.
func (g *generator) messageType(name string, messages int) *descriptorpb.DescriptorProto {
	md := &descriptorpb.DescriptorProto{Name: &name}
	numbers := g.Perm(200)
	count := 1 + g.IntN(90)
	for i := range count + 6 {
		field := &descriptorpb.FieldDescriptorProto{
			Name: proto.String(fmt.Sprintf("field_%d", i)), Number: proto.Int32(int32(numbers[i] + 1)),
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
		if i%7 == 6 { // far from the others, where tables are sparse
			field.Number = proto.Int32(*field.Number + 20000)
		}
		g.fieldType(field, messages)
		switch {
		case i >= count:
			field.OneofIndex = proto.Int32(int32(i-count) / 3)
		case g.IntN(4) == 0:
			field.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
		}
		md.Field = append(md.Field, field)
	}
	for i := range 2 {
		md.OneofDecl = append(md.OneofDecl, &descriptorpb.OneofDescriptorProto{Name: proto.String(fmt.Sprintf("o%d", i))})
	}
	return md
}

func (g *generator) fieldType(field *descriptorpb.FieldDescriptorProto, messages int) {
	kind := descriptorpb.FieldDescriptorProto_Type(1 + g.IntN(18))
	if kind == descriptorpb.FieldDescriptorProto_TYPE_GROUP {
		kind = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
	}
	field.Type = kind.Enum()
	switch kind {
	case descriptorpb.FieldDescriptorProto_TYPE_MESSAGE:
		field.TypeName = proto.String(fmt.Sprintf(".random.M%d", g.IntN(messages)))
	case descriptorpb.FieldDescriptorProto_TYPE_ENUM:
		field.TypeName = proto.String(".random.E")
	}
}
