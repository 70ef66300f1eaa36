package transcode

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON text (RFC 8259, strictly) and keeps the place in it.
type scanner struct {
	in      []byte
	pos     int
	depth   int     // levels of nesting that may still be opened
	scratch []byte  // holds the last string that had escapes
	num     decimal // the last number
}

// peek returns the next byte that is not white space, without taking it; 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.in) {
		if c := s.in[s.pos]; c > ' ' {
			return c
		}
	}
	return s.peekBehindSpace()
}

func (s *scanner) peekBehindSpace() byte {
	for ; s.pos < len(s.in); s.pos++ {
		switch c := s.in[s.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// fail is an error at the given place.
func (s *scanner) fail(pos int, format string, args ...any) error {
	return &Error{Offset: pos, Reason: fmt.Sprintf(format, args...)}
}

// expected is the error of a value that is not what it should be.
func (s *scanner) expected(what string) error {
	s.peek()
	return s.fail(s.pos, "expected %s, found %s", what, s.describe())
}

// describe names what stands at the place, for people.
func (s *scanner) describe() string {
	if s.pos >= len(s.in) {
		return "the end of the body"
	}
	switch c := s.in[s.pos]; {
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == '"':
		return "the string " + s.excerpt()
	case c == '-' || isDigit(c):
		return "the number " + s.excerpt()
	case c == 't' || c == 'f' || c == 'n':
		return s.excerpt()
	default:
		r, _ := utf8.DecodeRune(s.in[s.pos:])
		return strconv.QuoteRune(r)
	}
}

// excerpt returns the beginning of the value that stands at the place.
func (s *scanner) excerpt() string {
	const longest = 32
	end, quoted := s.pos, s.in[s.pos] == '"'
	for end++; end < len(s.in) && end-s.pos < longest; end++ {
		c := s.in[end]
		if quoted && c == '"' {
			end++
			break
		}
		if !quoted && (c == ',' || c == '}' || c == ']' || c <= ' ') {
			break
		}
	}
	text := string(s.in[s.pos:end])
	if end-s.pos == longest {
		text += "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// open takes a bracket and one level of nesting.
func (s *scanner) open(bracket byte, what string) error {
	if s.peek() != bracket {
		return s.expected(what)
	}
	if s.depth == 0 {
		return s.fail(s.pos, "nested too deeply")
	}
	s.depth--
	s.pos++
	return nil
}

// more takes what stands behind a value: a comma, and there is another one, or the closing bracket. The first call,
// before any value, takes the bracket or nothing.
func (s *scanner) more(bracket byte, first bool) (bool, error) {
	c := s.peek()
	switch {
	case c == bracket:
		s.pos++
		s.depth++
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.pos++
		if s.peek() == bracket {
			return false, s.expected("a value after the comma")
		}
		return true, nil
	default:
		return false, s.expected(fmt.Sprintf("',' or '%c'", bracket))
	}
}

// colon takes the colon behind a key.
func (s *scanner) colon() error {
	if s.peek() != ':' {
		return s.expected("':'")
	}
	s.pos++
	return nil
}

// str takes a string. What it returns is valid until the next string is taken.
func (s *scanner) str(what string) ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.expected(what)
	}
	start := s.pos + 1
	end, ascii := plain(s.in, start)
	if end < len(s.in) && s.in[end] == '"' {
		text := s.in[start:end]
		if !ascii && !utf8.Valid(text) {
			return nil, s.fail(start, "the string is not UTF-8")
		}
		s.pos = end + 1
		return text, nil
	}
	var err error
	s.scratch, err = s.appendUnescaped(s.scratch[:0])
	return s.scratch, err
}

// appendUnescaped takes the string at the place and appends what it stands for.
func (s *scanner) appendUnescaped(dst []byte) ([]byte, error) {
	for i := s.pos + 1; ; {
		end, ascii := plain(s.in, i)
		if !ascii && !utf8.Valid(s.in[i:end]) {
			return dst, s.fail(i, "the string is not UTF-8")
		}
		dst = append(dst, s.in[i:end]...)
		switch {
		case end == len(s.in):
			return dst, s.fail(s.pos, "the string has no end")
		case s.in[end] == '"':
			s.pos = end + 1
			return dst, nil
		case s.in[end] != '\\':
			return dst, s.fail(end, "a string holds the control character %q, which must be escaped", s.in[end])
		}
		var n int
		if dst, n = appendUnescape(dst, s.in[end:]); n == 0 {
			return dst, s.fail(end, "the string holds an invalid escape")
		}
		i = end + n
	}
}

// appendUnescape appends what the escape at the beginning of b stands for and returns the escape's length, 0 if it is
// not one.
func appendUnescape(dst, b []byte) ([]byte, int) {
	if len(b) < 2 {
		return dst, 0
	}
	switch c := b[1]; c {
	case '"', '\\', '/':
		return append(dst, c), 2
	case 'b':
		return append(dst, '\b'), 2
	case 'f':
		return append(dst, '\f'), 2
	case 'n':
		return append(dst, '\n'), 2
	case 'r':
		return append(dst, '\r'), 2
	case 't':
		return append(dst, '\t'), 2
	case 'u':
		r := hex4(b[2:])
		if r < 0 {
			return dst, 0
		}
		if !utf16.IsSurrogate(r) {
			return utf8.AppendRune(dst, r), 6
		}
		if len(b) < 12 || b[6] != '\\' || b[7] != 'u' {
			return dst, 0
		}
		if r = utf16.DecodeRune(r, hex4(b[8:])); r == unicode.ReplacementChar {
			return dst, 0
		}
		return utf8.AppendRune(dst, r), 12
	}
	return dst, 0
}

func hex4(b []byte) rune {
	if len(b) < 4 {
		return -1
	}
	var r rune
	for _, c := range b[:4] {
		v := hexDigit(c)
		if v < 0 {
			return -1
		}
		r = r<<4 | rune(v)
	}
	return r
}

// hexDigit returns the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case lower(c) >= 'a' && lower(c) <= 'f':
		return int(lower(c)-'a') + 10
	default:
		return -1
	}
}

// number takes a number, which is then in num.
func (s *scanner) number() error {
	end := s.num.scan(s.in, s.pos)
	if end < 0 {
		return s.fail(s.pos, "%s is not a JSON number", s.excerpt())
	}
	s.pos = end
	return nil
}

// literal takes a word such as null.
func (s *scanner) literal(word string) bool {
	if len(s.in)-s.pos < len(word) || string(s.in[s.pos:s.pos+len(word)]) != word {
		return false
	}
	s.pos += len(word)
	return true
}

// skip takes any value.
func (s *scanner) skip() error {
	switch c := s.peek(); {
	case c == '{':
		return s.skipObject()
	case c == '[':
		return s.skipList()
	case c == '"':
		_, err := s.str("")
		return err
	case c == '-' || isDigit(c):
		return s.number()
	case c == 't' && s.literal("true"), c == 'f' && s.literal("false"), c == 'n' && s.literal("null"):
		return nil
	default:
		return s.expected("a value")
	}
}

func (s *scanner) skipObject() error {
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more('}', first)
		if err != nil || !more {
			return err
		}
		if _, err := s.str("a field name"); err != nil {
			return err
		}
		if err := s.colon(); err != nil {
			return err
		}
		if err := s.skip(); err != nil {
			return err
		}
	}
}

func (s *scanner) skipList() error {
	if err := s.open('[', "a list"); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more(']', first)
		if err != nil || !more {
			return err
		}
		if err := s.skip(); err != nil {
			return err
		}
	}
}

// end makes sure that nothing but white space follows.
func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.in) {
		return s.expected("the end of the body")
	}
	return nil
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
