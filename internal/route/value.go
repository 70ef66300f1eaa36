package route

import (
	"slices"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
)

// binding is what taking a variable's value needs to know of it.
type binding struct {
	start, end int8 // indexes of segments, end exclusive
	tail       bool // ends in **, so that end does not count
	multi      bool
}

func bindings(t httprule.Template) []binding {
	compiled := make([]binding, len(t.Variables))
	for i, v := range t.Variables {
		compiled[i] = binding{
			start: int8(v.Start), end: int8(v.End), // MaxDepth at most
			tail:  t.Segments[v.End-1].Kind == httprule.DoubleStar,
			multi: v.Multi,
		}
	}
	return compiled
}

// capture appends the values of the route found.
func (s *search) capture(values []string) []string {
	limit := len(s.path)
	if s.verbTaken {
		limit = s.colon
	}
	values = slices.Grow(values, len(s.found.bindings))
	for _, v := range s.found.bindings {
		end := limit
		if !v.tail {
			end = min(limit, s.ends[v.end-1])
		}
		// A ** that takes no segment begins behind the end.
		start := min(s.start(int(v.start)), end)
		values = append(values, decoded(s.path[start:end], v.multi))
	}
	return values
}

// decoded undoes percent-encoding, all of it or all but slashes. It returns s itself where there is nothing to undo.
func decoded(s string, keepSlash bool) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var room [128]byte
	return string(appendDecoded(room[:0], s, keepSlash))
}

// appendDecoded decodes well-formed percent-encoding.
func appendDecoded(to []byte, s string, keepSlash bool) []byte {
	for {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			return append(to, s...)
		}
		to = append(to, s[:i]...)
		if c := hex(s[i+1])<<4 | hex(s[i+2]); c == '/' && keepSlash {
			to = append(to, s[i:i+3]...)
		} else {
			to = append(to, c)
		}
		s = s[i+3:]
	}
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

// hex is the value of a hexadecimal digit.
func hex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0x0f + 9
}
