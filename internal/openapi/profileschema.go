package openapi

import (
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"strings"
)

// exclusive is how 3.0 says that a schema's minimum and maximum are themselves not allowed.
type exclusive struct {
	Minimum bool `json:"exclusiveMinimum,omitempty"`
	Maximum bool `json:"exclusiveMaximum,omitempty"`
}

// schema returns a schema in the dialect of 3.0, in which nothing but additionalProperties can be a boolean.
func (o older) schema(s *Schema) *Schema {
	switch {
	case s == nil:
		return nil
	case s.never:
		return &Schema{Not: new(Schema)}
	}
	old := *s
	old.target = nil
	old.PropertyNames, old.DependentSchemas = nil, Map[*Schema]{}
	old.ContentEncoding, old.ContentMediaType, old.ContentSchema = "", "", nil
	o.parts(&old)
	old.downgradeValues()
	old.downgradeBounds()
	old.downgradeNull()
	old.downgradeTypes()
	if old.Nullable && len(old.Type) == 0 && len(old.AllOf) == 1 {
		old.Type = o.typeOf(old.AllOf[0]) // null is allowed beside a type only
	}
	return old.aroundRef()
}

// typeOf is the type of what a schema refers to.
func (o older) typeOf(s *Schema) Types {
	target, _ := o.schemas.Get(strings.TrimPrefix(s.Ref, "#/components/schemas/"))
	if target == nil || len(target.Type) != 1 {
		return nil
	}
	return target.Type
}

// parts replaces the schemas within.
func (o older) parts(s *Schema) {
	s.Items, s.Not = o.schema(s.Items), o.schema(s.Not)
	if s.Additional != nil && !s.Additional.never {
		s.Additional = o.schema(s.Additional)
	}
	s.Properties = mapped(s.Properties, o.schema)
	for _, list := range []*[]*Schema{&s.AllOf, &s.AnyOf, &s.OneOf} {
		var old []*Schema
		for _, one := range *list {
			old = append(old, o.schema(one))
		}
		*list = old
	}
}

func (s *Schema) downgradeValues() {
	if s.Const != nil {
		s.Enum, s.Const = []any{s.Const}, nil
	}
	if len(s.Examples) > 0 && s.Example == nil {
		s.Example = s.Examples[0]
	}
	s.Examples = nil
}

// downgradeBounds makes one number and a flag of two numbers.
func (s *Schema) downgradeBounds() {
	var is exclusive
	s.Minimum, is.Minimum = oneBound(s.Minimum, s.ExclusiveMinimum, 1)
	s.Maximum, is.Maximum = oneBound(s.Maximum, s.ExclusiveMaximum, -1)
	s.ExclusiveMinimum, s.ExclusiveMaximum = "", ""
	if is != (exclusive{}) {
		s.exclusive = &is
	}
}

// oneBound returns the tighter bound, and whether it is the exclusive one. The sign is that of the direction in which
// bounds get tighter.
func oneBound(inclusive, exclusive json.Number, sign int) (json.Number, bool) {
	if exclusive == "" || inclusive == "" {
		return json.Number(string(inclusive) + string(exclusive)), exclusive != ""
	}
	in, ok1 := new(big.Rat).SetString(string(inclusive))
	ex, ok2 := new(big.Rat).SetString(string(exclusive))
	if ok1 && ok2 && in.Cmp(ex) == sign {
		return inclusive, false
	}
	return exclusive, true
}

// downgradeNull takes null out of types and alternatives: it is a flag in 3.0, and there are no values but null that have
// none of the other types.
func (s *Schema) downgradeNull() {
	if slices.Contains(s.Type, typeNull) {
		s.Nullable = true
		s.Type = slices.DeleteFunc(slices.Clone(s.Type), func(t string) bool { return t == typeNull })
		if len(s.Type) == 0 {
			s.Type, s.Enum = Types{typeString}, []any{nil}
		}
	}
	for _, list := range []*[]*Schema{&s.AnyOf, &s.OneOf} {
		others := slices.DeleteFunc(slices.Clone(*list), (*Schema).isNull)
		if len(others) == len(*list) {
			continue
		}
		s.Nullable = true
		*list = others
		if len(others) == 1 {
			s.AllOf, *list = append(s.AllOf, others...), nil
		}
	}
}

// isNull tells whether a schema that has been downgraded matches null only.
func (s *Schema) isNull() bool { return s.Nullable && len(s.Enum) == 1 && s.Enum[0] == nil }

// downgradeTypes leaves one type. A number that may be text where JSON has no number for it is a number.
func (s *Schema) downgradeTypes() {
	if i := slices.IndexFunc(s.AnyOf, func(one *Schema) bool { return slices.Equal(one.Type, Types{typeNumber}) }); i >= 0 &&
		slices.ContainsFunc(s.AnyOf, (*Schema).isNotFinite) && len(s.AnyOf) == 2 {
		s.absorb(s.AnyOf[i])
		s.AnyOf = nil
	}
	if len(s.Type) <= 1 {
		return
	}
	var either []*Schema
	for _, t := range s.Type {
		either = append(either, &Schema{Type: Types{t}})
	}
	s.Type = nil
	if s.AnyOf == nil {
		s.AnyOf = either
	} else {
		s.AllOf = append(s.AllOf, &Schema{AnyOf: either})
	}
}

// isNotFinite tells whether a schema is that of the numbers that JSON has none for.
func (s *Schema) isNotFinite() bool {
	return slices.Equal(s.Type, Types{typeString}) && len(s.Enum) > 0 &&
		!slices.ContainsFunc(s.Enum, func(v any) bool { return !slices.Contains(notFinite, v) })
}

// absorb takes what is said of a number into the schema that has it as an alternative.
func (s *Schema) absorb(number *Schema) {
	s.Type, s.Format = number.Type, number.Format
	rest := *number
	rest.Type, rest.Format = nil, ""
	switch {
	case reflect.DeepEqual(rest, Schema{}):
	case s.Minimum == "" && s.Maximum == "" && s.exclusive == nil && s.Enum == nil && s.Not == nil:
		s.Minimum, s.Maximum, s.exclusive = rest.Minimum, rest.Maximum, rest.exclusive
		s.Enum, s.Not, s.MultipleOf = rest.Enum, rest.Not, rest.MultipleOf
	default:
		s.AllOf = append(s.AllOf, &rest)
	}
}

// aroundRef puts a reference that has something beside it into an allOf: 3.0 reads nothing beside a reference.
func (s *Schema) aroundRef() *Schema {
	if s.Ref == "" || reflect.DeepEqual(s, &Schema{Ref: s.Ref}) {
		return s
	}
	s.AllOf = append([]*Schema{{Ref: s.Ref}}, s.AllOf...)
	s.Ref = ""
	return s
}
