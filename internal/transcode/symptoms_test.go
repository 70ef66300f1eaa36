package transcode_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

func TestAClosingBracketAloneIsNotAMapEntry(t *testing.T) {
	t.Parallel()
	strict, lenient := binding{opts: transcode.Gatehouse()}, binding{opts: transcode.GRPCGateway()}
	for _, query := range []string{"text]=1", "labels]=1", "]=1"} {
		if m, err := strict.translate(t, "", query); err == nil {
			t.Errorf("%s: accepted as %v", query, m)
		}
		if m, err := lenient.translate(t, "", query); err != nil || !proto.Equal(m, new(edgetestv1.Everything)) {
			t.Errorf("%s: got %v, %v", query, m, err)
		}
	}
}

func TestAKeyInTheQueryMayBeTrueInAnySpelling(t *testing.T) {
	t.Parallel()
	want := &edgetestv1.Everything{ByBool: map[bool]float64{true: 2, false: 3}}
	m, err := binding{opts: transcode.Gatehouse()}.translate(t, "", "byBool[1]=2&by_bool[F]=3")
	if err != nil || !proto.Equal(m, want) {
		t.Errorf("got %v, %v", m, err)
	}
}

func TestNullAsTheBodyOfOneFieldLeavesItUnset(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"numbers", "children", "labels", "text", "int32_value"} {
		m, err := binding{opts: transcode.Gatehouse(), body: field}.translate(t, " null\n", "")
		if err != nil || !proto.Equal(m, new(edgetestv1.Everything)) {
			t.Errorf("%s: got %v, %v", field, m, err)
		}
	}
}

func TestExponentsHaveNoLeadingZero(t *testing.T) {
	t.Parallel()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Options{Emit: transcode.EmitPresent})
	message := codec.Message(everything)
	for value, want := range map[float64]string{1e-7: "1e-7", -2.5e-9: "-2.5e-9", 1e-10: "1e-10", 1e300: "1e+300"} {
		wire := wireOf(t, &edgetestv1.Everything{DoubleValue: value})
		if got, err := message.AppendJSON(nil, wire); err != nil || string(got) != `{"doubleValue":`+want+`}` {
			t.Errorf("%s: got %s, %v", want, got, err)
		}
	}
}

func wireOf(t *testing.T, m proto.Message) []byte {
	t.Helper()
	wire, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return wire
}
