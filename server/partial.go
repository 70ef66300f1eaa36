package server

import (
	"fmt"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
)

// partialHeader names the parts of a composed answer that are not what they would be if all had gone well, as a list of
// structured fields (RFC 9651):
//
//	Gatehouse-Partial: cart;code=UNAVAILABLE;reason=UPSTREAM_UNAVAILABLE, "orders[3]";code=DEADLINE_EXCEEDED;instead=LAST_GOOD
const partialHeader = "Gatehouse-Partial"

// mostPartial is about how long the header may be, in bytes: there are proxies that refuse an answer whose headers are long.
const mostPartial = 2 << 10

// describePartial says what is missing. Of much, it says how much more there is.
func describePartial(missing []compose.Partial) string {
	var b strings.Builder
	for i, p := range missing {
		if i > 0 {
			b.WriteString(", ")
		}
		if b.Len() > mostPartial {
			fmt.Fprintf(&b, "*;more=%d", len(missing)-i)
			break
		}
		b.WriteString(structured(p.Field) + ";code=" + nameOf(p.Code))
		if p.Reason != "" {
			b.WriteString(";reason=" + structured(p.Reason))
		}
		if instead := insteadOf(p.Instead); instead != "" {
			b.WriteString(";instead=" + instead)
		}
	}
	return b.String()
}

// insteadOf is the name of what stands in for a response, "" for nothing.
func insteadOf(i compose.Instead) string {
	if i == compose.Nothing {
		return ""
	}
	return strings.TrimPrefix(i.String(), "INSTEAD_")
}

// structured is a text as a token, or as a string if it is none. A service may give its reasons any names: what a header can not
// hold is left out, and so is the end of what is long.
func structured(text string) string {
	const longest = 256
	text = text[:min(len(text), longest)]
	if isToken(text) {
		return text
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c > '~':
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			fallthrough
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// isToken tells whether a text is a token of structured fields.
func isToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		isAlpha := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '*'
		if !isAlpha && (i == 0 || strings.IndexByte("0123456789!#$%&'+-.^_`|~:/", c) < 0) {
			return false
		}
	}
	return text != ""
}
