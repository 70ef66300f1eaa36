package openapi

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// list makes a list of one item, or of as many as there have to be.
func (m *sampler) list(s *Schema, name string) (any, bool) {
	const most = 8
	n := 1
	if s.MinItems != nil {
		n = int(min(max(*s.MinItems, 1), most+1))
	}
	if n > most || s.Items == nil {
		return nil, false
	}
	list := []any{}
	if s.MaxItems != nil && *s.MaxItems == 0 {
		return list, true
	}
	for i := range n {
		item, ok := m.value(s.Items, singularOf(name), i)
		if !ok {
			break
		}
		list = append(list, item)
	}
	return list, true
}

// singularOf is the name of an item of a list.
func singularOf(name string) string { return cmp.Or(singular(name), name) }

// object makes an object: of its properties, or else with one entry.
func (m *sampler) object(s *Schema) (any, bool) {
	if m.depth == maxSampleDepth {
		m.isCut = true
		return nil, false
	}
	m.depth++
	defer func() { m.depth-- }()
	if _, isAny := s.Properties.Get("@type"); isAny {
		var packed Map[any]
		packed.Set("@type", "type.googleapis.com/google.protobuf.Duration")
		packed.Set("value", "1.5s")
		return packed, true
	}
	if s.Properties.Len() == 0 && s.Additional != nil && !s.Additional.never {
		return m.entries(s)
	}
	var object Map[any]
	optional := 0
	for name, property := range s.Properties.All() {
		isRequired := slices.Contains(s.Required, name)
		if !isRequired && (optional == m.most || m.skips(property) || excluded(s, name, object)) {
			continue
		}
		value, ok := m.member(property, name)
		switch {
		case ok && (isRequired || !isEmpty(value)):
			object.Set(name, value)
		case isRequired:
			return nil, false
		default:
			continue
		}
		if !isRequired {
			optional++
		}
	}
	return object, true
}

// member makes the value of a property. What only requests have is in an answer too where everything is, as if unset.
func (m *sampler) member(property *Schema, name string) (any, bool) {
	if property.isUnset {
		return property.unset, m.refuses(property, property.unset) == nil
	}
	return m.value(property, name, 0)
}

// skips tells what an example need not show: what only the other side sends, what nobody should use any more, and in a
// change what can not be changed.
func (m *sampler) skips(property *Schema) bool {
	switch {
	case property.never || property.Deprecated:
		return true
	case m.use == output:
		return property.WriteOnly
	default:
		return property.ReadOnly || m.use == patch && property.isFixed
	}
}

// excluded tells whether a property can not stand beside those that are there, or have to be.
func excluded(s *Schema, name string, object Map[any]) bool {
	excludes := func(one, other string) bool {
		depending, ok := s.DependentSchemas.Get(one)
		if !ok {
			return false
		}
		property, ok := depending.Properties.Get(other)
		return ok && property.never
	}
	for other := range object.All() {
		if excludes(other, name) {
			return true
		}
	}
	return slices.ContainsFunc(s.Required, func(other string) bool { return excludes(other, name) })
}

// entries makes a map of one entry, or of as many as there have to be.
func (m *sampler) entries(s *Schema) (any, bool) {
	const most = 8
	n := 1
	if s.MinProperties != nil {
		n = int(min(max(*s.MinProperties, 1), most+1))
	}
	var object Map[any]
	if n > most {
		return nil, false
	}
	keys := Schema{}
	if s.PropertyNames != nil {
		keys = *s.PropertyNames
	}
	keys.Type = Types{typeString}
	isNumber := keys.Pattern == signedPattern || keys.Pattern == unsignedPattern
	for i := range n {
		if isNumber {
			keys.Examples = []any{strconv.Itoa(i + 1)}
		}
		key, ok := m.value(&keys, "key", i)
		if !ok {
			break
		}
		value, ok := m.value(s.Additional, "value", i)
		if !ok {
			break
		}
		name, _ := key.(string)
		object.Set(name, value)
	}
	return object, true
}

// isEmpty tells what says nothing where it can be left out.
func isEmpty(value any) bool {
	switch value := value.(type) {
	case []any:
		return len(value) == 0
	case Map[any]:
		return value.Len() == 0
	case string:
		return strings.TrimSpace(value) == ""
	default:
		return value == nil
	}
}
