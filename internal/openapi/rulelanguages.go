package openapi

import (
	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// openWhole reads what the two languages say of a value as a whole, in which they differ.
func (r *ruling) openWhole() {
	switch rules := r.rules.Interface().(type) {
	case *pgv.FieldRules:
		r.openPGV(rules)
	case *validate.FieldRules:
		r.openProtovalidate(rules)
	}
}

func (r *ruling) isProtovalidate() bool {
	_, is := r.rules.Interface().(*validate.FieldRules)
	return is
}

// openPGV leaves the members of a oneof what they are: PGV looks at a member only if it is the one that is set.
func (r *ruling) openPGV(rules *pgv.FieldRules) {
	if rules.Message != nil && (r.of.Message() == nil || r.place == atField && (r.of.IsList() || r.of.IsMap())) {
		r.wrong("message", "the value is no message; remove the rule")
		return
	}
	od := r.fd.ContainingOneof()
	required := r.isSet("required") // that of any, duration and timestamp
	r.isRequired = (required || rules.GetMessage().GetRequired()) && r.place == atField && (od == nil || od.IsSynthetic())
	r.zeroPasses = r.isSet("ignore_empty")
	r.isSkipped = rules.GetMessage().GetSkip() && r.holdsRules()
}

// openProtovalidate knows that a field with presence is looked at whenever it is set, be it to zero.
func (r *ruling) openProtovalidate(rules *validate.FieldRules) {
	r.isRequired = rules.GetRequired() && r.place == atField
	switch rules.GetIgnore() {
	case validate.Ignore_IGNORE_UNSPECIFIED:
	case validate.Ignore_IGNORE_IF_ZERO_VALUE:
		r.zeroPasses = !r.isRequired && (r.place != atField || !r.fd.HasPresence())
	case validate.Ignore_IGNORE_ALWAYS:
		r.isRequired, r.isSkipped = false, r.holdsRules()
		r.isIgnored = !r.isSkipped
		r.typed, r.rules = nil, new(validate.FieldRules).ProtoReflect()
	default:
		r.wrong("ignore", "%d is not known; use IGNORE_IF_ZERO_VALUE or IGNORE_ALWAYS", rules.GetIgnore())
	}
}

// holdsRules tells whether the value holds messages whose fields have rules.
func (r *ruling) holdsRules() bool {
	md := r.of.Message()
	if r.of.IsMap() && r.place == atField {
		md = r.of.MapValue().Message()
	}
	if md == nil || isBare[md.FullName()] || wrapped(md) != nil {
		return false
	}
	for i := range md.Fields().Len() {
		opts := md.Fields().Get(i).Options()
		_, isPGV, _ := source.Option[*pgv.FieldRules](opts, pgv.E_Rules)                     // what can not be read is told at the field
		_, isProtovalidate, _ := source.Option[*validate.FieldRules](opts, validate.E_Field) // likewise
		if isPGV || isProtovalidate {
			return true
		}
	}
	return false
}

// expressions says what CEL expressions ask for.
func (r *ruling) expressions() {
	rules, ok := r.rules.Interface().(*validate.FieldRules)
	if !ok {
		return
	}
	md := r.of.Message()
	if r.of.IsMap() && r.place == atField {
		md = r.of.MapValue().Message()
	}
	for _, text := range r.celTexts(md, rules.GetCel(), rules.GetCelExpression()) {
		r.say("%s", text)
	}
}

// celTexts are sentences for CEL expressions. One that names what the audience does not see is left out.
func (b *builder) celTexts(md protoreflect.MessageDescriptor, rules []*validate.Rule, expressions []string) []string {
	var texts []string
	for _, expression := range expressions {
		rules = append(rules, validate.Rule_builder{Expression: &expression}.Build())
	}
	hidden := b.hiddenNames(md, map[protoreflect.FullName]bool{})
	for _, rule := range rules {
		text := sentence(prose(rule.GetMessage()))
		if text == "" {
			text = "Must satisfy the CEL expression " + codeSpan(rule.GetExpression()) + "."
		}
		if !namesAny(text, hidden) {
			texts = append(texts, text)
		}
	}
	return texts
}
