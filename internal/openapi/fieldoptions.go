package openapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// fieldOptions adds to the schema of a field what its option says of the values.
func (b *builder) fieldOptions(s *Schema, fd protoreflect.FieldDescriptor, sc scope) {
	b.hint(s, fd, sc)
	b.inputOnly(s, fd, sc)
	given, o := b.fieldOption(fd)
	if given == nil {
		return
	}
	s.Title = given.GetTitle()
	s.Deprecated = s.Deprecated || given.GetFieldConfiguration().GetDeprecated()
	s.Extensions = o.extras("extensions", given.GetExtensions())
	if given.GetReadOnly() && b.has(fd, annotations.FieldBehavior_REQUIRED) {
		o.wrong("read_only", "field_behavior says that a request has to give the field; remove one of them")
	}
	o.sameType("ref", given.GetRef(), fd)
	o.requiredWithin(s, fd, given.GetRequired())
	o.types("type", s, given.GetType())
	narrowed := s.copied()
	one := narrowed
	if fd.IsList() {
		one = narrowed.Items // to which the words for one value apply, as they do in protoc-gen-openapiv2
	}
	o.words("", narrowed, one, given)
	o.listed(one, fd, given.GetEnum(), sc)
	if sc.use == output && b.refusesUnset(narrowed, fd, sc.dialect) {
		s.narrowed = narrowed
		return
	}
	s.become(narrowed)
}

// fieldLiterals adds the values that a field's option gives.
func (b *builder) fieldLiterals(s *Schema, fd protoreflect.FieldDescriptor, sc scope) {
	given, o := b.fieldOption(fd)
	whole := s
	if s.narrowed != nil {
		whole = s.narrowed
	}
	isSure := fd.Message() == nil || sc.use == output // a message may lack what only a request has to give
	if text := given.GetDefault(); text != "" {
		if read, ok := o.field("default", fd, text, sc); ok {
			s.Default = read.value
			o.test("default", whole, read, isSure, func() { s.Default = nil })
		}
	}
	if text := given.GetExample(); text != "" {
		if read, ok := o.field("example", fd, text, sc); ok {
			s.Examples = []any{read.value}
			o.test("example", whole, read, isSure, func() { s.Examples = nil })
		}
	}
}

// field reads a value of a field. It is not ok where there is none that the audience sees.
func (o option) field(part string, fd protoreflect.FieldDescriptor, text string, sc scope) (literal, bool) {
	read, err := o.fieldLiteral(fd, text, sc)
	if err != nil {
		o.wrong(part, "%s is no value of the field: %v", text, err)
		return read, false
	}
	return read, read.value != nil
}

// isReadOnly tells whether a field is in answers only.
func (b *builder) isReadOnly(fd protoreflect.FieldDescriptor) bool {
	given, _ := b.fieldOption(fd)
	return given.GetReadOnly() || b.has(fd, annotations.FieldBehavior_OUTPUT_ONLY)
}

// isDeclaredRequired tells whether an option says that a field has to be given: its own, which then names the field
// itself, or that of its message.
func (b *builder) isDeclaredRequired(fd protoreflect.FieldDescriptor) bool {
	own, _ := b.fieldOption(fd)
	whole, _ := b.messageOption(fd.ContainingMessage())
	isNamed := func(name string) bool { return name == fd.TextName() || name == fd.JSONName() }
	return slices.ContainsFunc(own.GetRequired(), isNamed) || slices.ContainsFunc(whole.GetJsonSchema().GetRequired(), isNamed)
}

// isPromised tells whether an option says that a field is always in answers though it may be unset. Of what has no
// presence the edge knows itself whether it is.
func (b *builder) isPromised(fd protoreflect.FieldDescriptor) bool {
	od := fd.ContainingOneof()
	return fd.HasPresence() && (od == nil || od.IsSynthetic()) && b.isDeclaredRequired(fd) && !b.has(fd, annotations.FieldBehavior_INPUT_ONLY)
}

// requiredWithin takes the names that are required of the message that a field holds.
func (o option) requiredWithin(s *Schema, fd protoreflect.FieldDescriptor, names []string) {
	for _, name := range names {
		if name == fd.TextName() || name == fd.JSONName() {
			continue // the field itself
		}
		if fd.Message() == nil || fd.IsList() || fd.IsMap() || s.target == nil {
			o.wrong("required", "it names %s, which is neither the field nor a field within it", name)
			continue
		}
		if within := o.named("required", fd.Message(), name); within != nil {
			s.Required = append(s.Required, s.target.scope.dialect.nameOf(within))
		}
	}
}

// named is the field that an option names; nil for one that is not there, or that the audience does not see.
func (o option) named(part string, md protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	fd := md.Fields().ByTextName(name)
	if fd == nil {
		fd = md.Fields().ByJSONName(name)
	}
	switch {
	case fd == nil:
		o.wrong(part, "%s has no field %q", md.FullName(), name)
		return nil
	case !o.opts.Visible(fd):
		return nil
	}
	return fd
}

// sameType makes sure that a reference names what the field is made of.
func (o option) sameType(part, ref string, fd protoreflect.FieldDescriptor) {
	name := protoreflect.FullName(strings.TrimPrefix(ref, "."))
	switch {
	case ref == "", fd.Message() != nil && fd.Message().FullName() == name, fd.Enum() != nil && fd.Enum().FullName() == name:
	default:
		o.wrong(part, "the field is no %s, and is not sent as one; leave it out", ref)
	}
}

var simpleTypes = map[options.JSONSchema_JSONSchemaSimpleTypes]string{
	options.JSONSchema_ARRAY: typeArray, options.JSONSchema_BOOLEAN: typeBoolean, options.JSONSchema_INTEGER: typeInteger,
	options.JSONSchema_NULL: typeNull, options.JSONSchema_NUMBER: typeNumber, options.JSONSchema_OBJECT: typeObject,
	options.JSONSchema_STRING: typeString,
}

// types narrows a schema to the types that an option names, all of which have to be among those that are sent.
func (o option) types(part string, s *Schema, given []options.JSONSchema_JSONSchemaSimpleTypes) {
	var names Types
	for _, kind := range given {
		name := simpleTypes[kind]
		switch {
		case name == "":
		case !s.allows(name):
			o.wrong(part, "it is sent as %s, not as %s; leave it out", strings.Join(s.kinds(), " or "), name)
		default:
			names = append(names, name)
		}
	}
	if len(names) == 0 || s.target != nil {
		return
	}
	switch {
	case len(s.kinds()) == 0:
		s.Type = names
	case len(s.AnyOf) > 0 && len(names) == 1:
		s.narrow(names[0])
	}
}

// kinds are the types that a schema has; none if it may be anything.
func (s *Schema) kinds() Types {
	var kinds Types
	switch {
	case s.target != nil:
		if _, isEnum := s.target.descriptor.(protoreflect.EnumDescriptor); !isEnum {
			return Types{typeObject}
		}
		if s.target.scope.dialect.EnumNumbers {
			return Types{typeInteger}
		}
		return Types{typeString}
	case len(s.Type) > 0:
		return s.Type
	}
	for _, one := range s.AnyOf {
		kinds = append(kinds, one.kinds()...)
	}
	return kinds
}

// allows tells whether values of a schema can be of a type.
func (s *Schema) allows(name string) bool {
	kinds := s.kinds()
	return len(kinds) == 0 || slices.Contains(kinds, name) || name == typeInteger && slices.Contains(kinds, typeNumber)
}

// narrow takes that one of the schema's kinds that has a type: a real number is a number, or the name of none.
func (s *Schema) narrow(name string) {
	for _, one := range s.AnyOf {
		if !one.allows(name) {
			continue
		}
		merged := *one
		merged.Title, merged.Description, merged.Deprecated, merged.Extensions = s.Title, s.Description, s.Deprecated, s.Extensions
		merged.ReadOnly, merged.WriteOnly, merged.hints = s.ReadOnly, s.WriteOnly, s.hints
		if name == typeInteger {
			merged.Type, merged.Format = Types{typeInteger}, ""
		}
		*s = merged
		return
	}
}

// listed narrows a schema to the values that an option lists.
func (o option) listed(s *Schema, fd protoreflect.FieldDescriptor, given []string, sc scope) {
	if len(given) == 0 {
		return
	}
	var values []any
	for _, text := range given {
		if fd.IsList() {
			quoted, err := marshal(text)
			if err != nil {
				continue
			}
			text = fmt.Sprintf("[%s]", quoted)
		}
		read, ok := o.field("enum", fd, text, sc)
		if list, isList := read.value.([]any); ok && isList && fd.IsList() {
			if ok = len(list) == 1; ok {
				read.value = list[0]
			}
		}
		if ok {
			values = append(values, read.value)
		}
	}
	if slices.Contains(s.Type, typeNull) {
		values = append(values, nil)
	}
	if len(s.Enum) > 0 && !isSame(s.Enum, values) {
		o.wrong("enum", "the rules of the field list other values; make them the same")
		return
	}
	s.Enum = values
}
