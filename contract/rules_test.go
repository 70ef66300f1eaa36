package contract_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/gatehouse-edge/gatehouse/internal/edgetest/random"
)

// TestGeneratedValidatorsAndSchemasAgree sets fields to values that their rules name, to those right beside them and to
// others.
func TestGeneratedValidatorsAndSchemasAgree(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{"shop", "edgetest"} {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			loaded := folder(t, pkg)
			messages := messagesOf(loaded, pkg)
			f := ruledFieldsOf(t, echoSet(t, loaded, messages))
			for _, md := range messages {
				mt, err := protoregistry.GlobalTypes.FindMessageByName(md.FullName())
				if err != nil {
					t.Fatal(err)
				}
				for i := range mt.Descriptor().Fields().Len() {
					f.compare(t, mt, mt.Descriptor().Fields().Get(i))
				}
			}
		})
	}
}

// compare is about one field. Messages within are compared where they are declared.
func (f ruledFields) compare(t *testing.T, mt protoreflect.MessageType, fd protoreflect.FieldDescriptor) {
	t.Helper()
	rules, _ := proto.GetExtension(fd.Options(), validate.E_Rules).(*validate.FieldRules)
	isProto2 := fd.ParentFile().Syntax() == protoreflect.Proto2 // whose defaults Go looks at where others do not
	judged := func(m protoreflect.Message) {
		if isOddity(m, fd) {
			return
		}
		f.check(t, m, fd, !breaks(t, m, fd))
	}
	empty := mt.New()
	isUnread := isOdd(empty, fd)
	if !hasBehaviour(fd) && !isUnread && (!isProto2 && fd.ContainingOneof() == nil || fd.IsList()) {
		judged(empty)
	}
	f.vary(t, mt, fd, rules.ProtoReflect(), judged)
}

// vary makes messages in which only one field is set: to values at random, and to those that have to do with its rules.
func (f ruledFields) vary(t *testing.T, mt protoreflect.MessageType, fd protoreflect.FieldDescriptor, rules protoreflect.Message, judged func(protoreflect.Message)) {
	t.Helper()
	of := fd
	if fd.IsMap() {
		of = fd.MapValue()
	}
	if of.Message() != nil && of.Message().FullName().Parent() != "google.protobuf" {
		return
	}
	rnd := &random.Generator{Rand: rand.New(rand.NewPCG(1, 3)), Types: f.types, Closed: true, Texts: tellingTexts}
	for range 60 {
		m := mt.New()
		rnd.Set(m, fd, 1)
		judged(m)
	}
	for _, v := range valuesOf(rules, fd) {
		m := mt.New()
		put(t, m, fd, rnd, v)
		judged(m)
	}
}

// hasBehaviour tells whether a field is required, or only answered, by what validators do not look at.
func hasBehaviour(fd protoreflect.FieldDescriptor) bool {
	behaviours, _ := proto.GetExtension(fd.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviours, annotations.FieldBehavior_REQUIRED) || slices.Contains(behaviours, annotations.FieldBehavior_OUTPUT_ONLY)
}

// oddities are where validators that are generated for Go do not do what the text of a rule says, or take what Go's library
// takes: values, as text, of fields whose names end so.
var oddities = []struct{ field, value, reason string }{
	{"", ": nan ", "no bound lets it pass, by its text; Go compares it with nothing"},
	{"", ": -0 ", "it is zero in JSON, and set in protobuf"},
	{"email", "<", "Go's parser reads a name before the address"},
	{"emails", "<", "likewise"},
	{"hostname", "\u212a", "Go's lower case of the Kelvin sign is a k"},
	{"address", "\u212a", "likewise"},
	{"ipv4", "ffff", "Go takes IPv4 in IPv6 for IPv4"},
	{"ipv6", "ffff", "likewise"},
	{"empty_const", "", "a rule that asks for no bytes is taken for none"},
	{"not_lt_now", "", "a rule that is turned off is taken for one that is on"},
}

func isOddity(m protoreflect.Message, fd protoreflect.FieldDescriptor) bool {
	text := strings.Join(strings.Fields(strings.ReplaceAll(prototext.Format(m.Interface()), ":", ": ")), " ") + " " // in which spaces are at random
	for _, o := range oddities {
		if strings.HasSuffix(string(fd.Name()), o.field) && strings.Contains(text, o.value) {
			return true
		}
	}
	return false
}

// isOdd tells whether a field of a message is such an oddity.
func isOdd(m protoreflect.Message, fd protoreflect.FieldDescriptor) bool {
	rules, _ := proto.GetExtension(fd.Options(), validate.E_Rules).(*validate.FieldRules)
	if !m.Has(fd) {
		isAsked := rules.GetMessage().GetRequired() || rules.GetDuration().GetRequired()
		od := fd.ContainingOneof()
		return isAsked && od != nil && od.IsSynthetic() // Go asks for no such message, whatever the rule says
	}
	alone := m.New()
	alone.Set(fd, m.Get(fd))
	return rules != nil && isOddity(alone, fd)
}

// needsItself tells whether a message has to hold another of its type, so that there is none.
func needsItself(md protoreflect.MessageDescriptor) bool {
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		rules, _ := proto.GetExtension(fd.Options(), validate.E_Rules).(*validate.FieldRules)
		if fd.Message() != nil && fd.Message().FullName() == md.FullName() && rules.GetMessage().GetRequired() {
			return true
		}
	}
	return false
}

// named are values that have to do with the rules of a field.
func (o *obedient) named(fd protoreflect.FieldDescriptor) []protoreflect.Value {
	rules, _ := proto.GetExtension(fd.Options(), validate.E_Rules).(*validate.FieldRules)
	if rules == nil || fd.Message() != nil && !fd.IsMap() && fd.Message().FullName().Parent() != "google.protobuf" {
		return nil
	}
	values := valuesOf(rules.ProtoReflect(), fd)
	o.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	return values
}

// giveNamed sets a field to such a value; a list grows by it.
func (o *obedient) giveNamed(m protoreflect.Message, fd protoreflect.FieldDescriptor, v protoreflect.Value) {
	if !fd.IsList() || m.Get(fd).List().Len() > 3 {
		m.Clear(fd)
	}
	put(o.t, m, fd, &o.Generator, v)
}

// breaks tells whether a generated validator finds something wrong with a field.
func breaks(t testing.TB, m protoreflect.Message, fd protoreflect.FieldDescriptor) bool {
	t.Helper()
	validator, ok := m.Interface().(interface{ ValidateAll() error })
	if !ok {
		return false
	}
	err := validator.ValidateAll()
	var all interface{ AllErrors() []error }
	if err == nil || !errors.As(err, &all) {
		return false
	}
	return slices.ContainsFunc(all.AllErrors(), func(err error) bool {
		var of interface{ Field() string }
		if !errors.As(err, &of) {
			t.Fatalf("%v is of no field", err)
		}
		name, _, _ := strings.Cut(of.Field(), "[")
		return name == goName(string(fd.Name()))
	})
}

// goName is the name of a field in Go.
func goName(name string) string {
	var out []byte
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '_' && i+1 < len(name) && 'a' <= name[i+1] && name[i+1] <= 'z':
		case 'a' <= c && c <= 'z' && (i == 0 || name[i-1] == '_'):
			out = append(out, c-'a'+'A')
		default:
			out = append(out, c)
		}
	}
	if string(out) == "String" {
		return "String_" // which is a method's
	}
	return string(out)
}
