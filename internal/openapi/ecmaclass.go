package openapi

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// literal writes a character that matches itself.
func (w *rewriting) literal(r rune) {
	others := w.others(r, r)
	if others == "" {
		w.out.WriteString(quoted(r, `\.+*?()|[]{}^$`))
		return
	}
	w.out.WriteString("[" + quoted(r, "") + others + "]")
}

// quoted writes a character, with a backslash if it is one of those that mean something.
func quoted(r rune, special string) string {
	switch {
	case r < utf8.RuneSelf && strings.ContainsRune(special, r):
		return `\` + string(r)
	case strings.ContainsRune("\t\n\v\f\r", r):
		return `\` + string("tnvfr"[r-'\t'])
	case unicode.IsControl(r) && r <= unicode.MaxLatin1:
		return fmt.Sprintf(`\x%02X`, r)
	default:
		return string(r)
	}
}

// others are, where case means nothing, the other cases of a range of characters.
func (w *rewriting) others(lo, hi rune) string {
	const most = 1000 // characters that are looked at one by one
	if !w.flags.fold {
		return ""
	}
	if hi-lo > most {
		w.fails = true
		return ""
	}
	var found []rune
	for r := lo; r <= hi; r++ {
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			if other < lo || hi < other {
				found = append(found, other)
			}
		}
	}
	return ranges(found)
}

// ranges writes characters, those that follow each other as a range.
func ranges(list []rune) string {
	var out strings.Builder
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		out.WriteString(quoted(list[i], classSpecial))
		if j > i+1 {
			out.WriteByte('-')
		}
		if j > i {
			out.WriteString(quoted(list[j], classSpecial))
		}
		i = j + 1
	}
	return out.String()
}

const classSpecial = `\[]^-`

// posix are the classes that have names in brackets.
var posix = map[string]string{
	"alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": `\x00-\x7F`, "blank": `\t `, "cntrl": `\x00-\x1F\x7F`, "digit": "0-9",
	"graph": "!-~", "lower": "a-z", "print": " -~", "punct": "!-/:-@\\[-`{-~", "space": `\t\n\v\f\r `, "upper": "A-Z",
	"word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}

// class writes a class in brackets.
func (w *rewriting) class() {
	w.rest = w.rest[1:]
	w.out.WriteByte('[')
	if rest, isNegated := strings.CutPrefix(w.rest, "^"); isNegated {
		w.rest = rest
		w.out.WriteByte('^')
	}
	var others strings.Builder
	isFirst, isBehindClass := true, false
	for !w.fails && (isFirst || w.rest[0] != ']') {
		text, ok := w.classWithin()
		switch {
		case ok:
		case isBehindClass && strings.HasPrefix(w.rest, "-") && !strings.HasPrefix(w.rest, "-]"):
			text, w.rest = `\-`, w.rest[1:] // which would begin a range
		default:
			text = w.rangeWithin(&others)
		}
		w.out.WriteString(text)
		isFirst, isBehindClass = false, ok
	}
	w.out.WriteString(others.String() + "]")
	if w.rest != "" {
		w.rest = w.rest[1:]
	}
}

// classWithin reads a class that has a name, within brackets.
func (w *rewriting) classWithin() (string, bool) {
	if name, isPosix := strings.CutPrefix(w.rest, "[:"); isPosix {
		name, rest, isClosed := strings.Cut(name, ":]")
		if set, known := posix[name]; isClosed && known {
			w.fails = w.fails || w.flags.fold
			w.rest = rest
			return set, true
		}
		if isClosed && strings.HasPrefix(name, "^") {
			w.fails = true
			return "", true
		}
	}
	if !strings.HasPrefix(w.rest, `\`) {
		return "", false
	}
	_, within, ok := w.named()
	w.fails = w.fails || ok && within == ""
	return within, ok
}

// rangeWithin reads a character or a range, within brackets.
func (w *rewriting) rangeWithin(others *strings.Builder) string {
	isRaw := w.rest[0] == '-'
	lo, text := w.member()
	hi := lo
	if strings.HasPrefix(w.rest, "-") && len(w.rest) > 1 && w.rest[1] != ']' {
		w.rest = w.rest[1:]
		var end string
		hi, end = w.member()
		text += "-" + end
		if isRaw { // a range that begins with a hyphen
			text = `\` + text
		}
	}
	others.WriteString(w.others(lo, hi))
	return text
}

// member reads one character within brackets. A hyphen stays as it is written.
func (w *rewriting) member() (rune, string) {
	if w.rest[0] == '\\' {
		r := w.character()
		return r, quoted(r, classSpecial)
	}
	r, size := utf8.DecodeRuneInString(w.rest)
	w.rest = w.rest[size:]
	return r, quoted(r, `\[]`)
}
