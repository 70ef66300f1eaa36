package openapi

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// fields lists what the audience sees of a message, as declared, its extensions last.
func (b *builder) fields(md protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	var fds []protoreflect.FieldDescriptor
	for i := range md.Fields().Len() {
		fds = append(fds, md.Fields().Get(i))
	}
	fds = append(fds, b.extensions[md.FullName()]...)
	return slices.DeleteFunc(fds, func(fd protoreflect.FieldDescriptor) bool { return !b.opts.Visible(fd) })
}

// nameOf is the field's name in JSON.
func (d *Dialect) nameOf(fd protoreflect.FieldDescriptor) string {
	switch {
	case fd.IsExtension():
		return "[" + string(fd.FullName()) + "]"
	case d.ProtoNames:
		return fd.TextName()
	default:
		return fd.JSONName()
	}
}

// object is the schema of a message that is an object of its fields.
func (b *builder) object(md protoreflect.MessageDescriptor, sc scope) *Schema {
	s := &Schema{Type: Types{typeObject}, Description: b.textOf(md), Deprecated: isDeprecated(md)}
	for _, fd := range b.fields(md) {
		name := sc.dialect.nameOf(fd)
		s.Properties.Set(name, b.property(fd, sc))
		if b.isRequired(fd, sc) {
			s.Required = append(s.Required, name)
		}
	}
	if sc.use != output && !sc.dialect.IgnoreUnknown {
		s.Additional = Never()
	}
	b.oneofs(s, md, sc)
	b.messageRules(s, md, sc)
	b.messageOptions(s, md, sc)
	return s
}

// isRequired tells whether the field is always there in an answer, or has to be in a request.
func (b *builder) isRequired(fd protoreflect.FieldDescriptor, sc scope) bool {
	switch sc.use {
	case output:
		return fd.Cardinality() == protoreflect.Required || sc.dialect.alwaysWrites(fd) || b.isPromised(fd)
	case input:
		if b.isReadOnly(fd) {
			return false
		}
		return fd.Cardinality() == protoreflect.Required || b.has(fd, annotations.FieldBehavior_REQUIRED) || b.ruledRequired(fd) ||
			b.isDeclaredRequired(fd)
	default:
		return false
	}
}

// alwaysWrites tells whether an answer has the field even when it is unset.
func (d *Dialect) alwaysWrites(fd protoreflect.FieldDescriptor) bool {
	switch {
	case d.Emit == EmitPresent || fd.IsExtension():
		return false
	case !fd.HasPresence():
		return true
	default:
		return d.writesNull(fd)
	}
}

// writesNull tells whether an answer has null for the field when it is unset.
func (d *Dialect) writesNull(fd protoreflect.FieldDescriptor) bool {
	return d.Emit == EmitUnpopulated && fd.HasPresence() && fd.ContainingOneof() == nil && !fd.IsExtension()
}

// oneofs makes the members of each oneof exclude each other. A schema for each combination would have to be named, and
// generators make unions of them that nobody can fill; so the members stay properties like all others.
func (b *builder) oneofs(s *Schema, md protoreflect.MessageDescriptor, sc scope) {
	for i := range md.Oneofs().Len() {
		od := md.Oneofs().Get(i)
		if od.IsSynthetic() {
			continue
		}
		var names []string
		for j := range od.Fields().Len() {
			if fd := od.Fields().Get(j); b.opts.Visible(fd) {
				names = append(names, sc.dialect.nameOf(fd))
			}
		}
		required := sc.use == input && b.ruledRequiredOneof(od)
		for _, name := range names {
			others := new(Schema)
			for _, other := range names {
				if other != name {
					others.Properties.Set(other, Never())
				}
			}
			if len(names) > 1 {
				s.DependentSchemas.Set(name, others)
			}
		}
		if required && len(names) > 0 {
			none := new(Schema)
			for _, name := range names {
				none.Properties.Set(name, Never())
			}
			s.AllOf = append(s.AllOf, &Schema{Not: none})
		}
		s.Description = paragraphs(s.Description, oneofText(od, names, required))
	}
}

func oneofText(od protoreflect.OneofDescriptor, names []string, required bool) string {
	how := "At most one of "
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1 && !required:
		return ""
	case required:
		how = "Exactly one of "
	}
	text := how + "`" + strings.Join(names, "`, `") + "`"
	if comment := commentOf(od).all(); comment != "" {
		return text + ": " + comment
	}
	return text + "."
}

// property is the schema of a field within its message.
func (b *builder) property(fd protoreflect.FieldDescriptor, sc scope) *Schema {
	s := b.value(fd, sc)
	s.Description = paragraphs(b.textOf(fd), s.Description, b.behaviourText(fd), b.referenceText(fd))
	s.Deprecated = s.Deprecated || isDeprecated(fd)
	s.ReadOnly = b.isReadOnly(fd)
	s.WriteOnly = b.has(fd, annotations.FieldBehavior_INPUT_ONLY)
	b.fieldFormat(s, fd)
	if sc.use != output {
		b.constrain(s, fd)
	}
	b.fieldOptions(s, fd, sc)
	if sc.use == patch || sc.use == output && sc.dialect.writesNull(fd) {
		s = s.orNull()
	}
	b.fieldLiterals(s, fd, sc)
	return s
}

// orNull returns the schema with null as one more value. It is s itself, but for a reference.
func (s *Schema) orNull() *Schema {
	null := &Schema{Type: Types{typeNull}}
	if s.target != nil {
		either := *s
		*s = Schema{target: s.target}
		either.target, either.AnyOf = nil, []*Schema{s, null}
		either.enumNull()
		return &either
	}
	takesNull := func(one *Schema) bool {
		return slices.Contains(one.Type, typeNull) || len(one.Type) == 0 && one.target == nil && one.Const == nil && one.Enum == nil
	}
	if len(s.AnyOf) > 0 && !slices.ContainsFunc(s.AnyOf, takesNull) {
		s.AnyOf = append(slices.Clone(s.AnyOf), null)
	}
	if len(s.Type) == 0 || slices.Contains(s.Type, typeNull) {
		return s
	}
	s.Type = append(slices.Clone(s.Type), typeNull)
	s.enumNull()
	return s
}

// enumNull adds null to the values of a schema that lists them.
func (s *Schema) enumNull() {
	if s.Const != nil {
		s.Enum, s.Const = []any{s.Const}, nil
	}
	if s.Enum != nil {
		s.Enum = append(slices.Clone(s.Enum), nil)
	}
}

// value is the schema of what a field holds: a list, a map or one value.
func (b *builder) value(fd protoreflect.FieldDescriptor, sc scope) *Schema {
	inner := sc
	if sc.use == patch && (fd.IsList() || fd.IsMap()) {
		inner.use = input // replaced as a whole
	}
	switch {
	case fd.IsMap():
		s := &Schema{Type: Types{typeObject}, Additional: b.single(fd.MapValue(), inner)}
		s.PropertyNames = keySchema(fd.MapKey())
		return s
	case fd.IsList():
		return &Schema{Type: Types{typeArray}, Items: b.single(fd, inner)}
	default:
		return b.single(fd, sc)
	}
}

// keySchema is what the keys of a map look like; nil for text.
func keySchema(fd protoreflect.FieldDescriptor) *Schema {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return &Schema{Enum: []any{"true", "false"}}
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return &Schema{Pattern: unsignedPattern}
	case protoreflect.StringKind:
		return nil
	default:
		return &Schema{Pattern: signedPattern}
	}
}

// enum is the schema of an enum's values. They are closed, though a service may know more of them than its descriptors.
func (b *builder) enum(ed protoreflect.EnumDescriptor, sc scope) *Schema {
	s := &Schema{Type: Types{typeString}, Description: b.textOf(ed), Deprecated: isDeprecated(ed)}
	if sc.dialect.EnumNumbers {
		s.Type, s.Format = Types{typeInteger}, "int32"
	}
	var lines []string
	var names []any
	documented := false
	seen := map[protoreflect.EnumNumber]bool{}
	for i := range ed.Values().Len() {
		v := ed.Values().Get(i)
		if !b.opts.Visible(v) || sc.dialect.EnumNumbers && seen[v.Number()] {
			continue
		}
		seen[v.Number()] = true
		line := fmt.Sprintf("- `%s`", v.Name())
		if sc.dialect.EnumNumbers {
			s.Enum = append(s.Enum, int32(v.Number()))
			names = append(names, string(v.Name()))
			line = fmt.Sprintf("- %d: `%s`", v.Number(), v.Name())
			documented = true
		} else {
			s.Enum = append(s.Enum, string(v.Name()))
		}
		if comment := commentOf(v).line(); comment != "" {
			line += ": " + comment
			documented = true
		}
		if isDeprecated(v) {
			line += " (deprecated)"
			documented = true
		}
		lines = append(lines, line)
	}
	if sc.dialect.EnumNumbers {
		s.Extensions.Set("x-enum-varnames", names)
	}
	if documented {
		s.Description = paragraphs(s.Description, strings.Join(lines, "\n"))
	}
	b.enumOptions(s, ed, sc)
	return s
}
