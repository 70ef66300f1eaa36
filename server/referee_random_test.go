package server_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
)

func TestRandomRequestsMeanTheSameToGRPCGateway(t *testing.T) {
	t.Parallel()
	r := newReferee(t)
	g := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		m, err := randomEverything(g)
		if err != nil {
			t.Fatal(err)
		}
		body, err := protojson.MarshalOptions{UseProtoNames: g.IntN(2) == 0, EmitUnpopulated: g.IntN(2) == 0, UseEnumNumbers: g.IntN(2) == 0}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		r.compare(t, post(prefix+"/body", string(body)))
		if broken := mutate(g, body); !isFollowed(broken) {
			r.compare(t, post(prefix+"/body", string(broken)))
		}
		r.compare(t, get(prefix+"/query?"+randomQuery(g)))
		r.compare(t, get(prefix+"/items/"+url.PathEscape(randomSegment(g))))
	}
}

// mutate changes one byte, or leaves one out.
func mutate(g *rand.Rand, body []byte) []byte {
	const signs = `{}[]",:0123456789eE+-.\/tfn `
	body = slices.Clone(body)
	i := g.IntN(len(body))
	if g.IntN(3) == 0 {
		return slices.Delete(body, i, i+1)
	}
	body[i] = signs[g.IntN(len(signs))]
	return body
}

// isFollowed tells of data behind the first JSON value, which is a difference that docs/grpc-gateway.md explains.
func isFollowed(body []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(body))
	var first json.RawMessage
	return dec.Decode(&first) == nil && len(bytes.TrimSpace(body[dec.InputOffset():])) > 0
}

var texts = []string{"", "a", "ä\"\\\n", "日本語", "a b+c/d%2F", "\u2028", "😀", "\x00\x7f"}

func randomText(g *rand.Rand) string { return texts[g.IntN(len(texts))] }

// randomSegment is a value of one segment. Those of which docs/grpc-gateway.md says that they differ are not among them.
func randomSegment(g *rand.Rand) string {
	segments := []string{"7", "a:b", "a b", "日本", "a%b", "a?b", "a+b", "a=b&c", "...", "~", "*", "{x}", "a:other"}
	return segments[g.IntN(len(segments))]
}

func randomEverything(g *rand.Rand) (*edgetestv1.Everything, error) {
	m := &edgetestv1.Everything{
		Text: randomText(g), Int32Value: int32(g.Int64()), Int64Value: g.Int64() - g.Int64(), Uint64Value: g.Uint64(), Sint32Value: -g.Int32(),
		Fixed64Value: g.Uint64(), FloatValue: float32(g.NormFloat64()), DoubleValue: g.ExpFloat64(), BoolValue: g.IntN(2) == 0, BytesValue: []byte(randomText(g)),
		Kind: edgetestv1.Everything_Kind(g.IntN(5) - 1), Strings: []string{randomText(g), randomText(g)}, Numbers: []int32{1, g.Int32()}, Labels: map[string]string{randomText(g): randomText(g)},
		Doubles: []float64{g.Float64(), 1e300, 1e-7}, Children: []*edgetestv1.Child{{Name: randomText(g)}, {Child: &edgetestv1.Child{Size: 1}}},
	}
	switch g.IntN(4) {
	case 0:
		m.Choice = &edgetestv1.Everything_ChoiceText{ChoiceText: randomText(g)}
	case 1:
		m.Choice = &edgetestv1.Everything_ChoiceChild{ChoiceChild: &edgetestv1.Child{Name: randomText(g)}}
	case 2:
		m.Choice = &edgetestv1.Everything_ChoiceInt64{ChoiceInt64: g.Int64()}
	}
	if g.IntN(2) == 0 {
		m.Child, m.OptionalText = &edgetestv1.Child{Name: randomText(g), Tags: []string{randomText(g)}}, proto.String(randomText(g))
	}
	if g.IntN(2) == 0 {
		return m, addKnownTypes(g, m)
	}
	return m, nil
}

// addKnownTypes sets the fields of well-known types.
func addKnownTypes(g *rand.Rand, m *edgetestv1.Everything) (err error) {
	m.Timestamp = &timestamppb.Timestamp{Seconds: g.Int64N(253402300799+62135596800) - 62135596800, Nanos: g.Int32N(1e9)}
	m.Duration = durationpb.New(1)
	m.Duration.Seconds, m.Duration.Nanos = g.Int64N(315576000000), g.Int32N(1e9)
	m.Mask = &fieldmaskpb.FieldMask{Paths: []string{"text", "child.name"}}
	m.ByBool, m.ByNumber = map[bool]float64{true: g.NormFloat64()}, map[int64]*edgetestv1.Child{-g.Int64(): {}}
	m.WrappedText, m.WrappedInt64, m.WrappedBytes = wrapperspb.String(randomText(g)), wrapperspb.Int64(g.Int64()), wrapperspb.Bytes([]byte(randomText(g)))
	m.Value, err = structpb.NewValue(map[string]any{randomText(g): []any{g.Float64(), nil, true, randomText(g)}})
	if err == nil {
		m.Any, err = anypb.New(&edgetestv1.Child{Name: randomText(g)})
	}
	return err
}

// randomQuery makes parameters of fields, some of them with values they can not have.
func randomQuery(g *rand.Rand) string {
	names := []string{
		"text", "int32Value", "uint64_value", "kind", "child.name", "child.child.size", "numbers", "strings", "labels[k]", "wrappedText", "optional_text", "choiceInt64",
		"boolValue", "nothing", "doubleValue", "byNumber[1]", "byBool[true]", "byUint32[5]", "choiceText", "wrappedBool", "otherName", "optionalKind", "chunks", "timestamp", "value",
	}
	values := []string{"", "1", "-1", "a", "true", "1.5", "99999999999", "KIND_ONE", "a b&=", "ü", "2026-01-02T03:04:05Z", "AQID", "null", "0"}
	query := url.Values{}
	for range g.IntN(4) {
		query.Add(names[g.IntN(len(names))], values[g.IntN(len(values))])
	}
	return query.Encode()
}
