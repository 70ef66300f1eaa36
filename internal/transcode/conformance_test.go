package transcode_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// vector is one test of the protobuf project's conformance suite, recorded from its official runner. docs/conformance.md
// tells how.
type vector struct {
	Name, Level, Expect, Type, In, Data, Want string
	Result                                    string `json:"ref_result"`
	Answer                                    string `json:"ref_answer"`
}

func loadVectors(t *testing.T) []vector {
	t.Helper()
	packed, err := os.ReadFile("testdata/json_vectors.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		vectors = append(vectors, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return vectors
}

// TestConformance runs the JSON tests of the protobuf conformance suite, required and recommended ones. There are no
// exceptions.
func TestConformance(t *testing.T) {
	t.Parallel()
	files := testeeFiles(t)
	types := dynamicpb.NewTypes(files)
	strict := transcode.NewCodec(files, transcode.Options{Emit: transcode.EmitPresent})
	lenient := transcode.NewCodec(files, transcode.Options{Emit: transcode.EmitPresent, Unknown: transcode.IgnoreUnknown})
	vectors := loadVectors(t)
	if len(vectors) < 1378 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			codec := strict
			if strings.Contains(v.Name, "IgnoreUnknown") {
				codec = lenient
			}
			md := messageDescriptor(t, types, v.Type)
			checkVector(t, types, codec.Message(md), md, v)
		})
	}
}

func checkVector(t *testing.T, types *dynamicpb.Types, m *transcode.Message, md protoreflect.MessageDescriptor, v vector) {
	wire, err := []byte(nil), error(nil)
	if v.In == "json" {
		wire, err = m.AppendWire(nil, []byte(v.Data))
	} else if wire, err = base64.StdEncoding.DecodeString(v.Data); err != nil {
		t.Fatal(err)
	}
	var got []byte
	if err == nil && v.Want == "json" {
		got, err = m.AppendJSON(nil, wire)
	}
	switch {
	case v.Expect == "error" && err == nil:
		t.Fatalf("accepted %s %q", v.In, v.Data)
	case v.Expect == "error":
		return
	case err != nil:
		t.Fatalf("refused %s %q: %v", v.In, v.Data, err)
	}
	if v.Want == "json" {
		sameJSON(t, got, []byte(v.Answer))
		return
	}
	answer, err := base64.StdEncoding.DecodeString(v.Answer)
	if err != nil {
		t.Fatal(err)
	}
	sameMessage(t, types, md, wire, answer)
}

func sameJSON(t *testing.T, got, want []byte) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal(got, &g); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, got)
	}
	if err := json.Unmarshal(want, &w); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g, w) {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
}

// sameMessage compares through protojson, so that bytes within an Any may differ where their meaning does not.
func sameMessage(t *testing.T, types *dynamicpb.Types, md protoreflect.MessageDescriptor, got, want []byte) {
	t.Helper()
	sameJSON(t, referenceJSON(t, types, md, got), referenceJSON(t, types, md, want))
}

func referenceJSON(t *testing.T, types *dynamicpb.Types, md protoreflect.MessageDescriptor, wire []byte) []byte {
	t.Helper()
	m := dynamicpb.NewMessage(md)
	if err := (proto.UnmarshalOptions{Resolver: types}).Unmarshal(wire, m); err != nil {
		t.Fatalf("%q: %v", wire, err)
	}
	out, err := protojson.MarshalOptions{Resolver: types}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
