package validate

import (
	"strconv"
	"strings"
	"time"

	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// duration compiles the rules of a Duration.
func (p place) duration(v *value, about protoreflect.Message) {
	l := readLimits(about, literalDuration, func(name protoreflect.Name, err error) {
		p.in(about, name).problem("%s: %s", name, plain(err))
	})
	p.refuseContradictions(l)
	v.add(formDuration, p.tests(l, "duration", ofNumbers, false)...)
}

func literalDuration(val protoreflect.Value) (literal, error) {
	d, ok := val.Message().Interface().(*durationpb.Duration)
	if !ok {
		return literal{}, nil
	}
	return literal{point{major: signed(int64(d.AsDuration()))}, durationText(d)}, d.CheckValid()
}

// durationText is a duration as JSON has it, 90s, with the larger units beside where that helps: 3600s (1h).
func durationText(d *durationpb.Duration) string {
	seconds := strconv.FormatInt(d.GetSeconds(), 10)
	if d.GetSeconds() == 0 && d.GetNanos() < 0 {
		seconds = "-0"
	}
	if nanos := max(d.GetNanos(), -d.GetNanos()); nanos > 0 {
		fraction := strconv.Itoa(int(time.Second) + int(nanos))[1:]
		return seconds + "." + strings.TrimRight(fraction, "0") + "s"
	}
	if whole := d.AsDuration(); whole >= time.Hour && whole%time.Hour == 0 {
		return seconds + "s (" + strconv.FormatInt(int64(whole/time.Hour), 10) + "h)"
	}
	return seconds + "s"
}

// timestamp compiles the rules of a Timestamp. Those of the present count if they are given, be it as false.
func (p place) timestamp(v *value, rules *pgv.TimestampRules) {
	l := readLimits(rules.ProtoReflect(), literalTime, func(name protoreflect.Name, err error) {
		p.in(rules.ProtoReflect(), name).problem("%s: %s", name, plain(err))
	})
	p.refuseContradictions(l)
	v.add(formTimestamp, p.tests(l, "timestamp", ofTimes, false)...)

	absolute := l.lt != nil || l.lte != nil || l.gt != nil || l.gte != nil
	now := rules.LtNow != nil || rules.GtNow != nil
	within := rules.GetWithin()
	switch {
	case absolute && (now || within != nil):
		p.problem("lt_now, gt_now and within do not go with lt, lte, gt and gte")
	case rules.LtNow != nil && rules.GtNow != nil:
		p.problem("lt_now and gt_now can not both be given")
	case within != nil && (within.CheckValid() != nil || within.AsDuration() <= 0):
		p.in(rules.ProtoReflect(), "within").problem("within must be a valid duration greater than 0")
	case now || within != nil:
		v.add(formTimestamp, p.present(rules))
	}
}

// present makes the test of rules that speak of the present.
func (p place) present(rules *pgv.TimestampRules) test {
	t := test{within: rules.GetWithin().AsDuration()}
	var rule, text, distance string
	if t.within > 0 {
		distance = durationText(rules.GetWithin())
	}
	switch {
	case rules.LtNow != nil:
		t.op, rule, text = opPast, "timestamp.lt_now", "must be in the past"
	case rules.GtNow != nil:
		t.op, rule, text = opFuture, "timestamp.gt_now", "must be in the future"
	default:
		t.op, rule, text = opNear, "timestamp.within", "must be less than "+distance+" away from the present"
		distance = ""
	}
	if distance != "" {
		text += ", by at most " + distance
	}
	t.finding = p.finding(rule, text)
	return t
}

func literalTime(val protoreflect.Value) (literal, error) {
	at, ok := val.Message().Interface().(*timestamppb.Timestamp)
	if !ok {
		return literal{}, nil // the durations among the rules of times
	}
	return literal{pointOfTime(at.AsTime()), at.AsTime().Format(time.RFC3339Nano)}, at.CheckValid()
}

// plain takes away what the protobuf runtime does to its messages so that nobody compares them: "proto:" before them, and
// spaces that are not always one.
func plain(err error) string {
	return strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "proto:")), " ")
}
