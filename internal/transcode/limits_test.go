package transcode_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

func tableOf(t testing.TB, m proto.Message, opts transcode.Options) *transcode.Message {
	t.Helper()
	return transcode.NewCodec(protoregistry.GlobalFiles, opts).Message(m.ProtoReflect().Descriptor())
}

func TestNestingIsLimitedInBothDirections(t *testing.T) {
	t.Parallel()
	child := tableOf(t, &edgetestv1.Child{}, transcode.Options{})
	value := tableOf(t, &edgetestv1.Everything{}, transcode.Options{})
	for _, c := range []struct {
		name  string
		table *transcode.Message
		nest  func(depth int) string
	}{
		{"messages", child, func(n int) string { return strings.Repeat(`{"child":`, n) + "{}" + strings.Repeat("}", n) }},
		{"lists of a Value", value, func(n int) string { return `{"value":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}" }},
		{"objects of a Value", value, func(n int) string {
			return `{"value":` + strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) + "}"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wire, err := c.table.AppendWire(nil, []byte(c.nest(40)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.table.AppendJSON(nil, wire); err != nil {
				t.Fatal(err)
			}
			for _, depth := range []int{101, 1_000_000} {
				_, err := c.table.AppendWire(nil, []byte(c.nest(depth)))
				if bad, ok := errors.AsType[*transcode.Error](err); !ok || !strings.Contains(bad.Reason, "nested too deeply") {
					t.Errorf("depth %d: got %v", depth, err)
				}
			}
		})
	}
}

func TestUnknownJSONIsNestedNoDeeperEither(t *testing.T) {
	t.Parallel()
	table := tableOf(t, &edgetestv1.Child{}, transcode.Options{Unknown: transcode.IgnoreUnknown})
	if _, err := table.AppendWire(nil, []byte(`{"a":`+strings.Repeat("[", 1_000_000))); err == nil {
		t.Error("accepted")
	}
}

func TestDeepWireIsRefused(t *testing.T) {
	t.Parallel()
	table := tableOf(t, &edgetestv1.Child{}, transcode.Options{})
	var wire []byte
	for range 2000 {
		wire = protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), wire)
	}
	if out, err := table.AppendJSON(nil, wire); err == nil {
		t.Errorf("accepted: %d bytes", len(out))
	}
	groups := bytes.Repeat(protowire.AppendTag(nil, 99, protowire.StartGroupType), 1_000_000)
	if _, err := table.AppendJSON(nil, groups); err == nil {
		t.Error("groups that nobody closes are accepted")
	}
}

func TestAnyWithinAnyIsLimited(t *testing.T) {
	t.Parallel()
	inner := &anypb.Any{}
	for range 500 {
		next, err := anypb.New(inner)
		if err != nil {
			t.Fatal(err)
		}
		inner = next
	}
	wire, err := proto.Marshal(inner)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tableOf(t, inner, transcode.Options{}).AppendJSON(nil, wire); err == nil {
		t.Error("accepted")
	}
}

// TestPiecesAtEveryLevelCostNoExponentialTime nests messages that are in two pieces at every level: starting over at
// each level instead of once would double the work each time.
func TestPiecesAtEveryLevelCostNoExponentialTime(t *testing.T) {
	t.Parallel()
	table := tableOf(t, &edgetestv1.Child{}, transcode.Options{})
	var wire []byte
	for range 80 {
		piece := protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), wire)
		size := protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), 7)
		other := protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), size)
		wire = slices.Concat(piece, other)
	}
	out, err := table.AppendJSON(nil, wire)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(out), `"size":7`); got != 80 {
		t.Errorf("%d levels are merged, want 80", got)
	}
}

func TestAnUnknownAnyKeepsItsTypeAndItsBytes(t *testing.T) {
	t.Parallel()
	table := tableOf(t, &anypb.Any{}, transcode.Gatehouse())
	wire, err := proto.Marshal(&anypb.Any{TypeUrl: "example.test/no.such.Type", Value: []byte{1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := table.AppendJSON(nil, wire)
	if want := `{"@type":"example.test/no.such.Type","value":"AQID"}`; err != nil || string(text) != want {
		t.Fatalf("got %s, %v", text, err)
	}
	back, err := table.AppendWire(nil, text)
	if err != nil || !bytes.Equal(back, wire) {
		t.Errorf("got %x, %v\nwant %x", back, err, wire)
	}
	strict := tableOf(t, &anypb.Any{}, transcode.Options{})
	if _, err := strict.AppendJSON(nil, wire); err == nil {
		t.Error("without OpaqueAny it is accepted")
	}
}

func TestHiddenFieldsAndValuesDoNotExist(t *testing.T) {
	t.Parallel()
	hidden := map[protoreflect.FullName]bool{
		"edgetest.v1.Everything.text": true, "edgetest.v1.Child.name": true, "edgetest.v1.Everything.KIND_TWO": true,
	}
	opts := transcode.Options{Visible: func(d protoreflect.Descriptor) bool { return !hidden[d.FullName()] }}
	table := tableOf(t, &edgetestv1.Everything{}, opts)
	wire, err := proto.Marshal(&edgetestv1.Everything{
		Text: "secret", Int32Value: 1, Kind: edgetestv1.Everything_KIND_TWO, Child: &edgetestv1.Child{Name: "secret", Size: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := table.AppendJSON(nil, wire)
	if err != nil || bytes.Contains(text, []byte("secret")) || bytes.Contains(text, []byte(`"text"`)) || bytes.Contains(text, []byte("KIND_TWO")) {
		t.Errorf("got %s, %v", text, err)
	}
	for _, body := range []string{`{"text":"x"}`, `{"child":{"name":"x"}}`, `{"kind":"KIND_TWO"}`} {
		_, err := table.AppendWire(nil, []byte(body))
		if err == nil || strings.Contains(err.Error(), `mean "text"`) || strings.Contains(err.Error(), `mean "name"`) || strings.Contains(err.Error(), "KIND_ONE, KIND_TWO") {
			t.Errorf("%s: got %v", body, err)
		}
	}
	codec := transcode.NewCodec(protoregistry.GlobalFiles, opts)
	if codec.Request(transcode.RequestSpec{Message: everything, Variables: [][]protoreflect.FieldDescriptor{fieldPath(t, "text")}}) != nil {
		t.Error("a hidden field can be bound to a path")
	}
	if codec.Response(everything, fieldPath(t, "text")[0]) != nil {
		t.Error("a hidden field can be the answer")
	}
}

func TestPresetsAndSwitches(t *testing.T) {
	t.Parallel()
	wire, err := proto.Marshal(&edgetestv1.Item{Id: "a", State: edgetestv1.Item_STATE_ACTIVE})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		opts transcode.Options
		want string
	}{
		{"gatehouse", transcode.Gatehouse(), `{"id":"a","displayName":"","description":"","state":"STATE_ACTIVE","stock":0,"viewCount":"0","rating":0,"tags":[],"labels":{},"featured":false,"imageUri":""}`},
		{"grpc-gateway", transcode.GRPCGateway(), `{"id":"a","displayName":"","description":"","state":"STATE_ACTIVE","stock":0,"viewCount":"0","rating":0,"price":null,"tags":[],"labels":{},"featured":false,"createTime":null,"imageUri":""}`},
		{"present", transcode.Options{Emit: transcode.EmitPresent}, `{"id":"a","state":"STATE_ACTIVE"}`},
		{"enum numbers", transcode.Options{Emit: transcode.EmitPresent, EnumNumbers: true}, `{"id":"a","state":1}`},
		{"proto names", transcode.Options{ProtoNames: true}, `{"id":"a","display_name":"","description":"","state":"STATE_ACTIVE","stock":0,"view_count":"0","rating":0,"tags":[],"labels":{},"featured":false,"image_uri":""}`},
	} {
		got, err := tableOf(t, &edgetestv1.Item{}, c.opts).AppendJSON(nil, wire)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", c.name, err, got, c.want)
		}
	}
}

func TestOneFieldIsTheAnswer(t *testing.T) {
	t.Parallel()
	full := &edgetestv1.Everything{
		Text: "a", Int64Value: 7, Child: &edgetestv1.Child{Size: 1}, Numbers: []int32{1, 2}, Labels: map[string]string{"a": "b"},
		Choice: &edgetestv1.Everything_ChoiceText{ChoiceText: "c"},
	}
	for _, c := range []struct{ field, full, empty string }{
		{"text", `"a"`, `""`},
		{"int64_value", `"7"`, `"0"`},
		{"child", `{"name":"","size":1,"tags":[]}`, `null`},
		{"numbers", `[1,2]`, `[]`},
		{"labels", `{"a":"b"}`, `{}`},
		{"choice_text", `"c"`, `null`},
		{"optional_text", `null`, `null`},
	} {
		response := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse()).Response(everything, fieldPath(t, c.field)[0])
		for _, m := range []struct {
			message *edgetestv1.Everything
			want    string
		}{{full, c.full}, {&edgetestv1.Everything{}, c.empty}} {
			wire, err := proto.Marshal(m.message)
			if err != nil {
				t.Fatal(err)
			}
			got, err := response.AppendJSON(nil, wire)
			if err != nil || string(got) != m.want {
				t.Errorf("%s: got %s, %v; want %s", c.field, got, err, m.want)
			}
		}
	}
}

// TestALargeMessageIsWrittenInPieces makes sure that room for the JSON stays small while a message of several MiB is
// written, and that a message found to be bad at its very end is refused before anything is written.
func TestALargeMessageIsWrittenInPieces(t *testing.T) {
	t.Parallel()
	wire, err := proto.Marshal(productList(10_000))
	if err != nil {
		t.Fatal(err)
	}
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	response := codec.Response((&edgetestv1.ItemList{}).ProtoReflect().Descriptor(), nil)
	want, err := response.AppendJSON(nil, wire)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	pieces := 0
	room, err := response.Stream(nil, wire, func(b []byte) error {
		pieces++
		out.Write(b)
		return nil
	})
	if err != nil || !bytes.Equal(out.Bytes(), want) {
		t.Fatalf("%d bytes, %v; want %d", out.Len(), err, len(want))
	}
	if pieces < 10 || cap(room) > len(want)/10 {
		t.Errorf("%d pieces, room of %d bytes for %d", pieces, cap(room), len(want))
	}
	bad := append(bytes.Clone(wire), 0x0a, 0x7f)
	if _, err := response.Stream(nil, bad, func([]byte) error { t.Error("written"); return nil }); err == nil {
		t.Error("a message that ends in the middle of a field is accepted")
	}
}

func TestTranslationAllocatesNothing(t *testing.T) {
	wire, err := proto.Marshal(productList(10))
	if err != nil {
		t.Fatal(err)
	}
	table := tableOf(t, &edgetestv1.ItemList{}, transcode.Gatehouse())
	text, err := table.AppendJSON(nil, wire)
	if err != nil {
		t.Fatal(err)
	}
	room := make([]byte, 0, 2*len(text))
	if n := testing.AllocsPerRun(100, func() { table.AppendJSON(room, wire) }); n > 0 { //nolint:errcheck // it succeeded above
		t.Errorf("wire to JSON: %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { table.AppendWire(room, text) }); n > 0 { //nolint:errcheck // likewise
		t.Errorf("JSON to wire: %v allocations", n)
	}
}

func TestBytesAreReadInBothAlphabets(t *testing.T) {
	t.Parallel()
	table := tableOf(t, &edgetestv1.Everything{}, transcode.Options{Emit: transcode.EmitPresent})
	want := []byte{0xfb, 0xff, 0xbf, 1}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		wire, err := table.AppendWire(nil, []byte(`{"bytesValue":"`+enc.EncodeToString(want)+`"}`))
		m := &edgetestv1.Everything{}
		if err != nil || proto.Unmarshal(wire, m) != nil || !bytes.Equal(m.GetBytesValue(), want) {
			t.Errorf("%s: got %x, %v", enc.EncodeToString(want), m.GetBytesValue(), err)
		}
	}
}
