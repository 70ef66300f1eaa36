package validate

import (
	"encoding/hex"

	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// bytes compiles the rules of bytes. Those that are given as no bytes at all say nothing.
func (p place) bytes(v *value, rules *pgv.BytesRules) {
	v.lenient = rules.GetIgnoreEmpty()
	p.refuseBytes(rules)
	v.add(formText, p.lengths(plainBytes, rules.Len, rules.MinLen, rules.MaxLen)...)
	for _, part := range []struct {
		op         operation
		text       []byte
		rule, must string
	}{
		{opPrefix, rules.GetPrefix(), "bytes.prefix", "must begin with "},
		{opSuffix, rules.GetSuffix(), "bytes.suffix", "must end with "},
		{opContains, rules.GetContains(), "bytes.contains", "must contain "},
	} {
		if len(part.text) > 0 {
			v.add(formText, test{op: part.op, text: part.text, finding: p.finding(part.rule, part.must+spoken(part.text))})
		}
	}
	switch {
	case len(rules.GetIn()) > 0:
		v.add(formText, test{op: opTextIn, texts: setOfBytes(rules.GetIn()), finding: p.finding("bytes.in", oneOf("must", spokenAll(rules.GetIn())))})
	case len(rules.GetNotIn()) > 0:
		f := p.finding("bytes.not_in", oneOf("must not", spokenAll(rules.GetNotIn())))
		v.add(formText, test{op: opTextNotIn, texts: setOfBytes(rules.GetNotIn()), finding: f})
	}
	if only := [][]byte{rules.GetConst()}; len(only[0]) > 0 {
		v.add(formText, test{op: opTextIn, texts: setOfBytes(only), finding: p.finding("bytes.const", oneOf("must", spokenAll(only)))})
	}
	if format, ok := bytesFormat(rules); ok {
		v.add(formText, test{op: opFormat, format: format.holds, finding: p.finding(format.rule, "must be "+format.what)})
	}
	if rules.Pattern != nil {
		p.in(rules.ProtoReflect(), "pattern").pattern(v, rules.GetPattern(), "bytes.pattern", patternText(rules.GetPattern()))
	}
}

func bytesFormat(rules *pgv.BytesRules) (format, bool) {
	switch {
	case rules.GetIp():
		return format{"bytes.ip", "the 4 or 16 bytes of an IP address", isIPBytes}, true
	case rules.GetIpv4():
		return format{"bytes.ipv4", "the bytes of an IPv4 address", isIPv4Bytes}, true
	case rules.GetIpv6():
		return format{"bytes.ipv6", "the bytes of an IPv6 address", isIPv6Bytes}, true
	default:
		return format{}, false
	}
}

// refuseBytes refuses what the generator refuses.
func (p place) refuseBytes(rules *pgv.BytesRules) {
	p.refuseLengths("len", "min_len", "max_len", nil, rules.MinLen, rules.MaxLen)
	if len(rules.GetIn()) > 0 && len(rules.GetNotIn()) > 0 {
		p.problem("in and not_in can not both be given")
	}
	if len(rules.GetIn()) > 0 && rules.Pattern != nil {
		p.problem("in leaves nothing to say for a pattern")
	}
	for name, part := range map[protoreflect.Name][]byte{
		"prefix": rules.GetPrefix(), "suffix": rules.GetSuffix(), "contains": rules.GetContains(),
	} {
		if rules.MaxLen != nil && uint64(len(part)) > rules.GetMaxLen() {
			p.in(rules.ProtoReflect(), name).problem("%s is longer than max_len", name)
		}
	}
}

func setOfBytes(values [][]byte) map[string]struct{} {
	set := make(map[string]struct{}, len(values))
	for _, b := range values {
		set[string(b)] = struct{}{}
	}
	return set
}

func spokenAll(values [][]byte) []string {
	words := make([]string, len(values))
	for i, b := range values {
		words[i] = spoken(b)
	}
	return words
}

func hexOf(b []byte) string {
	if len(b) > longest/2 {
		return hex.EncodeToString(b[:longest/2]) + "…"
	}
	return hex.EncodeToString(b)
}
