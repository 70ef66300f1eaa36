package openapi

import (
	"encoding/base64"
	"regexp"
	"regexp/syntax"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func encodedBytes(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

// bytes adds the rules of bytes, which are written in base64.
func (r *ruling) bytes(s *Schema) {
	r.listed(s)
	least, most := r.sizes("len", "min_len", "max_len")
	r.encodedSize(s, least, most)
	for _, known := range []struct {
		name  protoreflect.Name
		sizes []uint64
		text  string
	}{
		{"ip", []uint64{4, 16}, "The 4 bytes of an IPv4 address, or the 16 of an IPv6 address."},
		{"ipv4", []uint64{4, 4}, "The 4 bytes of an IPv4 address."},
		{"ipv6", []uint64{16, 16}, "The 16 bytes of an IPv6 address."},
		{"uuid", []uint64{16, 16}, "The 16 bytes of a UUID."},
	} {
		if r.isSet(known.name) {
			r.say("%s", pick(r.zeroPasses, "Empty, or: "+known.text, known.text))
			r.encoded(s, &known.sizes[0], &known.sizes[1])
		}
	}
	for _, part := range []struct {
		name protoreflect.Name
		text string
	}{{"prefix", "begin with"}, {"suffix", "end with"}, {"contains", "hold"}} {
		if v, ok := r.take(part.name); ok && len(v.Bytes()) > 0 {
			r.breaksZero = r.breaksZero || !r.zeroPasses
			r.say("Must %s%s the bytes `%s`, in base64.", r.orEmpty(), part.text, encodedBytes(v.Bytes()))
		}
	}
	if v, ok := r.take("pattern"); ok {
		r.bytePattern(v.String())
	}
	r.examples(s)
}

func (r *ruling) orEmpty() string { return pick(r.zeroPasses, "be empty or ", "") }

// bytePattern says what the bytes have to match: no pattern of their base64 does.
func (r *ruling) bytePattern(pattern string) {
	if _, err := syntax.Parse(pattern, syntax.Perl); err != nil {
		r.noExpression("pattern", err)
		return
	}
	r.breaksZero = r.breaksZero || !r.zeroPasses && !regexp.MustCompile(pattern).MatchString("")
	r.say("The bytes must %smatch the RE2 expression %s.", r.orEmpty(), codeSpan(pattern))
}

// encodedSize adds limits of the number of bytes, and says them where the length of base64 does not tell as much.
func (r *ruling) encodedSize(s *Schema, least, most *uint64) {
	if !r.encoded(s, least, most) {
		r.say("%s", sizeText(least, most, "bytes", r.zeroPasses))
	}
}

// encoded adds limits of the number of bytes as far as the length of base64, which is one for three numbers, tells them
// exactly. It tells whether that is all.
func (r *ruling) encoded(s *Schema, least, most *uint64) bool {
	const group, digits = 3, 4
	size := func(n *uint64) *uint64 {
		length := (*n + group - 1) / group * digits
		return &length
	}
	part, isAll := new(Schema), true
	if least != nil {
		r.breaksZero = r.breaksZero || !r.zeroPasses
		isAll = *least%group == 1
		if isAll && (!r.zeroPasses || *least > 1) {
			part.MinLength = size(least)
		}
	}
	if most != nil {
		if *most%group == 0 {
			part.MaxLength = size(most)
		} else {
			isAll = false
		}
	}
	r.size(s, "", part.MinLength, part.MaxLength, part)
	return isAll && !(r.zeroPasses && part.Not != nil)
}

// examples offers the values that protovalidate's rules name as good ones.
func (r *ruling) examples(s *Schema) {
	v, ok := r.take("example")
	if !ok {
		return
	}
	for i := range v.List().Len() {
		value := r.valueOf("example", v.List().Get(i))
		if err := r.refuses(s, value); err != nil {
			r.wrong("example", "%v breaks the rules: %v; change one of them", value, err)
			continue
		}
		s.Examples = append(s.Examples, value)
	}
	s.Examples = unique(s.Examples)
}
