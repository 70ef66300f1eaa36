package openapi

import (
	"encoding/json"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// copied is a copy of a schema to change, with the schemas within that are its own.
func (s *Schema) copied() *Schema {
	c := *s
	if s.Items != nil {
		items := *s.Items
		c.Items = &items
	}
	c.AnyOf = nil
	for _, one := range s.AnyOf {
		kind := *one
		c.AnyOf = append(c.AnyOf, &kind)
	}
	return &c
}

// become takes over what a copy says. Who holds the schema, or its items, holds them still.
func (s *Schema) become(c *Schema) {
	items := s.Items
	*s = *c
	if items != nil {
		*items = *c.Items
		s.Items = items
	}
}

// refusesUnset tells whether a schema refuses what the edge writes for a field that is not set. An answer is not bound
// then by what the option says of values: who reads it would take the truth for a fault.
func (b *builder) refusesUnset(s *Schema, fd protoreflect.FieldDescriptor, d *Dialect) bool {
	if fd.HasPresence() || !d.alwaysWrites(fd) {
		return false
	}
	alone := *s
	alone.target = nil // which has a place for it
	return b.refuses(&alone, unset(fd, d)) != nil
}

// inputOnly describes what only requests give where answers have it all the same: whatever is always written is. It is
// not write-only then, for that says that it is never there.
func (b *builder) inputOnly(s *Schema, fd protoreflect.FieldDescriptor, sc scope) {
	if sc.use != output || !sc.dialect.alwaysWrites(fd) || !b.has(fd, annotations.FieldBehavior_INPUT_ONLY) {
		return
	}
	s.WriteOnly, s.isUnset, s.unset = false, true, unset(fd, sc.dialect)
	s.Description = paragraphs(s.Description, "It is never set in an answer.")
}

// unset is how a field is written when it is not set.
func unset(fd protoreflect.FieldDescriptor, d *Dialect) any {
	switch {
	case fd.HasPresence():
		return nil
	case fd.IsList():
		return []any{}
	case fd.IsMap():
		return Map[any]{}
	case fd.Enum() != nil && !d.EnumNumbers:
		if zero := fd.Enum().Values().ByNumber(0); zero != nil {
			return string(zero.Name())
		}
		return "0"
	}
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return false
	case protoreflect.StringKind, protoreflect.BytesKind:
		return ""
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return "0"
	default:
		return json.Number("0")
	}
}
