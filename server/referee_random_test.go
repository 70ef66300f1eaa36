package server_test

import (
	"math/rand/v2"
	"net/url"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
)

func TestRandomBodiesMeanTheSameToGRPCGateway(t *testing.T) {
	t.Parallel()
	r := newReferee(t)
	g := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		body, err := protojson.MarshalOptions{UseProtoNames: g.IntN(2) == 0, EmitUnpopulated: g.IntN(2) == 0}.Marshal(randomEverything(g))
		if err != nil {
			t.Fatal(err)
		}
		r.compare(t, post(prefix+"/body", string(body)))
		r.compare(t, get(prefix+"/query?"+randomQuery(g)))
	}
}

func randomEverything(g *rand.Rand) *edgetestv1.Everything {
	texts := []string{"", "a", "ä\"\\\n", "日本語", "a b+c/d%2F", "\u2028"}
	text := func() string { return texts[g.IntN(len(texts))] }
	m := &edgetestv1.Everything{
		Text: text(), Int32Value: int32(g.Int64()), Int64Value: g.Int64() - g.Int64(), Uint64Value: g.Uint64(), Sint32Value: -g.Int32(),
		Fixed64Value: g.Uint64(), FloatValue: float32(g.NormFloat64()), DoubleValue: g.ExpFloat64(), BoolValue: g.IntN(2) == 0, BytesValue: []byte(text()),
		Kind: edgetestv1.Everything_Kind(g.IntN(5) - 1), Strings: []string{text(), text()}, Numbers: []int32{1, g.Int32()}, Labels: map[string]string{text(): text()},
		Doubles: []float64{g.Float64(), 1e300}, Children: []*edgetestv1.Child{{Name: text()}, {Child: &edgetestv1.Child{Size: 1}}},
	}
	switch g.IntN(4) {
	case 0:
		m.Choice = &edgetestv1.Everything_ChoiceText{ChoiceText: text()}
	case 1:
		m.Choice = &edgetestv1.Everything_ChoiceChild{ChoiceChild: &edgetestv1.Child{Name: text()}}
	case 2:
		m.Choice = &edgetestv1.Everything_ChoiceInt64{ChoiceInt64: g.Int64()}
	}
	if g.IntN(2) == 0 {
		m.Child, m.OptionalText = &edgetestv1.Child{Name: text(), Tags: []string{text()}}, proto.String(text())
	}
	return m
}

// randomQuery makes parameters of fields, some of them with values they can not have.
func randomQuery(g *rand.Rand) string {
	names := []string{"text", "int32Value", "uint64_value", "kind", "child.name", "child.child.size", "numbers", "strings", "labels[k]", "wrappedText", "optional_text", "choiceInt64", "boolValue", "nothing", "doubleValue"}
	values := []string{"", "1", "-1", "a", "true", "1.5", "99999999999", "KIND_ONE", "a b&=", "ü"}
	query := url.Values{}
	for range g.IntN(4) {
		query.Add(names[g.IntN(len(names))], values[g.IntN(len(values))])
	}
	return query.Encode()
}
