package openapi

import (
	"encoding/json"
	"reflect"
)

// Schema is a JSON Schema of the 2020-12 dialect, as far as documents need it. A boolean schema is one of its own: see
// [Never].
type Schema struct {
	Ref              string         `json:"$ref,omitempty"`
	Title            string         `json:"title,omitempty"`
	Description      string         `json:"description,omitempty"`
	Deprecated       bool           `json:"deprecated,omitempty"`
	ReadOnly         bool           `json:"readOnly,omitempty"`
	WriteOnly        bool           `json:"writeOnly,omitempty"`
	Type             Types          `json:"type,omitempty"`
	Nullable         bool           `json:"nullable,omitempty"` // 3.0 only
	Format           string         `json:"format,omitempty"`
	Enum             []any          `json:"enum,omitempty"`
	Const            any            `json:"const,omitempty"`
	Default          any            `json:"default,omitempty"`
	Examples         []any          `json:"examples,omitempty"`
	Example          any            `json:"example,omitempty"` // 3.0 only
	MultipleOf       json.Number    `json:"multipleOf,omitempty"`
	Minimum          json.Number    `json:"minimum,omitempty"`
	ExclusiveMinimum json.Number    `json:"exclusiveMinimum,omitempty"`
	Maximum          json.Number    `json:"maximum,omitempty"`
	ExclusiveMaximum json.Number    `json:"exclusiveMaximum,omitempty"`
	MinLength        *uint64        `json:"minLength,omitempty"`
	MaxLength        *uint64        `json:"maxLength,omitempty"`
	Pattern          string         `json:"pattern,omitempty"`
	ContentEncoding  string         `json:"contentEncoding,omitempty"`
	ContentMediaType string         `json:"contentMediaType,omitempty"`
	ContentSchema    *Schema        `json:"contentSchema,omitempty"`
	Items            *Schema        `json:"items,omitempty"`
	MinItems         *uint64        `json:"minItems,omitempty"`
	MaxItems         *uint64        `json:"maxItems,omitempty"`
	UniqueItems      bool           `json:"uniqueItems,omitempty"`
	Properties       Map[*Schema]   `json:"properties,omitzero"`
	Required         []string       `json:"required,omitempty"`
	PropertyNames    *Schema        `json:"propertyNames,omitempty"`
	MinProperties    *uint64        `json:"minProperties,omitempty"`
	MaxProperties    *uint64        `json:"maxProperties,omitempty"`
	Additional       *Schema        `json:"additionalProperties,omitempty"`
	DependentSchemas Map[*Schema]   `json:"dependentSchemas,omitzero"`
	AllOf            []*Schema      `json:"allOf,omitempty"`
	AnyOf            []*Schema      `json:"anyOf,omitempty"`
	OneOf            []*Schema      `json:"oneOf,omitempty"`
	Not              *Schema        `json:"not,omitempty"`
	Discriminator    *Discriminator `json:"discriminator,omitempty"`
	ExternalDocs     *ExternalDocs  `json:"externalDocs,omitempty"`
	Extensions       Map[any]       `json:"-"`

	never  bool   // the schema false
	target *entry // what Ref will name

	hints
	exclusive *exclusive // 3.0 only
}

// hints help to find an example.
type hints struct {
	sample   string  // a good text, where the declaration tells one
	ruled    *Schema // the schema of an answer, with the rules that requests have to keep
	narrowed *Schema // or with what an option says of all values but that of an unset field
	isUnset  bool    // it is never set in an answer, and written all the same
	unset    any     // as this
	isFixed  bool    // it is set once
}

// Discriminator is the property whose value tells of which kind an object is.
type Discriminator struct {
	PropertyName string `json:"propertyName"`
}

// Types are the types that a value may have, written as one where it is only one.
type Types []string

// The types of JSON Schema.
const (
	typeString  = "string"
	typeInteger = "integer"
	typeNumber  = "number"
	typeBoolean = "boolean"
	typeArray   = "array"
	typeObject  = "object"
	typeNull    = "null"
)

// Never is the schema that nothing matches.
func Never() *Schema { return &Schema{never: true} }

// MarshalJSON writes the schema.
func (s *Schema) MarshalJSON() ([]byte, error) { return marshal(s) }

func (s *Schema) write(w *walk) {
	if s.never {
		w.out.literal("false")
		return
	}
	w.out.begin(false)
	w.members(reflect.ValueOf(s).Elem())
	if s.exclusive != nil {
		w.members(reflect.ValueOf(s.exclusive).Elem())
	}
	w.out.end()
}

// write writes one type as a string.
func (t Types) write(w *walk) {
	if len(t) == 1 {
		w.out.string(t[0])
		return
	}
	w.value(reflect.ValueOf([]string(t)))
}
