package openapi

import (
	"slices"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// Requests have to keep the rules of PGV (validate.rules) and of protovalidate (buf.validate.field). Both give the same
// names to the same rules, and so they are read by their names. What JSON Schema has words for becomes part of the
// schema, for the rest there is a sentence, and a rule that can not be read, or that nothing can keep, is a problem. What
// counts is the text of a rule where the validators of different languages read it differently: no bound lets NaN pass,
// though validators that PGV generates for Go do.

// constrain refines the schema of a field's value by the rules of the field.
func (b *builder) constrain(s *Schema, fd protoreflect.FieldDescriptor) {
	list := b.rulings(fd)
	isWrong := false
	for _, r := range list {
		r.apply(s)
		isWrong = isWrong || r.isWrong
	}
	if len(list) == 0 || isWrong {
		return
	}
	if why := b.emptied(s); why != "" {
		last := list[len(list)-1]
		b.problem(b.api.Set.Position(fd, last.path...), "%s: %s: no value keeps the rules: %s; change one of them", fd.FullName(), last.option, why)
	}
}

// ruledRequired tells whether a request has to give the field. Beside those of which a rule says so, these are the fields
// without presence whose rules their zero value breaks: what is not given is zero there, and validators look at it. Of
// proto2, whose unset fields only some validators look at, it is not said.
func (b *builder) ruledRequired(fd protoreflect.FieldDescriptor) bool {
	return slices.ContainsFunc(b.rulings(fd), func(r *ruling) bool {
		return r.isRequired || !fd.HasPresence() && r.refusesZero()
	})
}

// ruledRequiredOneof tells whether a request has to give one of the members.
func (b *builder) ruledRequiredOneof(od protoreflect.OneofDescriptor) bool {
	if required := ruleOption[bool](b, od, pgv.E_Required); required && !b.isDisabled(od) {
		return true
	}
	return ruleOption[*validate.OneofRules](b, od, validate.E_Oneof).GetRequired()
}

// ruleOption reads an option of a declaration, which is T's zero where there is none.
func ruleOption[T any](b *builder, d protoreflect.Descriptor, xt protoreflect.ExtensionType) T {
	value, _, err := source.Option[T](d.Options(), xt)
	if err != nil {
		b.problem(b.api.Set.Position(d, int32(xt.TypeDescriptor().Number())), "%s: %v", d.FullName(), err)
	}
	return value
}

// isDisabled tells whether the message of a declaration has its rules of PGV turned off.
func (b *builder) isDisabled(d protoreflect.Descriptor) bool {
	md := d.Parent()
	return ruleOption[bool](b, md, pgv.E_Disabled) || ruleOption[bool](b, md, pgv.E_Ignored)
}

// rulings are the rules that stand at a field. Validators do not look at extensions of messages.
func (b *builder) rulings(fd protoreflect.FieldDescriptor) []*ruling {
	if fd.IsExtension() {
		return nil
	}
	var list []*ruling
	if rules := ruleOption[*pgv.FieldRules](b, fd, pgv.E_Rules); rules != nil && !b.isDisabled(fd) {
		list = append(list, b.ruling(fd, pgv.E_Rules, rules))
	}
	if rules := ruleOption[*validate.FieldRules](b, fd, validate.E_Field); rules != nil {
		r := b.ruling(fd, validate.E_Field, rules)
		if rules.GetIgnore() == validate.Ignore_IGNORE_UNSPECIFIED && b.isPicked(fd) {
			r.zeroPasses = !fd.HasPresence() && !r.isRequired
		}
		list = append(list, r)
	}
	return slices.DeleteFunc(list, func(r *ruling) bool { return r.isIgnored })
}

// ruling is the rules of one value, in one of the two languages.
type ruling struct {
	*builder
	fd     protoreflect.FieldDescriptor // where they stand
	of     protoreflect.FieldDescriptor // whose values they are of: fd, or the key or value of its entries
	place  place
	option string   // for people
	path   []int32  // to them, from the option on
	names  []string // the same, in names
	rules  protoreflect.Message
	typed  protoreflect.Message // those of the type, such as StringRules; nil for none
	read   map[protoreflect.FullName]bool

	isRequired bool // it has to be given
	isIgnored  bool
	isSkipped  bool // the rules of the fields of the message do not apply
	zeroPasses bool // whatever the rules say

	outer      *ruling // of which these are a part
	isWrong    bool
	breaksZero bool // the zero value, by a rule that has no words in a schema
	sentences  []string
}

// place is where a value stands in its field.
type place uint8

const (
	atField place = iota // it is all that the field holds
	atItem               // of a list
	atKey                // of a map
	atValue              // of a map
)

// ruling reads the rules that stand at a field.
func (b *builder) ruling(fd protoreflect.FieldDescriptor, xt protoreflect.ExtensionType, rules proto.Message) *ruling {
	td := xt.TypeDescriptor()
	r := &ruling{builder: b, fd: fd, of: fd, option: "(" + string(td.FullName()) + ")", path: []int32{int32(td.Number())}}
	r.open(rules.ProtoReflect())
	return r
}

// within are rules that are part of others: those of the items of a list, or of the keys or values of a map. They are nil
// where there are none.
func (r *ruling) within(name protoreflect.Name, of protoreflect.FieldDescriptor, at place) *ruling {
	v, ok := r.take(name)
	if !ok {
		return nil
	}
	part := r.typed.Descriptor().Fields().ByName(name)
	inner := &ruling{builder: r.builder, fd: r.fd, of: of, place: at, option: r.option, outer: r}
	inner.path = append(slices.Clone(r.path), int32(part.Number()))
	inner.names = append(slices.Clone(r.names), string(name))
	inner.open(v.Message())
	if inner.isIgnored {
		return nil
	}
	return inner
}

// open reads what is said of the value as a whole, and finds the rules of its type.
func (r *ruling) open(rules protoreflect.Message) {
	r.rules, r.read = rules, map[protoreflect.FullName]bool{}
	if od := rules.Descriptor().Oneofs().ByName("type"); od != nil && rules.WhichOneof(od) != nil {
		part := rules.WhichOneof(od)
		r.typed = rules.Get(part).Message()
		r.read[part.FullName()] = true
		r.path = append(r.path, int32(part.Number()))
		r.names = append(r.names, string(part.Name()))
	}
	r.openWhole()
	if r.isIgnored {
		return
	}
	if want := ruleName(r.of, r.place); r.typed != nil && want != r.names[len(r.names)-1] {
		r.typeIsWrong(want)
		r.typed = nil
	}
}

func (r *ruling) typeIsWrong(want string) {
	name := r.names[len(r.names)-1]
	switch {
	case want == "":
		r.wrong("", "%s has no rules of a type; remove them", r.of.Message().FullName())
	case want == "repeated" && r.place == atField:
		r.wrong("", "the field is a list; put the rules of its values into repeated.items.%s", name)
	default:
		r.wrong("", "the value is of another type; give it rules of %s", want)
	}
	r.path, r.names = r.path[:len(r.path)-1], r.names[:len(r.names)-1]
}

// ruleName is the name of the rules for a value; "" where there are none.
func ruleName(fd protoreflect.FieldDescriptor, at place) string {
	switch {
	case at == atField && fd.IsMap():
		return "map"
	case at == atField && fd.IsList():
		return "repeated"
	case fd.Message() == nil:
		return fd.Kind().String()
	}
	if wrapped := wrapped(fd.Message()); wrapped != nil {
		return wrapped.Kind().String()
	}
	switch fd.Message().FullName() {
	case "google.protobuf.Any":
		return "any"
	case "google.protobuf.Duration":
		return "duration"
	case "google.protobuf.Timestamp":
		return "timestamp"
	case "google.protobuf.FieldMask":
		return "field_mask"
	default:
		return ""
	}
}

// apply adds the rules to the schema of the value.
func (r *ruling) apply(s *Schema) {
	if r.isRequired {
		s.dropNull()
	}
	if r.typed != nil {
		r.applyTyped(s)
		r.others()
	}
	r.unknown(r.rules)
	if r.isRequired && r.place == atField && !r.fd.HasPresence() {
		r.notZero(s)
	}
	r.expressions()
	if r.isSkipped {
		r.say("The rules of its fields do not apply here.")
	}
	isSaid := func(text string) bool { return strings.Contains(s.Description, text) } // by the other language
	s.Description = paragraphs(s.Description, strings.Join(slices.DeleteFunc(r.sentences, isSaid), " "))
}

func (r *ruling) applyTyped(s *Schema) {
	switch kind := ruleName(r.of, r.place); kind {
	case "bool":
		r.listed(s)
		r.examples(s)
	case "string":
		r.texts(s)
	case "bytes":
		r.bytes(s)
	case "enum":
		r.enums(s)
	case "repeated":
		r.lists(s)
	case "map":
		r.maps(s)
	case "any":
		r.packed(s)
	case "duration":
		r.durations(s)
	case "timestamp":
		r.timestamps(s)
	case "field_mask":
		r.masks(s)
	default:
		r.numbers(s)
	}
}

// refusesZero tells whether the zero value of a field without presence breaks the rules.
func (r *ruling) refusesZero() bool {
	switch {
	case r.zeroPasses || r.typed == nil:
		return false
	case r.fd.IsList():
		return r.count("min_items") > 0
	case r.fd.IsMap():
		return r.count("min_pairs") > 0
	case r.fd.Enum() != nil:
		return !r.takesNumber(0)
	default:
		s := scalar(r.fd.Kind())
		r.applyTyped(s)
		return r.breaksZero || r.refuses(s, unset(r.fd, new(Dialect))) != nil
	}
}
