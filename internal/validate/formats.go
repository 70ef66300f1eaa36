package validate

import (
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"
)

// The forms of strings and bytes are what the generated validators take for such. Where those allocate, what most values
// look like is looked at first; only the others are given to the functions that the validators call.

func isEmail(b []byte) bool {
	const longest, longestLocal = 254, 64
	at := strings.IndexByte(view(b), '@')
	if at > 0 && at <= longestLocal && len(b) <= longest && isDotAtom(b[:at]) && isPlainHost(b[at+1:]) {
		return true
	}
	return email(string(b)) == nil
}

// isDotAtom tells whether b is the local part of an address that nobody has to quote.
func isDotAtom(b []byte) bool {
	dot := true // as if one stood before
	for _, c := range b {
		switch {
		case c == '.':
			if dot {
				return false
			}
		case !isAlphanumeric(c) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) < 0:
			return false
		}
		dot = c == '.'
	}
	return !dot
}

// email is the validators' function of that name.
func email(address string) error {
	const longest, longestLocal = 254, 64
	parsed, err := mail.ParseAddress(address)
	if err != nil {
		return err
	}
	if len(parsed.Address) > longest {
		return fmt.Errorf("an address has at most %d bytes", longest)
	}
	local, domain, _ := strings.Cut(parsed.Address, "@")
	if len(local) > longestLocal {
		return fmt.Errorf("a local part has at most %d bytes", longestLocal)
	}
	if !isHostname([]byte(domain)) {
		return errors.New("the domain is not a host name")
	}
	return nil
}

func isHostname(b []byte) bool {
	const longest = 253
	if len(b) > longest {
		return false
	}
	for _, c := range b {
		if c >= utf8.RuneSelf { // there are letters beyond ASCII whose lower case is in it
			return isPlainHost([]byte(strings.ToLower(strings.TrimSuffix(string(b), "."))))
		}
	}
	if len(b) > 0 && b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	return isPlainHost(b)
}

// isPlainHost tells whether b is labels with dots between them.
func isPlainHost(b []byte) bool {
	const longest = 63
	for start := 0; ; {
		end := start
		for end < len(b) && b[end] != '.' {
			if !isAlphanumeric(b[end]) && b[end] != '-' {
				return false
			}
			end++
		}
		if n := end - start; n == 0 || n > longest || b[start] == '-' || b[end-1] == '-' {
			return false
		}
		if end == len(b) {
			return true
		}
		start = end + 1
	}
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z'
}

// address parses an IP address without a zone.
func address(b []byte) (netip.Addr, bool) {
	const longest = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
	if len(b) > longest || strings.IndexByte(view(b), '%') >= 0 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(view(b))
	return a, err == nil
}

func isIP(b []byte) bool {
	_, ok := address(b)
	return ok
}

func isIPv4(b []byte) bool {
	a, ok := address(b)
	return ok && (a.Is4() || a.Is4In6())
}

func isIPv6(b []byte) bool {
	a, ok := address(b)
	return ok && a.Is6() && !a.Is4In6()
}

func isAddress(b []byte) bool { return isHostname(b) || isIP(b) }

func isIPBytes(b []byte) bool { return len(b) == 4 || len(b) == 16 }

func isIPv4Bytes(b []byte) bool {
	a, ok := netip.AddrFromSlice(b)
	return ok && (a.Is4() || a.Is4In6())
}

func isIPv6Bytes(b []byte) bool { return isIPBytes(b) && !isIPv4Bytes(b) }

func isURI(b []byte) bool {
	if isPlainURL(b) {
		return true
	}
	parsed, err := url.Parse(string(b))
	return err == nil && parsed.IsAbs()
}

func isURIReference(b []byte) bool {
	if isPlainURL(b) {
		return true
	}
	_, err := url.Parse(string(b))
	return err == nil
}

// isPlainURL tells whether b is an absolute URL of letters, with a host that has a name, no port, and nothing escaped.
func isPlainURL(b []byte) bool {
	scheme, rest, ok := strings.Cut(view(b), "://")
	if !ok || scheme == "" || !isLetters(scheme) {
		return false
	}
	host, path, _ := strings.Cut(rest, "/")
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c == '%' {
			return false
		}
	}
	return isPlainHost([]byte(host))
}

func isLetters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

func isUUID(b []byte) bool {
	const length = 36
	if len(b) != length {
		return false
	}
	for i, c := range b {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return false
			}
		}
	}
	return true
}
