package accept

import (
	"iter"
	"strings"
)

// What is looked at in one header.
const (
	maxElements = 64
	maxBytes    = 8 << 10
)

// element is one well-formed element of a header's list.
type element struct {
	value  string // without its parameters
	params string // from behind the first semicolon, the weight among them
	weight int    // in thousandths
}

// heaviest is the weight of what is accepted without reserve.
const heaviest = 1000

// elements yields the elements of a header whose grammar is right and whose value is valid.
func elements(header []string, valid func(value string) bool) iter.Seq[element] {
	return func(yield func(element) bool) {
		count, room := 0, maxBytes
		for _, line := range header {
			if len(line) > room {
				line = line[:strings.LastIndexByte(line[:room], ',')+1]
				room = len(line)
			}
			room -= len(line)
			for line != "" && count < maxElements {
				var text string
				text, line = cut(line, ',')
				count++
				if e, ok := parseElement(text); ok && valid(e.value) && !yield(e) {
					return
				}
			}
		}
	}
}

func parseElement(text string) (e element, ok bool) {
	value, params := cut(text, ';')
	e = element{value: trim(value), params: params, weight: heaviest}
	for params != "" {
		var p parameter
		p, params, ok = nextParameter(params)
		if ok && p.isWeight() {
			e.weight, ok = parseWeight(p.value)
		}
		if !ok {
			return element{}, false
		}
	}
	return e, true
}

// parameter is name=value. An empty one, as between two semicolons, is none.
type parameter struct{ name, value string }

func (p parameter) isWeight() bool { return p.name == "q" || p.name == "Q" }

func nextParameter(params string) (p parameter, rest string, ok bool) {
	text, rest := cut(params, ';')
	text = trim(text)
	if text == "" {
		return parameter{}, rest, true
	}
	name, value, ok := strings.Cut(text, "=")
	if unquoted, is := unquote(value); is {
		return parameter{name, unquoted}, rest, ok && isToken(name)
	}
	return parameter{name, value}, rest, ok && isToken(name) && isToken(value)
}

// findParameter returns the value of the parameter with the name.
func findParameter(params, name string) (value string, ok bool) {
	for params != "" {
		var p parameter
		p, params, _ = nextParameter(params)
		if strings.EqualFold(p.name, name) {
			return p.value, true
		}
	}
	return "", false
}

// unquote takes the quotes off a quoted string. What is escaped in it stays so.
func unquote(s string) (string, bool) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s, false
	}
	return s[1 : len(s)-1], true
}

// parseWeight reads "1", "0.8" or ".8", with three digits at most, as thousandths.
func parseWeight(s string) (thousandths int, ok bool) {
	whole, digits, _ := strings.Cut(s, ".")
	switch {
	case whole == "1":
		thousandths = heaviest
	case whole != "0" && (whole != "" || digits == ""):
		return 0, false
	}
	if len(digits) > 3 {
		return 0, false
	}
	place := 100
	for i := range len(digits) {
		d := digits[i] - '0'
		if d > 9 {
			return 0, false
		}
		thousandths += int(d) * place
		place /= 10
	}
	return thousandths, thousandths <= heaviest
}

// cut splits s around the first separator that is not within a quoted string.
func cut(s string, separator byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case c == separator && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func trim(s string) string { return strings.Trim(s, " \t") }

// isToken tells whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
