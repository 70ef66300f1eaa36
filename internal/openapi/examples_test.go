package openapi_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

func TestExamplesSayWhatTheDeclarationsTell(t *testing.T) {
	t.Parallel()
	const (
		given = `"name": "things/thing-1", "code": "AB-12", "sign": "abcde123x", "level": 10, "kind": "KIND_FINE", "byRoad": "by road", "labels": ["label", "label-2"],
			"items": {"1": {"title": "Example", "price": 1.5}}, "email": "grace@example.com", "parent": "things/thing-1", "data": "aGVsbG8=",
			"weight": "1001"`
		request = "requestBody content application/json example"
		answer  = "responses 200 content application/json example"
		item    = `{"title": "Example", "price": 1.5}`
	)
	expect(t, find(mustBuild(t, "testdata/samples", openapi.Options{}), "paths"), map[string]string{
		"/v1/things post " + request:                                               `{` + given + `, "secret": "secret"}`,
		"/v1/things post " + answer:                                                `{` + given + `, "secret": "", "madeBy": "made by"}`,
		"/v1/things/{thing} patch " + request:                                      `{"code": "AB-12", "sign": "abcde123x", "level": 10}`,
		"/v1/things:replace post " + request:                                       `{"thing": {` + given + `, "secret": "secret"}, "updateMask": "code"}`,
		"/v1/things:replace post " + answer:                                        `null`, // it is always empty
		"/v1/trees post " + request:                                                `{"name": "Example"}`,
		"/v1/trees post " + answer:                                                 `{"name": "Example", "branches": [], "roots": {}}`,
		"/v1/loops post " + request:                                                `null`, // there is none
		"/v1/loops post " + answer:                                                 `{"name": "Example"}`,
		"/v1/things:watch post " + answer:                                          `[` + item + `]`,
		"/v1/things:watch post responses 200 content application/x-ndjson example": item,
		"/v1/things:follow get " + answer:                                          `[{"title": "First", "price": 0}]`,
	})
}

func TestALongExampleIsCutAndKeepsWhatIsRequired(t *testing.T) {
	t.Parallel()
	example := find(mustBuild(t, "testdata/samples", openapi.Options{}), "paths /v1/wide post requestBody content application/json example")
	text, err := json.Marshal(example)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), `":"`); n == 0 || n > 60 || find(example, "last") != "last" {
		t.Errorf("%d values: %s", n, text)
	}
}

// TestExamplesAreWhatTheEdgeTakesAndGives reads each example as the message that it stands for.
func TestExamplesAreWhatTheEdgeTakesAndGives(t *testing.T) {
	t.Parallel()
	set, err := source.Dir(t.Context(), "../../proto")
	if err != nil {
		t.Fatal(err)
	}
	visible := schema.Visible(nil)
	api, err := schema.Compile(set, schema.Options{Visible: visible})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi.Build(api, openapi.Options{Visible: visible})
	if err != nil {
		t.Fatal(err)
	}
	operations := map[string]*openapi.Operation{}
	for _, item := range doc.Paths.All() {
		for _, op := range item.Operations() {
			operations[op.OperationID] = op
		}
	}
	read := 0
	for _, s := range api.Services {
		for _, m := range s.Methods {
			for i, binding := range m.Bindings {
				id := string(s.Descriptor.Name()) + "_" + string(m.Descriptor.Name())
				if i > 0 {
					id += strconv.Itoa(i + 1)
				}
				op := operations[id]
				if op == nil || m.Descriptor.IsStreamingClient() || m.Descriptor.IsStreamingServer() {
					continue
				}
				if op.RequestBody != nil {
					read += readExample(t, set, id, op.RequestBody.Content, m.Descriptor.Input(), binding.BodyField)
				}
				for _, code := range []string{"200", "201"} {
					if response, ok := op.Responses.Get(code); ok {
						read += readExample(t, set, id, response.Content, m.Descriptor.Output(), binding.Response)
					}
				}
			}
		}
	}
	if read < 50 {
		t.Errorf("there are only %d examples", read)
	}
}

// readExample reads the example of a body that is a message or a field of it, and returns how many there are.
func readExample(
	t *testing.T, set *source.Set, id string, content openapi.Map[*openapi.Media], md protoreflect.MessageDescriptor, fd protoreflect.FieldDescriptor,
) int {
	t.Helper()
	media, ok := content.Get("application/json")
	if !ok || media.Example == nil {
		return 0
	}
	value := media.Example
	if fd != nil {
		value = map[string]any{fd.JSONName(): value}
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	mt, err := set.Types().FindMessageByName(md.FullName())
	if err != nil {
		t.Fatal(err)
	}
	if err := (protojson.UnmarshalOptions{Resolver: set.Types()}).Unmarshal(text, mt.New().Interface()); err != nil {
		t.Errorf("%s: %v\n%s", id, err, text)
	}
	return 1
}
