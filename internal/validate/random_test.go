package validate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// generator makes messages whose values lie on both sides of what rules ask.
type generator struct {
	*rand.Rand
}

var (
	ints   = []int64{-6, -5, -4, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 128, 129, 300, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64}
	floats = []float64{
		-5.5, -5, -4.9, 0, math.Copysign(0, -1), 1, 3, 7, 7.4, 7.5, 7.6, 10, 1e30, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64,
	}
	words = []string{
		"", "a", "ab", "abc", "abcd", "abcde", "abcdef", "fixed", "red", "green", "pre", "prefix", "xpost", "post", "amid", "bad", "abz", "ammz",
		"amxyz", "bbc", "xbcx", "yes", " YES ", "\u212aelvin", "kelvin", "a word here", "swords", "ünï", "日本", "日本語文", "\xff\xfe", "x\x00y", "a\tb",
		"a@b.co", "a@b", "a@-b.co", "\"a b\"@b.co", "Bob <bob@example.com>", "a.b+c@example.com", "a..b@example.com", "@", "a@b@c",
		"example.com", "example.com.", "-x.com", "x-.com", "EXAMPLE.com", "\u212a.com", "a_b.com", "..", "1.2.3.4", "1.2.3", "::1", "::ffff:1.2.3.4", "fe80::1%eth0",
		"https://example.com/a?b#c", "https://example.com:80/", "mailto:a@b", "/a/b", "a:b:c", "http://[::1]/", "http://%zz", ":", "http://a b/", "1a:x",
		"123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-42661417400g", "123e4567e89b12d3a456426614174000",
		"Content-Type", ":path", "bad header", "a,b", "line\nbreak", "1234567890123456", "xyz",
		"type.googleapis.com/edgetest.v1.Amount", "type.googleapis.com/google.protobuf.Empty", "categories/kitchen/knives", "ABC-12345", "EUR",
	}
)

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

// text is a word as a string, which has to be UTF-8.
func (g *generator) text() string {
	for {
		if s := pick(g, words); s != "\xff\xfe" {
			return s
		}
	}
}

func (g *generator) scalar(fd protoreflect.FieldDescriptor) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(g.IntN(2) == 0)
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(pick(g, ints)))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(pick(g, ints))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(pick(g, ints)))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(pick(g, ints)))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(pick(g, floats)))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(pick(g, floats))
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(g.text())
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(pick(g, words)))
	default:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(pick(g, []int32{-2, -1, 0, 1, 2, 5, 6})))
	}
}

// fill sets random fields of m, down to a depth.
func (g *generator) fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	switch m.Descriptor().FullName() {
	case "google.protobuf.Timestamp", "google.protobuf.Duration":
		now := time.Now().Unix()
		m.Set(fields.ByName("seconds"), protoreflect.ValueOfInt64(pick(g, []int64{
			0, 1, 2, 3, 4, 9, 999, 1000, 1001, -1, now - 60, now - 7200, now + 60, now + 7200, 253402300799, 253402300800, -62135596801, 315576000001,
		})))
		m.Set(fields.ByName("nanos"), protoreflect.ValueOfInt32(pick(g, []int32{0, 0, 0, 1, 5, 6, -1, 999999999, 1000000000, -999999999, -1000000000})))
		return
	}
	for i := range fields.Len() {
		if fd := fields.Get(i); g.IntN(2) == 0 && (depth > 0 || fd.Message() == nil) {
			g.set(m, fd, depth)
		}
	}
}

func (g *generator) set(m protoreflect.Message, fd protoreflect.FieldDescriptor, depth int) {
	value := func(fd protoreflect.FieldDescriptor, fresh protoreflect.Value) protoreflect.Value {
		if fd.Message() == nil {
			return g.scalar(fd)
		}
		g.fill(fresh.Message(), depth-1)
		return fresh
	}
	most := 5
	if g.IntN(10) == 0 {
		most = 40 // enough to be hashed
	}
	switch {
	case fd.IsMap():
		to := m.Mutable(fd).Map()
		for range g.IntN(most) {
			key := g.scalar(fd.MapKey()).MapKey()
			to.Set(key, value(fd.MapValue(), to.NewValue()))
		}
	case fd.IsList():
		to := m.Mutable(fd).List()
		for range g.IntN(most) {
			to.Append(value(fd, to.NewElement()))
		}
	case fd.Message() != nil:
		g.fill(m.Mutable(fd).Message(), depth-1)
	default:
		m.Set(fd, g.scalar(fd))
	}
}

// scramble rewrites wire bytes in a way that protobuf permits and canonical encoders never choose: fields in another order,
// messages and lists in pieces, packed lists unpacked and the other way round, fields twice, fields that nobody knows, of a
// type that the field does not have. What they mean may change.
func (g *generator) scramble(b []byte, md protoreflect.MessageDescriptor, depth int) []byte {
	var fields [][]byte
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		size := protowire.ConsumeFieldValue(num, typ, b[n:])
		fields = append(fields, g.rewrite(b[:n+size], b[n:n+size], md.Fields().ByNumber(num), typ, depth)...)
		b = b[n+size:]
	}
	for range g.IntN(3) {
		if len(fields) > 0 {
			fields = append(fields, pick(g, fields))
		}
	}
	if g.IntN(3) > 0 {
		g.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	}
	if g.IntN(4) == 0 {
		fields = append(fields, protowire.AppendVarint(protowire.AppendTag(nil, 99999, protowire.VarintType), 7))
	}
	if n := md.Fields().Len(); n > 0 && g.IntN(4) == 0 {
		fields = append(fields, append(protowire.AppendTag(nil, md.Fields().Get(g.IntN(n)).Number(), protowire.Fixed32Type), 1, 2, 3, 4))
	}
	return slices.Concat(fields...)
}

func (g *generator) rewrite(raw, value []byte, fd protoreflect.FieldDescriptor, typ protowire.Type, depth int) [][]byte {
	packable := fd != nil && fd.IsList() && fd.Message() == nil && fd.Kind() != protoreflect.StringKind && fd.Kind() != protoreflect.BytesKind
	switch {
	case fd == nil || depth == 0:
	case typ == protowire.BytesType && fd.Kind() == protoreflect.MessageKind:
		content, _ := protowire.ConsumeBytes(value)
		content = g.scramble(content, fd.Message(), depth-1)
		cut := 0
		if !fd.IsList() && !fd.IsMap() {
			cut = splitPoint(content, g.IntN(4))
		}
		pieces := [][]byte{content[cut:]}
		if cut > 0 {
			pieces = [][]byte{content[:cut], content[cut:]}
		}
		for i, p := range pieces {
			pieces[i] = protowire.AppendBytes(protowire.AppendTag(nil, fd.Number(), typ), p)
		}
		return pieces
	case typ == protowire.BytesType && packable && g.IntN(2) == 0:
		return unpack(fd, value)
	case typ != protowire.BytesType && packable && g.IntN(2) == 0:
		return [][]byte{protowire.AppendBytes(protowire.AppendTag(nil, fd.Number(), protowire.BytesType), value)}
	}
	return [][]byte{raw}
}

// splitPoint returns the end of the nth field, or of the last.
func splitPoint(b []byte, n int) int {
	end := 0
	for range n {
		_, _, size := protowire.ConsumeField(b[end:])
		if size <= 0 {
			break
		}
		end += size
	}
	return end
}

func unpack(fd protoreflect.FieldDescriptor, value []byte) [][]byte {
	content, _ := protowire.ConsumeBytes(value)
	typ := protowire.VarintType
	switch fd.Kind() {
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		typ = protowire.Fixed32Type
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		typ = protowire.Fixed64Type
	}
	var elements [][]byte
	for len(content) > 0 {
		n := protowire.ConsumeFieldValue(fd.Number(), typ, content)
		elements = append(elements, append(protowire.AppendTag(nil, fd.Number(), typ), content[:n]...))
		content = content[n:]
	}
	return elements
}
