package openapi

import (
	"regexp"
	"strings"
)

// inert makes a markdown text one that every reader takes for the same blocks of code, and in whose rest nothing can
// become markup of a page: raw HTML is escaped, and links lead to web addresses only. A page that trusts the document
// does not have to trust everybody whose comments are in it.
//
// What is code must not be escaped, so it has to be known for sure. Blocks of code are therefore written anew, with
// fences that nothing in them can close, and a line of text that could open a block is kept from it.
func inert(text string) string {
	if isUnadorned(text) {
		return strings.Trim(text, "\n")
	}
	m := &inertness{lines: strings.Split(text, "\n"), links: definedLinks(text)}
	for m.next < len(m.lines) {
		m.block()
	}
	return strings.Trim(strings.Join(m.out, "\n"), "\n")
}

// isUnadorned tells a text in which there is nothing to change, as most are.
func isUnadorned(text string) bool {
	return !strings.ContainsAny(text, "`~<[]") && !strings.HasPrefix(text, " ") && !strings.Contains(text, "\n    ") &&
		!strings.Contains(text, "\n\n\n")
}

// inertness is a text on its way.
type inertness struct {
	lines  []string
	next   int
	out    []string
	links  map[string]bool
	inList bool // where lines are indented and yet no code
}

var (
	listItem  = regexp.MustCompile(`^ *(?:[-*+]|[0-9]{1,9}[.)])(?: |$)`)
	openFence = regexp.MustCompile("^( *)(`{3,}|~{3,}) *([A-Za-z0-9+#._-]*)[^`]*$")
)

// block takes one block of the text: of code, of lines, or an empty line.
func (m *inertness) block() {
	line := m.lines[m.next]
	fence := openFence.FindStringSubmatch(line)
	switch {
	case line == "":
		m.next++
		if len(m.out) > 0 && m.out[len(m.out)-1] != "" {
			m.out = append(m.out, "")
		}
	case len(fence) > 0 && (m.inList || len(fence[1]) < 4):
		m.fenced(len(fence[1]), fence[2], fence[3])
	case !m.inList && indentOf(line) >= 4:
		m.indented()
	default:
		m.text()
	}
}

// fenced takes a block of code between fences.
func (m *inertness) fenced(indent int, fence, language string) {
	var code []string
	for m.next++; m.next < len(m.lines); m.next++ {
		line := m.lines[m.next]
		run := strings.TrimSpace(line)
		if strings.HasPrefix(run, fence) && strings.Trim(run, fence[:1]) == "" {
			m.next++
			break
		}
		code = append(code, line[min(indent, indentOf(line)):])
	}
	m.code(code, language)
}

// indented takes a block of code that stands back.
func (m *inertness) indented() {
	var code []string
	for ; m.next < len(m.lines); m.next++ {
		line := m.lines[m.next]
		if line != "" && indentOf(line) < 4 {
			break
		}
		code = append(code, line[min(4, len(line)):])
	}
	for code[len(code)-1] == "" {
		code = code[:len(code)-1]
		m.next--
	}
	m.code(code, "")
}

// code writes a block of code between fences that are longer than what looks like one in it.
func (m *inertness) code(code []string, language string) {
	fence := "```"
	for strings.Contains(strings.Join(code, "\n"), fence) {
		fence += "`"
	}
	m.inList = false
	m.out = append(m.out, fence+language)
	m.out = append(append(m.out, code...), fence)
}

// text takes lines up to the next empty one or block of code.
func (m *inertness) text() {
	if first := m.lines[m.next]; indentOf(first) == 0 {
		m.inList = false
	}
	begin := m.next
	for ; m.next < len(m.lines) && m.lines[m.next] != ""; m.next++ {
		line := m.lines[m.next]
		m.inList = m.inList || listItem.MatchString(line)
		if fence := openFence.FindStringSubmatch(line); m.next > begin && len(fence) > 0 && (m.inList || len(fence[1]) < 4) {
			break
		}
	}
	lines := m.lines[begin:m.next]
	isSure := true
	for i, line := range lines {
		lines[i] = m.crossReferences(unfenced(line))
		_, balanced := codeSpans(lines[i])
		isSure = isSure && balanced
	}
	for _, line := range lines {
		m.out = append(m.out, escape(line, isSure))
	}
}

// fenceBehind is a fence that a quotation or a list opens in its first line.
var fenceBehind = regexp.MustCompile("^((?:\\s|>|[-*+]\\s|[0-9]{1,9}[.)]\\s)*)(`{3,}|~{3,})([^`]*)$")

// unfenced keeps a line of text from opening a block of code.
func unfenced(line string) string {
	at := fenceBehind.FindStringSubmatch(line)
	if at == nil {
		return line
	}
	return at[1] + `\` + strings.Join(strings.Split(at[2], ""), `\`) + at[3]
}

// codeSpans returns where the code in a line is, and tells whether each run of backticks belongs to some: code that goes
// over several lines is not looked for.
func codeSpans(line string) (spans [][2]int, balanced bool) {
	balanced = true
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' {
			i++
			continue
		}
		n := runOf(line[i:])
		if n == 0 {
			continue
		}
		end := closing(line, i+n, n)
		if end < 0 {
			balanced = false
			i += n - 1
			continue
		}
		spans = append(spans, [2]int{i, end})
		balanced = balanced && !strings.Contains(line[i:end], "|") // a table cuts through code
		i = end - 1
	}
	return spans, balanced
}

// runOf is how many backticks a text begins with.
func runOf(text string) int { return len(text) - len(strings.TrimLeft(text, "`")) }

// closing returns the end of the next run of n backticks; -1 if there is none.
func closing(line string, from, n int) int {
	for i := from; i < len(line); {
		run := runOf(line[i:])
		if run == n {
			return i + n
		}
		i += max(run, 1)
	}
	return -1
}

// escape takes the power from what is not code in a line. Whether there is code at all is known where isSure.
func escape(line string, isSure bool) string {
	if definition := linkDefinition.FindStringSubmatchIndex(line); len(definition) > 0 && !isSafe(line[definition[6]:definition[7]]) {
		line = line[:definition[2]] + `\` + line[definition[2]:]
	}
	var spans [][2]int
	if isSure {
		spans, _ = codeSpans(line)
	}
	var out strings.Builder
	done := 0
	for _, span := range spans {
		out.WriteString(escapeText(line[done:span[0]]))
		out.WriteString(line[span[0]:span[1]])
		done = span[1]
	}
	out.WriteString(escapeText(line[done:]))
	return out.String()
}

var (
	htmlTag         = regexp.MustCompile("<(?:https?://[^\\s<>`]+>)?")
	linkDestination = regexp.MustCompile(`\]\(\s*<?([^\s)>]*)`)
)

func escapeText(text string) string {
	text = linkDestination.ReplaceAllStringFunc(text, func(link string) string {
		if isSafe(linkDestination.FindStringSubmatch(link)[1]) {
			return link
		}
		return `]\(` + link[2:]
	})
	var out strings.Builder
	for {
		at := htmlTag.FindStringIndex(text)
		if at == nil {
			return out.String() + text
		}
		found, behind := text[at[0]:at[1]], text[at[1]:]
		if found == "<" && behind != "" && opensTag(behind[0]) {
			found = "&lt;"
		}
		out.WriteString(text[:at[0]] + found)
		text = behind
	}
}

// opensTag tells whether a byte behind < makes it the beginning of HTML.
func opensTag(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '/' || c == '!' || c == '?'
}

// safeStart is how a link begins that leads to a page, or to a place within one.
var safeStart = regexp.MustCompile(`(?i)^(?:https?://|mailto:|[/#?]|\.{1,2}/)`)

// isSafe tells whether following a link can not run anything. Entities and escapes could spell a scheme.
func isSafe(link string) bool {
	return safeStart.MatchString(link) || link != "" && !strings.ContainsAny(link, `:&<\`)
}
