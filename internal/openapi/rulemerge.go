package openapi

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// and adds to a schema what a rule says. Two bounds become the narrower one; what else is there already stays beside it.
func (r *ruling) and(s, part *Schema) {
	s.narrowBounds(part)
	for _, size := range []struct {
		into, more **uint64
		sign       int
	}{
		{&s.MinLength, &part.MinLength, 1}, {&s.MaxLength, &part.MaxLength, -1},
		{&s.MinItems, &part.MinItems, 1}, {&s.MaxItems, &part.MaxItems, -1},
		{&s.MinProperties, &part.MinProperties, 1}, {&s.MaxProperties, &part.MaxProperties, -1},
	} {
		if more := *size.more; more != nil && (*size.into == nil || *more != **size.into && (*more > **size.into) == (size.sign > 0)) {
			*size.into = more
		}
	}
	s.UniqueItems = s.UniqueItems || part.UniqueItems
	if part.Pattern != "" {
		s.put(&s.Pattern, part.Pattern, &Schema{Pattern: part.Pattern})
	}
	if part.Format != "" {
		s.put(&s.Format, part.Format, &Schema{Format: part.Format})
	}
	if part.Not != nil {
		s.putBeside(s.Not == nil, &Schema{Not: part.Not}, func() { s.Not = part.Not })
	}
	if part.AnyOf != nil {
		// That of a reference is where null is put, and that of a real number tells numbers from names.
		s.putBeside(s.AnyOf == nil && s.target == nil, &Schema{AnyOf: part.AnyOf}, func() { s.AnyOf = part.AnyOf })
	}
}

// put puts a text where there is none, and else a schema with it beside.
func (s *Schema) put(into *string, text string, alone *Schema) {
	if *into != text {
		s.putBeside(*into == "", alone, func() { *into = text })
	}
}

func (s *Schema) putBeside(isFree bool, alone *Schema, set func()) {
	isThere := func(one *Schema) bool { return reflect.DeepEqual(one, alone) }
	switch {
	case isFree:
		set()
	case alone.Not != nil && reflect.DeepEqual(s.Not, alone.Not), alone.AnyOf != nil && reflect.DeepEqual(s.AnyOf, alone.AnyOf):
	case !slices.ContainsFunc(s.AllOf, isThere):
		s.AllOf = append(slices.Clone(s.AllOf), alone)
	}
}

// narrowBounds takes those bounds of a part that are narrower. Of an inclusive and an exclusive one, one stays.
func (s *Schema) narrowBounds(part *Schema) {
	for _, b := range []struct {
		closed, open         *json.Number
		moreClosed, moreOpen json.Number
		sign                 int
	}{
		{&s.Minimum, &s.ExclusiveMinimum, part.Minimum, part.ExclusiveMinimum, 1},
		{&s.Maximum, &s.ExclusiveMaximum, part.Maximum, part.ExclusiveMaximum, -1},
	} {
		for _, more := range []struct {
			n      json.Number
			isOpen bool
		}{{b.moreClosed, false}, {b.moreOpen, true}} {
			now, isOpen := *b.closed, false
			if *b.open != "" {
				now, isOpen = *b.open, true
			}
			if more.n == "" {
				continue
			}
			if now != "" {
				order := exactly(more.n).Cmp(exactly(now)) * b.sign
				if order < 0 || order == 0 && (isOpen || !more.isOpen) {
					continue
				}
			}
			*b.closed, *b.open = "", ""
			*pick(more.isOpen, b.open, b.closed) = more.n
		}
	}
}

// values are those that rules allow, nil for all, and those that they exclude. Zero is among those that are allowed if it
// passes whatever the rules say.
func (r *ruling) values() (allowed, denied []any) {
	if v, ok := r.take("const"); ok {
		allowed = []any{r.valueOf("const", v)}
	}
	if v, ok := r.take("in"); ok {
		var in []any
		for i := range v.List().Len() {
			in = append(in, r.valueOf("in", v.List().Get(i)))
		}
		if allowed == nil {
			allowed = in
		} else if !slices.Contains(in, allowed[0]) {
			r.wrong("in", "%v, which const asks for, is not among them; make them agree", allowed[0])
		}
	}
	if v, ok := r.take("not_in"); ok {
		for i := range v.List().Len() {
			denied = append(denied, r.valueOf("not_in", v.List().Get(i)))
		}
	}
	if ruleName(r.of, r.place) == "any" {
		return allowed, denied
	}
	none := r.zero()
	if !r.zeroPasses {
		isRefused := allowed != nil && !slices.Contains(allowed, none) || slices.Contains(denied, none)
		r.breaksZero = r.breaksZero || isRefused
		return allowed, denied
	}
	if allowed != nil && !slices.Contains(allowed, none) {
		allowed = append(allowed, none)
	}
	return allowed, slices.DeleteFunc(denied, func(v any) bool { return v == none })
}

// zero is the zero value as JSON has it.
func (r *ruling) zero() any {
	switch name := ruleName(r.of, r.place); {
	case name == "bool" && r.place == atKey:
		return "false"
	case name == "bool":
		return false
	case name == "string" || name == "bytes":
		return ""
	case r.isText():
		return "0"
	default:
		return json.Number("0")
	}
}

// listed adds the rules that list values.
func (r *ruling) listed(s *Schema) {
	allowed, denied := r.values()
	if allowed != nil {
		r.only(s, allowed)
	}
	r.not(s, denied)
}

// only leaves of a schema's values those that are listed.
func (r *ruling) only(s *Schema, values []any) {
	values = unique(values)
	known := s.Enum
	if s.Const != nil {
		known = []any{s.Const}
	}
	if known != nil {
		values = slices.DeleteFunc(values, func(v any) bool {
			return !slices.ContainsFunc(known, func(other any) bool { return isSame(v, other) })
		})
	}
	if len(values) == 0 {
		r.wrong("", "all the values that it lists are excluded by other rules; change one of them")
		return
	}
	s.Enum, s.Const = nil, nil
	switch {
	case slices.Contains(s.Type, typeNull):
		values = append(values, nil)
		s.Enum = values
	case len(values) == 1:
		s.Const = values[0]
	default:
		s.Enum = values
	}
}

// not takes values from a schema.
func (r *ruling) not(s *Schema, values []any) {
	if len(values) > 0 {
		r.and(s, &Schema{Not: &Schema{Enum: unique(values)}})
	}
}

func unique(values []any) []any {
	var list []any
	for _, v := range values {
		if !slices.ContainsFunc(list, func(other any) bool { return isSame(v, other) }) {
			list = append(list, v)
		}
	}
	return list
}

// emptied tells why no value keeps the rules of a schema; "" if there may be one.
func (b *builder) emptied(s *Schema) string {
	for _, part := range append([]*Schema{s.Items, s.Additional, s.PropertyNames}, s.AnyOf...) {
		if part != nil && part.target == nil {
			if why := b.emptied(part); why != "" {
				return why
			}
		}
	}
	for _, size := range []struct {
		least, most *uint64
		unit        string
	}{{s.MinLength, s.MaxLength, "characters"}, {s.MinItems, s.MaxItems, "items"}, {s.MinProperties, s.MaxProperties, "entries"}} {
		if size.least != nil && size.most != nil && *size.least > *size.most {
			return fmt.Sprintf("at least %d %s are asked for, and at most %d", *size.least, size.unit, *size.most)
		}
	}
	if least, most := exactly(s.Minimum+s.ExclusiveMinimum), exactly(s.Maximum+s.ExclusiveMaximum); least != nil && most != nil {
		if order := least.Cmp(most); order > 0 || order == 0 && s.ExclusiveMinimum+s.ExclusiveMaximum != "" {
			return fmt.Sprintf("no number is %s%s and %s%s", pick(s.Minimum == "", "more than ", "at least "), s.Minimum+s.ExclusiveMinimum,
				pick(s.Maximum == "", "less than ", "at most "), s.Maximum+s.ExclusiveMaximum)
		}
	}
	return b.emptiedList(s)
}

func (b *builder) emptiedList(s *Schema) string {
	list := slices.DeleteFunc(slices.Clone(s.Enum), func(v any) bool { return v == nil })
	if s.Const != nil {
		list = []any{s.Const}
	}
	rest := *s
	rest.target, rest.Enum, rest.Const, rest.Required = nil, nil, nil, nil
	if len(list) > 0 && !slices.ContainsFunc(list, func(v any) bool { return b.refuses(&rest, v) == nil }) {
		return fmt.Sprintf("%v is refused: %v", list[0], b.refuses(&rest, list[0]))
	}
	return ""
}

// dropNull takes null from a schema that allows it beside other values.
func (s *Schema) dropNull() {
	isNull := func(one *Schema) bool { return slices.Equal(one.Type, Types{typeNull}) }
	if len(s.Type) > 1 {
		s.Type = slices.DeleteFunc(slices.Clone(s.Type), func(kind string) bool { return kind == typeNull })
	}
	s.AnyOf = slices.DeleteFunc(slices.Clone(s.AnyOf), isNull)
}
