package openapi

import (
	"strings"
	"unicode/utf8"
)

// yamlSink writes YAML in its block style. A string is plain only where every reader takes it for one.
type yamlSink struct {
	text  []byte
	open  []level
	isKey bool // the last thing written is a key
}

// level is an object or array that is open.
type level struct {
	array bool
	count int // of its entries
}

func (s *yamlSink) top() *level {
	if len(s.open) == 0 {
		return nil
	}
	return &s.open[len(s.open)-1]
}

// entry begins the next entry of the innermost object or array. The first one of those that are themselves entries of an
// array stands in the same line.
func (s *yamlSink) entry() {
	top := s.top()
	nested := len(s.open) > 1 && s.open[len(s.open)-2].array
	top.count++
	switch {
	case top.count == 1 && nested:
		s.text = append(s.text, ' ')
	case len(s.text) > 0:
		s.text = append(s.text, '\n')
		s.margin(len(s.open) - 1)
	}
}

func (s *yamlSink) margin(depth int) {
	for range depth {
		s.text = append(s.text, "  "...)
	}
}

// value begins a value: behind its key, or as the next of an array.
func (s *yamlSink) value() {
	if s.isKey {
		s.isKey = false
		return
	}
	if top := s.top(); top != nil && top.array {
		s.entry()
		s.text = append(s.text, '-')
	}
}

func (s *yamlSink) begin(array bool) {
	s.value()
	s.open = append(s.open, level{array: array})
}

func (s *yamlSink) end() {
	top := s.top()
	empty := " {}"
	if top.array {
		empty = " []"
	}
	if top.count == 0 {
		s.text = append(s.text, empty...)
	}
	s.open = s.open[:len(s.open)-1]
}

func (s *yamlSink) key(name string) {
	s.entry()
	if isPlain(name) {
		s.text = append(s.text, name...)
	} else {
		s.text = appendQuoted(s.text, name)
	}
	s.text = append(s.text, ':')
	s.isKey = true
}

func (s *yamlSink) literal(text string) {
	s.value()
	s.text = append(append(s.text, ' '), text...)
}

func (s *yamlSink) string(text string) {
	s.value()
	s.text = append(s.text, ' ')
	switch {
	case isPlain(text):
		s.text = append(s.text, text...)
	case isLiteral(text):
		s.block(text)
	default:
		s.text = appendQuoted(s.text, text)
	}
}

// block writes lines as they are.
func (s *yamlSink) block(text string) {
	s.text = append(s.text, '|')
	if text[0] == ' ' || text[0] == '\n' {
		s.text = append(s.text, '2') // else the first line's own spaces would count as the margin
	}
	switch {
	case !strings.HasSuffix(text, "\n"):
		s.text = append(s.text, '-')
	case strings.HasSuffix(text, "\n\n"):
		s.text = append(s.text, '+')
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		s.text = append(s.text, '\n')
		if line != "" {
			s.margin(len(s.open))
			s.text = append(s.text, line...)
		}
	}
}

// isLiteral tells whether a text has several lines that can stand as they are. Some readers take a tab at their beginning
// for a margin.
func isLiteral(s string) bool {
	if strings.HasPrefix(s, "\t") {
		return false
	}
	for _, r := range s {
		if r == utf8.RuneError || r != '\n' && r != '\t' && !isShown(r) {
			return false
		}
	}
	return strings.Contains(s, "\n") && strings.Trim(s, "\n") != ""
}

// isPlain tells whether a text is a string to every reader of YAML without quotes: it begins like a word or a path, and
// holds nothing that could end it or that YAML 1.1 reads as truth.
func isPlain(s string) bool {
	if s == "" || s[len(s)-1] == ' ' || isWord(s) {
		return false
	}
	switch c := s[0]; {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '/', c == '$', c == '(', c == '^':
	default:
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == ':' || c == '#' || c == 0x7f {
			return false
		}
		if s[i] >= utf8.RuneSelf {
			return isPlainRest(s[i:])
		}
	}
	return true
}

// isPlainRest is isPlain for what follows the first character beyond ASCII.
func isPlainRest(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || r == ':' || r == '#' || !isShown(r) {
			return false
		}
	}
	return true
}

// isWord tells whether a text is a word that some version of YAML gives a meaning.
func isWord(s string) bool {
	switch strings.ToLower(s) {
	case "null", "true", "false", "y", "yes", "n", "no", "on", "off":
		return true
	default:
		return false
	}
}
