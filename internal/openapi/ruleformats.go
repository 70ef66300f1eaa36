package openapi

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// wellKnown is what a rule asks for that has a name of its own. Where JSON Schema has a format for it, the format is all
// that is said.
type wellKnown struct {
	formats []string // of which it has one
	pattern string
	text    string // for what the pattern does not say
}

const (
	protoName      = `[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*$`
	networkPattern = `^[^/]+/[0-9]{1,3}$`
)

var wellKnownTexts = map[protoreflect.Name]wellKnown{
	"email":               {formats: []string{"email"}},
	"hostname":            {formats: []string{"hostname"}},
	"ip":                  {formats: []string{"ipv4", "ipv6"}},
	"ipv4":                {formats: []string{"ipv4"}},
	"ipv6":                {formats: []string{"ipv6"}},
	"uri":                 {formats: []string{"uri"}},
	"uri_ref":             {formats: []string{"uri-reference"}},
	"address":             {formats: []string{"hostname", "ipv4", "ipv6"}},
	"uuid":                {formats: []string{"uuid"}},
	"tuuid":               {pattern: `^[0-9A-Fa-f]{32}$`, text: "A UUID without its hyphens."},
	"ulid":                {pattern: `^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$`, text: "A ULID."},
	"protobuf_fqn":        {pattern: `^` + protoName, text: "The full name of a declaration in Protobuf."},
	"protobuf_dot_fqn":    {pattern: `^\.` + protoName, text: "The full name of a declaration in Protobuf, with a dot before it."},
	"ip_with_prefixlen":   {pattern: networkPattern, text: "An IP address with the length of its prefix, such as `192.0.2.7/24`."},
	"ipv4_with_prefixlen": {pattern: networkPattern, text: "An IPv4 address with the length of its prefix, such as `192.0.2.7/24`."},
	"ipv6_with_prefixlen": {pattern: networkPattern, text: "An IPv6 address with the length of its prefix, such as `2001:db8::7/32`."},
	"ip_prefix":           {pattern: networkPattern, text: "An IP prefix, such as `192.0.2.0/24`: the bits of the address behind it are 0."},
	"ipv4_prefix":         {pattern: networkPattern, text: "An IPv4 prefix, such as `192.0.2.0/24`: the bits of the address behind it are 0."},
	"ipv6_prefix":         {pattern: networkPattern, text: "An IPv6 prefix, such as `2001:db8::/32`: the bits of the address behind it are 0."},
	"host_and_port":       {pattern: `:(?:0|[1-9][0-9]{0,4})$`, text: "A host and a port, such as `example.com:8080` or `[2001:db8::7]:8080`."},
}

// The names and values of HTTP headers, each in its strict form and the one that lets all pass that does no harm.
const (
	headerName  = `^:?[0-9a-zA-Z!#$%&'*+-.^_|~\x60]+$`
	headerValue = `^[^\x00-\x08\x0A-\x1F\x7F]*$`
	looseHeader = `^[^\x00\x0A\x0D]*$`
	looseName   = `^[^\x00\x0A\x0D]+$`
)

// wellKnown adds the rules that have a name for what a text is.
func (r *ruling) wellKnown(s *Schema) {
	r.header(s)
	for name, known := range wellKnownTexts { // of which one is set
		switch {
		case !r.isSet(name):
		case known.pattern != "":
			r.matches(s, known.pattern)
			r.say("%s", known.text)
		case name == "uri_ref" || len(known.formats) == 1 && !r.zeroPasses:
			r.and(s, r.format(known.formats[0]))
		default:
			r.oneOfFormats(s, known.formats)
		}
	}
}

// oneOfFormats adds formats of which a text has to have one.
func (r *ruling) oneOfFormats(s *Schema, formats []string) {
	part := new(Schema)
	if r.zeroPasses {
		none := uint64(0)
		part.AnyOf = append(part.AnyOf, &Schema{MaxLength: &none})
	} else {
		r.breaksZero = true
	}
	for _, format := range formats {
		part.AnyOf = append(part.AnyOf, r.format(format))
	}
	r.and(s, part)
}

// format is the schema of a format. To protovalidate, no hostname ends in a number, for that is the end of an address.
func (r *ruling) format(format string) *Schema {
	if format == "hostname" && r.isProtovalidate() {
		return &Schema{Format: format, Pattern: `[^0-9.][^.]*\.?$`}
	}
	return &Schema{Format: format}
}

// header adds the rules of HTTP headers. PGV lets an empty name pass where it is not strict.
func (r *ruling) header(s *Schema) {
	v, ok := r.take("well_known_regex")
	strict, hasStrict := r.take("strict")
	isStrict := !hasStrict || strict.Bool()
	isName := ok && v.Enum() == 1
	switch {
	case !ok || v.Enum() == 0:
	case v.Enum() > 2:
		r.wrong("well_known_regex", "%d is not known; write a pattern", v.Enum())
	case isStrict:
		r.matches(s, pick(isName, headerName, headerValue))
		r.say("The %s of an HTTP header.", pick(isName, "name", "value"))
	default:
		r.matches(s, pick(isName && r.isProtovalidate(), looseName, looseHeader))
	}
}
