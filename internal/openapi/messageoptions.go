package openapi

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// messageOptions adds to the schema of a message what its options say of it.
func (b *builder) messageOptions(s *Schema, md protoreflect.MessageDescriptor, sc scope) {
	s.Description = paragraphs(s.Description, b.patternText(md))
	given, o := b.messageOption(md)
	if given == nil {
		return
	}
	words := given.GetJsonSchema()
	s.Title = words.GetTitle()
	s.ReadOnly = given.GetReadOnly() || words.GetReadOnly()
	s.ExternalDocs = o.docs("external_docs", given.GetExternalDocs())
	s.Extensions = o.extras("json_schema.extensions", words.GetExtensions())
	if ref := strings.TrimPrefix(words.GetRef(), "."); ref != "" && ref != string(md.FullName()) {
		o.wrong("json_schema.ref", "the message is no %s, and is not sent as one; leave it out", ref)
	}
	if len(words.GetEnum()) > 0 {
		o.wrong("json_schema.enum", "it lists values, and this is sent as object; leave it out")
	}
	o.types("json_schema.type", s, words.GetType())
	o.words("json_schema.", s, s, words)
	for _, name := range words.GetRequired() {
		o.named("json_schema.required", md, name) // isRequired does the rest
	}
	o.discriminate(s, md, given.GetDiscriminator(), sc)
	o.messageLiterals(s, md, given, sc)
}

// discriminate names the property that tells kinds of the message apart.
func (o option) discriminate(s *Schema, md protoreflect.MessageDescriptor, name string, sc scope) {
	if name == "" {
		return
	}
	if fd := o.named("discriminator", md, name); fd != nil {
		s.Discriminator = &Discriminator{PropertyName: sc.dialect.nameOf(fd)}
	}
}

// messageLiterals adds the values of a message that its option gives.
func (o option) messageLiterals(s *Schema, md protoreflect.MessageDescriptor, given *options.Schema, sc scope) {
	words := given.GetJsonSchema()
	for _, one := range []struct{ part, text string }{
		{"json_schema.default", words.GetDefault()}, {"json_schema.example", words.GetExample()}, {"example", given.GetExample()},
	} {
		if one.text == "" {
			continue
		}
		read, err := o.messageLiteral(md, one.text, sc)
		if err != nil {
			o.wrong(one.part, "it is no JSON of the message: %v", err)
			continue
		}
		if one.part == "json_schema.default" {
			s.Default = read.value
			o.test(one.part, s, read, sc.use == output, func() { s.Default = nil })
			continue
		}
		s.Examples = append(s.Examples, read.value)
		o.test(one.part, s, read, sc.use == output, func() {
			s.Examples = slices.DeleteFunc(s.Examples, func(other any) bool { return isSame(other, read.value) })
		})
	}
}

// enumOptions adds to the schema of an enum what its option says of it. Whether a value has to be given is for each field
// to say, so required has no place here.
func (b *builder) enumOptions(s *Schema, ed protoreflect.EnumDescriptor, sc scope) {
	given, o := b.enumOption(ed)
	if given == nil {
		return
	}
	s.Title = given.GetTitle()
	s.ReadOnly = given.GetReadOnly()
	s.ExternalDocs = o.docs("external_docs", given.GetExternalDocs())
	if ref := strings.TrimPrefix(given.GetRef(), "."); ref != "" && ref != string(ed.FullName()) {
		o.wrong("ref", "the enum is no %s, and is not sent as one; leave it out", ref)
	}
	if value, ok := o.enumValue("default", ed, given.GetDefault(), sc); ok {
		s.Default = value
	}
	if value, ok := o.enumValue("example", ed, given.GetExample(), sc); ok {
		s.Examples = []any{value}
	}
	for name, value := range o.extras("extensions", given.GetExtensions()).All() {
		if strings.HasPrefix(name, "x-enum") && b.hidesValues(ed) {
			continue // it goes by the places of values, some of which are not there
		}
		s.Extensions.Set(name, value)
	}
}

// enumValue is a value of an enum that an option names, in quotes or without.
func (o option) enumValue(part string, ed protoreflect.EnumDescriptor, text string, sc scope) (any, bool) {
	if text == "" {
		return nil, false
	}
	var unquoted string
	if json.Unmarshal([]byte(text), &unquoted) == nil {
		text = unquoted
	}
	value := ed.Values().ByName(protoreflect.Name(text))
	switch {
	case value == nil:
		o.wrong(part, "%s has no value %q", ed.FullName(), text)
		return nil, false
	case !o.opts.Visible(value):
		return nil, false
	case sc.dialect.EnumNumbers:
		return int32(value.Number()), true
	default:
		return text, true
	}
}

func (b *builder) hidesValues(ed protoreflect.EnumDescriptor) bool {
	for i := range ed.Values().Len() {
		if !b.opts.Visible(ed.Values().Get(i)) {
			return true
		}
	}
	return false
}
