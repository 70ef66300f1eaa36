package validate

import (
	"slices"

	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// place is where rules stand, to say what is wrong with them.
type place struct {
	compiler *Compiler
	message  *message
	field    protoreflect.FieldDescriptor
	option   []int32 // the path of the rules within the options of the field
	key      bool    // they are about the keys of a map
}

// in is the place of what stands in a field of rules.
func (p place) in(rules protoreflect.Message, name protoreflect.Name) place {
	fd := rules.Descriptor().Fields().ByName(name)
	p.option = append(slices.Clone(p.option), int32(fd.Number()))
	return p
}

func (p place) problem(format string, args ...any) {
	p.message.problem(p.compiler.set.Position(p.field, p.option...), "rules of "+string(p.field.FullName())+": "+format, args...)
}

// finding makes what violations say: texts about a key say so.
func (p place) finding(rule, text string) finding {
	if p.key {
		text = "the key " + text
	}
	return finding{rule, text}
}

// compileField fills in the row of a field that the audience sees.
func (c *Compiler) compileField(m *message, f *field, fd protoreflect.FieldDescriptor) {
	p := place{compiler: c, message: m, field: fd, option: []int32{int32(pgv.E_Rules.TypeDescriptor().Number())}}
	rules, _, err := source.Option[*pgv.FieldRules](fd.Options(), pgv.E_Rules)
	if err != nil {
		p.problem("%s", err)
	}
	if rules == nil {
		rules = &pgv.FieldRules{}
	}
	switch {
	case fd.IsMap():
		f.card = mapping
		p.mapping(f, fd, rules)
	case fd.IsList():
		f.card = list
		p.list(f, fd, rules)
	default:
		f.value = p.value(fd, rules)
		p.checkMessageRules(fd, rules)
		p.whenAbsent(f, fd, rules)
	}
}

// setWire says how the field stands on the wire, and what is to be known of that.
func (f *field) setWire() {
	f.wire, f.record = f.value.wire, recordPieces
	switch {
	case f.card == mapping:
		f.wire = protowire.BytesType
	case f.card == list:
		f.packable = f.value.isNumber()
	case f.value.isNumber():
		f.record = recordNumber
	case f.value.kind == protoreflect.StringKind || f.value.kind == protoreflect.BytesKind:
		f.record = recordText
	}
}

// checkMessageRules refuses what the generator refuses.
func (p place) checkMessageRules(fd protoreflect.FieldDescriptor, rules *pgv.FieldRules) {
	if rules.GetMessage() == nil {
		return
	}
	p = p.in(rules.ProtoReflect(), "message")
	if fd.Message() == nil {
		p.problem("message rules are for messages; the field is of type %s", typeName(fd))
		return
	}
	switch fd.Message().FullName() {
	case nameAny, nameDuration, nameTimestamp:
		p.problem("a field of type %s takes rules of its own, not message rules", typeName(fd))
	default:
		if rules.GetType() != nil && rules.GetMessage().GetSkip() {
			p.problem("skip is not for wrappers")
		}
	}
}

// whenAbsent finds out what is wrong if the field is unset. A member of a oneof is judged only if it is set, and so is an
// optional field of proto3, even if a rule says that it is required; the same holds for editions. A field of proto2 has
// its default.
func (p place) whenAbsent(f *field, fd protoreflect.FieldDescriptor, rules *pgv.FieldRules) {
	switch {
	case fd.ContainingOneof() != nil:
	case fd.Message() != nil:
		required := rules.GetMessage().GetRequired() || rules.GetAny().GetRequired() ||
			rules.GetDuration().GetRequired() || rules.GetTimestamp().GetRequired()
		if required {
			f.absent = []finding{{ruleRequired, "is required"}}
		}
	case !fd.HasPresence() || fd.ParentFile().Syntax() == protoreflect.Proto2:
		f.absent = f.value.faults(fd.Default())
	}
}

// faults runs the tests on a scalar.
func (v *value) faults(scalar protoreflect.Value) []finding {
	var found []finding
	for i := range v.tests {
		if t := &v.tests[i]; !v.passes(t, scalar) {
			found = append(found, t.finding)
		}
	}
	return found
}

func (v *value) passes(t *test, scalar protoreflect.Value) bool {
	if v.form == formNumber {
		at := pointOf(scalar)
		return v.lenient && at.major == v.zero || t.number(at)
	}
	b := contentOf(scalar)
	return v.lenient && len(b) == 0 || t.content(b)
}

// pointOf returns the point of a scalar.
func pointOf(scalar protoreflect.Value) point {
	switch n := scalar.Interface().(type) {
	case bool:
		if n {
			return point{major: 1}
		}
		return point{}
	case int32:
		return point{major: signed(int64(n))}
	case int64:
		return point{major: signed(n)}
	case protoreflect.EnumNumber:
		return point{major: signed(int64(n))}
	case uint32:
		return point{major: uint64(n)}
	case uint64:
		return point{major: n}
	case float32:
		return point{major: floating(float64(n))}
	case float64:
		return point{major: floating(n)}
	default:
		return point{}
	}
}

func contentOf(scalar protoreflect.Value) []byte {
	if s, ok := scalar.Interface().(string); ok {
		return []byte(s)
	}
	return scalar.Bytes()
}
