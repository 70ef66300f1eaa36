package openapi

import (
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// comment is what a source says of a declaration, as markdown.
type comment string

// commentOf reads the comment that stands before a declaration, or else the one behind it.
func commentOf(d protoreflect.Descriptor) comment {
	file := d.ParentFile()
	if file == nil {
		return ""
	}
	loc := file.SourceLocations().ByDescriptor(d)
	text := prose(loc.LeadingComments)
	if text == "" {
		text = prose(loc.TrailingComments)
	}
	return comment(text)
}

// prose is what somebody wrote for readers, as markdown of which no page can make more than text, code and links.
func prose(text string) string { return inert(clean(text)) }

// internalComment is what AIP-192 keeps from readers: (-- … --), over any number of lines, and all that follows if it is
// not closed.
var internalComment = regexp.MustCompile(`(?s)[ \t]*\(--.*?(?:--\)|$)`)

// directives are lines that speak to tools.
var directives = regexp.MustCompile(`(?m)^[ \t]*(?:buf:(?:lint|breaking):ignore|protolint:|api-linter:|aip\.dev/not-precedent:|` +
	`@gotags:|@inject_tag:|clang-format (?:on|off)|nolint|\+(?:kubebuilder|k8s):).*(?:\n|$)`)

// clean takes away what is not for readers, and the space that stands before every line.
func clean(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if strings.Contains(text, "(--") {
		text = internalComment.ReplaceAllString(text, "")
	}
	if strings.Contains(text, ":") || strings.Contains(text, "nolint") || strings.Contains(text, "clang-format") {
		text = directives.ReplaceAllString(text, "")
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, "\t"); ok {
			lines[i] = leadingTab + rest
		}
	}
	margin := marginOf(lines)
	for i, line := range lines {
		lines[i] = strings.TrimRight(line[min(margin, len(line)):], " \t\r")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// leadingTab is what a tab is worth at the beginning of a line: the space that stands before all others, and that of a block of code.
const leadingTab = "     "

// marginOf is how many spaces stand before every line that has something.
func marginOf(lines []string) int {
	margin := -1
	for _, line := range lines {
		if indent := indentOf(line); strings.TrimSpace(line) != "" && (margin < 0 || indent < margin) {
			margin = indent
		}
	}
	return max(margin, 0)
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// all is the whole comment.
func (c comment) all() string { return string(c) }

// line is the comment in one line, for a list.
func (c comment) line() string { return inert(strings.Join(strings.Fields(string(c)), " ")) }

// longestSummary is how many bytes a summary may have: it stands in lists.
const longestSummary = 120

// split returns the first sentence, without its stop, if it can stand in a list, and what follows. One that is too long,
// or would lose something where it is not read as markdown, stays in the description.
func (c comment) split() (summary, description string) {
	head, rest := c.head()
	sentence, more := cutSentence(strings.Join(strings.Fields(head), " "))
	if len(sentence) > longestSummary || strings.Contains(sentence, "&lt;") || inert(sentence) != sentence {
		return "", string(c)
	}
	plain := strings.TrimSuffix(markdownLink.ReplaceAllString(sentence, "$1"), ":")
	if plain != sentence {
		return strings.TrimSuffix(plain, "."), string(c)
	}
	if more == "" {
		return strings.TrimSuffix(sentence, "."), inert(strings.Trim(rest, "\n"))
	}
	return strings.TrimSuffix(sentence, "."), inert(more + rest)
}

var markdownLink = regexp.MustCompile(`\[([^\[\]]*)\]\([^()]*\)`)

// startsBlock tells a line that is no text: of a list, a quotation, a heading, a table, or a block of code.
var startsBlock = regexp.MustCompile("^ *(?:[-*+] |[0-9]{1,9}[.)] |>|#{1,6} |\\||```|~~~)")

// head returns the text that a comment begins with, up to the first empty line or other block, and all that is behind it.
func (c comment) head() (text, rest string) {
	end := 0
	for line := range strings.SplitAfterSeq(string(c), "\n") {
		if strings.TrimSpace(line) == "" || startsBlock.MatchString(line) {
			break
		}
		end += len(line)
	}
	text = strings.TrimSuffix(string(c[:end]), "\n")
	return text, string(c[len(text):])
}

// sentenceEnd is a stop with a new sentence behind it.
var sentenceEnd = regexp.MustCompile("[.!?] +(?:[A-Z`\"'(\\[]|$)")

// abbreviation is what has a stop of its own.
var abbreviation = regexp.MustCompile(`(?i)(?:^|[\s(])(?:e\.g|i\.e|etc|cf|vs|approx|resp|incl|no|[a-z])\.$`)

// cutSentence parts a text behind its first sentence.
func cutSentence(text string) (sentence, more string) {
	code, _ := codeSpans(text)
	for _, at := range sentenceEnd.FindAllStringIndex(text, -1) {
		end := at[0] + 1
		isCode := slices.ContainsFunc(code, func(span [2]int) bool { return span[0] < end && end < span[1] })
		if !isCode && !abbreviation.MatchString(text[:end]) {
			return text[:end], strings.TrimSpace(text[end:])
		}
	}
	return text, ""
}

// paragraphs joins texts that are not empty.
func paragraphs(texts ...string) string {
	var kept []string
	for _, text := range texts {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, "\n\n")
}
