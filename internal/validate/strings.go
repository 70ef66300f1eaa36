package validate

import (
	"unicode/utf8"

	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// The expressions that the generator puts in the place of well_known_regex, as they stand there.
const (
	headerName   = "^:?[0-9a-zA-Z!#$%&'*+-.^_|~\x60]+$"
	headerValue  = "^[^\u0000-\u0008\u000A-\u001F\u007F]*$"
	headerString = "^[^\u0000\u000A\u000D]*$"
)

// units are what the length of something is counted in.
type units struct {
	op        operation
	one, many string
	exactly   string // names of rules
	min, max  string
}

var (
	characters = units{opLength, "character", "characters", "string.len", "string.min_len", "string.max_len"}
	utf8Bytes  = units{opSize, "byte", "bytes", "string.len_bytes", "string.min_bytes", "string.max_bytes"}
	plainBytes = units{opSize, "byte", "bytes", "bytes.len", "bytes.min_len", "bytes.max_len"}
)

// string compiles the rules of a string.
func (p place) string(v *value, rules *pgv.StringRules) {
	v.lenient = rules.GetIgnoreEmpty()
	p.refuseStrings(rules)
	if rules.Const != nil {
		only := []string{rules.GetConst()}
		v.add(formText, test{op: opTextIn, texts: setOf(only), finding: p.finding("string.const", oneOf("must", quoteAll(only)))})
	}
	switch {
	case len(rules.GetIn()) > 0:
		f := p.finding("string.in", oneOf("must", quoteAll(rules.GetIn())))
		v.add(formText, test{op: opTextIn, texts: setOf(rules.GetIn()), finding: f})
	case len(rules.GetNotIn()) > 0:
		f := p.finding("string.not_in", oneOf("must not", quoteAll(rules.GetNotIn())))
		v.add(formText, test{op: opTextNotIn, texts: setOf(rules.GetNotIn()), finding: f})
	}
	v.add(formText, p.lengths(characters, rules.Len, rules.MinLen, rules.MaxLen)...)
	v.add(formText, p.lengths(utf8Bytes, rules.LenBytes, rules.MinBytes, rules.MaxBytes)...)
	for _, part := range []struct {
		op         operation
		text       *string
		rule, must string
	}{
		{opPrefix, rules.Prefix, "string.prefix", "must begin with "},
		{opSuffix, rules.Suffix, "string.suffix", "must end with "},
		{opContains, rules.Contains, "string.contains", "must contain "},
		{opNotContains, rules.NotContains, "string.not_contains", "must not contain "},
	} {
		if part.text != nil {
			f := p.finding(part.rule, part.must+quote(*part.text))
			v.add(formText, test{op: part.op, text: []byte(*part.text), finding: f})
		}
	}
	if format, ok := stringFormat(rules); ok {
		f := p.finding(format.rule, "must be "+format.what)
		v.add(formText, test{op: opFormat, format: format.holds, finding: f})
	}
	p.stringPattern(v, rules)
}

// lengths makes tests of the rules about a length.
func (p place) lengths(u units, exactly, least, most *uint64) []test {
	equal := least != nil && most != nil && *least == *most
	if equal && exactly == nil {
		exactly = least
	}
	at := func(n uint64) bound { return bound{at: point{major: n}} }
	if exactly != nil {
		f := p.finding(u.exactly, "must be exactly "+plural(*exactly, u.one, u.many)+" long")
		if equal {
			f.rule = u.min
		}
		return []test{{op: u.op, from: at(*exactly), to: at(*exactly), finding: f}}
	}
	var tests []test
	if least != nil && *least > 0 {
		text := "must be at least " + plural(*least, u.one, u.many) + " long"
		if *least == 1 {
			text = "must not be empty"
		}
		tests = append(tests, test{op: u.op, from: at(*least), to: bound{unset: true}, finding: p.finding(u.min, text)})
	}
	if most != nil {
		text := "must be at most " + plural(*most, u.one, u.many) + " long"
		if *most == 0 {
			text = "must be empty"
		}
		tests = append(tests, test{op: u.op, from: bound{unset: true}, to: at(*most), finding: p.finding(u.max, text)})
	}
	return tests
}

// format is a form that strings or bytes may have to have.
type format struct {
	rule, what string
	holds      func([]byte) bool
}

func stringFormat(rules *pgv.StringRules) (format, bool) {
	switch {
	case rules.GetIp():
		return format{"string.ip", "an IP address", isIP}, true
	case rules.GetIpv4():
		return format{"string.ipv4", "an IPv4 address", isIPv4}, true
	case rules.GetIpv6():
		return format{"string.ipv6", "an IPv6 address", isIPv6}, true
	case rules.GetEmail():
		return format{"string.email", "an email address", isEmail}, true
	case rules.GetHostname():
		return format{"string.hostname", "a host name", isHostname}, true
	case rules.GetAddress():
		return format{"string.address", "a host name or an IP address", isAddress}, true
	case rules.GetUri():
		return format{"string.uri", "an absolute URI", isURI}, true
	case rules.GetUriRef():
		return format{"string.uri_ref", "a URI or a relative reference", isURIReference}, true
	case rules.GetUuid():
		return format{"string.uuid", "a UUID", isUUID}, true
	default:
		return format{}, false
	}
}

// stringPattern compiles the regular expression of a string, its own or a well-known one.
func (p place) stringPattern(v *value, rules *pgv.StringRules) {
	strict := rules.Strict == nil || rules.GetStrict()
	switch known := rules.GetWellKnownRegex(); {
	case known == pgv.KnownRegex_UNKNOWN && rules.Pattern != nil:
		p.in(rules.ProtoReflect(), "pattern").pattern(v, rules.GetPattern(), "string.pattern", patternText(rules.GetPattern()))
	case known == pgv.KnownRegex_HTTP_HEADER_NAME && strict:
		p.pattern(v, headerName, "string.well_known_regex.header_name", "must be the name of an HTTP header")
	case known == pgv.KnownRegex_HTTP_HEADER_VALUE && strict:
		p.pattern(v, headerValue, "string.well_known_regex.header_value", "must be the value of an HTTP header")
	case known == pgv.KnownRegex_HTTP_HEADER_NAME:
		p.pattern(v, headerString, "string.well_known_regex.header_name", "must not contain line breaks or zeros")
	case known == pgv.KnownRegex_HTTP_HEADER_VALUE:
		p.pattern(v, headerString, "string.well_known_regex.header_value", "must not contain line breaks or zeros")
	}
}

func (p place) pattern(v *value, expression, rule, text string) {
	compiled, err := newPattern(expression)
	if err != nil {
		p.problem("pattern: %s", err)
		return
	}
	v.add(formText, test{op: opPattern, pattern: compiled, finding: p.finding(rule, text)})
}

// patternText repeats an expression whole, since half of one says nothing.
func patternText(expression string) string {
	const longestPattern = 256
	if len(expression) > longestPattern {
		return "must match the pattern of its rule"
	}
	return "must match the pattern " + expression
}

// refuseStrings refuses what the generator refuses.
func (p place) refuseStrings(rules *pgv.StringRules) {
	p.refuseLengths("len", "min_len", "max_len", rules.Len, rules.MinLen, rules.MaxLen)
	p.refuseLengths("len_bytes", "min_bytes", "max_bytes", rules.LenBytes, rules.MinBytes, rules.MaxBytes)
	known := rules.GetWellKnownRegex() != pgv.KnownRegex_UNKNOWN
	if len(rules.GetIn()) > 0 && len(rules.GetNotIn()) > 0 {
		p.problem("in and not_in can not both be given")
	}
	if known && rules.Pattern != nil {
		p.problem("well_known_regex and pattern can not both be given")
	}
	if len(rules.GetIn()) > 0 && (known || rules.Pattern != nil) {
		p.problem("in leaves nothing to say for a pattern")
	}
	if rules.MaxLen != nil && rules.MaxBytes != nil && rules.GetMaxBytes() < rules.GetMaxLen() {
		p.problem("max_bytes is less than max_len")
	}
	for name, part := range map[protoreflect.Name]string{
		"prefix": rules.GetPrefix(), "suffix": rules.GetSuffix(), "contains": rules.GetContains(),
	} {
		if rules.MaxLen != nil && uint64(utf8.RuneCountInString(part)) > rules.GetMaxLen() {
			p.in(rules.ProtoReflect(), name).problem("%s is longer than max_len", name)
		}
		if rules.MaxBytes != nil && uint64(len(part)) > rules.GetMaxBytes() {
			p.in(rules.ProtoReflect(), name).problem("%s is longer than max_bytes", name)
		}
	}
}

func (p place) refuseLengths(exactlyName, leastName, mostName string, exactly, least, most *uint64) {
	if exactly != nil && (least != nil || most != nil) {
		p.problem("%s can not be given with %s or %s", exactlyName, leastName, mostName)
	}
	if least != nil && most != nil && *least > *most {
		p.problem("%s is greater than %s", leastName, mostName)
	}
}

func quoteAll(words []string) []string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return quoted
}

// spoken names bytes in a text: as a string if they are one.
func spoken(b []byte) string {
	if utf8.Valid(b) {
		return quote(string(b))
	}
	return "the bytes " + hexOf(b)
}
