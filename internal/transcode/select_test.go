package transcode_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// path returns a random path that can be selected in a message, "" if there is none.
func (g *generator) path(md protoreflect.MessageDescriptor) string {
	var names []string
	for {
		if md.Fields().Len() == 0 {
			return strings.Join(names, ".")
		}
		fd := md.Fields().Get(g.IntN(md.Fields().Len()))
		names = append(names, fd.JSONName())
		md = fd.Message()
		if md == nil || fd.IsMap() || strings.HasPrefix(string(md.FullName()), "google.protobuf.") || g.IntN(2) == 0 {
			return strings.Join(names, ".")
		}
	}
}

// prune is what of a JSON tree the paths leave.
func prune(tree any, paths [][]string) any {
	if list, ok := tree.([]any); ok {
		for i := range list {
			list[i] = prune(list[i], paths)
		}
		return list
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return tree
	}
	left := map[string]any{}
	for name, value := range object {
		var deeper [][]string
		whole := false
		for _, path := range paths {
			if path[0] == name {
				whole = whole || len(path) == 1
				deeper = append(deeper, path[1:])
			}
		}
		switch {
		case whole:
			left[name] = value
		case deeper != nil:
			left[name] = prune(value, deeper)
		}
	}
	return left
}

func checkSelection(t *testing.T, g *generator, md protoreflect.MessageDescriptor, r *transcode.Response, wire []byte) {
	t.Helper()
	var texts []string
	var paths [][]string
	for range 1 + g.IntN(4) {
		if path := g.path(md); path != "" {
			texts, paths = append(texts, path), append(paths, strings.Split(path, "."))
		}
	}
	full, err := r.AppendJSON(nil, wire)
	if err != nil || len(paths) == 0 || !r.Selectable() {
		return
	}
	fields := strings.Join(texts, ",")
	cut, err := r.Select(fields)
	if err != nil {
		t.Fatalf("%s: %s: %v", md.FullName(), fields, err)
	}
	text, err := cut.AppendJSON(nil, wire)
	if err != nil {
		t.Fatalf("%s: %s: %v", md.FullName(), fields, err)
	}
	var got, want any
	if json.Unmarshal(text, &got) != nil || json.Unmarshal(full, &want) != nil {
		t.Fatalf("%s: %s: no JSON: %s", md.FullName(), fields, text)
	}
	if want = prune(want, paths); !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %s of %s is\n%s", md.FullName(), fields, full, text)
	}
	var pieces []byte
	if _, err := cut.Stream(nil, wire, func(b []byte) error { pieces = append(pieces, b...); return nil }); err != nil || !bytes.Equal(pieces, text) {
		t.Fatalf("%s: %s in pieces: %v\n%s\n%s", md.FullName(), fields, err, pieces, text)
	}
}

func TestASelectionLeavesWhatPruningTheWholeLeaves(t *testing.T) {
	t.Parallel()
	files := testeeFiles(t)
	types := dynamicpb.NewTypes(files)
	for _, emit := range emits {
		codec := transcode.NewCodec(files, transcode.Options{Emit: emit, OpaqueAny: true})
		for i, name := range testMessages {
			md := messageDescriptor(t, types, name)
			r := codec.Response(md, nil)
			for seed := range 200 {
				g := &generator{rand.New(rand.NewPCG(uint64(i), uint64(seed))), types}
				m := dynamicpb.NewMessage(md)
				g.fill(m, 2)
				wire, err := proto.Marshal(m)
				if err != nil {
					t.Fatal(err)
				}
				if seed%2 == 0 {
					wire = g.scramble(wire, md, 3)
				}
				checkSelection(t, g, md, r, wire)
			}
		}
	}
}

func FuzzSelect(f *testing.F) {
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	r := codec.Response(everything, nil)
	wire, err := proto.Marshal(&edgetestv1.Everything{Text: "a", Child: &edgetestv1.Child{Name: "b"}, Labels: map[string]string{"a": "b"}})
	if err != nil {
		f.Fatal(err)
	}
	for _, fields := range []string{"text", "child.name,labels", "child.name,child", "", ",", "a.b", "child.", "labels.a"} {
		f.Add(fields, wire)
	}
	f.Fuzz(func(t *testing.T, fields string, wire []byte) {
		cut, err := r.Select(fields)
		if err != nil {
			return
		}
		if text, err := cut.AppendJSON(nil, wire); err == nil && !json.Valid(text) {
			t.Errorf("%q: %s", fields, text)
		}
	})
}

func TestSelectionsThatCanNotBeSayWhy(t *testing.T) {
	t.Parallel()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	for fields, want := range map[string]string{
		"":                        `fields: "": unknown field ""`,
		"txet":                    `fields: "txet": unknown field "txet"; did you mean "text"?`,
		"text,child.nmae":         `fields: "child.nmae": unknown field "nmae"; did you mean "name"?`,
		"text.a":                  `fields: "text" has no fields that can be selected on their own`,
		"labels.a":                `fields: "labels" has no fields that can be selected on their own`,
		"timestamp.seconds":       `fields: "timestamp" has no fields that can be selected on their own`,
		strings.Repeat("a,", 100): `fields: holds more than 100 paths`,
	} {
		if _, err := codec.Response(everything, nil).Select(fields); err == nil || err.Error() != want {
			t.Errorf("%q: %v", fields, err)
		}
	}
	for _, field := range []string{"text", "labels", "numbers"} {
		r := codec.Response(everything, fieldPath(t, field)[0])
		if _, err := r.Select("a"); err == nil || r.Selectable() {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestABareAnswerIsSelectedFromToo(t *testing.T) {
	t.Parallel()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Options{Emit: transcode.EmitPresent})
	wire, err := proto.Marshal(&edgetestv1.Everything{
		Child:    &edgetestv1.Child{Name: "a", Size: 1},
		Children: []*edgetestv1.Child{{Name: "b", Size: 2}, {Size: 3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{"child": `{"name":"a"}`, "children": `[{"name":"b"},{}]`} {
		cut, err := codec.Response(everything, fieldPath(t, field)[0]).Select("name")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cut.AppendJSON(nil, wire); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", field, got, err)
		}
	}
}
