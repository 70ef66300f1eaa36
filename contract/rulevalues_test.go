package contract_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/edgetest/random"
)

// tellingTexts are texts that some rule of the protos takes, and texts that nearly are.
var tellingTexts = append(slices.Clone(texts),
	"bc", "abbbc", "yes", " NO ", "\u212aelvin", "\u00a0yes", "a word here", "swordfish", "sword", "post", "prepost", "amid", "abmxyz", "ammxyz", "bad", "x",
	"xyz", "red", "Key-1", ":path", "a b", "a,b", "a:b", "tab\there", "line\nbreak", "nul\x00", "é", "ab\u0301", "日本", "🎉", "🎉🎉🎉", "\r",
	"example.com", "EXAMPLE.com.", "-a.example", "a..example", strings.Repeat("a", 64)+".example", "localhost",
	"192.0.2.7", "192.0.2.256", "2001:db8::7", "::", "::ffff:192.0.2.7", "2001:db8::g", "[::1]", "192.0.2.0/24", "192.0.2.7/24", "2001:db8::/32", "192.0.2.0/33",
	"mailto:a@example.com", "/a/b?c=d#e", "//example.com/a", "http://[::1", "%zz", "a%20b",
	"0b9a1c5e-5d4f-4b5a-8f1e-2d3c4b5a6978", "0B9A1C5E-5D4F-4B5A-8F1E-2D3C4B5A6978", "0b9a1c5e5d4f4b5a8f1e2d3c4b5a6978", "0b9a1c5e-5d4f-4b5a-8f1e-2d3c4b5a697g",
	"01ARZ3NDEKTSV4RRFFQ69G5FAV", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "a.b.C", ".a.b.C", "a..b", "example.com:80", "[::1]:65535", "example.com:", "192.0.2.7:080",
	"GO!", "one two three", "one two three four",
)

// named are values that the rules of a field name, and those right beside them.
func named(rules protoreflect.Message, fd protoreflect.FieldDescriptor) []protoreflect.Value {
	var list []protoreflect.Value
	add := func(v protoreflect.Value) {
		list = append(list, beside(v, fd)...)
	}
	rules.Range(func(rule protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case rule.IsList():
			for i := range v.List().Len() {
				if rule.Message() == nil || rule.Message().FullName().Parent() == "google.protobuf" {
					add(v.List().Get(i))
				}
			}
		case rule.Message() == nil || rule.Message().FullName().Parent() == "google.protobuf":
			add(v)
		default:
			list = append(list, named(v.Message(), fd)...)
		}
		return true
	})
	return list
}

// beside are values of a field that have to do with a value of a rule.
func beside(v protoreflect.Value, fd protoreflect.FieldDescriptor) []protoreflect.Value {
	switch v := v.Interface().(type) {
	case protoreflect.Message:
		return aroundTime(v, fd)
	case string:
		if fd.Kind() == protoreflect.StringKind {
			return []protoreflect.Value{protoreflect.ValueOfString(v), protoreflect.ValueOfString(v + "x"), protoreflect.ValueOfString("x" + v)}
		}
	case []byte:
		if fd.Kind() == protoreflect.BytesKind {
			return []protoreflect.Value{protoreflect.ValueOfBytes(v), protoreflect.ValueOfBytes(append(slices.Clone(v), 0xff))}
		}
	case float32:
		return around(float64(v), fd)
	case float64:
		return around(v, fd)
	case int32:
		return around(float64(v), fd)
	case int64:
		return around(float64(v), fd)
	case uint32:
		return around(float64(v), fd)
	case uint64:
		return around(float64(v), fd)
	case protoreflect.EnumNumber:
		return nil
	}
	return nil
}

// around are the numbers at one, or the texts of about that length.
func around(n float64, fd protoreflect.FieldDescriptor) []protoreflect.Value {
	var list []protoreflect.Value
	for _, n := range []float64{n - 1, n, n + 1} {
		switch fd.Kind() {
		case protoreflect.StringKind:
			for _, piece := range []string{"a", "é", "🎉"} {
				for _, size := range []float64{n, n / float64(len(piece))} {
					if size >= 0 && size < 5000 {
						list = append(list, protoreflect.ValueOfString(strings.Repeat(piece, int(size))))
					}
				}
			}
		case protoreflect.BytesKind:
			if n >= 0 && n < 5000 {
				list = append(list, protoreflect.ValueOfBytes([]byte(strings.Repeat("a", int(n)))))
			}
		default:
			if v, ok := numberOf(n, fd); ok {
				list = append(list, v)
			}
		}
	}
	return list
}

// numberOf is a number as a field holds it.
func numberOf(n float64, fd protoreflect.FieldDescriptor) (protoreflect.Value, bool) {
	isWithin := func(least, most float64) bool { return least <= n && n <= most }
	switch fd.Kind() {
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(n)), isWithin(math.MinInt32, math.MaxInt32)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(n)), isWithin(0, math.MaxUint32)
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(int64(n)), isWithin(-1<<62, 1<<62)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(n)), isWithin(0, 1<<63)
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(n)), true
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(n), true
	case protoreflect.EnumKind:
		number := protoreflect.EnumNumber(int32(n))
		return protoreflect.ValueOfEnum(number), fd.Enum().Values().ByNumber(number) != nil
	default:
		return protoreflect.Value{}, false
	}
}

// aroundTime are a time, or a length of time, and those a second away from it.
func aroundTime(of protoreflect.Message, fd protoreflect.FieldDescriptor) []protoreflect.Value {
	if fd.Message() == nil || fd.Message().FullName() != of.Descriptor().FullName() || of.Descriptor().Fields().ByName("seconds") == nil {
		return nil
	}
	var list []protoreflect.Value
	for _, away := range []int64{-1, 0, 1} {
		m := dynamicpb.NewMessage(fd.Message())
		seconds := of.Get(of.Descriptor().Fields().ByName("seconds")).Int() + away
		m.Set(fd.Message().Fields().ByName("seconds"), protoreflect.ValueOfInt64(seconds))
		if away == 0 {
			m.Set(fd.Message().Fields().ByName("nanos"), of.Get(of.Descriptor().Fields().ByName("nanos")))
		}
		list = append(list, protoreflect.ValueOfMessage(m))
	}
	return list
}

// valuesOf are values that rules name, and others that tell something.
func valuesOf(rules protoreflect.Message, fd protoreflect.FieldDescriptor) []protoreflect.Value {
	list := named(rules, fd)
	if fd.IsMap() {
		list = append(named(rules, fd.MapKey()), named(rules, fd.MapValue())...)
		fd = fd.MapValue()
	}
	of := fd
	if fd.Message() != nil && fd.Message().Fields().Len() == 1 && fd.Message().Fields().Get(0).Name() == "value" {
		of = fd.Message().Fields().Get(0)
		list = append(list, named(rules, of)...)
	}
	switch of.Kind() {
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		for _, n := range []float64{math.Inf(1), math.Inf(-1), 0.5, -0.5, 0} {
			v, _ := numberOf(n, of)
			list = append(list, v)
		}
	case protoreflect.StringKind:
		for _, text := range tellingTexts {
			list = append(list, protoreflect.ValueOfString(text))
		}
	case protoreflect.BytesKind:
		for n := range 20 {
			list = append(list, protoreflect.ValueOfBytes(make([]byte, n)))
		}
	default:
		if v, ok := numberOf(0, of); ok {
			list = append(list, v)
		}
	}
	return list
}

// put sets a field to a value, an item, the value of a wrapper, or the key or value of an entry.
func put(t testing.TB, m protoreflect.Message, fd protoreflect.FieldDescriptor, rnd *random.Generator, v protoreflect.Value) {
	t.Helper()
	switch {
	case fd.IsMap():
		putEntry(t, m, fd, rnd, v)
	case fd.IsList():
		list := m.Mutable(fd).List()
		list.Append(held(t, list.NewElement(), fd, v))
	default:
		m.Set(fd, held(t, m.NewField(fd), fd, v))
	}
}

func putEntry(t testing.TB, m protoreflect.Message, fd protoreflect.FieldDescriptor, rnd *random.Generator, v protoreflect.Value) {
	t.Helper()
	example := m.Mutable(fd).Map()
	for example.Len() != 1 {
		m.Clear(fd)
		rnd.Set(m, fd, 1)
		example = m.Mutable(fd).Map()
	}
	entries := m.NewField(fd).Map()
	example.Range(func(k protoreflect.MapKey, value protoreflect.Value) bool {
		if isOf(v, fd.MapKey()) && rnd.IntN(2) == 0 {
			entries.Set(v.MapKey(), value)
		} else if isOf(v, fd.MapValue()) {
			entries.Set(k, held(t, entries.NewValue(), fd.MapValue(), v))
		}
		return true
	})
	m.Set(fd, protoreflect.ValueOfMap(entries))
}

// isOf tells whether a value is one of a field.
func isOf(v protoreflect.Value, fd protoreflect.FieldDescriptor) bool {
	if _, isMessage := v.Interface().(protoreflect.Message); isMessage || fd.Message() != nil {
		return isMessage && fd.Message() != nil
	}
	return fmt.Sprintf("%T", v.Interface()) == fmt.Sprintf("%T", fd.Default().Interface())
}

// held is a value as a message holds it, in a wrapper if it takes one.
func held(t testing.TB, into protoreflect.Value, fd protoreflect.FieldDescriptor, v protoreflect.Value) protoreflect.Value {
	t.Helper()
	if fd.Message() == nil {
		return v
	}
	inner, isMessage := v.Interface().(protoreflect.Message)
	if !isMessage {
		into.Message().Set(fd.Message().Fields().ByName("value"), v)
		return into
	}
	wire, err := proto.Marshal(inner.Interface())
	if err == nil {
		err = proto.Unmarshal(wire, into.Message().Interface())
	}
	if err != nil {
		t.Fatal(err)
	}
	return into
}
