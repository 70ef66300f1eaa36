package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/pb33f/libopenapi"
	"github.com/pb33f/libopenapi/datamodel"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
)

// eachDocument runs a test for every API, audience, dialect and version.
func eachDocument(t *testing.T, run func(t *testing.T, version string, doc *openapi.Document)) {
	for name, load := range apis {
		set := load(t)
		for audience, labels := range audiences {
			for dialectName, dialect := range dialects {
				for version, v := range versions {
					t.Run(strings.Join([]string{name, audience, dialectName, version}, " "), func(t *testing.T) {
						t.Parallel()
						run(t, version, describe(t, set, labels, v, dialect))
					})
				}
			}
		}
	}
}

func TestDocumentsFollowTheSpecificationsOwnSchema(t *testing.T) {
	t.Parallel()
	eachDocument(t, func(t *testing.T, version string, doc *openapi.Document) {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON(t, doc)))
		if err != nil {
			t.Fatal(err)
		}
		if err := specification(t, version).Validate(value); err != nil {
			t.Errorf("%#v", err)
		}
	})
}

// specification is the schema of documents. From 3.1 on the schemas in a document are JSON Schemas, and are held against
// the schema of these.
func specification(t *testing.T, version string) *jsonschema.Schema {
	t.Helper()
	texts := map[string]string{
		"3.0": datamodel.OpenAPI3SchemaData, "3.1": datamodel.OpenAPI31SchemaData, "3.2": datamodel.OpenAPI32SchemaData,
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	add := func(url, text string) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err == nil {
			err = c.AddResource(url, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	add("document.json", texts[version])
	url := "document.json"
	if version != "3.0" {
		url = "strict.json"
		add(url, `{
			"$schema": "https://json-schema.org/draft/2020-12/schema",
			"$ref": "document.json",
			"$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": "https://json-schema.org/draft/2020-12/schema"}}
		}`)
	}
	compiled, err := c.Compile(url)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestDocumentsAreReadByOthers(t *testing.T) {
	t.Parallel()
	eachDocument(t, func(t *testing.T, _ string, doc *openapi.Document) {
		for form, text := range map[string][]byte{"JSON": asJSON(t, doc), "YAML": asYAML(t, doc)} {
			read, err := openapi3.NewLoader().LoadFromData(text)
			if err != nil {
				t.Fatalf("%s: %v", form, err)
			}
			if err := read.Validate(t.Context()); err != nil {
				t.Errorf("%s: %v", form, err)
			}
			// It takes a list that is always there for one that always has an element.
			lists := &datamodel.DocumentConfiguration{IgnoreArrayCircularReferences: true}
			other, err := libopenapi.NewDocumentWithConfiguration(text, lists)
			if err != nil {
				t.Fatalf("%s: %v", form, err)
			}
			model, err := other.BuildV3Model()
			if err != nil {
				t.Fatalf("%s: %v", form, err)
			}
			if n := model.Model.Paths.PathItems.Len(); n != doc.Paths.Len() {
				t.Errorf("%s: %d paths of %d are read", form, n, doc.Paths.Len())
			}
		}
	})
}

func TestJSONAndYAMLHaveTheSameContent(t *testing.T) {
	t.Parallel()
	eachDocument(t, func(t *testing.T, _ string, doc *openapi.Document) {
		var fromJSON, fromYAML any
		if err := json.Unmarshal(asJSON(t, doc), &fromJSON); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(asYAML(t, doc), &fromYAML); err != nil {
			t.Fatal(err)
		}
		// Numbers become texts on both sides: YAML tells whole ones from others, JSON does not.
		if fromJSON, fromYAML = plain(fromJSON), plain(fromYAML); !reflect.DeepEqual(fromJSON, fromYAML) {
			t.Error("they differ")
		}
	})
}

// plain makes texts of numbers.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = plain(value)
		}
	case []any:
		for i, value := range v {
			v[i] = plain(value)
		}
	case int:
		return fmt.Sprint(float64(v))
	case float64:
		return fmt.Sprint(v)
	}
	return v
}
