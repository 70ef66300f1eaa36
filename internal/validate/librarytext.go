package validate

import (
	"fmt"
	"strconv"
	"strings"

	bufvalidate "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// libraryPlace is where a violation of the library is.
type libraryPlace struct {
	path     string
	message  *libraryType                 // that holds the field
	field    protoreflect.FieldDescriptor // nil if the violation is of the message, or of a oneof
	oneof    protoreflect.OneofDescriptor
	subject  protoreflect.FullName // what to leave out to find others
	redacted bool
}

// relay tells a violation that the library found, unless it is about what the audience does not see. It returns the name of
// what was violated.
func (k *checker) relay(l *libraryChecks, v *protovalidate.Violation) protoreflect.FullName {
	at := k.locate(l, v)
	rule := v.Proto.GetRuleId()
	text, ok := k.libraryText(l, v, at)
	if !ok {
		return at.subject
	}
	if v.Proto.GetForKey() {
		text = "the key " + text
	}
	for i := range k.found { // both kinds of rules may ask the same
		if k.found[i].Path == at.path && k.found[i].Rule == rule {
			return at.subject
		}
	}
	if len(k.found) >= k.compiler.opts.limit() {
		k.more = true
		return at.subject
	}
	k.found = append(k.found, Violation{Path: at.path, Rule: rule, Text: text})
	return at.subject
}

// locate writes the path of a violation with the names that the audience knows.
func (k *checker) locate(l *libraryChecks, v *protovalidate.Violation) libraryPlace {
	var b strings.Builder
	at := libraryPlace{message: l.types[l.message.Descriptor().FullName()]}
	for i := range k.path {
		at.redacted = k.path[i].append(&b, at.redacted)
	}
	for _, element := range v.Proto.GetField().GetElements() {
		if at.field != nil {
			at.message = l.types[messageOf(at.field).FullName()]
		}
		md := at.message.md
		at.field = md.Fields().ByNumber(protoreflect.FieldNumber(element.GetFieldNumber()))
		if at.field == nil {
			od := md.Oneofs().ByName(protoreflect.Name(element.GetFieldName()))
			appendName(&b, k.compiler.oneofName(od))
			at.path, at.subject, at.oneof = b.String(), od.FullName(), od
			return at
		}
		at.redacted = at.redacted || schema.IsRedacted(at.field)
		appendName(&b, k.compiler.opts.name(at.field))
		b.WriteString(subscript(element, at.redacted))
	}
	at.path = b.String()
	if len(v.Proto.GetRule().GetElements()) == 0 { // it is of the message that the field holds
		if at.field != nil {
			at.message, at.field = l.types[messageOf(at.field).FullName()], nil
		}
		at.subject = at.message.md.FullName()
		return at
	}
	at.subject = at.field.FullName()
	return at
}

func subscript(element *bufvalidate.FieldPathElement, redacted bool) string {
	keyed := func(key string) string {
		if redacted {
			return "[…]"
		}
		return "[" + key + "]"
	}
	switch element.WhichSubscript() {
	case bufvalidate.FieldPathElement_Index_case:
		return "[" + strconv.FormatUint(element.GetIndex(), 10) + "]"
	case bufvalidate.FieldPathElement_StringKey_case:
		return keyed(quote(element.GetStringKey()))
	case bufvalidate.FieldPathElement_IntKey_case:
		return keyed(strconv.FormatInt(element.GetIntKey(), 10))
	case bufvalidate.FieldPathElement_UintKey_case:
		return keyed(strconv.FormatUint(element.GetUintKey(), 10))
	case bufvalidate.FieldPathElement_BoolKey_case:
		return keyed(strconv.FormatBool(element.GetBoolKey()))
	default:
		return ""
	}
}

// libraryText is what to say of a violation, and whether anything is to be said.
func (k *checker) libraryText(l *libraryChecks, v *protovalidate.Violation, at libraryPlace) (string, bool) {
	const longestText = 256
	if at.oneof != nil {
		return "one of " + enumerate(k.compiler.visibleNames(at.oneof.Fields())) + " is required", true
	}
	text := v.Proto.GetMessage()
	rules := at.message.expressions(at.field, v.Proto.GetRuleId())
	for _, rule := range rules {
		if mentions(rule.GetId()+" "+rule.GetExpression()+" "+rule.GetMessage(), l.unspoken) {
			return "", false
		}
	}
	switch {
	case len(rules) == 0 && at.field == nil:
		return k.oneofText(at.message, text)
	case len(rules) == 0: // a rule of the library's own, whose text says what it asks
		for _, subject := range []string{"repeated value ", "value "} {
			text = strings.TrimPrefix(text, subject)
		}
		return clip(text, longestText), true
	}
	for _, rule := range rules {
		switch text {
		case rule.GetMessage():
			return clip(text, longestText), true
		case fmt.Sprintf("%q returned false", rule.GetExpression()):
			return clip("must satisfy "+rule.GetExpression(), longestText), true
		}
	}
	// What an expression has put together may repeat values.
	if l.redacts || at.redacted {
		return "breaks the rule " + quote(v.Proto.GetRuleId()), true
	}
	if len(text) > longest {
		text = clip(text, longest) + "…"
	}
	return text, true
}

// oneofText names the fields of a rule over several as the audience knows them, those that it sees.
func (k *checker) oneofText(t *libraryType, text string) (string, bool) {
	for _, rule := range t.rules.GetOneof() {
		var names []string
		for _, name := range rule.GetFields() {
			fd := t.md.Fields().ByName(protoreflect.Name(name))
			if k.compiler.opts.visible(fd) {
				names = append(names, k.compiler.opts.name(fd))
			}
		}
		listed := strings.Join(rule.GetFields(), ", ")
		switch text {
		case "only one of " + listed + " can be set":
			return "only one of " + strings.Join(names, ", ") + " can be set", len(names) > 1
		case "one of " + listed + " must be set":
			return "one of " + strings.Join(names, ", ") + " must be set", len(names) > 0
		}
	}
	return "", false
}

// mentions tells whether one of the names stands in an expression as a word.
func mentions(expression string, names map[string]bool) bool {
	if len(names) == 0 {
		return false
	}
	isLetter := func(c byte) bool { return c == '_' || isAlphanumeric(c) }
	for i := 0; i < len(expression); {
		end := i
		for end < len(expression) && isLetter(expression[end]) {
			end++
		}
		if names[expression[i:end]] {
			return true
		}
		i = end + 1
	}
	return false
}
