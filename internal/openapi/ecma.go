package openapi

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ecmaPattern writes an RE2 expression as the one of ECMA-262 that matches the same texts: with the flag u, as JSON
// Schema has it, and in words that Go, Java and Python read alike. What means the same in all of them stays as it is. It
// is not ok where there is no simple one. The expression has to be good.
func ecmaPattern(pattern string) (string, bool) {
	w := &rewriting{rest: pattern}
	for w.rest != "" && !w.fails {
		w.next()
	}
	out := w.out.String()
	if _, err := syntax.Parse(out, syntax.Perl); err != nil {
		return "", false
	}
	return out, !w.fails
}

// rewriting is an expression on its way.
type rewriting struct {
	rest  string
	out   strings.Builder
	flags flags
	outer []flags // of the groups that are open
	fails bool
}

// flags are those of RE2 that change what is matched.
type flags struct {
	fold   bool // i
	lines  bool // m
	dotAll bool // s
}

var repetition = regexp.MustCompile(`^\{[0-9]+(?:,[0-9]*)?\}`)

func (w *rewriting) next() {
	r, size := utf8.DecodeRuneInString(w.rest)
	if r != '\\' && r != '[' && r != '(' {
		w.rest = w.rest[size:]
	}
	switch r {
	case '\\':
		w.escape()
	case '[':
		w.class()
	case '(':
		w.group()
	case ')':
		w.flags, w.outer = w.outer[len(w.outer)-1], w.outer[:len(w.outer)-1]
		w.out.WriteByte(')')
	case '.':
		w.out.WriteString(pick(w.flags.dotAll, `[\s\S]`, `[^\n]`)) // a dot of ECMA passes over more ends of lines
	case '^', '$':
		w.assert(string(r))
	case '{':
		if count := repetition.FindString("{" + w.rest); count != "" {
			w.rest = w.rest[len(count)-1:]
			w.out.WriteString(count)
		} else {
			w.literal(r)
		}
	case '*', '+', '?', '|':
		w.out.WriteRune(r)
	default:
		w.literal(r)
	}
}

// assert writes what matches between characters. ECMA repeats none of these, and has the ends of lines elsewhere.
func (w *rewriting) assert(text string) {
	w.fails = w.fails || w.flags.lines && (text == "^" || text == "$") ||
		w.rest != "" && strings.ContainsRune("*+?", rune(w.rest[0])) || repetition.MatchString(w.rest)
	w.out.WriteString(text)
}

// group begins a group. Names are left out: nobody asks for them.
func (w *rewriting) group() {
	w.rest = w.rest[1:]
	rest, isSpecial := strings.CutPrefix(w.rest, "?")
	before := w.flags
	switch {
	case !isSpecial:
		w.out.WriteByte('(')
	case strings.HasPrefix(rest, "P<"), strings.HasPrefix(rest, "<"):
		_, w.rest, _ = strings.Cut(rest, ">")
		w.out.WriteString("(?:")
	default:
		end := strings.IndexAny(rest, ":)")
		w.flags.set(rest[:end])
		w.rest = rest[end+1:]
		if rest[end] == ')' {
			return // they hold for what follows
		}
		w.out.WriteString("(?:")
	}
	w.outer = append(w.outer, before)
}

// set changes flags: those before a minus are turned on, those behind it off.
func (f *flags) set(names string) {
	isOn := true
	for _, name := range names {
		switch name {
		case '-':
			isOn = false
		case 'i':
			f.fold = isOn
		case 'm':
			f.lines = isOn
		case 's':
			f.dotAll = isOn
		}
	}
}

// escape writes what begins with a backslash.
func (w *rewriting) escape() {
	switch c := w.rest[1]; c {
	case 'A', 'z':
		isLines := w.flags.lines
		w.rest, w.flags.lines = w.rest[2:], false
		w.assert(pick(c == 'A', "^", "$"))
		w.flags.lines = isLines
	case 'b', 'B':
		w.rest = w.rest[2:]
		w.assert(`\` + string(c))
	case 'Q':
		text, rest, _ := strings.Cut(w.rest[2:], `\E`)
		w.rest = rest
		for _, r := range text {
			w.literal(r)
		}
	default:
		if alone, _, ok := w.named(); ok {
			w.out.WriteString(alone)
			return
		}
		w.literal(w.character())
	}
}

const space = `\t\n\f\r ` // what \s is in RE2, of which ECMA has more

// named reads a class that has a name, behind a backslash. It is told as it stands alone and within brackets, where some
// have no place.
func (w *rewriting) named() (alone, within string, ok bool) {
	c := w.rest[1]
	switch c {
	case 'd', 'D', 'w', 'W':
		w.fails = w.fails || w.flags.fold && (c == 'w' || c == 'W')
		alone = `\` + string(c)
		within = alone
	case 's':
		alone, within = "["+space+"]", space
	case 'S':
		alone = "[^" + space + "]"
	case 'p', 'P':
		class := w.category()
		return class, class, true
	default:
		return "", "", false
	}
	w.rest = w.rest[2:]
	return alone, within, true
}

// category reads a category of Unicode. Scripts have other names in other places.
func (w *rewriting) category() string {
	sign, name := w.rest[1], w.rest[2:3]
	if name == "{" {
		name, w.rest, _ = strings.Cut(w.rest[3:], "}")
	} else {
		w.rest = w.rest[3:]
	}
	if other, isNegated := strings.CutPrefix(name, "^"); isNegated {
		name, sign = other, sign^'p'^'P'
	}
	_, isKnown := unicode.Categories[name]
	w.fails = w.fails || !isKnown || w.flags.fold
	return fmt.Sprintf(`\%c{%s}`, sign, name)
}

// character reads one character that is written as an escape.
func (w *rewriting) character() rune {
	end := 2
	switch c := w.rest[1]; {
	case c == 'x' && strings.HasPrefix(w.rest[2:], "{"):
		end = strings.IndexByte(w.rest, '}') + 1
	case c == 'x':
		end = 4
	case '0' <= c && c <= '7':
		for end < len(w.rest) && end < 4 && '0' <= w.rest[end] && w.rest[end] <= '7' {
			end++
		}
	}
	text := w.rest[:end]
	w.rest = w.rest[end:]
	hex := strings.NewReplacer(`\x`, "", "{", "", "}", "").Replace(text)
	switch c := text[1]; {
	case c == 'x':
		return w.number(hex, 16)
	case '0' <= c && c <= '7':
		return w.number(text[1:], 8)
	case strings.IndexByte("afnrtv", c) >= 0:
		r, _, _, err := strconv.UnquoteChar(text, 0)
		w.fails = w.fails || err != nil
		return r
	default:
		return rune(c)
	}
}

func (w *rewriting) number(digits string, base int) rune {
	n, err := strconv.ParseUint(digits, base, 32)
	w.fails = w.fails || err != nil
	return rune(n)
}
