package validate

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// The functions that protoc-gen-validate writes into its validators, as it writes them.

func generatedHostname(host string) error {
	s := strings.ToLower(strings.TrimSuffix(host, "."))
	if len(host) > 253 {
		return errors.New("hostname cannot exceed 253 characters")
	}
	for part := range strings.SplitSeq(s, ".") {
		if l := len(part); l == 0 || l > 63 {
			return errors.New("hostname part must be non-empty and cannot exceed 63 characters")
		}
		if part[0] == '-' {
			return errors.New("hostname parts cannot begin with hyphens")
		}
		if part[len(part)-1] == '-' {
			return errors.New("hostname parts cannot end with hyphens")
		}
		for _, r := range part {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
				return fmt.Errorf("hostname parts can only contain alphanumeric characters or hyphens, got %q", string(r))
			}
		}
	}
	return nil
}

func generatedEmail(addr string) error {
	a, err := mail.ParseAddress(addr)
	if err != nil {
		return err
	}
	addr = a.Address
	if len(addr) > 254 {
		return errors.New("email addresses cannot exceed 254 characters")
	}
	parts := strings.SplitN(addr, "@", 2)
	if len(parts[0]) > 64 {
		return errors.New("email address local phrase cannot exceed 64 characters")
	}
	return generatedHostname(parts[1])
}

var generatedUUID = regexp.MustCompile("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$")

var references = []struct {
	name            string
	ours, generated func(b []byte) bool
}{
	{"email", isEmail, func(b []byte) bool { return generatedEmail(string(b)) == nil }},
	{"hostname", isHostname, func(b []byte) bool { return generatedHostname(string(b)) == nil }},
	{"ip", isIP, func(b []byte) bool { return net.ParseIP(string(b)) != nil }},
	{"ipv4", isIPv4, func(b []byte) bool { return net.ParseIP(string(b)).To4() != nil }},
	{"ipv6", isIPv6, func(b []byte) bool { ip := net.ParseIP(string(b)); return ip != nil && ip.To4() == nil }},
	{"address", isAddress, func(b []byte) bool { return generatedHostname(string(b)) == nil || net.ParseIP(string(b)) != nil }},
	{"uri", isURI, func(b []byte) bool { u, err := url.Parse(string(b)); return err == nil && u.IsAbs() }},
	{"uri_ref", isURIReference, func(b []byte) bool { _, err := url.Parse(string(b)); return err == nil }},
	{"uuid", isUUID, generatedUUID.Match},
	{"bytes.ip", isIPBytes, func(b []byte) bool { return net.IP(b).To16() != nil }},
	{"bytes.ipv4", isIPv4Bytes, func(b []byte) bool { return net.IP(b).To4() != nil }},
	{"bytes.ipv6", isIPv6Bytes, func(b []byte) bool { return net.IP(b).To16() != nil && net.IP(b).To4() == nil }},
}

func FuzzFormats(f *testing.F) {
	for _, seed := range []string{
		"", "a@b.co", "a..b@c.de", "\"a b\"@c.de", "Bob <b@c.de>", "a@b@c.de", strings.Repeat("a", 64) + "@c.de", strings.Repeat("a", 65) + "@c.de",
		"a@" + strings.Repeat("b.", 126) + "c", "example.com.", "-a.b", "a-.b", strings.Repeat("a", 63) + ".b", strings.Repeat("a", 64) + ".b", "\u212a.com", "İ.com",
		"::ffff:1.2.3.4", "fe80::1%eth0", "1.2.3.4", "01.2.3.4", "::", "https://a.b/c?d#e", "https://a.b:80/", "a:b", "//a.b", "https://a.b/%zz", "http://a b/", "http://a/ b",
		"1http://a/", "ht+tp://a/", "http://a#%", "HTTP://A", "123e4567-e89b-12d3-a456-426614174000", "\x01\x02\x03\x04",
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x01\x02\x03\x04", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xfe\x01\x02\x03\x04",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, r := range references {
			if got, want := r.ours(b), r.generated(b); got != want {
				t.Errorf("%s %q: got %v", r.name, b, got)
			}
		}
	})
}

func FuzzPatterns(f *testing.F) {
	texts := []string{"", "a", "abc", "aaab", "ABC-1234", "o-12", "x\ny", "über", "a\u212ab", "\xff", "catégories/a", "categories/a-b/c"}
	for _, expression := range []string{
		"", "^", "$", "^$", "$^", "a", "^a", "a$", "^a*$", "(^a|b)c", "a|b$|^c", "^[A-Z]{3}-[0-9]{4,6}$", "^[a-z0-9][a-z0-9-]{0,62}$", "^categories(/[a-z0-9-]+){1,2}$",
		"(?i)k", "(?i)^[k-s]+$", "(?s).", "a.c", "(?m)^b$", `\bword\b`, `\Aa\z`, "[^a]", "[^\\x00-\\x7f]", "x{0,1000}y", "(a|b)*abb", "(((a{0,10}){0,10}){0,10})$", "()", "(?:)*",
		headerName, headerValue, headerString, "\\pL+", "(a*)*$", "(|a)+$", "a$b", "(?U)a+?b",
	} {
		for _, text := range texts {
			f.Add(expression, text)
		}
	}
	f.Fuzz(func(t *testing.T, expression, text string) {
		if !utf8.ValidString(expression) {
			return // protobuf has none in strings
		}
		re, err := regexp.Compile(expression)
		p, perr := newPattern(expression)
		if (err == nil) != (perr == nil) {
			t.Fatalf("%q: %v, %v", expression, err, perr)
		}
		if err == nil && p.match([]byte(text)) != re.MatchString(text) {
			t.Errorf("%q on %q: got %v", expression, text, p.match([]byte(text)))
		}
	})
}

func TestUsualPatternsBecomeAutomata(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{
		"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$", "^[A-Z]{3}-[0-9]{4,6}$", "^categories(/[a-z0-9-]+){1,2}$", "^o-[0-9]{1,12}$", "^\\+[1-9][0-9]{6,14}$", headerName, headerValue,
	} {
		if p, err := newPattern(expression); err != nil || p.next == nil {
			t.Errorf("%s: %v", expression, err)
		}
	}
}
