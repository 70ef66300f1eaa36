package transcode_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// generator makes random schemas and random messages of them.
type generator struct {
	*rand.Rand
	types *dynamicpb.Types
}

var interestingInts = []int64{0, 1, -1, 127, 128, 300, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64, 1 << 53, 1<<53 + 1}

var interestingFloats = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.1, 19.99, 1e21, 1e-7, 123456.789012, math.MaxFloat64, math.SmallestNonzeroFloat64,
	math.MaxFloat32, math.NaN(), math.Inf(1), math.Inf(-1), 1e15, 999999999999999, 1e22, 0.000001, 5e-324, 1.0000001,
}

var interestingStrings = []string{
	"", "a", "plain text that is longer than a word", "\"quoted\"", "back\\slash", "tab\tand\nline", "\x00\x1f\x7f",
	"ünïcödé", "日本語のテキスト", "emoji 🎉 here", "\u2028\u2029", "</script>", "ends in quote\"", "12345678\"", "1234567\\",
}

func (g *generator) string() string {
	s := interestingStrings[g.IntN(len(interestingStrings))]
	if g.IntN(3) == 0 {
		s += interestingStrings[g.IntN(len(interestingStrings))]
	}
	return s
}

func (g *generator) int() int64 {
	if g.IntN(3) == 0 {
		return int64(g.Uint64() >> g.IntN(64))
	}
	return interestingInts[g.IntN(len(interestingInts))]
}

func (g *generator) float() float64 {
	switch g.IntN(4) {
	case 0:
		return math.Float64frombits(g.Uint64())
	case 1:
		return float64(g.IntN(1000000)) / 100
	case 2:
		return float64(float32(g.NormFloat64()))
	default:
		return interestingFloats[g.IntN(len(interestingFloats))]
	}
}

func (g *generator) scalar(fd protoreflect.FieldDescriptor) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(g.IntN(2) == 0)
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(g.int()))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(g.int())
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(g.int()))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(g.int()))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(g.float()))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(g.float())
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(g.string())
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(g.string()))
	case protoreflect.EnumKind:
		values := fd.Enum().Values()
		if g.IntN(5) == 0 {
			return protoreflect.ValueOfEnum(protoreflect.EnumNumber(g.int()))
		}
		return protoreflect.ValueOfEnum(values.Get(g.IntN(values.Len())).Number())
	default:
		panic(fd.Kind())
	}
}

// fill sets random fields of m, well-known types to values that have a JSON form.
func (g *generator) fill(m protoreflect.Message, depth int) {
	md := m.Descriptor()
	if g.fillKnown(m, depth) {
		return
	}
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		required := fd.Cardinality() == protoreflect.Required
		if !required && (depth <= 0 && fd.Message() != nil || g.IntN(3) != 0) {
			continue
		}
		g.set(m, fd, depth)
	}
}

func (g *generator) set(m protoreflect.Message, fd protoreflect.FieldDescriptor, depth int) {
	switch {
	case fd.IsMap():
		for range g.IntN(12) {
			val := m.Mutable(fd).Map().NewValue()
			if fd.MapValue().Message() != nil {
				g.fill(val.Message(), depth-1)
			} else {
				val = g.scalar(fd.MapValue())
			}
			m.Mutable(fd).Map().Set(g.scalar(fd.MapKey()).MapKey(), val)
		}
	case fd.IsList():
		for range g.IntN(4) {
			val := m.Mutable(fd).List().NewElement()
			if fd.Message() != nil {
				g.fill(val.Message(), depth-1)
			} else {
				val = g.scalar(fd)
			}
			m.Mutable(fd).List().Append(val)
		}
	case fd.Message() != nil:
		g.fill(m.Mutable(fd).Message(), depth-1)
	default:
		m.Set(fd, g.scalar(fd))
	}
}

func (g *generator) fillKnown(m protoreflect.Message, depth int) bool {
	fields := m.Descriptor().Fields()
	set := func(name string, v protoreflect.Value) { m.Set(fields.ByName(protoreflect.Name(name)), v) }
	switch m.Descriptor().FullName() {
	case "google.protobuf.Timestamp":
		set("seconds", protoreflect.ValueOfInt64(-62135596800+g.Int64N(253402300799+62135596800)))
		set("nanos", protoreflect.ValueOfInt32([]int32{0, 500000000, 123000, 999999999, 1}[g.IntN(5)]))
	case "google.protobuf.Duration":
		sign := []int64{1, -1}[g.IntN(2)]
		set("seconds", protoreflect.ValueOfInt64(sign*g.Int64N(315576000000)))
		set("nanos", protoreflect.ValueOfInt32(int32(sign)*[]int32{0, 500000000, 123000, 999999999, 1}[g.IntN(5)]))
	case "google.protobuf.FieldMask":
		for range g.IntN(4) {
			m.Mutable(fields.ByName("paths")).List().Append(protoreflect.ValueOfString([]string{"a", "display_name", "a.b_c.d"}[g.IntN(3)]))
		}
	case "google.protobuf.Value":
		g.fillValue(m, depth)
	case "google.protobuf.Any":
		g.fillAny(m, depth)
	default:
		return false
	}
	return true
}

func (g *generator) fillValue(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	kinds := []protoreflect.Name{"null_value", "number_value", "string_value", "bool_value", "struct_value", "list_value"}
	if depth <= 0 {
		kinds = kinds[:4]
	}
	fd := fields.ByName(kinds[g.IntN(len(kinds))])
	switch {
	case fd.Message() != nil:
		g.set(m, fd, depth)
	case fd.Kind() == protoreflect.DoubleKind:
		m.Set(fd, protoreflect.ValueOfFloat64(float64(g.IntN(1000))/8))
	case fd.Kind() == protoreflect.EnumKind:
		m.Set(fd, protoreflect.ValueOfEnum(0))
	default:
		m.Set(fd, g.scalar(fd))
	}
}

func (g *generator) fillAny(m protoreflect.Message, depth int) {
	names := []protoreflect.FullName{"google.protobuf.Timestamp", "google.protobuf.Int32Value", "google.protobuf.Any", "google.protobuf.Empty"}
	name := names[g.IntN(len(names))]
	if g.IntN(2) == 0 {
		name = m.Descriptor().FullName()
	}
	if depth <= 0 {
		return
	}
	mt, err := g.types.FindMessageByName(name)
	if err != nil {
		return
	}
	inner := mt.New()
	g.fill(inner, depth-1)
	wire, err := proto.Marshal(inner.Interface())
	if err != nil {
		return
	}
	m.Set(m.Descriptor().Fields().ByName("type_url"), protoreflect.ValueOfString("type.googleapis.com/"+string(name)))
	m.Set(m.Descriptor().Fields().ByName("value"), protoreflect.ValueOfBytes(wire))
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
