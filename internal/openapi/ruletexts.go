package openapi

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// texts adds the rules of strings.
func (r *ruling) texts(s *Schema) {
	r.listed(s)
	r.length(s)
	r.byteLength(s)
	if v, ok := r.take("pattern"); ok {
		r.expression(s, "pattern", v.String())
	}
	for _, part := range []struct{ name, before, behind protoreflect.Name }{
		{"prefix", "^", ""}, {"suffix", "", "$"}, {"contains", "", ""},
	} {
		v, ok := r.take(part.name)
		if !ok || v.String() == "" {
			continue
		}
		if most := s.MaxLength; most != nil && uint64(len([]rune(v.String()))) > *most {
			r.wrong(part.name, "it is longer than the %d characters that there may be; change one of them", *most)
		}
		r.matches(s, string(part.before)+regexp.QuoteMeta(v.String())+string(part.behind))
	}
	if v, ok := r.take("not_contains"); ok {
		if v.String() == "" {
			r.wrong("not_contains", "every text holds the empty text; remove the rule")
		}
		r.and(s, &Schema{Not: &Schema{Type: Types{typeString}, Pattern: regexp.QuoteMeta(v.String())}})
	}
	r.wellKnown(s)
	r.examples(s)
}

// length adds the rules that count characters, as JSON Schema does.
func (r *ruling) length(s *Schema) {
	least, most := r.sizes("len", "min_len", "max_len")
	r.size(s, "characters", least, most, &Schema{MinLength: least, MaxLength: most})
}

// sizes are the least and the most that rules allow; nil for no limit. A least of 0 is none.
func (r *ruling) sizes(one, lower, upper protoreflect.Name) (least, most *uint64) {
	if v, ok := r.take(lower); ok && v.Uint() > 0 {
		n := v.Uint()
		least = &n
	}
	if v, ok := r.take(upper); ok {
		n := v.Uint()
		most = &n
	}
	if least != nil && most != nil && *least > *most {
		r.wrong(lower, "it is %d, and %s is %d; change one of them", *least, upper, *most)
	}
	v, ok := r.take(one)
	if !ok {
		return least, most
	}
	n := v.Uint()
	if least != nil && *least > n || most != nil && *most < n {
		r.wrong(one, "it is %d, which %s and %s do not allow; keep one of them", n, lower, upper)
	}
	if n == 0 {
		return nil, &n
	}
	return &n, &n
}

// size adds the limits of a size to a schema. If what is empty passes whatever the least is, the sizes between are
// excluded, which words tell if there is a unit.
func (r *ruling) size(s *Schema, unit string, least, most *uint64, part *Schema) {
	if least == nil || !r.zeroPasses {
		r.breaksZero = r.breaksZero || least != nil
		r.and(s, part)
		return
	}
	one, gap := uint64(1), *least-1
	switch {
	case part.MinLength != nil:
		part.MinLength, part.Not = nil, &Schema{Type: Types{typeString}, MinLength: &one, MaxLength: &gap}
	case part.MinItems != nil:
		part.MinItems, part.Not = nil, &Schema{Type: Types{typeArray}, MinItems: &one, MaxItems: &gap}
	case part.MinProperties != nil:
		part.MinProperties, part.Not = nil, &Schema{Type: Types{typeObject}, MinProperties: &one, MaxProperties: &gap}
	}
	switch {
	case gap == 0:
		part.Not = nil
	case unit != "":
		r.say("%s", sizeText(least, most, unit, true))
	}
	r.and(s, part)
}

// sizeText tells limits in words.
func sizeText(least, most *uint64, unit string, orEmpty bool) string {
	var text string
	switch {
	case least != nil && most != nil && *least == *most:
		text = fmt.Sprintf("exactly %s", counted(*least, unit))
	case least != nil && most != nil:
		text = fmt.Sprintf("from %d to %s", *least, counted(*most, unit))
	case least != nil:
		text = fmt.Sprintf("at least %s", counted(*least, unit))
	case most != nil:
		text = fmt.Sprintf("at most %s", counted(*most, unit))
	}
	if orEmpty && least != nil {
		text = "empty, or " + text
	}
	return sentence(text)
}

// counted is a number of things, whose name is given in the plural.
func counted(n uint64, unit string) string {
	if n == 1 {
		unit = pick(unit == "entries", "entry", strings.TrimSuffix(unit, "s"))
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// byteLength adds the rules that count bytes, which JSON Schema can not. What follows for characters, of which each has
// up to four bytes, is said too.
func (r *ruling) byteLength(s *Schema) {
	least, most := r.sizes("len_bytes", "min_bytes", "max_bytes")
	part := &Schema{MaxLength: most}
	if least != nil {
		const longest = 4
		n := (*least-1)/longest + 1
		part.MinLength = &n
	}
	isExact := (least == nil || *least == 1) && (most == nil || *most == 0)
	r.size(s, "", part.MinLength, most, part)
	if !isExact {
		r.say("%s in UTF-8.", strings.TrimSuffix(sizeText(least, most, "bytes", r.zeroPasses), "."))
	}
}

// expression adds an expression that a text has to match.
func (r *ruling) expression(s *Schema, rule protoreflect.Name, pattern string) {
	if _, err := syntax.Parse(pattern, syntax.Perl); err != nil {
		r.noExpression(rule, err)
		return
	}
	if translated, ok := ecmaPattern(pattern); ok {
		r.matches(s, translated)
		return
	}
	if !r.zeroPasses && !regexp.MustCompile(pattern).MatchString("") {
		r.breaksZero = true
	}
	r.say("Must %smatch the RE2 expression %s.", r.orEmpty(), codeSpan(pattern))
}

func (r *ruling) noExpression(rule protoreflect.Name, err error) {
	r.wrong(rule, "%s; write an RE2 expression", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}

// matches adds a pattern of JSON Schema.
func (r *ruling) matches(s *Schema, pattern string) {
	if r.zeroPasses && !matchesEmpty(pattern) {
		pattern += "|^$"
	}
	r.and(s, &Schema{Pattern: pattern})
}

func matchesEmpty(pattern string) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && re.MatchString("")
}
