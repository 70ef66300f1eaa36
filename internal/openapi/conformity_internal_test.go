package openapi

import (
	"encoding/json"
	"regexp"
	"testing"
)

func TestASchemaRefusesWhatItDoesNotDescribe(t *testing.T) {
	t.Parallel()
	two, three := uint64(2), uint64(3)
	object := &Schema{Type: Types{typeObject}, Required: []string{"a"}, Additional: Never(), MaxProperties: &two, PropertyNames: &Schema{Pattern: "^[a-z]$"}}
	object.Properties.Set("a", &Schema{Type: Types{typeInteger}})
	object.Properties.Set("b", &Schema{Type: Types{typeString}})
	object.Properties.Set("B", &Schema{})
	alone := new(Schema)
	alone.Properties.Set("b", Never())
	choice := &Schema{}
	choice.DependentSchemas.Set("a", alone)
	for _, c := range []struct {
		name       string
		schema     *Schema
		good, poor []string
	}{
		{"anything", new(Schema), []string{`null`, `1`, `"a"`, `[]`, `{}`}, nil},
		{"nothing", Never(), nil, []string{`null`, `{}`}},
		{"types", &Schema{Type: Types{typeInteger, typeNull}}, []string{`1`, `1.0`, `1e3`, `null`}, []string{`1.5`, `"1"`, `true`}},
		{"const", &Schema{Const: json.Number("1.0")}, []string{`1`}, []string{`2`, `"1"`}},
		{"enum", &Schema{Enum: []any{"a", nil, int32(3)}}, []string{`"a"`, `null`, `3`}, []string{`"b"`, `0`}},
		{"bounds", &Schema{Minimum: "1", ExclusiveMaximum: "2"}, []string{`1`, `1.99`, `"5"`}, []string{`0.99`, `2`}},
		{"more bounds", &Schema{ExclusiveMinimum: "1", Maximum: "2"}, []string{`2`}, []string{`1`, `2.1`}},
		{"multiples", &Schema{MultipleOf: "0.1"}, []string{`0.3`, `1`}, []string{`0.35`}},
		{"32 bits", &Schema{Format: "int32"}, []string{`2147483647`, `-2147483648`}, []string{`2147483648`}},
		{"lengths", &Schema{MinLength: &two, MaxLength: &three}, []string{`"äö"`, `"abc"`}, []string{`"ä"`, `"abcd"`}},
		{"pattern", &Schema{Pattern: "b"}, []string{`"abc"`, `1`}, []string{`"a"`}},
		{"a pattern that can not be read", &Schema{Pattern: "(?=a)"}, nil, []string{`"a"`}},
		{"base64", &Schema{ContentEncoding: "base64"}, []string{`"aGk="`}, []string{`"a"`}},
		{"64 bits", &Schema{Format: "int64"}, []string{`"-9223372036854775808"`}, []string{`"9223372036854775808"`, `"a"`}},
		{"time", &Schema{Format: "date-time"}, []string{`"2026-01-15T09:30:00.5+01:00"`}, []string{`"2026-01-15"`}},
		{"email", &Schema{Format: "email"}, []string{`"a@b.example"`}, []string{`"a"`, `"A <a@b.example>"`}},
		{"uri", &Schema{Format: "uri"}, []string{`"https://a.example/"`}, []string{`"/a"`, `"a b"`}},
		{"uuid", &Schema{Format: "uuid"}, []string{`"` + sampleUUID + `"`}, []string{`"5f0c"`}},
		{"addresses", &Schema{AnyOf: []*Schema{{Format: "ipv4"}, {Format: "ipv6"}}}, []string{`"192.0.2.1"`, `"::1"`}, []string{`"a"`, `"fe80::1%a"`}},
		{"a format that nobody knows", &Schema{Format: "isbn"}, []string{`"a"`}, nil},
		{"lists", &Schema{Items: &Schema{Type: Types{typeInteger}}, MinItems: &two, MaxItems: &three, UniqueItems: true},
			[]string{`[1, 2]`, `{}`}, []string{`[1]`, `[1, 2, 3, 4]`, `[1, 1.0]`, `[1, "a"]`}},
		{"objects", object, []string{`{"a": 1}`, `{"a": 1, "b": "x"}`}, []string{`{}`, `{"a": "1"}`, `{"a": 1, "c": 1}`, `{"a": 1, "B": 1}`}},
		{"few members", &Schema{MinProperties: &two}, []string{`{"a": 1, "b": 2}`}, []string{`{"a": 1}`}},
		{"members that exclude each other", choice, []string{`{"a": 1}`, `{"b": 1}`}, []string{`{"a": 1, "b": 1}`}},
		{"all", &Schema{AllOf: []*Schema{{Minimum: "1"}, {Maximum: "2"}}}, []string{`1`}, []string{`0`, `3`}},
		{"one", &Schema{OneOf: []*Schema{{Minimum: "1"}, {Maximum: "2"}}}, []string{`0`, `3`}, []string{`1`}},
		{"not", &Schema{Not: &Schema{Enum: []any{"a"}}}, []string{`"b"`}, []string{`"a"`}},
		{"references", &Schema{target: &entry{schema: &Schema{Maximum: "2"}}, Minimum: "1"}, []string{`1`}, []string{`0`, `3`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := &builder{doc: new(Document), patterns: map[string]*regexp.Regexp{}}
			for _, text := range c.good {
				if err := b.refuses(c.schema, decoded(t, text)); err != nil {
					t.Errorf("%s: %v", text, err)
				}
			}
			for _, text := range c.poor {
				if b.refuses(c.schema, decoded(t, text)) == nil {
					t.Errorf("%s is let through", text)
				}
			}
		})
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	value, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestTextIsOneJSONValue(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{`, `{"a"}`, `[1,]`, `1 2`, `{} x`, `nul`, `"a`} {
		if value, err := decode(text); err == nil {
			t.Errorf("%q is %v", text, value)
		}
	}
}
