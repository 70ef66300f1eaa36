package contract_test

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// annotated are APIs that use every option that has a say in documents.
func annotated(t *testing.T, name string) *source.Set {
	t.Helper()
	set, err := source.Dir(t.Context(), filepath.Join(root, "internal", "openapi", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestExamplesAreAsTheirSchemasSay(t *testing.T) {
	t.Parallel()
	sets := map[string]*source.Set{}
	for name, load := range apis {
		sets[name] = load(t)
	}
	for _, name := range []string{"library", "samples", "discreet"} {
		sets[name] = annotated(t, name)
	}
	for name, set := range sets {
		for audience, labels := range audiences {
			for dialectName, dialect := range dialects {
				for _, version := range []string{"3.1", "3.2"} {
					t.Run(strings.Join([]string{name, audience, dialectName, version}, " "), func(t *testing.T) {
						t.Parallel()
						w := newExampleWalk(t, describe(t, set, labels, versions[version], dialect))
						w.walk(w.document, "#")
						if w.count < 3 {
							t.Errorf("there are only %d", w.count)
						}
					})
				}
			}
		}
	}
}

// exampleWalk looks for examples, and for defaults, which are examples too.
type exampleWalk struct {
	*testing.T
	document any
	compiler *jsonschema.Compiler
	count    int
}

func newExampleWalk(t *testing.T, doc *openapi.Document) *exampleWalk {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON(t, doc)))
	if err != nil {
		t.Fatal(err)
	}
	w := &exampleWalk{T: t, document: document, compiler: jsonschema.NewCompiler()}
	w.compiler.AssertFormat()
	w.compiler.AssertContent()
	if err := w.compiler.AddResource("document.json", document); err != nil {
		t.Fatal(err)
	}
	return w
}

// values are the words behind which there are no schemas.
var values = []string{"example", "examples", "default", "enum", "const", "required"}

func (w *exampleWalk) walk(v any, at string) {
	switch v := v.(type) {
	case []any:
		for i, one := range v {
			w.walk(one, at+"/"+strconv.Itoa(i))
		}
	case map[string]any:
		_, isCarrier := v["schema"]
		if example, ok := v["example"]; ok && isCarrier && !strings.HasSuffix(at, "/properties") {
			w.check(example, at+"/schema", at)
		}
		if examples, ok := v["examples"].([]any); ok {
			for _, example := range examples {
				w.check(example, at, at)
			}
		}
		if value, ok := v["default"]; ok && !strings.HasSuffix(at, "/properties") && !strings.HasSuffix(at, "/responses") {
			w.check(value, at, at)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if isProperty := strings.HasSuffix(at, "/properties") || strings.HasSuffix(at, "/responses"); isProperty || !slices.Contains(values, key) && !strings.HasPrefix(key, "x-") {
				w.walk(v[key], at+"/"+strings.NewReplacer("~", "~0", "/", "~1", "%", "%25", "{", "%7B", "}", "%7D").Replace(key))
			}
		}
	}
}

func (w *exampleWalk) check(value any, schema, at string) {
	w.count++
	compiled, err := w.compiler.Compile("document.json" + schema)
	if err != nil {
		w.Errorf("%s: %v", at, err)
		return
	}
	if err := compiled.Validate(value); err != nil {
		w.Errorf("%s: %v", at, err)
	}
}

func TestWhatOptionsSayKeepsToTheSpecification(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"library", "samples", "discreet"} {
		set := annotated(t, name)
		for version, v := range versions {
			t.Run(name+" "+version, func(t *testing.T) {
				t.Parallel()
				text := asJSON(t, describe(t, set, audiences["public"], v, openapi.Dialect{}))
				value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				if err := specification(t, version).Validate(value); err != nil {
					t.Errorf("%#v", err)
				}
				read, err := openapi3.NewLoader().LoadFromData(text)
				if err != nil {
					t.Fatal(err)
				}
				if err := read.Validate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
