package openapi

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// bound is an end of a range.
type bound struct {
	exact *big.Rat
	text  json.Number
	open  bool // the end itself is not within
}

// span is the numbers that rules allow: those between two bounds, or, if these are the other way round, those outside.
type span struct {
	lower, upper *bound
	isOutside    bool
	zeroPasses   bool     // zero is allowed in any case
	beyond       []string // of the names of what is no number, those that bounds exclude
}

func (r *ruling) span() span {
	sp := span{zeroPasses: r.zeroPasses}
	sp.lower = r.bound(&sp, "-Infinity", "gt", "gte")
	sp.upper = r.bound(&sp, "Infinity", "lt", "lte")
	if sp.lower == nil || sp.upper == nil {
		return sp
	}
	switch order := sp.lower.exact.Cmp(sp.upper.exact); {
	case order > 0:
		sp.isOutside = true
		sp.beyond = []string{"NaN"}
	case order == 0 && (sp.lower.open || sp.upper.open):
		r.wrong("", "no number is %s; change one of the bounds", sp.wordsWith(" and "))
	}
	return sp
}

// bound reads the two rules of which one says where a range ends. The end that lies beyond all numbers excludes no number.
func (r *ruling) bound(sp *span, end string, open, closed protoreflect.Name) *bound {
	var found *bound
	for _, name := range []protoreflect.Name{open, closed} {
		v, ok := r.take(name)
		if !ok {
			continue
		}
		if found != nil {
			r.wrong(name, "%s is there too; keep one of them", open)
		}
		value := r.valueOf(name, v)
		text, _ := value.(string)
		sp.beyond = append(sp.beyond, "NaN")
		switch {
		case !slices.Contains(notFinite, any(text)):
			found = &bound{exact: exactly(value), text: json.Number(fmt.Sprint(value)), open: name == open}
			sp.beyond = append(sp.beyond, end)
		case text != end:
			r.wrong(name, "no number keeps it, for it is %s; change it", text)
		case name == open:
			sp.beyond = append(sp.beyond, end)
		}
	}
	return found
}

// takes tells whether a number is within.
func (sp span) takes(n *big.Rat) bool {
	above := sp.lower == nil || n.Cmp(sp.lower.exact) > 0 || n.Cmp(sp.lower.exact) == 0 && !sp.lower.open
	below := sp.upper == nil || n.Cmp(sp.upper.exact) < 0 || n.Cmp(sp.upper.exact) == 0 && !sp.upper.open
	if sp.isOutside {
		return above || below
	}
	return above && below
}

var nought = new(big.Rat)

// words tells the range: "at least 1, at most 100".
func (sp span) words() string { return sp.wordsWith(", ") }

func (sp span) wordsWith(and string) string {
	var low, high string
	if sp.lower != nil {
		low = pick(sp.lower.open, "more than ", "at least ") + string(sp.lower.text)
	}
	if sp.upper != nil {
		high = pick(sp.upper.open, "less than ", "at most ") + string(sp.upper.text)
	}
	switch {
	case sp.isOutside:
		return high + ", or " + low
	case low == "" || high == "":
		return low + high
	default:
		return low + and + high
	}
}

// text is words for a range in which zero may be an exception.
func (sp span) text() string {
	if sp.zeroPasses && !sp.takes(nought) {
		return sentence("0, or " + sp.wordsWith(" and "))
	}
	return sentence(sp.words())
}

// part is the schema of a range, of a type.
func (sp span) part(kind string) *Schema {
	part := new(Schema)
	switch {
	case sp.isOutside:
		part.Not = &Schema{Type: Types{kind}}
		part.Not.from(sp.upper.text, !sp.upper.open) // what is no longer allowed begins where the range ends
		part.Not.to(sp.lower.text, !sp.lower.open)
		if sp.zeroPasses && !sp.takes(nought) {
			return &Schema{AnyOf: []*Schema{{Const: json.Number("0")}, part}}
		}
	case sp.zeroPasses && !sp.takes(nought):
		return sp.partAndZero(kind)
	default:
		if sp.lower != nil {
			part.from(sp.lower.text, sp.lower.open)
		}
		if sp.upper != nil {
			part.to(sp.upper.text, sp.upper.open)
		}
	}
	return part
}

// partAndZero is a range that reaches to zero, and has a gap there unless that would hold no number of the type.
func (sp span) partAndZero(kind string) *Schema {
	part, gap := new(Schema), &Schema{Type: Types{kind}}
	near := sp.lower
	if isAbove := near != nil && near.exact.Sign() >= 0; isAbove {
		part.from("0", false)
		gap.from("0", true)
		gap.to(near.text, !near.open)
		if sp.upper != nil {
			part.to(sp.upper.text, sp.upper.open)
		}
	} else {
		near = sp.upper
		part.to("0", false)
		gap.to("0", true)
		gap.from(near.text, !near.open)
		if sp.lower != nil {
			part.from(sp.lower.text, sp.lower.open)
		}
	}
	isNext := kind == typeInteger && !near.open && new(big.Rat).Abs(near.exact).Cmp(big.NewRat(1, 1)) == 0
	if near.exact.Sign() != 0 && !isNext {
		part.Not = gap
	}
	return part
}

func (s *Schema) from(n json.Number, open bool) { *pick(open, &s.ExclusiveMinimum, &s.Minimum) = n }

func (s *Schema) to(n json.Number, open bool) { *pick(open, &s.ExclusiveMaximum, &s.Maximum) = n }

// numbers adds the rules of numbers.
func (r *ruling) numbers(s *Schema) {
	sp := r.span()
	hasBound := sp.lower != nil || sp.upper != nil
	if hasBound && !sp.zeroPasses && !sp.takes(nought) {
		r.breaksZero = true
	}
	switch {
	case isReal(ruleName(r.of, r.place)):
		r.reals(s, sp)
	case r.isText():
		r.listed(s)
		if hasBound {
			r.digits(s, sp)
		}
	default:
		r.listed(s)
		if hasBound {
			r.and(s, sp.part(typeInteger))
			r.sayGap(sp, typeInteger)
		}
	}
	r.examples(s)
}

// sayGap tells of a range that is not between two numbers, which is hard to see in a schema.
func (r *ruling) sayGap(sp span, kind string) {
	if sp.isOutside || sp.zeroPasses && !sp.takes(nought) && sp.part(kind).Not != nil {
		r.say("%s", sp.text())
	}
}

func isReal(name string) bool { return name == "float" || name == "double" }

// isText tells whether the value is a text in JSON whatever it is in protobuf: one of 64 bits, or a key.
func (r *ruling) isText() bool {
	return r.place == atKey || slices.Contains([]string{"int64", "sint64", "sfixed64", "uint64", "fixed64"}, ruleName(r.of, r.place))
}

// valueOf is the value of a rule as JSON has it.
func (r *ruling) valueOf(name protoreflect.Name, v protoreflect.Value) any {
	var text string
	switch kind := r.typed.Descriptor().Fields().ByName(name).Kind(); kind {
	case protoreflect.BoolKind:
		if r.place != atKey {
			return v.Bool()
		}
		return strconv.FormatBool(v.Bool())
	case protoreflect.StringKind:
		return v.String()
	case protoreflect.BytesKind:
		return encodedBytes(v.Bytes())
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return realNumber(v.Float(), pick(kind == protoreflect.FloatKind, 32, 64))
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		text = strconv.FormatUint(v.Uint(), 10)
	default:
		text = strconv.FormatInt(v.Int(), 10)
	}
	if r.isText() {
		return text
	}
	return json.Number(text)
}

// realNumber is the shortest number that is read as this one, or the name of one that JSON has no numbers for.
func realNumber(v float64, bits int) any {
	switch {
	case v == 0:
		return json.Number("0") // be it -0, which equals it
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return pick(v > 0, "Infinity", "-Infinity")
	}
	n, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', -1, bits), 64)
	if err != nil {
		n = v
	}
	return number(n)
}
