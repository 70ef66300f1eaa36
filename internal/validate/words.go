package validate

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
)

const ruleRequired = "required"

// longest is how many bytes of a value, or of what a rule compares it with, a text or path repeats.
const longest = 64

// quote puts s in quotes, cut short if it is long.
func quote(s string) string {
	if len(s) <= longest {
		return strconv.Quote(s)
	}
	return strconv.Quote(clip(s, longest)) + "…"
}

// clip returns the beginning of s, at most n bytes, without cutting a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// enumerate joins words: a, b or c. Of many, the first are named.
func enumerate(words []string) string {
	const most = 10
	switch n := len(words); {
	case n <= 1:
		return strings.Join(words, "")
	case n > most:
		return fmt.Sprintf("%s or one of %d more", strings.Join(words[:most], ", "), n-most)
	default:
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
}

// oneOf says that a value must, or must not, be one of some.
func oneOf(must string, words []string) string {
	switch len(words) {
	case 0:
		return must + " be one of the values of its rule"
	case 1:
		return must + " be " + words[0]
	default:
		return must + " be one of " + enumerate(words)
	}
}

// plural counts things: 1 item, 2 items.
func plural(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatUint(n, 10) + " " + many
}

// oneofName is what a oneof is called in paths. JSON has no name for it; it is spelled as its members are.
func (c *Compiler) oneofName(od protoreflect.OneofDescriptor) string {
	if c.opts.ProtoNames {
		return string(od.Name())
	}
	return camelCase(string(od.Name()))
}

// camelCase is the JSON name of a proto name.
func camelCase(name string) string {
	var b []byte
	up := false
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_':
			up = true
		case up && c >= 'a' && c <= 'z':
			b = append(b, c-'a'+'A')
			up = false
		default:
			b = append(b, c)
			up = false
		}
	}
	return string(b)
}
