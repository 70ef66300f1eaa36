package source_test

import (
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

func TestServiceConfigGivesRulesBySelector(t *testing.T) {
	t.Parallel()
	rules, err := source.ReadServiceConfig("zoo.yaml", strings.NewReader(`type: google.api.Service
config_version: 3
http:
  rules:
    - selector: zoo.v1.ZooService.GetAnimal
      get: /v1/animals/{name}
      additional_bindings:
        - post: /v1/animals:get
          body: "*"
    - selector: zoo.v1.ZooService.Feed
      custom: {kind: FEED, path: /v1/animals}
      response_body: food
`))
	if err != nil {
		t.Fatal(err)
	}
	want := &annotations.HttpRule{
		Selector: "zoo.v1.ZooService.GetAnimal",
		Pattern:  &annotations.HttpRule_Get{Get: "/v1/animals/{name}"},
		AdditionalBindings: []*annotations.HttpRule{
			{Pattern: &annotations.HttpRule_Post{Post: "/v1/animals:get"}, Body: "*"},
		},
	}
	get := rules["zoo.v1.ZooService.GetAnimal"]
	if !proto.Equal(get.HttpRule, want) || get.Position != (source.Position{File: "zoo.yaml", Line: 5, Column: 7}) {
		t.Errorf("got %v at %v, want %v", get.HttpRule, get.Position, want)
	}
	feed := rules["zoo.v1.ZooService.Feed"]
	if feed.GetCustom().GetKind() != "FEED" || feed.GetResponseBody() != "food" || len(rules) != 2 {
		t.Errorf("got %v", rules)
	}
}

func TestServiceConfigProblemsSayWhereAndAllAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		yaml string
		want []string
	}{
		"empty":        {"\n", []string{"x.yaml: is empty"}},
		"no type":      {"http: {}\n", []string{"x.yaml:1:1: the key type is missing"}},
		"another type": {"type: acme.Config\n", []string{`x.yaml:1:7: type is "acme.Config"`}},
		"not YAML":     {"type: [\n", []string{"x.yaml:1:1: did not find"}},
		"a list":       {"- a\n", []string{"x.yaml:1:1: "}},
		"unknown keys": {
			"type: google.api.Service\nhtpp: {}\nhttp:\n  rules:\n  - selector: a.B.C\n    gett: /a\n",
			[]string{`x.yaml:2:1: unknown field "htpp"`, `x.yaml:6:5: unknown field "gett"`},
		},
		"two verbs": {
			"type: google.api.Service\nhttp:\n  rules:\n  - {selector: a.B.C, get: /a, put: /a}\n",
			[]string{"x.yaml:4:37: field get is already set"},
		},
		"selectors": {
			"type: google.api.Service\nhttp:\n  rules:\n  - get: /a\n  - {selector: a.B.*, get: /a}\n" +
				"  - {selector: a.B.C, get: /a}\n  - {selector: a.B.C, get: /b}\n",
			[]string{
				"x.yaml:4:5: the rule has no selector", `x.yaml:5:5: selector "a.B.*": name one method`,
				"x.yaml:7:5: a.B.C has a rule already, at x.yaml:6:5",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := source.ReadServiceConfig("x.yaml", strings.NewReader(c.yaml))
			if err == nil {
				t.Fatal("it was accepted")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(c.want) {
				t.Fatalf("got %d lines, want %d:\n%v", len(lines), len(c.want), err)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("got %q, want %q", lines[i], want)
				}
			}
		})
	}
}
