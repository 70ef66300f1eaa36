package openapi

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
)

// take returns a rule of the type, if it is there.
func (r *ruling) take(name protoreflect.Name) (protoreflect.Value, bool) {
	return r.takeFrom(r.typed, name)
}

func (r *ruling) takeFrom(m protoreflect.Message, name protoreflect.Name) (protoreflect.Value, bool) {
	if m == nil {
		return protoreflect.Value{}, false
	}
	fd := m.Descriptor().Fields().ByName(name)
	if fd == nil {
		return protoreflect.Value{}, false
	}
	r.read[fd.FullName()] = true
	return m.Get(fd), m.Has(fd)
}

// isSet tells whether a rule that is true or false is true.
func (r *ruling) isSet(name protoreflect.Name) bool {
	v, ok := r.take(name)
	return ok && v.Bool()
}

// count returns a rule that is a size; 0 where there is none.
func (r *ruling) count(name protoreflect.Name) uint64 {
	if v, ok := r.take(name); ok {
		return v.Uint()
	}
	return 0
}

// say adds a sentence for what a schema has no words for.
func (r *ruling) say(format string, args ...any) {
	r.sentences = append(r.sentences, fmt.Sprintf(format, args...))
}

// wrong reports what is wrong with a rule; "" for the rules together.
func (r *ruling) wrong(rule protoreflect.Name, format string, args ...any) {
	for part := r; part != nil; part = part.outer {
		part.isWrong = true
	}
	path, name := r.path, strings.Join(append([]string{r.option}, r.names...), ".")
	if rule != "" {
		name += "." + string(rule)
		if r.typed != nil {
			if fd := r.typed.Descriptor().Fields().ByName(rule); fd != nil {
				path = append(slices.Clone(path), int32(fd.Number()))
			}
		}
	}
	r.problem(r.api.Set.Position(r.fd, path...), "%s: %s: %s", r.fd.FullName(), name, fmt.Sprintf(format, args...))
}

// others are the rules that no one has taken: protovalidate's can be extended, and there may be newer ones.
func (r *ruling) others() {
	r.typed.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.IsExtension():
			r.predefined(fd, v)
		case !r.read[fd.FullName()]:
			r.wrong(fd.Name(), "the rule is not known; leave it out, or use a version of Gatehouse that knows it")
		}
		return true
	})
	r.unknown(r.typed)
}

// unknown finds the extensions among what was not understood.
func (r *ruling) unknown(m protoreflect.Message) {
	for rest := m.GetUnknown(); len(rest) > 0; {
		number, _, length := protowire.ConsumeField(rest)
		if length < 0 {
			return
		}
		r.unknownNumber(m, number, rest[:length])
		rest = rest[length:]
	}
}

func (r *ruling) unknownNumber(m protoreflect.Message, number protowire.Number, wire []byte) {
	of := m.Descriptor().FullName()
	at := slices.IndexFunc(r.extensions[of], func(xd protoreflect.FieldDescriptor) bool { return xd.Number() == number })
	if at < 0 {
		r.wrong("", "%s has no field %d that is known; leave it out, or use a version of Gatehouse that knows it", of, number)
		return
	}
	xd := r.extensions[of][at]
	xt := dynamicpb.NewExtensionType(xd)
	only, holder := new(protoregistry.Types), m.New()
	if only.RegisterExtension(xt) != nil || (proto.UnmarshalOptions{Resolver: only}).Unmarshal(wire, holder.Interface()) != nil {
		r.wrong("", "%s can not be read", xd.FullName())
		return
	}
	r.predefined(xd, holder.Get(xt.TypeDescriptor()))
}

// predefined says what a rule asks for that a team has added to those of protovalidate.
func (r *ruling) predefined(xd protoreflect.FieldDescriptor, v protoreflect.Value) {
	rules := ruleOption[*validate.PredefinedRules](r.builder, xd, validate.E_Predefined).GetCel()
	if len(rules) == 0 {
		r.wrong("", "%s has no expression; add one in (buf.validate.predefined), or remove the rule", xd.FullName())
	}
	isOff := xd.Kind() == protoreflect.BoolKind && !xd.IsList() && !v.Bool()
	for _, rule := range rules {
		switch {
		case rule.GetMessage() != "" && !isOff:
			r.say("%s", sentence(prose(rule.GetMessage())))
		case xd.Kind() == protoreflect.BoolKind && !isOff:
			r.say("Must satisfy the CEL expression %s, where `rule` is true.", codeSpan(rule.GetExpression()))
		default:
			r.say("Must satisfy the CEL expression %s, where `rule` is %s.", codeSpan(rule.GetExpression()), codeSpan(fmt.Sprint(v.Interface())))
		}
	}
}

// sentence makes one of what somebody wrote to be shown as an error.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.ContainsRune(".!?", rune(text[len(text)-1])) {
		return text
	}
	return text + "."
}

// codeSpan is a text as code, whatever backticks it holds.
func codeSpan(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + strings.ReplaceAll(text, "\n", " ") + fence
}
