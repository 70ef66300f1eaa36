package transcode_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// chunkOf is a field of md with a length-delimited value.
func chunkOf(md protoreflect.MessageDescriptor, name protoreflect.Name, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, md.Fields().ByName(name).Number(), protowire.BytesType), content)
}

// value is a value of a map's entry.
func value(content []byte) []byte { return protowire.AppendBytes([]byte{0x12}, content) }

func TestWhatDoesNotCountMustBeWellFormedAllTheSame(t *testing.T) {
	t.Parallel()
	c := newCleaner(testeeFiles(t))
	md := messageDescriptor(t, c.types, testMessages[0])
	begun, rest := []byte{0x08}, []byte{0x01} // a number's tag, and the number
	for name, wire := range map[string][]byte{
		"a packed list":                    chunkOf(md, "packed_int32", []byte{0x80}),
		"a packed list of fixed numbers":   chunkOf(md, "packed_fixed64", make([]byte, 9)),
		"a replaced member of a oneof":     slices.Concat(chunkOf(md, "oneof_nested_message", begun), chunkOf(md, "oneof_string", nil)),
		"a replaced entry of a map":        slices.Concat(chunkOf(md, "map_string_nested_message", value(begun)), chunkOf(md, "map_string_nested_message", nil)),
		"a field in two messages":          slices.Concat(chunkOf(md, "optional_nested_message", begun), chunkOf(md, "optional_nested_message", rest)),
		"a field in two values of a map's": chunkOf(md, "map_string_nested_message", slices.Concat(value(begun), value(rest))),
	} {
		if _, err := c.known(md, wire); err == nil {
			t.Errorf("%s: the referee accepts it", name)
		}
		if out, err := c.codec.Response(md, nil).AppendProto(nil, wire); err == nil {
			t.Errorf("%s: accepted as %x", name, out)
		}
		if out, err := c.codec.Message(md).AppendJSON(nil, wire); err == nil {
			t.Errorf("%s: accepted as %s", name, out)
		}
	}
}

// A mebibyte takes a tenth of a second; if every piece cost as much as all before it, it would take half a minute.
func TestPiecesCostNoQuadraticTime(t *testing.T) {
	t.Parallel()
	c := newCleaner(testeeFiles(t))
	md := messageDescriptor(t, c.types, testMessages[0])
	r := c.codec.Request(transcode.RequestSpec{Message: md, Body: transcode.WholeBody})
	repeat := func(piece []byte) []byte { return bytes.Repeat(piece, 1<<20/len(piece)) }
	number := []byte{0x08, 0x01}
	for name, wire := range map[string][]byte{
		"messages": repeat(chunkOf(md, "optional_nested_message", number)),
		"values":   chunkOf(md, "map_string_nested_message", repeat(value(number))),
		"members":  repeat(slices.Concat(chunkOf(md, "oneof_nested_message", number), chunkOf(md, "oneof_string", nil))),
	} {
		start := time.Now()
		if _, err := r.AppendProto(nil, wire, "", nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}
