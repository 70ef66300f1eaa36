package upstream

import (
	"iter"
	"net/netip"
	"strings"
)

// What is looked at in one header that lists the hops of a request.
const (
	maxHops     = 64
	maxHopBytes = 16 << 10
)

// fromLast yields the elements of a header's list from the last one on, without the space around them. Nearer proxies
// write further to the right: what they write is read before, and whatever, a client has written to the left of it.
func fromLast(lines []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		count, room := 0, maxHopBytes
		for i := len(lines) - 1; i >= 0; i-- {
			for rest, more := lines[i], true; more; {
				var element string
				rest, element, more = cutLast(rest)
				count++
				room -= len(element) + len(",")
				if count > maxHops || room < 0 {
					return
				}
				if element = trim(element); element != "" && !yield(element) {
					return
				}
			}
		}
	}
}

// last returns the last element of a header's list.
func last(lines []string) string {
	for element := range fromLast(lines) {
		return element
	}
	return ""
}

// cutLast splits a list around its last comma that is not within a quoted string.
func cutLast(list string) (before, element string, found bool) {
	quoted := false
	for i := len(list) - 1; i >= 0; i-- {
		switch c := list[i]; {
		case c == '"' && !(quoted && isEscaped(list[:i])):
			quoted = !quoted
		case c == ',' && !quoted:
			return list[:i], list[i+1:], true
		}
	}
	return "", list, false
}

// isEscaped tells whether what follows the text within a quoted string is taken as it is: behind an odd number of
// backslashes.
func isEscaped(before string) bool {
	return (len(before)-len(strings.TrimRight(before, `\`)))%2 == 1
}

// forwarded is what one proxy says of the request that it got (RFC 7239, section 4), "" for what it does not say. An
// escape in a quoted string stays, since nothing that is believed has one.
type forwarded struct{ node, proto, host string }

func parseForwarded(element string) (f forwarded, ok bool) {
	for rest := element; ; {
		rest = strings.TrimLeft(rest, "; \t")
		if rest == "" {
			return f, true
		}
		var param, value string
		param, rest, ok = strings.Cut(rest, "=")
		if !ok {
			return forwarded{}, false
		}
		if value, rest, ok = cutValue(rest); !ok || !f.set(param, value) {
			return forwarded{}, false
		}
	}
}

// set takes one parameter, which may stand there but once.
func (f *forwarded) set(param, value string) bool {
	var field *string
	switch strings.ToLower(param) {
	case "for":
		field = &f.node
	case "proto":
		field = &f.proto
	case "host":
		field = &f.host
	default:
		return true
	}
	if value == "" || *field != "" {
		return false
	}
	*field = value
	return true
}

// cutValue splits off the token or quoted string before the next semicolon. It is lenient with what should have been
// quoted, such as the brackets and the colon of an address with a port.
func cutValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return trim(value), rest, !strings.Contains(value, `"`)
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			rest = trim(s[i+1:])
			return s[1:i], rest, rest == "" || rest[0] == ';'
		}
	}
	return "", "", false
}

// parseNode reads the address of a node: 192.0.2.7, 2001:db8::1 or [2001:db8::1], quoted or not, with or without a
// port. It reports false for unknown, for an obfuscated identifier (RFC 7239, section 6.3), and for an address with a
// zone.
func parseNode(node string) (netip.Addr, bool) {
	const longest = 128
	if len(node) > longest {
		return netip.Addr{}, false
	}
	if len(node) > 1 && node[0] == '"' && node[len(node)-1] == '"' {
		node = node[1 : len(node)-1]
	}
	host, port, isV6 := cutPort(node)
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Zone() != "" || isV6 && addr.Is4() || port != "" && !isPort(port) {
		return netip.Addr{}, false
	}
	return addr.Unmap(), true
}

// cutPort splits off the port with its colon, if there is one. Only an address of IPv6 may stand in brackets.
func cutPort(node string) (host, port string, bracketed bool) {
	if inner, ok := strings.CutPrefix(node, "["); ok {
		if host, port, ok = strings.Cut(inner, "]"); ok {
			return host, port, true
		}
		return node, "", false
	}
	if i := strings.IndexByte(node, ':'); i >= 0 && i == strings.LastIndexByte(node, ':') {
		return node[:i], node[i:], false
	}
	return node, "", false
}

// isPort tells whether s is a colon with the number of a port or an obfuscated one, such as :_a7.
func isPort(s string) bool {
	port, ok := strings.CutPrefix(s, ":")
	if !ok || port == "" {
		return false
	}
	isObfuscated := port[0] == '_'
	for i := range len(port) {
		switch c := port[i]; {
		case '0' <= c && c <= '9':
		case isObfuscated && (isLetter(c) || c == '_' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return isObfuscated || len(port) <= len("65535")
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isHost tells whether s looks like a host, with or without a port.
func isHost(s string) bool {
	const longest = 255 + len(":65535")
	for i := range len(s) {
		switch c := s[i]; {
		case isLetter(c), '0' <= c && c <= '9', strings.IndexByte("-._:[]", c) >= 0:
		default:
			return false
		}
	}
	return s != "" && len(s) <= longest
}

func trim(s string) string { return strings.Trim(s, " \t") }
