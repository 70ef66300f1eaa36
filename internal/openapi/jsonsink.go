package openapi

import "unicode/utf8"

// jsonSink writes JSON.
type jsonSink struct {
	text   []byte
	indent bool
	open   []byte // the closing brackets of what is open
	isOpen bool   // the last thing written opened an object or array
	isKey  bool   // or is a key
}

// place writes what stands before the next key or value.
func (s *jsonSink) place() {
	switch {
	case s.isKey:
		s.isKey = false
		return
	case s.isOpen:
		s.isOpen = false
	case len(s.open) > 0:
		s.text = append(s.text, ',')
	}
	if len(s.open) > 0 {
		s.newline()
	}
}

func (s *jsonSink) newline() {
	if !s.indent {
		return
	}
	s.text = append(s.text, '\n')
	for range s.open {
		s.text = append(s.text, "  "...)
	}
}

func (s *jsonSink) begin(array bool) {
	s.place()
	if array {
		s.text, s.open = append(s.text, '['), append(s.open, ']')
	} else {
		s.text, s.open = append(s.text, '{'), append(s.open, '}')
	}
	s.isOpen = true
}

func (s *jsonSink) end() {
	bracket := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	if !s.isOpen {
		s.newline()
	}
	s.isOpen = false
	s.text = append(s.text, bracket)
}

func (s *jsonSink) key(name string) {
	s.place()
	s.text = append(appendQuoted(s.text, name), ':')
	if s.indent {
		s.text = append(s.text, ' ')
	}
	s.isKey = true
}

func (s *jsonSink) string(text string) {
	s.place()
	s.text = appendQuoted(s.text, text)
}

func (s *jsonSink) literal(text string) {
	s.place()
	s.text = append(s.text, text...)
}

// appendQuoted adds a string with its quotes, in a form that JSON and YAML read alike: controls, and what YAML takes for
// the end of a line or does not print, are escaped.
func appendQuoted(out []byte, s string) []byte {
	out = append(out, '"')
	done := 0 // of s
	for i := 0; i < len(s); {
		if c := s[i]; c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= 0x7f && r != utf8.RuneError && isShown(r) {
			i += size
			continue
		}
		out = appendEscaped(append(out, s[done:i]...), r)
		i += size
		done = i
	}
	return append(append(out, s[done:]...), '"')
}

// isShown tells whether a character can stand in a text of YAML as it is.
func isShown(r rune) bool {
	switch r {
	case '\u2028', '\u2029', '\ufeff', '\ufffe', '\uffff':
		return false
	default:
		return 0x20 <= r && r < 0x7f || r >= 0xa0
	}
}

const hexDigits = "0123456789abcdef"

func appendEscaped(out []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(out, '\\', byte(r))
	case '\n':
		return append(out, `\n`...)
	case '\r':
		return append(out, `\r`...)
	case '\t':
		return append(out, `\t`...)
	default:
		return append(out, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
	}
}
