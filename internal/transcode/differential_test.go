package transcode_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// deep is beyond anything that the tests nest; protojson and proto.Unmarshal have limits of their own that are higher
// than a gateway's.
const deep = 5000

// referee answers what the protobuf module's own codec would.
type referee struct {
	types   *dynamicpb.Types
	emit    transcode.Emit
	lenient bool
}

// errNoVerdict is the referee's when it panics: dynamicpb does on a map key of a wrong wire type.
var errNoVerdict = errors.New("the referee panicked")

func (r referee) toJSON(md protoreflect.MessageDescriptor, wire []byte) (out []byte, err error) {
	defer func() {
		if recover() != nil {
			out, err = nil, errNoVerdict
		}
	}()
	m := dynamicpb.NewMessage(md)
	if err := (proto.UnmarshalOptions{Resolver: r.types}).Unmarshal(wire, m); err != nil {
		return nil, err
	}
	return protojson.MarshalOptions{
		Resolver: r.types, EmitDefaultValues: r.emit == transcode.EmitDefaults, EmitUnpopulated: r.emit == transcode.EmitUnpopulated,
	}.Marshal(m)
}

func (r referee) toWire(md protoreflect.MessageDescriptor, text []byte) ([]byte, error) {
	m := dynamicpb.NewMessage(md)
	if err := (protojson.UnmarshalOptions{Resolver: r.types, DiscardUnknown: r.lenient}).Unmarshal(text, m); err != nil {
		return nil, err
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// contest holds a codec against the referee.
type contest struct {
	referee
	codec *transcode.Codec
}

func newContest(files *protoregistry.Files, emit transcode.Emit, lenient bool) contest {
	opts := transcode.Options{Emit: emit, MaxDepth: deep}
	if lenient {
		opts.Unknown = transcode.IgnoreUnknown
	}
	return contest{referee{dynamicpb.NewTypes(files), emit, lenient}, transcode.NewCodec(files, opts)}
}

func (c contest) checkToJSON(t *testing.T, md protoreflect.MessageDescriptor, wire []byte) {
	t.Helper()
	got, err := c.codec.Message(md).AppendJSON(nil, wire)
	want, wantErr := c.toJSON(md, wire)
	switch {
	case errors.Is(wantErr, errNoVerdict):
	case wantErr != nil && err == nil:
		t.Fatalf("%s\nwire %x\naccepted as %s\nreferee: %v", md.FullName(), wire, got, wantErr)
	case wantErr == nil && err != nil:
		t.Fatalf("%s\nwire %x\nrefused: %v\nreferee: %s", md.FullName(), wire, err, want)
	case err == nil:
		sameJSON(t, got, want)
		c.checkStream(t, md, wire, got)
	}
}

// checkStream makes sure that writing in pieces writes the same.
func (c contest) checkStream(t *testing.T, md protoreflect.MessageDescriptor, wire, want []byte) {
	t.Helper()
	var out bytes.Buffer
	_, err := c.codec.Response(md, nil).Stream(nil, wire, func(b []byte) error {
		out.Write(b)
		return nil
	})
	if err != nil || !bytes.Equal(out.Bytes(), want) {
		t.Fatalf("streamed %s, %v\nwant %s", out.Bytes(), err, want)
	}
}

func (c contest) checkToWire(t *testing.T, md protoreflect.MessageDescriptor, text []byte) {
	t.Helper()
	got, err := c.codec.Message(md).AppendWire(nil, text)
	want, wantErr := c.toWire(md, text)
	switch {
	case wantErr != nil && err == nil:
		t.Fatalf("%s\nJSON %s\naccepted\nreferee: %v", md.FullName(), text, wantErr)
	case wantErr == nil && err != nil && c.lenient && strings.HasSuffix(err.Error(), "is given twice"):
		// The referee forgets the key of an entry that it passes over because its value is no known name of an enum.
		return
	case wantErr == nil && err != nil:
		t.Fatalf("%s\nJSON %s\nrefused: %v", md.FullName(), text, err)
	case err != nil:
		return
	}
	if wantJSON, err := c.toJSON(md, want); err == nil {
		gotJSON, err := c.toJSON(md, got)
		if err != nil {
			t.Fatalf("%s\nJSON %s\nwire %x: %v", md.FullName(), text, got, err)
		}
		sameJSON(t, gotJSON, wantJSON)
	}
}

var testMessages = []string{
	"protobuf_test_messages.proto3.TestAllTypesProto3",
	"protobuf_test_messages.proto2.TestAllTypesProto2",
	"protobuf_test_messages.editions.TestAllTypesEdition2023",
}

var emits = []transcode.Emit{transcode.EmitDefaults, transcode.EmitPresent, transcode.EmitUnpopulated}

// contests returns one contest for each way to emit, strict ones first.
func contests(files *protoregistry.Files) []contest {
	var all []contest
	for _, lenient := range []bool{false, true} {
		for _, emit := range emits {
			all = append(all, newContest(files, emit, lenient))
		}
	}
	return all
}

// duel runs random messages, straight and scrambled, in both directions.
func duel(t *testing.T, g *generator, files *protoregistry.Files, md protoreflect.MessageDescriptor) {
	t.Helper()
	c := newContest(files, emits[g.IntN(len(emits))], g.IntN(2) == 0)
	m := dynamicpb.NewMessage(md)
	g.fill(m, 3)
	wire, err := proto.MarshalOptions{Deterministic: g.IntN(2) == 0}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	c.checkToJSON(t, md, wire)
	c.checkToJSON(t, md, g.scramble(wire, md, 4))
	text, err := protojson.MarshalOptions{
		Resolver: c.types, UseProtoNames: g.IntN(2) == 0, UseEnumNumbers: g.IntN(2) == 0, Multiline: g.IntN(2) == 0,
	}.Marshal(m)
	if err != nil {
		return
	}
	c.checkToWire(t, md, text)
	if damaged := g.damage(text); json.Valid(damaged) { // protojson takes some numbers that are not JSON, such as 1e
		c.checkToWire(t, md, damaged)
	}
}

// damage changes one byte, or doubles or drops a piece.
func (g *generator) damage(text []byte) []byte {
	at := g.IntN(len(text))
	size := min(g.IntN(20), len(text)-at)
	switch g.IntN(3) {
	case 0:
		out := bytes.Clone(text)
		out[at] = `"{}[]:,0123456789-+.eEntfal\ 	_@`[g.IntN(32)]
		return out
	case 1:
		return append(bytes.Clone(text[:at+size]), text[at:]...)
	default:
		return append(bytes.Clone(text[:at]), text[at+size:]...)
	}
}

func TestRandomMessagesMeanTheSameAsToProtojson(t *testing.T) {
	t.Parallel()
	files := testeeFiles(t)
	types := dynamicpb.NewTypes(files)
	for seed := range uint64(400) {
		g := &generator{rand.New(rand.NewPCG(seed, 1)), types}
		duel(t, g, files, messageDescriptor(t, types, testMessages[g.IntN(len(testMessages))]))
	}
}

func TestRandomSchemasMeanTheSameAsToProtojson(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 2))}
		files, err := g.schema()
		if err != nil {
			t.Fatal(err)
		}
		g.types = dynamicpb.NewTypes(files)
		duel(t, g, files, messageDescriptor(t, g.types, "random.M0"))
	}
}

func FuzzRandomSchema(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		g := &generator{Rand: rand.New(rand.NewPCG(a, b))}
		files, err := g.schema()
		if err != nil {
			t.Fatal(err)
		}
		g.types = dynamicpb.NewTypes(files)
		duel(t, g, files, messageDescriptor(t, g.types, "random.M0"))
	})
}

func FuzzWireToJSON(f *testing.F) {
	files := testeeFiles(f)
	types := dynamicpb.NewTypes(files)
	for i, name := range testMessages {
		g := &generator{rand.New(rand.NewPCG(uint64(i), 3)), types}
		m := dynamicpb.NewMessage(messageDescriptor(f, types, name))
		g.fill(m, 2)
		wire, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, byte(i))
	}
	all := contests(files)
	f.Fuzz(func(t *testing.T, wire []byte, choice byte) {
		md := messageDescriptor(t, types, testMessages[int(choice)%len(testMessages)])
		all[int(choice/8)%len(emits)].checkToJSON(t, md, wire)
	})
}

func FuzzJSONToWire(f *testing.F) {
	files := testeeFiles(f)
	types := dynamicpb.NewTypes(files)
	for i, name := range testMessages {
		g := &generator{rand.New(rand.NewPCG(uint64(i), 4)), types}
		m := dynamicpb.NewMessage(messageDescriptor(f, types, name))
		g.fill(m, 2)
		text, err := protojson.MarshalOptions{Resolver: types}.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, byte(i))
	}
	all := contests(files)
	f.Fuzz(func(t *testing.T, text []byte, choice byte) {
		if !json.Valid(text) {
			return
		}
		md := messageDescriptor(t, types, testMessages[int(choice)%len(testMessages)])
		all[int(choice/8)%len(all)].checkToWire(t, md, text)
	})
}
