package openapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
)

func TestOptionsTellNothingThatIsHidden(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]*openapi.Dialect{
		"gatehouse": {}, "numbers": {EnumNumbers: true, ProtoNames: true}, "nulls": {Emit: openapi.EmitUnpopulated},
	} {
		text := discreet(t, dialect)
		if at := strings.Index(strings.ToLower(text), "hush"); at >= 0 {
			t.Errorf("%s: it says …%s…", name, text[max(at-200, 0):min(at+100, len(text))])
		}
	}
	if text := discreet(t, &openapi.Dialect{}, "INSIDER"); strings.Count(strings.ToLower(text), "hush") < 30 {
		t.Error("insiders are not told either")
	}
}

func discreet(t *testing.T, dialect *openapi.Dialect, labels ...string) string {
	t.Helper()
	doc := mustBuild(t, "testdata/discreet", openapi.Options{Dialect: func(protoreflect.FullName) *openapi.Dialect { return dialect }}, labels...)
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheRestOfWhatIsHiddenIsShown(t *testing.T) {
	t.Parallel()
	doc := mustBuild(t, "testdata/discreet", openapi.Options{})
	expect(t, doc, map[string]string{
		"tags": `[{"name": "DiscreetService", "description": "Half of what is here is not for everybody."}]`,
		"paths /v1/things/{id} get responses 200 content application/json example": `{"id": "a", "state": "STATE_ON", "states": ["STATE_ON"], "children": [
			{"id": "", "state": "STATE_UNSPECIFIED", "states": [], "children": []}]}`,
		"components schemas Thing examples": `[{"id": "a", "state": "STATE_UNSPECIFIED", "states": [], "children": []}]`,
		"components schemas State enum":     `["STATE_UNSPECIFIED", "STATE_ON"]`,
	})
}
