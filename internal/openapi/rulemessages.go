package openapi

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// packed adds the rules of google.protobuf.Any, which are of the name of the type.
func (r *ruling) packed(s *Schema) {
	r.isSet("required")
	address, ok := s.Properties.Get("@type")
	if !ok {
		return
	}
	allowed, denied := r.values()
	if allowed != nil {
		address.Examples = nil
		r.only(address, allowed)
	}
	isAsked := allowed != nil && !slices.Contains(allowed, any("")) || slices.Contains(denied, any("")) // what has no type is of the type ""
	if isAsked && !r.zeroPasses && !slices.Contains(s.Required, "@type") {
		s.Required = append(s.Required, "@type")
	}
	r.not(address, denied)
}

// notZero excludes the zero value of a field without presence, which means to protovalidate that it is not given.
func (r *ruling) notZero(s *Schema) {
	one := uint64(1)
	switch kind := ruleName(r.of, r.place); kind {
	case "string":
		r.and(s, &Schema{MinLength: &one})
	case "bytes":
		r.encoded(s, &one, nil)
	case "repeated":
		r.and(s, &Schema{MinItems: &one})
	case "map":
		r.and(s, &Schema{MinProperties: &one})
	case "bool":
		r.only(s, []any{true})
	case "enum":
		if s.target != nil {
			r.not(s, r.enumNames([]protoreflect.EnumNumber{0}, false, s.target.scope.dialect.EnumNumbers))
		}
	case "float", "double":
		r.not(numberOf(s), []any{json.Number("0")})
	default:
		if r.isText() {
			r.pattern(s, pick(r.isUnsigned(), positivePattern, notZeroPattern))
		} else {
			r.not(s, []any{json.Number("0")})
		}
	}
}

// messageRules adds the rules that protovalidate has for a message as a whole.
func (b *builder) messageRules(s *Schema, md protoreflect.MessageDescriptor, sc scope) {
	if sc.use == output {
		return
	}
	rules := ruleOption[*validate.MessageRules](b, md, validate.E_Message)
	texts := b.celTexts(md, rules.GetCel(), rules.GetCelExpression())
	s.Description = paragraphs(s.Description, strings.Join(texts, "\n\n"))
	for _, one := range rules.GetOneof() {
		b.choice(s, md, one, sc)
	}
}

// choice says that of some fields at most one may be set. Of fields without presence one may be given and not be set, if
// it is zero; so no schema forbids them beside each other.
func (b *builder) choice(s *Schema, md protoreflect.MessageDescriptor, rule *validate.MessageOneofRule, sc scope) {
	fds, ok := b.choices(md, rule.GetFields())
	if !ok || len(fds) == 0 {
		return
	}
	var names []string
	none := new(Schema)
	for _, fd := range fds {
		name := sc.dialect.nameOf(fd)
		names = append(names, name)
		none.Properties.Set(name, Never())
	}
	for i, fd := range fds {
		for j, other := range fds {
			if i != j && fd.HasPresence() && other.HasPresence() {
				s.excludes(names[i], names[j])
			}
		}
	}
	text := pick(rule.GetRequired(), "Exactly one of ", "At most one of ") + "`" + strings.Join(names, "`, `") + "`."
	s.Description = paragraphs(s.Description, text)
	if rule.GetRequired() && sc.use == input {
		s.AllOf = append(s.AllOf, &Schema{Not: none})
	}
}

// alternatives are the fields of which a request has to give one, for each rule that says so.
func (b *builder) alternatives(md protoreflect.MessageDescriptor, sc scope) [][]protoreflect.FieldDescriptor {
	if sc.use != input {
		return nil
	}
	var list [][]protoreflect.FieldDescriptor
	for i := range md.Oneofs().Len() {
		od := md.Oneofs().Get(i)
		if od.IsSynthetic() || !b.ruledRequiredOneof(od) {
			continue
		}
		var fds []protoreflect.FieldDescriptor
		for j := range od.Fields().Len() {
			fds = append(fds, od.Fields().Get(j))
		}
		list = append(list, fds)
	}
	for _, one := range ruleOption[*validate.MessageRules](b, md, validate.E_Message).GetOneof() {
		if fds, ok := b.choices(md, one.GetFields()); ok && one.GetRequired() {
			list = append(list, fds)
		}
	}
	return list
}

// isAlternative tells whether a field is one of those of which a request has to give one.
func (b *builder) isAlternative(fd protoreflect.FieldDescriptor, sc scope) bool {
	return slices.ContainsFunc(b.alternatives(fd.ContainingMessage(), sc), func(fds []protoreflect.FieldDescriptor) bool {
		return slices.Contains(fds, fd)
	})
}

// asksFor tells whether a schema says that one of some properties has to be there, of which this is one.
func (s *Schema) asksFor(name string) bool {
	if s.Not == nil {
		return false
	}
	property, ok := s.Not.Properties.Get(name)
	return ok && property.never
}

// choices are those fields that the audience sees of the ones that are named; not ok if one is not there.
func (b *builder) choices(md protoreflect.MessageDescriptor, names []string) ([]protoreflect.FieldDescriptor, bool) {
	at := b.api.Set.Position(md, int32(validate.E_Message.TypeDescriptor().Number()))
	if len(names) == 0 {
		b.problem(at, "%s: (buf.validate.message).oneof: it names no fields; name some, or remove it", md.FullName())
		return nil, false
	}
	var fds []protoreflect.FieldDescriptor
	for i, name := range names {
		fd := md.Fields().ByName(protoreflect.Name(name))
		switch {
		case fd == nil:
			b.problem(at, "%s: (buf.validate.message).oneof: there is no field %q; name those of the message", md.FullName(), name)
			return nil, false
		case slices.Contains(names[:i], name):
			b.problem(at, "%s: (buf.validate.message).oneof: %s is named twice; name it once", md.FullName(), name)
			return nil, false
		case b.opts.Visible(fd):
			fds = append(fds, fd)
		}
	}
	return fds, true
}

// isPicked tells whether a field is one of those of which at most one may be set: then its rules are not of its zero
// value.
func (b *builder) isPicked(fd protoreflect.FieldDescriptor) bool {
	rules := ruleOption[*validate.MessageRules](b, fd.ContainingMessage(), validate.E_Message)
	return slices.ContainsFunc(rules.GetOneof(), func(one *validate.MessageOneofRule) bool {
		return slices.Contains(one.GetFields(), string(fd.Name()))
	})
}

// excludes forbids a property beside another.
func (s *Schema) excludes(name, other string) {
	depending, ok := s.DependentSchemas.Get(name)
	if !ok {
		depending = new(Schema)
		s.DependentSchemas.Set(name, depending)
	}
	depending.Properties.Set(other, Never())
}

// hiddenNames are the names of what the audience does not see within a message.
func (b *builder) hiddenNames(md protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) map[string]bool {
	hidden := map[string]bool{}
	if md == nil || seen[md.FullName()] {
		return hidden
	}
	seen[md.FullName()] = true
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		if !b.opts.Visible(fd) {
			hidden[string(fd.Name())], hidden[fd.JSONName()] = true, true
			continue
		}
		for name := range b.hiddenNames(fd.Message(), seen) {
			hidden[name] = true
		}
		if fd.Enum() == nil {
			continue
		}
		for j := range fd.Enum().Values().Len() {
			if v := fd.Enum().Values().Get(j); !b.opts.Visible(v) {
				hidden[string(v.Name())] = true
			}
		}
	}
	return hidden
}

// namesAny tells whether a text has one of the names as a word.
func namesAny(text string, names map[string]bool) bool {
	return slices.ContainsFunc(strings.FieldsFunc(text, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), func(word string) bool { return names[word] })
}
