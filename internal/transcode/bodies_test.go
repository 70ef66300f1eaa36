package transcode_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// patch compiles the binding of a PATCH whose body is the resource, or everything.
func patch(t *testing.T, body transcode.Body) *transcode.Request {
	t.Helper()
	md := (&edgetestv1.UpdateResourceRequest{}).ProtoReflect().Descriptor()
	spec := transcode.RequestSpec{Message: md, Body: body, FillMask: true}
	if body == transcode.FieldBody {
		resource := md.Fields().ByName("resource")
		spec.BodyField = resource
		spec.Variables = [][]protoreflect.FieldDescriptor{{resource, resource.Message().Fields().ByName("name")}}
	}
	return transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse()).Request(spec)
}

func maskOf(t *testing.T, r *transcode.Request, body, query string, values ...string) []string {
	t.Helper()
	wire, err := r.AppendWire(nil, []byte(body), query, values)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	m := new(edgetestv1.UpdateResourceRequest)
	if err := proto.Unmarshal(wire, m); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return m.GetUpdateMask().GetPaths()
}

func TestAPatchWithoutAMaskChangesWhatItGives(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                                    "",
		`{"title":"a"}`:                         "title",
		`{"title":""}`:                          "title",
		`{"title":null}`:                        "title",
		`{"createTime":"2026-01-01T00:00:00Z"}`: "create_time",
		`{"create_time":null,"title":"a"}`:      "create_time title",
		`{"price":{"units":"1"}}`:               "price.units",
		`{"price":{"units":"1","currencyCode":"EUR"}}`: "price.currency_code price.units",
		`{"price":{}}`:                            "price",
		`{"price":null}`:                          "price",
		`{"labels":{"a":"b"}}`:                    "labels",
		`{"labels":{}}`:                           "labels",
		`{"tags":["a"],"prices":[{"units":"1"}]}`: "prices tags",
		`{"text":"a"}`:                            "text",
		`{"amount":{"units":"1"}}`:                "amount.units",
		`{"struct":{"a":{"b":1}}}`:                "struct",
		`{"any":{"@type":"type.googleapis.com/edgetest.v1.Amount","units":"1"}}`: "any",
	} {
		if got := strings.Join(maskOf(t, patch(t, transcode.FieldBody), body, "", "resources/1"), " "); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
		whole := `{"resource":` + body + `}`
		if got := strings.Join(maskOf(t, patch(t, transcode.WholeBody), whole, ""), " "); got != want {
			t.Errorf("%s: %q, want %q", whole, got, want)
		}
	}
}

func TestAMaskThatTheClientGivesIsKept(t *testing.T) {
	t.Parallel()
	if got := maskOf(t, patch(t, transcode.FieldBody), `{"title":"a","size":"1"}`, "updateMask=title", "resources/1"); !slices.Equal(got, []string{"title"}) {
		t.Errorf("%v", got)
	}
	if got := maskOf(t, patch(t, transcode.WholeBody), `{"resource":{"title":"a","size":"1"},"updateMask":"size"}`, ""); !slices.Equal(got, []string{"size"}) {
		t.Errorf("%v", got)
	}
}

// A body of wire bytes is the same message as to the protobuf module, without what is unknown.
func TestProtobufBodiesMeanWhatTheyMeanToTheProtobufModule(t *testing.T) {
	t.Parallel()
	files := testeeFiles(t)
	types := dynamicpb.NewTypes(files)
	codec := transcode.NewCodec(files, transcode.Gatehouse())
	for i, name := range testMessages {
		md := messageDescriptor(t, types, name)
		request := codec.Request(transcode.RequestSpec{Message: md, Body: transcode.WholeBody})
		response := codec.Response(md, nil)
		for seed := range 100 {
			g := &generator{rand.New(rand.NewPCG(uint64(i), uint64(seed))), types}
			m := dynamicpb.NewMessage(md)
			g.fill(m, 2)
			wire, err := proto.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			wire = g.scramble(wire, md, 3)
			want := dynamicpb.NewMessage(md)
			if err := (proto.UnmarshalOptions{DiscardUnknown: true, Resolver: types}).Unmarshal(wire, want); err != nil {
				continue
			}
			for what, clean := range map[string]func() ([]byte, error){
				"request":  func() ([]byte, error) { return request.AppendProto(nil, wire, "", nil) },
				"response": func() ([]byte, error) { return response.AppendProto(nil, wire) },
			} {
				out, err := clean()
				got := dynamicpb.NewMessage(md)
				text := prototext.MarshalOptions{Resolver: types} // looks into an Any, whose bytes may differ
				if err != nil || (proto.UnmarshalOptions{Resolver: types}).Unmarshal(out, got) != nil || text.Format(got) != text.Format(want) {
					t.Fatalf("%s: %s: %v\n%v\n%v", name, what, err, got, want)
				}
			}
		}
	}
}

func TestProtobufBodiesThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for body, message := range map[string]string{"*": "Everything", "child": "Child"} {
		if _, err := (binding{body: body}).compile(t).AppendProto(nil, []byte{0x0a, 0x05, 'a'}, "", nil); err == nil || !strings.Contains(err.Error(), "the body is no message of type edgetest.v1."+message) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := (binding{body: "numbers"}).compile(t).AppendProto(nil, []byte{1}, "", nil); err == nil {
		t.Error("a list is no message")
	}
	wire, err := (binding{body: "child"}).compile(t).AppendProto(nil, []byte{0x0a, 0x01, 'a'}, "int32Value=7", nil)
	got := new(edgetestv1.Everything)
	if err != nil || proto.Unmarshal(wire, got) != nil || got.GetChild().GetName() != "a" || got.GetInt32Value() != 7 {
		t.Errorf("%v %v", got, err)
	}
	field := fieldPath(t, "child")[0]
	if out, err := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse()).Response(everything, field).AppendProto(nil, wire); err != nil || string(out) != "\x0a\x01a" {
		t.Errorf("%q %v", out, err)
	}
}

func TestFormsFillWhatTheBodyIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		binding
		form, query, want string
		values            []string
	}{
		{binding{body: "*"}, "text=a+b&numbers=1&numbers=2&labels[k]=v&child.name=c", "", `{"text":"a b","numbers":[1,2],"labels":{"k":"v"},"child":{"name":"c"}}`, nil},
		{binding{body: "child"}, "name=a", "text=q", `{"text":"q","child":{"name":"a"}}`, nil},
		{binding{body: "*", variables: []string{"text"}}, "int32_value=1", "", `{"text":"p","int32Value":1}`, []string{"p"}},
	} {
		wire, err := c.compile(t).AppendForm(nil, c.form, c.query, c.values)
		got := new(edgetestv1.Everything)
		if err != nil || proto.Unmarshal(wire, got) != nil || !proto.Equal(got, parse(t, c.want)) {
			t.Errorf("%s: %v, %v", c.form, got, err)
		}
	}
	for form, want := range map[string]string{"txet=a": `did you mean "text"?`, "text=%zz": "broken percent-encoding", "text=x": "given by the path"} {
		if _, err := (binding{body: "*", variables: []string{"text"}}).compile(t).AppendForm(nil, form, "", []string{"p"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", form, err)
		}
	}
	if _, err := (binding{body: "numbers"}).compile(t).AppendForm(nil, "a=1", "", nil); err == nil {
		t.Error("a list has no fields")
	}
}

func TestPartsFillFieldsOfBytes(t *testing.T) {
	t.Parallel()
	md := (&edgetestv1.SaveFileRequest{}).ProtoReflect().Descriptor()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	whole := codec.Request(transcode.RequestSpec{Message: md, Body: transcode.WholeBody})
	var wire []byte
	for _, name := range []string{"content", "file"} {
		field, ok := whole.FormField(name)
		if !ok {
			t.Fatalf("%s takes no bytes", name)
		}
		wire = field.Append(wire, "text/x", []byte(name))
	}
	got := new(edgetestv1.SaveFileRequest)
	want := &edgetestv1.SaveFileRequest{Content: []byte("content"), File: &httpbody.HttpBody{ContentType: "text/x", Data: []byte("file")}}
	if err := proto.Unmarshal(wire, got); err != nil || !proto.Equal(got, want) {
		t.Errorf("%v %v", got, err)
	}
	for _, name := range []string{"name", "labels", "labels[a]", "nothing", "", "file.data.x"} {
		if _, ok := whole.FormField(name); ok {
			t.Errorf("%q takes bytes", name)
		}
	}
}

func TestOfAStreamOnlyTheFirstMessageHasTheParameters(t *testing.T) {
	t.Parallel()
	r := (binding{body: "child"}).compile(t)
	for first, want := range map[bool]string{true: `{"text":"q","child":{"name":"a"}}`, false: `{"child":{"name":"a"}}`} {
		wire, err := r.AppendMessage(nil, []byte(`{"name":"a"}`), first, "text=q", nil)
		got := new(edgetestv1.Everything)
		if err != nil || proto.Unmarshal(wire, got) != nil || !proto.Equal(got, parse(t, want)) {
			t.Errorf("%v %v", got, err)
		}
	}
}
