package openapi

import (
	"bytes"
	"strings"
	"testing"
)

func TestASchemaIsSaidInTheWordsOf30(t *testing.T) {
	t.Parallel()
	text := Schema{Type: Types{typeString}}
	ref := Schema{Ref: "#/components/schemas/A"}
	null := Schema{Type: Types{typeNull}}
	var dependent, properties Map[*Schema]
	dependent.Set("a", new(Schema))
	properties.Set("a", Never())
	one := uint64(1)
	var o older
	o.schemas.Set("A", &Schema{Type: Types{typeObject}})
	for name, tt := range map[string]struct {
		in   Schema
		want string
	}{
		"anything":                      {Schema{}, `{}`},
		"nothing":                       {Schema{never: true}, `{"not":{}}`},
		"nothing within":                {Schema{Properties: properties, Items: Never()}, `{"items":{"not":{}},"properties":{"a":{"not":{}}}}`},
		"no other members":              {Schema{Type: Types{typeObject}, Additional: Never()}, `{"type":"object","additionalProperties":false}`},
		"any other members":             {Schema{Type: Types{typeObject}, Additional: new(Schema)}, `{"type":"object","additionalProperties":{}}`},
		"text or null":                  {Schema{Type: Types{typeString, typeNull}}, `{"type":"string","nullable":true}`},
		"one of some texts or null":     {Schema{Type: Types{typeString, typeNull}, Enum: []any{"a", nil}}, `{"type":"string","nullable":true,"enum":["a",null]}`},
		"null":                          {null, `{"type":"string","nullable":true,"enum":[null]}`},
		"a reference":                   {ref, `{"$ref":"#/components/schemas/A"}`},
		"a described reference":         {Schema{Ref: ref.Ref, Description: "d"}, `{"description":"d","allOf":[{"$ref":"#/components/schemas/A"}]}`},
		"a reference or null":           {Schema{AnyOf: []*Schema{&ref, &null}, Description: "d"}, `{"description":"d","type":"object","nullable":true,"allOf":[{"$ref":"#/components/schemas/A"}]}`},
		"one of two references or null": {Schema{AnyOf: []*Schema{&ref, &ref, &null}}, `{"nullable":true,"anyOf":[{"$ref":"#/components/schemas/A"},{"$ref":"#/components/schemas/A"}]}`},
		"two types":                     {Schema{Type: Types{typeString, typeInteger}}, `{"anyOf":[{"type":"string"},{"type":"integer"}]}`},
		"two types and alternatives": {
			Schema{Type: Types{typeString, typeInteger}, AnyOf: []*Schema{&text, &ref}},
			`{"allOf":[{"anyOf":[{"type":"string"},{"type":"integer"}]}],"anyOf":[{"type":"string"},{"$ref":"#/components/schemas/A"}]}`,
		},
		"a number":              {*numeric("double"), `{"type":"number","format":"double"}`},
		"a number or null":      {*numeric("float").orNull(), `{"type":"number","nullable":true,"format":"float"}`},
		"a described number":    {Schema{AnyOf: numeric("float").AnyOf, Description: "d"}, `{"description":"d","type":"number","format":"float"}`},
		"a number with a bound": {Schema{AnyOf: []*Schema{{Type: Types{typeNumber}, Minimum: "1"}, numeric("").AnyOf[1]}}, `{"type":"number","minimum":1}`},
		"a bounded number with a bound": {
			Schema{AnyOf: []*Schema{{Type: Types{typeNumber}, Minimum: "1"}, numeric("").AnyOf[1]}, Maximum: "5"},
			`{"type":"number","maximum":5,"allOf":[{"minimum":1}]}`,
		},
		"a constant":              {Schema{Const: "a"}, `{"enum":["a"]}`},
		"a constant that is zero": {Schema{Const: 0}, `{"enum":[0]}`},
		"examples":                {Schema{Examples: []any{"a", "b"}}, `{"example":"a"}`},
		"above":                   {Schema{ExclusiveMinimum: "0"}, `{"minimum":0,"exclusiveMinimum":true}`},
		"below":                   {Schema{ExclusiveMaximum: "1.5"}, `{"maximum":1.5,"exclusiveMaximum":true}`},
		"between":                 {Schema{Minimum: "0", ExclusiveMaximum: "9"}, `{"minimum":0,"maximum":9,"exclusiveMaximum":true}`},
		"above both":              {Schema{Minimum: "3", ExclusiveMinimum: "3"}, `{"minimum":3,"exclusiveMinimum":true}`},
		"above the lower":         {Schema{Minimum: "3", ExclusiveMinimum: "2"}, `{"minimum":3}`},
		"below the higher":        {Schema{Maximum: "3", ExclusiveMaximum: "4"}, `{"maximum":3}`},
		"what 3.0 can not say": {
			Schema{
				Type: Types{typeString}, PropertyNames: &text, DependentSchemas: dependent,
				ContentEncoding: "base64", ContentMediaType: typeJSON, ContentSchema: &text,
			},
			`{"type":"string"}`,
		},
		"what both can say": {
			Schema{Type: Types{typeArray}, Items: &text, MinItems: &one, UniqueItems: true, Not: &ref, OneOf: []*Schema{&text}},
			`{"type":"array","items":{"type":"string"},"minItems":1,"uniqueItems":true,"oneOf":[{"type":"string"}],"not":{"$ref":"#/components/schemas/A"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, err := marshal(&tt.in)
			if err != nil {
				t.Fatal(err)
			}
			got, err := marshal(o.schema(&tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("%s\nis %s\nnot %s", before, got, tt.want)
			}
			if after, err := marshal(&tt.in); err != nil || !bytes.Equal(after, before) {
				t.Errorf("the schema has been changed from %s to %s, %v", before, after, err)
			}
		})
	}
}

// TestADocumentIsSaidInTheWordsOf30 puts a schema that has null into every place that a document has for one.
func TestADocumentIsSaidInTheWordsOf30(t *testing.T) {
	t.Parallel()
	s := &Schema{Type: Types{typeString, typeNull}}
	var content Map[*Media]
	content.Set(typeJSON, &Media{Schema: s})
	header := &Header{Schema: s}
	response := &Response{Content: content}
	response.Headers.Set("h", header)
	op := &Operation{
		Parameters: []*Parameter{{Schema: s}, {Content: content}}, RequestBody: &RequestBody{Content: content}, WebSocket: &WebSocket{Send: s, Receive: s},
	}
	op.Responses.Set("200", response)
	item := &PathItem{Get: op, Trace: op}
	item.XAdditional.Set("REPORT", op)
	d := &Document{OpenAPI: "3.1.1", Info: Info{Summary: "s", License: &License{Name: "MIT", Identifier: "MIT"}}}
	d.Paths.Set("/", item)
	c := &d.Components
	c.Schemas.Set("a", s)
	c.Headers.Set("a", header)
	c.Responses.Set("a", response)
	c.Parameters.Set("a", &Parameter{Schema: s})
	before, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	old, err := downgrade(d).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if n, want := strings.Count(string(old), `"nullable": true`), strings.Count(string(before), `"null"`); n != want || want != 26 {
		t.Errorf("%d places of %d are in the words of 3.0", n, want)
	}
	for _, newer := range []string{`"null"`, "identifier", `"summary"`, "3.1"} {
		if strings.Contains(string(old), newer) {
			t.Errorf("%s is left", newer)
		}
	}
	if after, err := d.JSON(); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the document has been changed: %v", err)
	}
}
