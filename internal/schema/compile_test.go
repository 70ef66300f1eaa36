package schema_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	_ "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1" // linked in, to be loaded
	_ "github.com/gatehouse-edge/gatehouse/gen/shop/profile/v1"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

func TestProblemsComeAllAtOnceInSourceOrderWithTheirPlace(t *testing.T) {
	t.Parallel()
	set, err := source.Dir(t.Context(), "testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	_, err = schema.Compile(set, schema.Options{})
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	const file = "testdata/bad/bad/v1/bad.proto:"
	want := []string{
		`10:5: bad.v1.BadService.UnknownField: template variable {nmae}: message bad.v1.Request has no field "nmae"; it has name, tags, owner`,
		`13:5: bad.v1.BadService.RepeatedField: template variable {tags}: field bad.v1.Request.tags is repeated; a path holds one value`,
		`16:5: bad.v1.BadService.MessageField: template variable {owner}: field bad.v1.Request.owner is a message; name one of its fields, such as {owner.id}`,
		`19:5: bad.v1.BadService.FieldOfScalar: template variable {name.first}: field bad.v1.Request.name is no message and has no field "first"`,
		`22:5: bad.v1.BadService.BadTemplate: path template "/v1/{name=**}/more"`,
		`25:5: bad.v1.BadService.BodyOfGet: a GET request has no body; remove body: "*" or use another verb`,
		`31:5: bad.v1.BadService.UnknownBody: body: message bad.v1.Request has no field "nothing"; it has name, tags, owner`,
		`37:5: bad.v1.BadService.BodyInPath: field bad.v1.Request.name is bound by the path and is the body too; choose one`,
		`43:5: bad.v1.BadService.UnknownResponse: response_body: message bad.v1.Response has no field "nothing"; it has name`,
		`50:5: bad.v1.BadService.NoPattern: the HTTP rule has no pattern; write one such as get: "/v1/things/{id}"`,
		`53:5: bad.v1.BadService.StreamWithoutBody: a client stream over POST needs a body to carry its messages; add body: "*"`,
		`58:7: bad.v1.BadService.BadAdditional: template variable {other}: message bad.v1.Request has no field "other"`,
		`63:5: bad.v1.BadService.BadSuccess: (gatehouse.v1.http): a success can not have the code 302; take 200, 201, 202 or 204`,
		`63:5: bad.v1.BadService.BadSuccess: (gatehouse.v1.http): events: field bad.v1.Request.tags is repeated; one value is needed`,
		`63:5: bad.v1.BadService.BadSuccess: (gatehouse.v1.http): events: owner.id.x goes on behind field bad.v1.Owner.id, which is no message`,
		`63:5: bad.v1.BadService.BadSuccess: (gatehouse.v1.http): location: field bad.v1.Request.owner is a message; name one of its fields, such as owner.id`,
		`70:5: bad.v1.BadService.BadLocation: (gatehouse.v1.http): location: "/v1/{name" has a brace without its counterpart`,
		`74:5: bad.v1.BadService.RelativeLocation: (gatehouse.v1.http): a stream of answers always has the code 200`,
		`74:5: bad.v1.BadService.RelativeLocation: (gatehouse.v1.http): location: "v1/{name}" does not begin with a slash`,
	}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d problems, want %d:\n%v", len(got), len(want), err)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], file+want[i]) {
			t.Errorf("got  %s\nwant %s%s", got[i], file, want[i])
		}
	}
}

func TestAServiceConfigurationGivesRulesAndReplacesThem(t *testing.T) {
	t.Parallel()
	set, err := source.Dir(t.Context(), "testdata/rules")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := source.ServiceConfig("testdata/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	api, err := schema.Compile(set, schema.Options{Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	got := routesOf(api)
	want := "GET /v2/plain/{name}\nPOST /v2/plain\nGET /v2/annotated\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	rules["rules.v1.RulesService.Missing"] = rules["rules.v1.RulesService.Plain"]
	if _, err := schema.Compile(set, schema.Options{Rules: rules}); err == nil || !strings.Contains(err.Error(), "rules.yaml:4:") || !strings.Contains(err.Error(), "names no method") {
		t.Errorf("a selector of nothing: got %v", err)
	}
}

func routesOf(api *schema.API) string {
	var b strings.Builder
	for _, s := range api.Services {
		for _, m := range s.Methods {
			for _, binding := range m.Bindings {
				b.WriteString(binding.HTTPMethod + " " + binding.Template.String() + "\n")
			}
		}
	}
	return b.String()
}

func TestEveryKindOfBindingCompiles(t *testing.T) {
	t.Parallel()
	set, err := source.Linked(t.Context(), "edgetest.v1.EverythingService")
	if err != nil {
		t.Fatal(err)
	}
	api, err := schema.Compile(set, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	bindings := map[string]*schema.Binding{}
	for _, m := range api.Services[0].Methods {
		for _, b := range m.Bindings {
			bindings[b.HTTPMethod+" "+b.Template.String()] = b
		}
	}
	for _, c := range []struct {
		route     string
		body      schema.Body
		variables int
		response  string
	}{
		{"GET /edgetest/v1/query", schema.NoBody, 0, ""},
		{"POST /edgetest/v1/body", schema.WholeBody, 0, ""},
		{"PUT /edgetest/v1/bodies/{text}", schema.WholeBody, 1, ""},
		{"POST /edgetest/v1/fields/{text}", schema.FieldBody, 1, ""},
		{"PATCH /edgetest/v1/{child.name=nested/*}", schema.FieldBody, 1, ""},
		{"REPORT /edgetest/v1/custom/{text}", schema.NoBody, 1, ""},
		{"GET /edgetest/v1/items/{text}:inspect", schema.NoBody, 1, ""},
		{"POST /edgetest/v1/response/int64", schema.WholeBody, 0, "int64_value"},
	} {
		b := bindings[c.route]
		if b == nil {
			t.Errorf("%s: missing", c.route)
			continue
		}
		response := ""
		if b.Response != nil {
			response = string(b.Response.Name())
		}
		if b.Body != c.body || len(b.Variables) != c.variables || response != c.response {
			t.Errorf("%s: got %v, %d variables, response %q", c.route, b.Body, len(b.Variables), response)
		}
	}
}

func TestVisibilityLabelsOpenWhatTheyName(t *testing.T) {
	t.Parallel()
	set, err := source.Linked(t.Context(), "shop.profile.v1.ProfileService")
	if err != nil {
		t.Fatal(err)
	}
	d, err := set.Files.FindDescriptorByName("shop.profile.v1.Profile.password_hash")
	if err != nil {
		t.Fatal(err)
	}
	name, err := set.Files.FindDescriptorByName("shop.profile.v1.Profile.display_name")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		field  protoreflect.Descriptor
		labels []string
		want   bool
	}{
		{d, nil, false}, {d, []string{"PARTNER"}, false}, {d, []string{"PARTNER", "INTERNAL"}, true}, {name, nil, true},
	} {
		if got := schema.Visible(c.labels)(c.field); got != c.want {
			t.Errorf("%s for %v: got %v", c.field.FullName(), c.labels, got)
		}
	}
}
