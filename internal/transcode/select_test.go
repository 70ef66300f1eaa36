package transcode_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

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

// checkSelection holds a random selection of an answer against the whole answer, pruned.
func checkSelection(t *testing.T, g *generator, md protoreflect.MessageDescriptor, r *transcode.Response, wire, whole []byte) {
	t.Helper()
	var texts []string
	var paths [][]string
	for range 1 + g.IntN(4) {
		path := g.path(md)
		if path == "" {
			return
		}
		texts, paths = append(texts, path), append(paths, strings.Split(path, "."))
	}
	cut, err := r.Select(strings.Join(texts, ","))
	if err != nil {
		t.Fatalf("%s: %s: %v", md.FullName(), texts, err)
	}
	text, err := cut.AppendJSON(nil, wire)
	if err != nil {
		t.Fatalf("%s: %s: %v", md.FullName(), texts, err)
	}
	samePruned(t, text, whole, paths)
	var pieces []byte
	if _, err := cut.Stream(nil, wire, func(b []byte) error { pieces = append(pieces, b...); return nil }); err != nil || !bytes.Equal(pieces, text) {
		t.Fatalf("%s: %s in pieces: %v\n%s\n%s", md.FullName(), texts, err, pieces, text)
	}
	if md.ParentFile().Syntax() == protoreflect.Editions {
		return // fieldmaskpb takes every field that is encoded as a group for one of proto2's
	}
	if _, err := fieldmaskpb.New(dynamicpb.NewMessage(md), cut.MaskPaths()...); err != nil {
		t.Fatalf("%s: %s is no mask: %v", md.FullName(), texts, err)
	}
}

func samePruned(t *testing.T, text, whole []byte, paths [][]string) {
	t.Helper()
	var got, want any
	if json.Unmarshal(text, &got) != nil || json.Unmarshal(whole, &want) != nil {
		t.Fatalf("no JSON: %s\n%s", text, whole)
	}
	if want = prune(want, paths); !reflect.DeepEqual(got, want) {
		t.Fatalf("%s of %s is\n%s", paths, whole, text)
	}
}

// wire returns the bytes of a random message, of several in a row, or of a scrambled one.
func (g *generator) wire(t testing.TB, md protoreflect.MessageDescriptor) []byte {
	t.Helper()
	var wire []byte
	for range 1 + g.IntN(2) {
		m := dynamicpb.NewMessage(md)
		g.fill(m, 2)
		piece, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		wire = append(wire, piece...)
	}
	if g.IntN(2) == 0 {
		wire = g.scramble(wire, md, 3)
	}
	return wire
}

func TestASelectionLeavesWhatPruningProtojsonLeaves(t *testing.T) {
	t.Parallel()
	files := testeeFiles(t)
	for e, emit := range emits {
		c := newContest(files, emit, false)
		for i, name := range testMessages {
			md := messageDescriptor(t, c.types, name)
			for seed := range 200 {
				g := &generator{rand.New(rand.NewPCG(uint64(i+10*e), uint64(seed))), c.types}
				wire := g.wire(t, md)
				if whole, err := c.toJSON(md, wire); err == nil {
					checkSelection(t, g, md, c.codec.Response(md, nil), wire, whole)
				}
			}
		}
	}
}

func TestASelectionOfABareFieldLeavesWhatPruningItLeaves(t *testing.T) {
	t.Parallel()
	files := testeeFiles(t)
	for e, emit := range emits {
		c := newContest(files, emit, false)
		for i, name := range testMessages {
			md := messageDescriptor(t, c.types, name)
			for at := range md.Fields().Len() {
				fd := md.Fields().Get(at)
				r := c.codec.Response(md, fd)
				if !r.Selectable() {
					continue
				}
				for seed := range 4 {
					g := &generator{rand.New(rand.NewPCG(uint64(i+10*e), uint64(10*at+seed))), c.types}
					wire := g.wire(t, md)
					if whole, err := r.AppendJSON(nil, wire); err == nil {
						checkSelection(t, g, fd.Message(), r, wire, whole)
					}
				}
			}
		}
	}
}

func FuzzSelect(f *testing.F) {
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Options{ProtoNames: true})
	r := codec.Response(everything, nil)
	wire, err := proto.Marshal(&edgetestv1.Everything{
		Text: "a", Child: &edgetestv1.Child{Name: "b", Child: &edgetestv1.Child{Size: 1}}, Labels: map[string]string{"a": "b"},
		Children: []*edgetestv1.Child{{Name: "c"}, {}}, Choice: &edgetestv1.Everything_ChoiceText{ChoiceText: "d"},
	})
	if err != nil {
		f.Fatal(err)
	}
	for _, fields := range []string{"text", "child.name,labels", "child.name,child", "children.name,choice_text", "", ",", "a.b", "child.", "labels.a"} {
		f.Add(fields, wire)
		f.Add(fields, append(wire, wire...))
	}
	f.Fuzz(func(t *testing.T, fields string, wire []byte) {
		cut, err := r.Select(fields)
		if err != nil {
			if _, ok := errors.AsType[*transcode.Error](err); !ok {
				t.Fatalf("%q: %v is no *Error", fields, err)
			}
			return
		}
		text, err := cut.AppendJSON(nil, wire)
		if err == nil && !json.Valid(text) {
			t.Fatalf("%q: %s", fields, text)
		}
		whole, wholeErr := r.AppendJSON(nil, wire)
		switch {
		case wholeErr != nil: // by something that is not looked at
		case err != nil:
			t.Fatalf("%q: %v, but the whole is %s", fields, err, whole)
		default:
			samePruned(t, text, whole, protoPaths(fields))
		}
	})
}

// protoPaths are the paths of a selection in proto names.
func protoPaths(fields string) [][]string {
	var paths [][]string
	for path := range strings.SplitSeq(fields, ",") {
		var names []string
		md := everything
		for name := range strings.SplitSeq(path, ".") {
			fd := md.Fields().ByJSONName(name)
			if fd == nil {
				fd = md.Fields().ByName(protoreflect.Name(name))
			}
			names, md = append(names, string(fd.Name())), fd.Message()
		}
		paths = append(paths, names)
	}
	return paths
}

func TestSelectionsThatCanNotBeSayWhy(t *testing.T) {
	t.Parallel()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	for fields, want := range map[string]string{
		"":                                     `fields: "": unknown field ""`,
		"txet":                                 `fields: "txet": unknown field "txet"; did you mean "text"?`,
		"text,child.nmae":                      `fields: "child.nmae": unknown field "nmae"; did you mean "name"?`,
		"text.a":                               `fields: "text" has no fields that can be selected on their own`,
		"labels.a":                             `fields: "labels" has no fields that can be selected on their own`,
		"timestamp.seconds":                    `fields: "timestamp" has no fields that can be selected on their own`,
		"text, kind":                           `fields: " kind": unknown field " kind"; did you mean "kind"?`,
		strings.Repeat("a,", 100):              `fields: holds more than 100 paths`,
		strings.Repeat("child.", 100) + "name": `fields: holds a path of more than 100 names`,
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

func TestAnUnwantedMemberOfAOneofReplacesAWantedOne(t *testing.T) {
	t.Parallel()
	wire := slices.Concat(
		wireOf(t, &edgetestv1.Everything{Choice: &edgetestv1.Everything_ChoiceText{ChoiceText: "a"}}),
		wireOf(t, &edgetestv1.Everything{Choice: &edgetestv1.Everything_ChoiceInt64{ChoiceInt64: 7}}),
	)
	r := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse()).Response(everything, nil)
	for fields, want := range map[string]string{"choiceText": `{}`, "choiceInt64": `{"choiceInt64":"7"}`} {
		cut, err := r.Select(fields)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cut.AppendJSON(nil, wire); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", fields, got, err)
		}
	}
}

func TestABareAnswerThatIsUnsetIsSelectedFromToo(t *testing.T) {
	t.Parallel()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Options{Emit: transcode.EmitUnpopulated})
	for field, want := range map[string]string{"child": `{"name":""}`, "children": `[]`} {
		cut, err := codec.Response(everything, fieldPath(t, field)[0]).Select("name")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cut.AppendJSON(nil, nil); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", field, got, err)
		}
	}
}

func TestASelectionIsAMaskOfWholeLists(t *testing.T) {
	t.Parallel()
	r := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse()).Response(everything, nil)
	cut, err := r.Select("child.name,children.name,children.size,int32Value")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(cut.MaskPaths(), " "); got != "child.name children int32_value" {
		t.Error(got)
	}
}

// ownedFile has a message whose own field is called fields.
func ownedFile(t *testing.T) protoreflect.MessageDescriptor {
	t.Helper()
	fd, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("owned.proto"), Package: proto.String("owned"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("M"), Field: []*descriptorpb.FieldDescriptorProto{{
			Name: proto.String("fields"), Number: proto.Int32(1), JsonName: proto.String("fields"),
			Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return fd.Messages().Get(0)
}

func TestAFieldCalledFieldsKeepsItsParameter(t *testing.T) {
	t.Parallel()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	r := codec.Request(transcode.RequestSpec{Message: ownedFile(t), Selectable: true})
	if wire, err := r.AppendWire(nil, nil, "fields=a", nil); err != nil || string(wire) != "\x0a\x01a" || !r.OwnsParameter("fields") {
		t.Errorf("%q, %v", wire, err)
	}
	if other := (binding{}).compile(t); other.OwnsParameter("fields") || !other.OwnsParameter("int32Value") || !other.OwnsParameter("int32_value") {
		t.Error("the fields of a message are not those that it owns")
	}
}

func TestTheValueOfAParameterIsTheFirstOne(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"fields=a&fields=b": "a", "x=1&f%69elds=a%2Cb+c": "a,b c", "fields": "", "fields=%zz": "%zz",
	} {
		if got, ok := transcode.QueryValue(query, "fields"); !ok || got != want {
			t.Errorf("%s: %q, %v", query, got, ok)
		}
	}
	for _, query := range []string{"", "&", "x=fields", "%zz=a", "field=a"} {
		if got, ok := transcode.QueryValue(query, "fields"); ok {
			t.Errorf("%s: %q", query, got)
		}
	}
}
