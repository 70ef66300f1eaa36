package openapi

import (
	"slices"
)

// reals adds the rules of numbers that need not be whole, to the number and to the names of what is none.
func (r *ruling) reals(s *Schema, sp span) {
	allowed, denied := r.values()
	isFinite := r.isSet("finite")
	names := slices.DeleteFunc(slices.Clone(notFinite), func(name any) bool {
		text, _ := name.(string)
		return isFinite || slices.Contains(sp.beyond, text) || slices.Contains(denied, name) || allowed != nil && !slices.Contains(allowed, name)
	})
	isName := func(v any) bool { return slices.Contains(notFinite, v) }
	numbers := slices.DeleteFunc(slices.Clone(allowed), isName)
	if n := numberOf(s); n != nil {
		if len(numbers) > 0 {
			r.only(n, numbers)
		}
		r.not(n, slices.DeleteFunc(denied, isName))
		r.and(n, sp.part(typeNumber))
		r.sayGap(sp, typeNumber)
	}
	keepNames(s, names)
	if allowed != nil && len(numbers) == 0 {
		s.AnyOf = slices.DeleteFunc(s.AnyOf, func(one *Schema) bool { return slices.Contains(one.Type, typeNumber) })
		s.unite(typeString)
	}
}

// numberOf is the schema of those values that are numbers; nil if there are none.
func numberOf(s *Schema) *Schema {
	if len(s.AnyOf) == 0 {
		return s
	}
	for _, one := range s.AnyOf {
		if slices.Contains(one.Type, typeNumber) {
			return one
		}
	}
	return nil
}

// keepNames keeps some of the names of what is no number.
func keepNames(s *Schema, names []any) {
	var kept []*Schema
	for _, one := range s.AnyOf {
		if one.isNotFinite() {
			one.Enum = slices.DeleteFunc(slices.Clone(one.Enum), func(v any) bool { return !slices.Contains(names, v) })
			if len(one.Enum) == 0 {
				continue
			}
		}
		kept = append(kept, one)
	}
	s.AnyOf = kept
	s.unite(typeNumber)
}

// unite makes one schema of kinds of which only one is left beside null.
func (s *Schema) unite(kind string) {
	isNull := func(one *Schema) bool { return slices.Equal(one.Type, Types{typeNull}) }
	hasNull := slices.ContainsFunc(s.AnyOf, isNull)
	if len(s.AnyOf)-boolToInt(hasNull) != 1 {
		return
	}
	s.narrow(kind)
	if hasNull {
		s.Type = append(slices.Clone(s.Type), typeNull)
		s.enumNull()
	}
}
