package validate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/source"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// folder loads the protos of a folder in testdata.
func folder(tb testing.TB, name string) *source.Set {
	tb.Helper()
	set, err := source.Dir(tb.Context(), "testdata/"+name)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// protos compiles one file of proto3, or of what it says itself, and of package test.
func protos(tb testing.TB, text string) *source.Set {
	tb.Helper()
	if !strings.Contains(text, "syntax =") && !strings.Contains(text, "edition =") {
		text = "syntax = \"proto3\";\n" + text
	}
	text = strings.Replace(text, ";", "; package test;", 1)
	set, err := source.FS(tb.Context(), fstest.MapFS{"test.proto": {Data: []byte(text)}})
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func descriptor(tb testing.TB, set *source.Set, name protoreflect.FullName) protoreflect.MessageDescriptor {
	tb.Helper()
	d, err := set.Files.FindDescriptorByName(name)
	if err != nil {
		tb.Fatal(err)
	}
	return d.(protoreflect.MessageDescriptor)
}

// wireOf makes the wire bytes of a message in the text format.
func wireOf(tb testing.TB, set *source.Set, name protoreflect.FullName, text string) []byte {
	tb.Helper()
	m := dynamicpb.NewMessage(descriptor(tb, set, name))
	if err := (prototext.UnmarshalOptions{Resolver: set.Types(), AllowPartial: true}).Unmarshal([]byte(text), m); err != nil {
		tb.Fatal(err)
	}
	wire, err := proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return wire
}

// lines writes violations, one a line.
func lines(found []validate.Violation) []string {
	var all []string
	for _, v := range found {
		all = append(all, fmt.Sprintf("%s: %s (%s)", v.Path, v.Text, v.Rule))
	}
	return all
}

// expect checks a message in the text format.
func expect(tb testing.TB, compiler *validate.Compiler, set *source.Set, name protoreflect.FullName, text string, want []string) {
	tb.Helper()
	expectWire(tb, compiler, set, name, wireOf(tb, set, name, text), want)
}

func expectWire(tb testing.TB, compiler *validate.Compiler, set *source.Set, name protoreflect.FullName, wire []byte, want []string) {
	tb.Helper()
	checks, err := compiler.Message(descriptor(tb, set, name))
	if err != nil {
		tb.Fatal(err)
	}
	found, err := checks.Check(wire, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	if got := lines(found); !slices.Equal(got, want) {
		tb.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
