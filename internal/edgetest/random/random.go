// Package random makes random messages, to hold those who read and write messages against each other with. It is for tests
// only.
package random

import (
	"math"
	"math/rand/v2"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Generator makes messages. One with the same source of numbers makes the same ones.
type Generator struct {
	*rand.Rand
	// Types are those that an Any may hold.
	Types *dynamicpb.Types
	// Closed keeps to the values of enums that have a name.
	Closed bool
	// Texts are those that strings are taken from; nil is for strange ones.
	Texts []string
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

func (g *Generator) string() string {
	if g.Texts != nil {
		return g.Texts[g.IntN(len(g.Texts))]
	}
	s := interestingStrings[g.IntN(len(interestingStrings))]
	if g.IntN(3) == 0 {
		s += interestingStrings[g.IntN(len(interestingStrings))]
	}
	return s
}

func (g *Generator) int() int64 {
	if g.IntN(3) == 0 {
		return int64(g.Uint64() >> g.IntN(64))
	}
	return interestingInts[g.IntN(len(interestingInts))]
}

func (g *Generator) float() float64 {
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

func (g *Generator) scalar(fd protoreflect.FieldDescriptor) protoreflect.Value {
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
		if !g.Closed && g.IntN(5) == 0 {
			return protoreflect.ValueOfEnum(protoreflect.EnumNumber(g.int()))
		}
		return protoreflect.ValueOfEnum(values.Get(g.IntN(values.Len())).Number())
	default:
		panic(fd.Kind())
	}
}

// Fill sets random fields of m, and of the messages within down to a depth; well-known types to values that have a JSON
// form.
func (g *Generator) Fill(m protoreflect.Message, depth int) {
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
		g.Set(m, fd, depth)
	}
}

// Set gives a field a random value; a list or map up to a few elements.
func (g *Generator) Set(m protoreflect.Message, fd protoreflect.FieldDescriptor, depth int) {
	switch {
	case fd.IsMap():
		for range g.IntN(12) {
			val := m.Mutable(fd).Map().NewValue()
			if fd.MapValue().Message() != nil {
				g.Fill(val.Message(), depth-1)
			} else {
				val = g.scalar(fd.MapValue())
			}
			m.Mutable(fd).Map().Set(g.scalar(fd.MapKey()).MapKey(), val)
		}
	case fd.IsList():
		for range g.IntN(4) {
			val := m.Mutable(fd).List().NewElement()
			if fd.Message() != nil {
				g.Fill(val.Message(), depth-1)
			} else {
				val = g.scalar(fd)
			}
			m.Mutable(fd).List().Append(val)
		}
	case fd.Message() != nil:
		g.Fill(m.Mutable(fd).Message(), depth-1)
	default:
		m.Set(fd, g.scalar(fd))
	}
}

func (g *Generator) fillKnown(m protoreflect.Message, depth int) bool {
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

func (g *Generator) fillValue(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	kinds := []protoreflect.Name{"null_value", "number_value", "string_value", "bool_value", "struct_value", "list_value"}
	if depth <= 0 {
		kinds = kinds[:4]
	}
	fd := fields.ByName(kinds[g.IntN(len(kinds))])
	switch {
	case fd.Message() != nil:
		g.Set(m, fd, depth)
	case fd.Kind() == protoreflect.DoubleKind:
		m.Set(fd, protoreflect.ValueOfFloat64(float64(g.IntN(1000))/8))
	case fd.Kind() == protoreflect.EnumKind:
		m.Set(fd, protoreflect.ValueOfEnum(0))
	default:
		m.Set(fd, g.scalar(fd))
	}
}

func (g *Generator) fillAny(m protoreflect.Message, depth int) {
	names := []protoreflect.FullName{"google.protobuf.Timestamp", "google.protobuf.Int32Value", "google.protobuf.Any", "google.protobuf.Empty"}
	name := names[g.IntN(len(names))]
	if g.IntN(2) == 0 {
		name = m.Descriptor().FullName()
	}
	if depth <= 0 {
		return
	}
	mt, err := g.Types.FindMessageByName(name)
	if err != nil {
		return
	}
	inner := mt.New()
	g.Fill(inner, depth-1)
	wire, err := proto.Marshal(inner.Interface())
	if err != nil {
		return
	}
	m.Set(m.Descriptor().Fields().ByName("type_url"), protoreflect.ValueOfString("type.googleapis.com/"+string(name)))
	m.Set(m.Descriptor().Fields().ByName("value"), protoreflect.ValueOfBytes(wire))
}
