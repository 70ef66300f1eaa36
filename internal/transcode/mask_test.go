package transcode_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

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

func TestGivenPathsAreThoseOfGRPCGatewayWhereItsAreRight(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`, `{"title":"a"}`, `{"title":null,"size":"0"}`, `{"create_time":"2026-01-01T00:00:00Z"}`, `{"createTime":null}`,
		`{"price":{"units":"1","currencyCode":"EUR"}}`, `{"price":{}}`, `{"price":null}`, `{"labels":{"a":"b"},"tags":null}`,
		`{"tags":[],"prices":[{"units":"1"}]}`, `{"amount":{"units":"1"},"name":"a"}`, `{"text":"a"}`, `{"struct":{}}`,
		`{"any":{"@type":"type.googleapis.com/edgetest.v1.Amount","units":"1"}}`,
	} {
		want, err := runtime.FieldMaskFromRequestBody(strings.NewReader(body), new(edgetestv1.Resource))
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if got := maskOf(t, patch(t, transcode.FieldBody), body, "", "resources/1"); !slices.Equal(got, want.GetPaths()) {
			t.Errorf("%s: %q, want %q", body, got, want.GetPaths())
		}
	}
}

// Where grpc-gateway gives paths that no mask may hold, or an error.
func TestGivenPathsEndAtStructsAndPassOverWhatIsUnknown(t *testing.T) {
	t.Parallel()
	md := (&edgetestv1.UpdateResourceRequest{}).ProtoReflect().Descriptor()
	opts := transcode.GRPCGateway()
	opts.Visible = func(d protoreflect.Descriptor) bool { return d.FullName() != "edgetest.v1.Amount.units" }
	r := transcode.NewCodec(protoregistry.GlobalFiles, opts).Request(transcode.RequestSpec{
		Message: md, Body: transcode.FieldBody, BodyField: md.Fields().ByName("resource"), FillMask: true,
	})
	for body, want := range map[string]string{
		`{"struct":{"a":{"b":1}}}`:                     "struct",
		`{"any":null}`:                                 "any",
		`{"nothing":1,"title":"a"}`:                    "title",
		`{"price":{"nothing":1}}`:                      "",
		`{"price":{"units":"1"},"title":""}`:           "title",
		`{"price":{"units":"1","currencyCode":"EUR"}}`: "price.currency_code",
	} {
		if got := strings.Join(maskOf(t, r, body, ""), " "); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

func TestAnEmptyBodyGivesNoMask(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", " \n"} {
		for of, values := range map[transcode.Body][]string{transcode.FieldBody: {"resources/1"}, transcode.WholeBody: nil} {
			wire, err := patch(t, of).AppendWire(nil, []byte(body), "", values)
			m := new(edgetestv1.UpdateResourceRequest)
			if err != nil || proto.Unmarshal(wire, m) != nil || m.GetUpdateMask() != nil {
				t.Errorf("%q: %v, %v", body, m, err)
			}
		}
	}
}

// treeFile has the request to update a node, which holds two more.
func treeFile(t *testing.T) protoreflect.MessageDescriptor {
	t.Helper()
	field := func(name, typeName string, number int32) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{
			Name: &name, JsonName: &name, Number: &number, TypeName: &typeName,
			Type: descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
	}
	fd, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("tree.proto"), Package: proto.String("tree"), Syntax: proto.String("proto3"),
		Dependency: []string{"google/protobuf/field_mask.proto"},
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: proto.String("Node"), Field: []*descriptorpb.FieldDescriptorProto{field("a", ".tree.Node", 1), field("b", ".tree.Node", 2)}},
			{Name: proto.String("Update"), Field: []*descriptorpb.FieldDescriptorProto{
				field("node", ".tree.Node", 1), field("update_mask", ".google.protobuf.FieldMask", 2),
			}},
		},
	}, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return fd.Messages().ByName("Update")
}

func TestABodyGivesAThousandPathsAtMost(t *testing.T) {
	t.Parallel()
	md := treeFile(t)
	r := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse()).Request(transcode.RequestSpec{
		Message: md, Body: transcode.FieldBody, BodyField: md.Fields().ByName("node"), FillMask: true,
	})
	tree := `{}`
	for range 9 {
		tree = `{"a":` + tree + `,"b":` + tree + `}`
	}
	if _, err := r.AppendWire(nil, []byte(tree), "", nil); err != nil {
		t.Error(err)
	}
	large := `{"a":` + tree + `,"b":` + tree + `}`
	_, err := r.AppendWire(nil, []byte(large), "", nil)
	if bad, ok := errors.AsType[*transcode.Error](err); !ok || bad.Path != "$" || !strings.Contains(bad.Reason, "more than 1000 fields") {
		t.Error(err)
	}
	if _, err := r.AppendWire(nil, []byte(large), "update_mask=a", nil); err != nil {
		t.Error(err)
	}
}

func TestAReadMaskIsFilledUnlessTheClientGivesOne(t *testing.T) {
	t.Parallel()
	md := (&edgetestv1.GetResourceRequest{}).ProtoReflect().Descriptor()
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	for _, c := range []struct {
		of                transcode.Body
		query, body, want string
	}{
		{transcode.NoBody, "fields=title", "", "title"},
		{transcode.NoBody, "f%69elds=title&read_mask=etag", "", "etag"},
		{transcode.NoBody, "fields=title&readMask=", "", ""},
		{transcode.WholeBody, "fields=title", "{}", "title"},
		{transcode.WholeBody, "f%69elds=title", `{"readMask":"etag"}`, "etag"},
	} {
		r := codec.Request(transcode.RequestSpec{Message: md, Body: c.of, Selectable: true})
		wire, err := r.AppendWire(nil, []byte(c.body), c.query, nil)
		got := new(edgetestv1.GetResourceRequest)
		if err != nil || proto.Unmarshal(r.AppendReadMask(wire, []string{"title"}), got) != nil ||
			strings.Join(got.GetReadMask().GetPaths(), " ") != c.want {
			t.Errorf("%s %s: %v, %v", c.query, c.body, got, err)
		}
	}
	if wire := (binding{}).compile(t).AppendReadMask(nil, []string{"text"}); wire != nil {
		t.Errorf("a message without read_mask gets %x", wire)
	}
}
