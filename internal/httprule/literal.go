package httprule

import (
	"fmt"
	"net/url"
	"strings"
)

// isUnreserved tells the characters that RFC 3986 lets stand for themselves everywhere.
func isUnreserved(c byte) bool {
	return isIdentByte(c) || strings.IndexByte("-.~", c) >= 0
}

// isPlain tells the characters of a path segment (pchar in RFC 3986) that have no other meaning in a template.
func isPlain(c byte) bool {
	return isUnreserved(c) || strings.IndexByte("!$&'()+,;=@", c) >= 0
}

func isIdentStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

func isIdentByte(c byte) bool { return isIdentStart(c) || '0' <= c && c <= '9' }

// writeLiteral writes a decoded literal so that it reads back as itself. A colon is only safe before the last segment.
func writeLiteral(b *strings.Builder, s string, colon bool) {
	for i := range len(s) {
		if c := s[i]; isPlain(c) || c == ':' && colon {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(b, "%%%02X", c)
		}
	}
}

// literal decodes src[from:to], which must not be empty.
func (p *parser) literal(from, to int) (string, error) {
	for i := from; i < to; i++ {
		c := p.src[i]
		switch {
		case isPlain(c) || c == ':':
		case c == '%':
			if _, err := url.PathUnescape(p.src[i:min(i+3, to)]); err != nil {
				return "", p.fail(i, "a percent sign without two hexadecimal digits", "write %25 for the sign itself")
			}
			i += 2
		case c == '*':
			return "", p.fail(i, "an asterisk inside a literal",
				"let * or ** be a whole segment, or write %2A for the character")
		default:
			return "", p.fail(i, fmt.Sprintf("%q can not stand in a path", p.src[i:i+1]),
				fmt.Sprintf("write %%%02X", c))
		}
	}
	text, err := url.PathUnescape(p.src[from:to])
	if err != nil {
		return "", fmt.Errorf("decode %q: %w", p.src[from:to], err)
	}
	if text == "." || text == ".." {
		return "", p.fail(from, fmt.Sprintf("the segment %q never arrives, clients resolve it first", text),
			"write the path it leads to")
	}
	return text, nil
}
