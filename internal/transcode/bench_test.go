package transcode_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"google.golang.org/protobuf/types/known/timestamppb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// workload is one message to measure with, as a generated type, so that the protobuf module's codec is at its best.
type workload struct {
	name    string
	message proto.Message
}

func workloads() []workload {
	return []workload{
		{"product", product(0)},
		{"list100", productList(100)},
		{"deep", deepTree(30)},
		{"numeric", bars()},
		{"packed", numbers()},
		{"doubles", doubles()},
		{"map", attributes()},
		{"string", texts()},
	}
}

func product(i int) *edgetestv1.Item {
	return &edgetestv1.Item{
		Id: fmt.Sprintf("p-%04d", i), DisplayName: "Walnut desk organiser, small", Description: strings.Repeat("A tidy place for pens and small things. ", 6),
		State: edgetestv1.Item_STATE_ACTIVE, Stock: int32(i * 7), ViewCount: int64(1_000_000 + i), Rating: 4.5,
		Price: &edgetestv1.Amount{CurrencyCode: "EUR", Units: 49, Nanos: 990_000_000}, Tags: []string{"desk", "wood", "office"},
		Labels: map[string]string{"colour": "walnut", "size": "small"}, Featured: i%3 == 0, CreateTime: &timestamppb.Timestamp{Seconds: 1_767_000_000 + int64(i)},
	}
}

func productList(n int) *edgetestv1.ItemList {
	list := &edgetestv1.ItemList{NextPageToken: "eyJvZmZzZXQiOjEwMH0="}
	for i := range n {
		list.Items = append(list.Items, product(i))
	}
	return list
}

func deepTree(depth int) *edgetestv1.Node {
	node := &edgetestv1.Node{Name: "leaf", Value: 1}
	for i := range depth {
		node = &edgetestv1.Node{Name: fmt.Sprintf("level %d", i), Value: int32(i), Children: []*edgetestv1.Node{node, {Name: "sibling"}}}
	}
	return node
}

func bars() *edgetestv1.Bars {
	list := &edgetestv1.Bars{}
	for i := range 100 {
		open := 100 + float64(i)/4
		list.Bars = append(list.Bars, &edgetestv1.Bar{
			Minute: 29_450_000 + int64(i), Open: open, High: open + 0.35, Low: open - 0.2, Close: open + 0.15,
			Volume: 12_000 + int64(i*137), Trades: int32(40 + i%60), Change: 0.5, Final: true,
		})
	}
	return list
}

func numbers() *edgetestv1.Series {
	s := &edgetestv1.Series{}
	for i := range 200 {
		s.Counts = append(s.Counts, int64(i)*1_234_567)
		s.Prices = append(s.Prices, float64(i)*1.25+0.99)
		s.Levels = append(s.Levels, int32(i*i))
		s.Readings = append(s.Readings, float64(48_000_000+i*7919)/1e6)
	}
	return s
}

// doubles holds numbers that need all their 17 digits: what the shortest form of a float costs is what it costs.
func doubles() *edgetestv1.Series {
	s := &edgetestv1.Series{}
	for i := range 200 {
		s.Readings = append(s.Readings, float64(i)/7)
	}
	return s
}

func attributes() *edgetestv1.Attributes {
	a := &edgetestv1.Attributes{Texts: map[string]string{}, Counts: map[int64]int64{}}
	for i := range 100 {
		a.Texts[fmt.Sprintf("attribute-%d", i)] = fmt.Sprintf("value of attribute %d", i)
		a.Counts[int64(i)] = int64(i * 1000)
	}
	return a
}

func texts() *edgetestv1.Texts {
	t := &edgetestv1.Texts{}
	for i := range 50 {
		t.Lines = append(t.Lines, strings.Repeat("Plain words that need no escaping at all, ", 8), fmt.Sprintf("a \"quoted\" line\n%d", i), "größer als schön: 日本語")
	}
	return t
}

// prepare returns the table and the two forms of a workload.
func prepare(b *testing.B, w workload) (*transcode.Message, []byte, []byte) {
	b.Helper()
	wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(w.message)
	if err != nil {
		b.Fatal(err)
	}
	m := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse()).Message(w.message.ProtoReflect().Descriptor())
	text, err := m.AppendJSON(nil, wire)
	if err != nil {
		b.Fatal(err)
	}
	return m, wire, text
}

func BenchmarkWireToJSON(b *testing.B) {
	for _, w := range workloads() {
		m, wire, text := prepare(b, w)
		b.Run(w.name+"/gatehouse", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			room := make([]byte, 0, 2*len(text))
			for b.Loop() {
				if _, err := m.AppendJSON(room, wire); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(w.name+"/protojson", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				message := newOf(w.message)
				if err := proto.Unmarshal(wire, message); err != nil {
					b.Fatal(err)
				}
				if _, err := (protojson.MarshalOptions{EmitDefaultValues: true}).Marshal(message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkJSONToWire(b *testing.B) {
	for _, w := range workloads() {
		m, wire, text := prepare(b, w)
		b.Run(w.name+"/gatehouse", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			room := make([]byte, 0, 2*len(wire))
			for b.Loop() {
				if _, err := m.AppendWire(room, text); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(w.name+"/json.Valid", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if !json.Valid(text) {
					b.Fatal("not valid")
				}
			}
		})
		b.Run(w.name+"/protojson", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				message := newOf(w.message)
				if err := protojson.Unmarshal(text, message); err != nil {
					b.Fatal(err)
				}
				if _, err := proto.Marshal(message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func newOf(m proto.Message) protoreflect.ProtoMessage { return m.ProtoReflect().New().Interface() }
