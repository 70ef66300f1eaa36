package openapi

import (
	"regexp/syntax"
	"strings"
)

// spelling makes a short text that a pattern matches, of letters and digits as far as it allows. It is not said that the
// pattern does match: what it asks of the borders of words, and of the length of what is repeated, is not looked at.
type spelling struct {
	out   strings.Builder
	extra int            // how many more times than it has to what can be repeated is repeated
	used  map[string]int // how many characters of each set are there
	steps int            // how many parts of the pattern have been looked at
}

// A pattern can ask for any number of characters, and repeat nothing any number of times.
const (
	longestSpelling  = 200
	maxSpellingSteps = 2000
)

// spell returns a text of a pattern; "" if there is none that is short.
func spell(pattern string, extra int) string {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	s := &spelling{extra: extra, used: map[string]int{}}
	if !s.add(parsed) || s.out.Len() > longestSpelling {
		return ""
	}
	return s.out.String()
}

// add adds a text of a part of a pattern, and tells whether there is one.
func (s *spelling) add(re *syntax.Regexp) bool {
	if s.steps++; s.steps > maxSpellingSteps || s.out.Len() > longestSpelling {
		return false
	}
	switch re.Op {
	case syntax.OpNoMatch:
		return false
	case syntax.OpLiteral:
		s.out.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		r, ok := s.choose(re.Rune)
		s.out.WriteRune(r)
		return ok
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		s.out.WriteRune(s.next(letters, 0))
	case syntax.OpCapture:
		return s.add(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !s.add(sub) {
				return false
			}
		}
	case syntax.OpAlternate:
		return s.add(re.Sub[0])
	case syntax.OpStar:
		return s.repeat(re.Sub[0], 0, -1)
	case syntax.OpPlus:
		return s.repeat(re.Sub[0], 1, -1)
	case syntax.OpQuest:
		return s.repeat(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		return s.repeat(re.Sub[0], re.Min, re.Max)
	default: // what matches between characters
	}
	return true
}

func (s *spelling) repeat(re *syntax.Regexp, least, most int) bool {
	n := least + s.extra
	if most >= 0 {
		n = min(n, most)
	}
	for range n {
		if !s.add(re) {
			return false
		}
	}
	return true
}

const (
	letters = "abcdefghijklmnopqrstuvwxyz"
	digits  = "1234567890"
)

// choose takes a character of a class, which is a list of ranges.
func (s *spelling) choose(class []rune) (rune, bool) {
	for _, set := range []string{letters, strings.ToUpper(letters), digits, "-_. "} {
		for i := range len(set) {
			if isIn(class, rune(set[(s.used[set]+i)%len(set)])) {
				return s.next(set, i), true
			}
		}
	}
	for i := 0; i+1 < len(class); i += 2 {
		if r := max(class[i], '!'); r <= class[i+1] && r < 0xD800 {
			return r, true
		}
	}
	return 0, false
}

// next takes the next character of a set but some, so that a text goes abc and not aaa.
func (s *spelling) next(set string, but int) rune {
	r := rune(set[(s.used[set]+but)%len(set)])
	s.used[set] += but + 1
	return r
}

func isIn(class []rune, r rune) bool {
	for i := 0; i+1 < len(class); i += 2 {
		if class[i] <= r && r <= class[i+1] {
			return true
		}
	}
	return false
}
