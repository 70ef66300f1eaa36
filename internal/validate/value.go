package validate

import (
	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	nameAny       protoreflect.FullName = "google.protobuf.Any"
	nameDuration  protoreflect.FullName = "google.protobuf.Duration"
	nameTimestamp protoreflect.FullName = "google.protobuf.Timestamp"
)

// wrappers are the messages that hold one scalar, and the names of the rules that may stand for it.
var wrappers = map[protoreflect.FullName]protoreflect.Name{
	"google.protobuf.BoolValue":   "bool",
	"google.protobuf.Int32Value":  "int32",
	"google.protobuf.Int64Value":  "int64",
	"google.protobuf.UInt32Value": "uint32",
	"google.protobuf.UInt64Value": "uint64",
	"google.protobuf.FloatValue":  "float",
	"google.protobuf.DoubleValue": "double",
	"google.protobuf.StringValue": "string",
	"google.protobuf.BytesValue":  "bytes",
}

// valueOf returns a value of fd that has no rules. A map is a list of entries here.
func valueOf(fd protoreflect.FieldDescriptor) value {
	v := value{kind: fd.Kind(), wire: wireTypes[fd.Kind()]}
	switch fd.Kind() {
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind, protoreflect.EnumKind,
		protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind,
		protoreflect.FloatKind, protoreflect.DoubleKind:
		v.zero = signBit
	default:
	}
	return v
}

// value compiles the rules of one value of fd: of the field, of an element, or of the key or the value of an entry.
func (p place) value(fd protoreflect.FieldDescriptor, rules *pgv.FieldRules) value {
	v := valueOf(fd)
	named := rules.ProtoReflect().WhichOneof(rulesType)
	if named == nil {
		p.within(&v, fd, rules.GetMessage().GetSkip())
		return v
	}
	name, about := named.Name(), rules.ProtoReflect().Get(named).Message()
	p = p.in(rules.ProtoReflect(), name)
	if !fits(name, fd) {
		p.problem("rules of type %s stand on a field of type %s", name, typeName(fd))
		return v
	}
	switch {
	case fd.Message() == nil:
		p.scalar(&v, fd, about)
	case fd.Message().FullName() == nameAny:
		v.form = formAny
		p.any(&v, rules.GetAny())
	case fd.Message().FullName() == nameDuration:
		p.duration(&v, about)
	case fd.Message().FullName() == nameTimestamp:
		p.timestamp(&v, rules.GetTimestamp())
	default:
		wrapped := fd.Message().Fields().ByNumber(1)
		inner := valueOf(wrapped)
		p.scalar(&inner, wrapped, about)
		if inner.form != formNone {
			v.form, v.inner = formWrapper, &inner
		}
	}
	return v
}

var rulesType = (&pgv.FieldRules{}).ProtoReflect().Descriptor().Oneofs().ByName("type")

// within compiles what a message without rules of its own leads to.
func (p place) within(v *value, fd protoreflect.FieldDescriptor, skip bool) {
	md := fd.Message()
	switch {
	case md == nil || skip || fd.IsMap():
	case md.FullName() == nameAny:
		if p.compiler.ruled() {
			v.form = formAny
		}
	default:
		v.form, v.message = formMessage, p.compiler.compile(md)
		p.message.refers = append(p.message.refers, v.message)
	}
}

// fits tells whether rules of that name are for values of fd.
func fits(name protoreflect.Name, fd protoreflect.FieldDescriptor) bool {
	md := fd.Message()
	switch {
	case md == nil:
		return string(name) == fd.Kind().String()
	case md.FullName() == nameAny:
		return name == "any"
	case md.FullName() == nameDuration:
		return name == "duration"
	case md.FullName() == nameTimestamp:
		return name == "timestamp"
	default:
		return wrappers[md.FullName()] == name
	}
}

// typeName is the type of a value as it is written in a .proto file.
func typeName(fd protoreflect.FieldDescriptor) string {
	switch {
	case fd.Message() != nil:
		return string(fd.Message().FullName())
	case fd.Enum() != nil:
		return string(fd.Enum().FullName())
	default:
		return fd.Kind().String()
	}
}

// scalar compiles the rules of a scalar.
func (p place) scalar(v *value, fd protoreflect.FieldDescriptor, about protoreflect.Message) {
	switch rules := about.Interface().(type) {
	case *pgv.StringRules:
		p.string(v, rules)
	case *pgv.BytesRules:
		p.bytes(v, rules)
	case *pgv.EnumRules:
		p.enum(v, fd.Enum(), rules)
	default:
		p.number(v, about)
	}
}

// add appends the tests, with the form that their value has.
func (v *value) add(form form, tests ...test) {
	if len(tests) > 0 {
		v.form = form
		v.tests = append(v.tests, tests...)
	}
}

// any compiles the rules of an Any. Its contents are checked whatever they say.
func (p place) any(v *value, rules *pgv.AnyRules) {
	in, notIn := rules.GetIn(), rules.GetNotIn()
	if len(in) > 0 && len(notIn) > 0 {
		p.problem("in and not_in can not both be given")
	}
	var words []string
	for _, url := range append(in, notIn...) {
		words = append(words, quote(url))
	}
	switch {
	case len(in) > 0:
		v.add(formAny, test{op: opTextIn, texts: setOf(in), finding: p.finding("any.in", "must hold "+enumerate(words))})
	case len(notIn) > 0:
		v.add(formAny, test{op: opTextNotIn, texts: setOf(notIn), finding: p.finding("any.not_in", "must not hold "+enumerate(words))})
	}
	if len(v.tests) == 0 && !p.compiler.ruled() {
		v.form = formNone
	}
}

func setOf(words []string) map[string]struct{} {
	set := make(map[string]struct{}, len(words))
	for _, word := range words {
		set[word] = struct{}{}
	}
	return set
}
