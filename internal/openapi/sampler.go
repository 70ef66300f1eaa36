package openapi

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// How far an example goes.
const (
	maxSampleDepth  = 6    // of objects in objects
	maxSampleSteps  = 2000 // of schemas looked at
	maxSampleValues = 60   // texts, numbers and truths, where the schema leaves a choice
)

// sampler makes an example of a schema. It offers values that would do, the most telling ones first, and takes the first
// that the schema does not refuse. There need not be one.
type sampler struct {
	*builder
	use   use      // what the example is for
	most  int      // how many members of an object there are beside those that are required; -1 for all
	left  int      // how many more schemas are looked at
	depth int      // of objects
	stack []*entry // whose schemas these are
	isCut bool     // something was left out because of where it would have stood
}

// value makes a value for a property of that name. The variant tells apart what stands in one list.
func (m *sampler) value(s *Schema, name string, variant int) (any, bool) {
	if m.left--; m.left < 0 || s.never {
		m.isCut = true
		return nil, false
	}
	for _, offer := range []func(*Schema, string, int) []any{m.declared, m.ruled, m.referred, m.combined, m.typed, m.spelled} {
		for _, value := range offer(s, name, variant) {
			if m.refuses(s, value) == nil {
				return value, true
			}
		}
	}
	return nil, false
}

// declared are the values that a schema holds itself. A value that says that nothing was said comes last.
func (m *sampler) declared(s *Schema, _ string, variant int) []any {
	values := slices.Clone(s.Examples)
	if s.Const != nil {
		values = append(values, s.Const)
	}
	if s.Default != nil {
		values = append(values, s.Default)
	}
	enum := slices.DeleteFunc(slices.Clone(s.Enum), func(v any) bool { return v == nil })
	slices.SortStableFunc(enum, func(x, y any) int { return boolToInt(saysNothing(x)) - boolToInt(saysNothing(y)) })
	return rotated(append(values, enum...), variant)
}

func saysNothing(v any) bool {
	text := fmt.Sprint(v)
	return text == "0" || strings.HasSuffix(text, "UNSPECIFIED") || strings.HasSuffix(text, "UNKNOWN")
}

func boolToInt(is bool) int {
	if is {
		return 1
	}
	return 0
}

// rotated begins a list with another of its values.
func rotated(values []any, by int) []any {
	if len(values) == 0 {
		return nil
	}
	by %= len(values)
	return slices.Concat(values[by:], values[:by])
}

// ruled is a value that a request could have too, for what is answered was often given before.
func (m *sampler) ruled(s *Schema, name string, variant int) []any {
	var values []any
	for _, narrower := range []*Schema{s.narrowed, s.ruled} {
		if narrower != nil {
			values = append(values, offered(m.value(narrower, name, variant))...)
		}
	}
	return values
}

// sampleKey is what a value of a shared schema depends on, unless it is cut.
type sampleKey struct {
	entry   *entry
	use     use
	most    int
	variant int
}

// referred is a value of the schema that another refers to, unless it is being made.
func (m *sampler) referred(s *Schema, name string, variant int) []any {
	if s.target == nil {
		if target := m.targetOf(s); target != nil {
			return offered(m.value(target, name, variant))
		}
		return nil
	}
	key := sampleKey{s.target, m.use, m.most, variant}
	if known, ok := m.samples[key]; ok {
		return offered(known, true)
	}
	if slices.Contains(m.stack, s.target) {
		m.isCut = true
		return nil
	}
	m.stack = append(m.stack, s.target)
	before := m.isCut
	m.isCut = false
	value, ok := m.value(s.target.schema, name, variant)
	if ok && !m.isCut {
		m.samples[key] = value
	}
	m.isCut = m.isCut || before
	m.stack = m.stack[:len(m.stack)-1]
	return offered(value, ok)
}

func offered(value any, ok bool) []any {
	if !ok {
		return nil
	}
	return []any{value}
}

// combined are values of the kinds that a schema is one of, each with what holds for all of them. One that says nothing
// comes last: where rules pass over what is empty, it is a kind of its own.
func (m *sampler) combined(s *Schema, name string, variant int) []any {
	common := *s
	common.AnyOf, common.OneOf = nil, nil
	var values []any
	for _, one := range slices.Concat(s.AnyOf, s.OneOf) {
		if !slices.Equal(one.Type, Types{typeNull}) {
			values = append(values, offered(m.value(one.with(&common), name, variant))...)
		}
	}
	slices.SortStableFunc(values, func(x, y any) int { return boolToInt(isEmpty(x)) - boolToInt(isEmpty(y)) })
	return values
}

// with returns a schema that says what this one says, and where this one is silent, what the other says.
func (s *Schema) with(other *Schema) *Schema {
	both := *s
	into, from := reflect.ValueOf(&both).Elem(), reflect.ValueOf(other).Elem()
	for i := range into.NumField() {
		if field := into.Field(i); field.CanSet() && field.IsZero() {
			field.Set(from.Field(i))
		}
	}
	if both.target == nil {
		both.target = other.target
	}
	if both.hints == (hints{}) {
		both.hints = other.hints
	}
	return &both
}

// typed are values of the first of a schema's types that is not null.
func (m *sampler) typed(s *Schema, name string, variant int) []any {
	kinds := slices.DeleteFunc(slices.Clone(s.Type), func(kind string) bool { return kind == typeNull })
	if len(kinds) == 0 {
		if m.targetOf(s) != nil || len(s.AnyOf)+len(s.OneOf) > 0 {
			return nil
		}
		kinds = Types{typeString}
	}
	for _, one := range s.AllOf {
		s = s.with(one)
	}
	switch kinds[0] {
	case typeString:
		return m.texts(s, name, variant)
	case typeInteger, typeNumber:
		return numbers(s, name, variant)
	case typeBoolean:
		return rotated([]any{true, false}, variant)
	case typeArray:
		return offered(m.list(s, name))
	default:
		return offered(m.object(s))
	}
}
