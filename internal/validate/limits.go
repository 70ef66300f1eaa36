package validate

import (
	"fmt"
	"slices"
	"strconv"

	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// literal is what a rule compares with.
type literal struct {
	at   point
	text string
}

// limits are the rules that numbers, durations and times share.
type limits struct {
	equal, lt, lte, gt, gte *literal
	in, notIn               []literal
}

// phrases are the words for the four kinds of limits.
type phrases struct {
	gt, gte, lt, lte string
}

var (
	ofNumbers = phrases{gt: "greater than ", gte: "at least ", lt: "less than ", lte: "at most "}
	ofTimes   = phrases{gt: "after ", gte: "no earlier than ", lt: "before ", lte: "no later than "}
)

// number compiles the rules of a number or of a bool.
func (p place) number(v *value, about protoreflect.Message) {
	l := readLimits(about, func(scalar protoreflect.Value) (literal, error) {
		return literal{pointOf(scalar), literalText(scalar)}, nil
	}, nil)
	p.refuseContradictions(l)
	v.add(formNumber, p.tests(l, string(nameOfRules(about)), ofNumbers, v.isFloat())...)
	if fd := about.Descriptor().Fields().ByName("ignore_empty"); fd != nil {
		v.lenient = about.Get(fd).Bool()
	}
}

// nameOfRules is the name under which FieldRules has such rules: int32, duration.
func nameOfRules(about protoreflect.Message) protoreflect.Name {
	fds := rulesType.Fields()
	for i := range fds.Len() {
		if fds.Get(i).Message().FullName() == about.Descriptor().FullName() {
			return fds.Get(i).Name()
		}
	}
	return about.Descriptor().Name()
}

func literalText(scalar protoreflect.Value) string {
	switch n := scalar.Interface().(type) {
	case float32:
		return strconv.FormatFloat(float64(n), 'g', -1, 32)
	case float64:
		return strconv.FormatFloat(n, 'g', -1, 64)
	default:
		return fmt.Sprint(n)
	}
}

// readLimits reads the rules by their names, which are the same in all kinds of rules. Fault is called with the name of a
// rule that can not be read.
func readLimits(
	about protoreflect.Message, read func(protoreflect.Value) (literal, error), fault func(protoreflect.Name, error),
) limits {
	var l limits
	one := map[protoreflect.Name]**literal{"const": &l.equal, "lt": &l.lt, "lte": &l.lte, "gt": &l.gt, "gte": &l.gte}
	many := map[protoreflect.Name]*[]literal{"in": &l.in, "not_in": &l.notIn}
	about.Range(func(fd protoreflect.FieldDescriptor, val protoreflect.Value) bool {
		values := []protoreflect.Value{val}
		if fd.IsList() {
			values = values[:0]
			for i := range val.List().Len() {
				values = append(values, val.List().Get(i))
			}
		}
		for _, val := range values {
			if one[fd.Name()] == nil && many[fd.Name()] == nil {
				continue
			}
			lit, err := read(val)
			if err != nil {
				fault(fd.Name(), err)
			}
			if to := one[fd.Name()]; to != nil {
				*to = &lit
			} else {
				*many[fd.Name()] = append(*many[fd.Name()], lit)
			}
		}
		return true
	})
	return l
}

// refuseContradictions refuses what the generator refuses.
func (p place) refuseContradictions(l limits) {
	ranged := l.lt != nil || l.lte != nil || l.gt != nil || l.gte != nil
	same := func(a, b *literal) bool { return a != nil && b != nil && a.at == b.at }
	switch {
	case len(l.in) > 0 && len(l.notIn) > 0:
		p.problem("in and not_in can not both be given")
	case l.equal != nil && (ranged || len(l.in)+len(l.notIn) > 0):
		p.problem("const leaves nothing to say for other rules")
	case len(l.in) > 0 && ranged:
		p.problem("in leaves nothing to say for lt, lte, gt and gte")
	case l.lt != nil && l.lte != nil:
		p.problem("lt and lte can not both be given")
	case l.gt != nil && l.gte != nil:
		p.problem("gt and gte can not both be given")
	case same(l.lt, l.gt), same(l.lt, l.gte), same(l.lte, l.gt):
		p.problem("the two ends of the range are the same")
	case same(l.lte, l.gte):
		p.problem("use const where lte and gte are the same")
	}
}

// tests makes tests of limits.
func (p place) tests(l limits, prefix string, words phrases, nan bool) []test {
	var tests []test
	if l.equal != nil {
		at, only := bound{at: l.equal.at}, []literal{*l.equal}
		t := test{op: opInside, from: at, to: at, finding: p.finding(prefix+".const", oneOf("must", texts(only)))}
		if nan && l.equal.at.major == pointOfNaN {
			t.op = opIn // among nothing: a NaN does not equal even itself
		}
		tests = append(tests, t)
	}
	if t, ok := p.ranged(l, prefix, words); ok {
		t.nan = nan
		tests = append(tests, t)
	}
	switch {
	case len(l.in) > 0:
		tests = append(tests, test{op: opIn, points: majors(l.in), finding: p.finding(prefix+".in", oneOf("must", texts(l.in)))})
	case len(l.notIn) > 0:
		tests = append(tests, test{op: opNotIn, points: majors(l.notIn), finding: p.finding(prefix+".not_in", oneOf("must not", texts(l.notIn)))})
	}
	return tests
}

// ranged makes a range of up to two limits. One whose ends are the wrong way round is what lies outside.
func (p place) ranged(l limits, prefix string, words phrases) (test, bool) {
	from, to := bound{unset: true}, bound{unset: true}
	var lower, upper, lowerRule, upperRule string
	switch {
	case l.gt != nil:
		from, lower, lowerRule = bound{at: l.gt.at, open: true}, words.gt+l.gt.text, "gt"
	case l.gte != nil:
		from, lower, lowerRule = bound{at: l.gte.at}, words.gte+l.gte.text, "gte"
	}
	switch {
	case l.lt != nil:
		to, upper, upperRule = bound{at: l.lt.at, open: true}, words.lt+l.lt.text, "lt"
	case l.lte != nil:
		to, upper, upperRule = bound{at: l.lte.at}, words.lte+l.lte.text, "lte"
	}
	switch {
	case from.unset && to.unset:
		return test{}, false
	case from.unset || to.unset:
		return test{op: opInside, from: from, to: to, finding: p.finding(prefix+"."+lowerRule+upperRule, "must be "+lower+upper)}, true
	}
	op, rule, text := opInside, prefix+"."+lowerRule+"_"+upperRule, "must be "+lower+" and "+upper
	if from.at.compare(to.at) >= 0 {
		op, rule, text = opOutside, rule+"_exclusive", "must be "+upper+" or "+lower
	}
	return test{op: op, from: from, to: to, finding: p.finding(rule, text)}, true
}

// majors returns the points of literals, sorted. A NaN equals nothing.
func majors(literals []literal) []uint64 {
	var points []uint64
	for _, l := range literals {
		if l.text != "NaN" {
			points = append(points, l.at.major)
		}
	}
	slices.Sort(points)
	return points
}

func texts(literals []literal) []string {
	var words []string
	for _, l := range literals {
		if l.text != "" {
			words = append(words, l.text)
		}
	}
	return words
}

// enum compiles the rules of an enum.
func (p place) enum(v *value, ed protoreflect.EnumDescriptor, rules *pgv.EnumRules) {
	named := func(scalar protoreflect.Value) (literal, error) {
		n := protoreflect.EnumNumber(scalar.Int())
		return literal{point{major: signed(int64(n))}, p.valueName(ed, n)}, nil
	}
	l := readLimits(rules.ProtoReflect(), named, nil)
	if len(l.in) > 0 && len(l.notIn) > 0 {
		p.problem("in and not_in can not both be given")
	}
	for _, n := range rules.GetIn() {
		if rules.GetDefinedOnly() && ed.Values().ByNumber(protoreflect.EnumNumber(n)) == nil {
			p.problem("in lists %d, which is no value of %s, and defined_only forbids it", n, ed.FullName())
		}
	}
	v.add(formNumber, p.tests(l, "enum", ofNumbers, false)...)
	if rules.GetDefinedOnly() {
		var defined []literal
		for i := range ed.Values().Len() {
			if n := ed.Values().Get(i).Number(); ed.Values().ByNumber(n) == ed.Values().Get(i) { // the first of its names
				defined = append(defined, literal{point{major: signed(int64(n))}, p.valueName(ed, n)})
			}
		}
		t := test{op: opIn, points: majors(defined), finding: p.finding("enum.defined_only", oneOf("must", texts(defined)))}
		v.add(formNumber, t)
	}
}

// valueName is the name of a value, its number if it has none, and "" if the audience does not see it.
func (p place) valueName(ed protoreflect.EnumDescriptor, n protoreflect.EnumNumber) string {
	vd := ed.Values().ByNumber(n)
	switch {
	case vd == nil:
		return strconv.Itoa(int(n))
	case !p.compiler.opts.visible(vd):
		return ""
	default:
		return string(vd.Name())
	}
}
