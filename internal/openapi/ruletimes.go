package openapi

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// A time or a length of time can be written in several ways, of which a schema would take one. So what rules say of them
// is said in words, in the form in which JSON has them.

// moment is a value of a rule.
type moment struct {
	exact *big.Rat
	plain string // as JSON has it
	told  string // for readers
}

// times are the rules that compare.
type times struct {
	span
	low, high       moment // its ends
	allowed, denied []moment
}

// durations adds the rules of google.protobuf.Duration. That there is no minus is a pattern.
func (r *ruling) durations(s *Schema) {
	t := r.times()
	hasNoMinus := t.lower != nil && t.low.exact.Sign() >= 0 && !t.isOutside
	if hasNoMinus && s.Pattern == durationPattern {
		s.Pattern = notNegativeDuration
	}
	if !hasNoMinus || t.lower.open || t.low.exact.Sign() > 0 || t.upper != nil {
		r.sayEnds(t, "longer than %s", "at least %s", "shorter than %s", "at most %s")
	}
	r.sayListed(t, "`0s`")
	if !t.takesMoment(moment{exact: big.NewRat(3, 2)}) { // which the type offers
		s.Examples = t.sample()
	}
	r.timeExamples(s)
}

const notNegativeDuration = `^[0-9]+(\.[0-9]{1,9})?s$`

// timestamps adds the rules of google.protobuf.Timestamp.
func (r *ruling) timestamps(s *Schema) {
	t := r.times()
	r.sayEnds(t, "after %s", "not before %s", "before %s", "not after %s")
	r.sayNow()
	r.sayListed(t, "`1970-01-01T00:00:00Z`")
	r.timeExamples(s)
}

// sayNow says the rules that compare with the time of the call.
func (r *ruling) sayNow() {
	past, future := r.isSet("lt_now"), r.isSet("gt_now")
	within, hasWithin := r.moment("within")
	text := pick(past, "In the past", pick(future, "In the future", ""))
	switch {
	case past && future:
		r.wrong("gt_now", "lt_now is there too; keep one of them")
	case hasWithin && within.exact.Sign() <= 0:
		r.wrong("within", "it is %s, and has to be longer than nothing", within.plain)
	case hasWithin && text == "":
		r.say("At most %s before or after the moment of the call.", within.told)
	case hasWithin:
		r.say("%s, by at most %s.", text, within.told)
	case text != "":
		r.say("%s.", text)
	}
}

// times reads the rules that compare.
func (r *ruling) times() times {
	t := times{span: span{zeroPasses: r.zeroPasses}}
	t.lower, t.low = r.end("gt", "gte")
	t.upper, t.high = r.end("lt", "lte")
	if t.lower != nil && t.upper != nil {
		switch order := t.low.exact.Cmp(t.high.exact); {
		case order == 0 && (t.lower.open || t.upper.open):
			r.wrong("", "nothing is between %s and %s; change one of the bounds", t.low.plain, t.high.plain)
		case order > 0:
			t.isOutside = true
		}
	}
	one, many := r.momentList("const"), r.momentList("in")
	t.allowed, t.denied = many, r.momentList("not_in")
	if len(one) > 0 {
		t.allowed = one
	}
	if len(t.allowed) > 0 && !slices.ContainsFunc(t.allowed, t.takesMoment) {
		r.wrong("", "all that it lists is excluded by other rules; change one of them")
	}
	return t
}

// end is the bound that one of two rules sets, of which the first excludes it.
func (r *ruling) end(open, closed protoreflect.Name) (*bound, moment) {
	m, isOpen := r.moment(open)
	other, isClosed := r.moment(closed)
	switch {
	case isOpen && isClosed:
		r.wrong(closed, "%s is there too; keep one of them", open)
	case isClosed:
		m = other
	case !isOpen:
		return nil, moment{}
	}
	return &bound{exact: m.exact, open: isOpen}, m
}

// takesMoment tells whether the rules allow a time.
func (t times) takesMoment(m moment) bool {
	isSame := func(other moment) bool { return m.exact.Cmp(other.exact) == 0 }
	return t.takes(m.exact) && (len(t.allowed) == 0 || slices.ContainsFunc(t.allowed, isSame)) && !slices.ContainsFunc(t.denied, isSame)
}

// sample is one of the times that rules name, if they allow it.
func (t times) sample() []any {
	for _, m := range append(slices.Clone(t.allowed), t.low, t.high) {
		if m.exact != nil && t.takesMoment(m) {
			return []any{m.plain}
		}
	}
	return nil
}

// sayEnds says the bounds.
func (r *ruling) sayEnds(t times, above, from, below, to string) {
	var low, high string
	if t.lower != nil {
		low = fmt.Sprintf(pick(t.lower.open, above, from), t.low.told)
	}
	if t.upper != nil {
		high = fmt.Sprintf(pick(t.upper.open, below, to), t.high.told)
	}
	switch {
	case t.isOutside: // they exclude what lies between
		r.say("%s", sentence(high+", or "+low))
	case low != "" && high != "":
		r.say("%s", sentence(low+" and "+high))
	case low+high != "":
		r.say("%s", sentence(low+high))
	}
}

// sayListed says the rules that list values, and that zero passes whatever they say.
func (r *ruling) sayListed(t times, zero string) {
	list := func(moments []moment) string {
		var told []string
		for _, m := range moments {
			told = append(told, m.told)
		}
		return strings.Join(told, ", ")
	}
	switch len(t.allowed) {
	case 0:
	case 1:
		r.say("Exactly %s.", list(t.allowed))
	default:
		r.say("One of %s.", list(t.allowed))
	}
	if len(t.denied) > 0 {
		r.say("None of %s.", list(t.denied))
	}
	if r.zeroPasses && len(r.sentences) > 0 {
		r.say("%s passes too.", zero)
	}
}

func (r *ruling) moment(rule protoreflect.Name) (moment, bool) {
	v, ok := r.take(rule)
	if !ok {
		return moment{}, false
	}
	return r.momentOf(rule, v.Message())
}

func (r *ruling) momentOf(rule protoreflect.Name, m protoreflect.Message) (moment, bool) {
	text, err := jsonText(m.Interface())
	if err != nil {
		r.wrong(rule, "it can not be written: %s", plainError(err))
		return moment{}, false
	}
	var seconds, nanos int64
	told := codeSpan(text)
	switch v := m.Interface().(type) {
	case *durationpb.Duration:
		seconds, nanos = v.GetSeconds(), int64(v.GetNanos())
		if friendly := lengthText(seconds); nanos == 0 && friendly != "" {
			told += " (" + friendly + ")"
		}
	case *timestamppb.Timestamp:
		seconds, nanos = v.GetSeconds(), int64(v.GetNanos())
	}
	exact := big.NewRat(nanos, int64(time.Second))
	return moment{exact.Add(exact, big.NewRat(seconds, 1)), text, told}, true
}

// jsonText is the text that JSON has for a value of a well-known type.
func jsonText(m proto.Message) (string, error) {
	written, err := protojson.Marshal(m)
	return strings.Trim(string(written), `"`), err
}

// lengthText is a length of time in the largest unit of which it is a multiple; "" for seconds, which need no unit.
func lengthText(seconds int64) string {
	const minute, hour, day = 60, 60 * 60, 24 * 60 * 60
	for _, unit := range []struct {
		seconds int64
		name    string
	}{{day, "days"}, {hour, "hours"}, {minute, "minutes"}} {
		if seconds > 0 && seconds%unit.seconds == 0 {
			return counted(uint64(seconds/unit.seconds), unit.name)
		}
	}
	return ""
}

// momentList are the values of a rule, of which there may be one or many.
func (r *ruling) momentList(rule protoreflect.Name) []moment {
	v, ok := r.take(rule)
	if !ok {
		return nil
	}
	var list []moment
	add := func(one protoreflect.Value) {
		if m, ok := r.momentOf(rule, one.Message()); ok {
			list = append(list, m)
		}
	}
	if values, isList := v.Interface().(protoreflect.List); isList {
		for i := range values.Len() {
			add(values.Get(i))
		}
	} else {
		add(v)
	}
	return list
}

// timeExamples offers the values that protovalidate's rules name as good ones.
func (r *ruling) timeExamples(s *Schema) {
	v, ok := r.take("example")
	if !ok {
		return
	}
	var values []any
	for i := range v.List().Len() {
		text, err := jsonText(v.List().Get(i).Message().Interface())
		if err != nil {
			r.wrong("example", "it can not be written: %s", plainError(err))
			continue
		}
		values = append(values, text)
	}
	s.Examples = unique(append(values, s.Examples...))
}
