package identity

import (
	"slices"
	"strings"
	"unicode"

	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// The metadata that tell services who calls. What is not known of a caller is left out.
const (
	Subject  = "x-gatehouse-subject"
	Issuer   = "x-gatehouse-issuer"
	Method   = "x-gatehouse-method"   // bearer, api_key or certificate
	Scopes   = "x-gatehouse-scopes"   // with blanks between them
	Tier     = "x-gatehouse-tier"     // for rate limits
	Audience = "x-gatehouse-audience" // as which the caller sees the API
	Token    = "x-gatehouse-token"
)

// Append appends the metadata of a caller, names and values in turn; nothing for one who is not known. audience is the one
// that serves the call. What gRPC can not carry in a value, and %, is percent-encoded (RFC 3986).
func Append(pairs []string, p *principal.Principal, audience string) []string {
	if p == nil {
		return pairs
	}
	for _, said := range [...]struct{ name, value string }{
		{Subject, p.Subject}, {Issuer, p.Issuer}, {Method, string(p.Method)}, {Tier, p.Tier}, {Audience, audience},
		{Scopes, scopes(p)},
	} {
		if said.value != "" {
			pairs = append(pairs, said.name, escaped(said.value))
		}
	}
	return pairs
}

// scopes are a caller's, with blanks between them. One with a blank in it, which is none (RFC 6749, section 3.3), would read
// as two, so it is left out.
func scopes(p *principal.Principal) string {
	isNone := func(scope string) bool { return scope == "" || strings.ContainsFunc(scope, unicode.IsSpace) }
	return strings.Join(slices.DeleteFunc(slices.Clone(p.Scopes), isNone), " ")
}

// escaped encodes what is not printable ASCII, byte by byte.
func escaped(value string) string {
	plain := func(c byte) bool { return c >= ' ' && c <= '~' && c != '%' }
	i := 0
	for i < len(value) && plain(value[i]) {
		i++
	}
	if i == len(value) && strings.TrimSpace(value) == value {
		return value
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		edge := c == ' ' && (i == 0 || i == len(value)-1) // which gRPC's peers may trim
		if plain(c) && !edge {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}
