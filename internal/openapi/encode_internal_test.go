package openapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// strange are texts that some writer of YAML or JSON has lost something of.
var strange = []string{
	"", " ", "a", "word and word", " before", "after ", "~", "null", "Null", "TRUE", "yes", "No", "on", "y", "1", "-1", "0x1F", "1e3", ".5",
	"12:30:45", "2024-01-01", "a: b", "a:", ":a", "a #b", "#a", "- a", "-", "?", "? a", "&a", "*a", "!a", "!!str a", "%a", "@a", "`a`", "|", ">", "=",
	"<<", "{a}", "[a]", "a, b", "a]", "'a'", `"a"`, `a\b`, "/v1/{name}:do", "$ref", "^[0-9]+$", "(a)", "---", "...", "--- a", "a\n---\nb", "a\n...\n",
	"a\nb", "a\nb\n", "a\n\nb", "a\nb\n\n", "\n", "\n\n", "\na", " a\nb", "a\n b", "  a\n b\n", "\ta\nb", "a\tb", "\t", "a\n\tb", "a \nb", "a\r\nb",
	"a\n \nb", "a\n   ", "- a\n- b", "a: b\nc: d", "a\x00b", "\x7f", "\u0085", "\u00a0", "a\u2028b", "\ufeffa", "\ufffe", "é", "日本\n語", "🎉", "a\u0301",
	"<b>&amp;</b>", "Infinity", "NaN", ".nan", "_a", "a_b", "é: b", "é #b", "\ufffd",
}

func nested(s string) *Document {
	d := &Document{Info: Info{Title: s, Description: s}, Tags: []Tag{{Name: s}, {}}}
	d.Extensions.Set("x-"+s, map[string]any{s: []any{s, nil, true, 1.5, []any{[]any{s}}, map[string]any{}, []any{}, map[string]any{"a": s, "b": s}}})
	d.Extensions.Set("x-raw", json.RawMessage(`{"z":1,"a":[{"b":{"c":2}}],"e":{}}`))
	d.Components.Schemas.Set(s, &Schema{Enum: []any{s, nil}, Const: s, Additional: Never(), Type: Types{s}, Items: new(Schema)})
	return d
}

// sameContent decodes both forms of a document with other people's readers and compares them.
func sameContent(t *testing.T, d *Document) {
	t.Helper()
	asJSON, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	var fromJSON, fromYAML any
	if err := json.Unmarshal(asJSON, &fromJSON); err != nil {
		t.Fatalf("%v\n%s", err, asJSON)
	}
	if err := yaml.Unmarshal(asYAML, &fromYAML); err != nil {
		t.Fatalf("%v\n%s", err, asYAML)
	}
	if fromYAML = floats(fromYAML); !reflect.DeepEqual(fromJSON, fromYAML) {
		t.Errorf("the forms differ:\n%v\n%v\n%s\n%s", fromJSON, fromYAML, asJSON, asYAML)
	}
}

// floats makes all numbers what encoding/json makes of them.
func floats(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case map[string]any:
		for key, value := range v {
			v[key] = floats(value)
		}
	case []any:
		for i, value := range v {
			v[i] = floats(value)
		}
	}
	return v
}

func TestJSONAndYAMLHaveTheSameContent(t *testing.T) {
	t.Parallel()
	for _, s := range strange {
		sameContent(t, nested(s))
	}
}

func TestJSONIsAsEncodingJSONIndentsIt(t *testing.T) {
	t.Parallel()
	for _, s := range strange {
		d := nested(s)
		compact, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := json.Indent(&want, compact, "", "  "); err != nil {
			t.Fatal(err)
		}
		got, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		// encoding/json's own writer escapes for HTML on the way; the two escapes are one character.
		unescape := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&")
		if unescape.Replace(want.String())+"\n" != string(got) {
			t.Errorf("%q:\n%s\n%s", s, got, want.String())
		}
	}
}

// TestKeysStandInTheirOrder, also those of what is given as JSON.
func TestKeysStandInTheirOrder(t *testing.T) {
	t.Parallel()
	text, err := nested("a").YAML()
	if err != nil {
		t.Fatal(err)
	}
	const want = "x-raw:\n  z: 1\n  a:\n    - b:\n        c: 2\n  e: {}\n"
	if !strings.HasSuffix(string(text), want) {
		t.Errorf("%s", text)
	}
}

func FuzzYAML(f *testing.F) {
	for _, s := range strange {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > 150 {
			t.Skip() // a key of more than 1024 characters is no simple key
		}
		sameContent(t, nested(s))
	})
}
