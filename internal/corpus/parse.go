package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Load parses all files group/name.txt, sorted by name. Its error joins what is wrong with each, with file and line.
func Load(files fs.FS) ([]*Case, error) {
	paths, err := fs.Glob(files, "*/*.txt")
	if err != nil {
		return nil, err
	}
	var cases []*Case
	var problems []error
	for _, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		c, err := Parse(path, string(text))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		cases = append(cases, c)
	}
	if len(problems) == 0 && len(cases) == 0 {
		return nil, errors.New("there are no cases")
	}
	return cases, errors.Join(problems...)
}

// The parts, in the order in which they stand.
const (
	promise = iota
	settings
	asked
	called
	replied
	answered
)

// marks begin the lines of the parts.
var marks = [...]string{promise: "#", settings: "@", asked: ">", called: ">>", replied: "<<", answered: "<"}

// part is the lines under one mark, without it.
type part struct {
	file, mark string
	lines      []line
}

type line struct {
	number int
	text   string
}

// errorAt is the error of one line.
func (p part) errorAt(l line, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.file, l.number, fmt.Sprintf(format, args...))
}

// Parse reads one file. Its error names file and line.
func Parse(file, text string) (*Case, error) {
	parts, err := split(file, text)
	if err != nil {
		return nil, err
	}
	for _, p := range [...]part{parts[promise], parts[asked], parts[answered]} {
		if len(p.lines) == 0 {
			return nil, fmt.Errorf("%s: has no line that begins with %s", file, p.mark)
		}
	}
	c := &Case{
		Name: strings.TrimSuffix(file, ".txt"), Promise: strings.Join(texts(parts[promise].lines), " "),
		Settings: strings.Join(texts(parts[settings].lines), "\n"),
	}
	if c.request, err = parseRequest(parts[asked]); err != nil {
		return nil, err
	}
	if c.upstream, err = parseUpstream(parts[called], parts[replied]); err != nil {
		return nil, err
	}
	if c.response, err = parseResponse(parts[answered]); err != nil {
		return nil, err
	}
	if c.response.form == formLeft && !c.upstream.hangs() {
		return nil, parts[answered].errorAt(parts[answered].lines[0], "a client can not leave a call that does not hang")
	}
	return c, nil
}

func split(file, text string) (parts [len(marks)]part, err error) {
	for i := range parts {
		parts[i] = part{file: file, mark: marks[i]}
	}
	last := 0
	for i, full := range strings.Split(text, "\n") {
		if full == "" {
			continue
		}
		mark, rest, _ := strings.Cut(full, " ")
		l := line{number: i + 1}
		kind := slices.Index(marks[:], mark)
		switch {
		case kind < 0:
			return parts, parts[0].errorAt(l, "begins with none of %s", strings.Join(marks[:], " "))
		case kind < last:
			return parts, parts[0].errorAt(l, "%s stands behind %s", mark, marks[last])
		}
		if l.text, err = expand(rest); err != nil {
			return parts, parts[0].errorAt(l, "%v", err)
		}
		parts[kind].lines = append(parts[kind].lines, l)
		last = kind
	}
	return parts, nil
}

var (
	repetition = regexp.MustCompile(`\{\{(\d+)\*(.+?)\}\}`)
	errTooLong = errors.New("repeats to more than 16 MiB")
)

// expand writes out what stands there as {{3*ab}}.
func expand(text string) (string, error) {
	const most = 16 << 20
	tooLong := false
	text = repetition.ReplaceAllStringFunc(text, func(found string) string {
		m := repetition.FindStringSubmatch(found)
		n, err := strconv.Atoi(m[1])
		if err != nil || n > most/len(m[2]) {
			tooLong = true
			return ""
		}
		return strings.Repeat(m[2], n)
	})
	if tooLong {
		return "", errTooLong
	}
	return text, nil
}

// headAndBody divides lines at the first empty one.
func headAndBody(lines []line) (head, body []line) {
	for i, l := range lines {
		if l.text == "" {
			return lines[:i], lines[i+1:]
		}
	}
	return lines, nil
}

func texts(lines []line) []string {
	all := make([]string, len(lines))
	for i, l := range lines {
		all[i] = l.text
	}
	return all
}

// field reads a line "name: value".
func (p part) field(l line) (name, value string, err error) {
	name, value, ok := strings.Cut(l.text, ":")
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return "", "", p.errorAt(l, "expected name: value, found %q", l.text)
	}
	return name, strings.TrimSpace(value), nil
}

// wanted is the values that a header, or metadata under a key, must have.
type wanted struct {
	name   string
	values []string // none: it must not be there
}

// want adds a line "name: value" or "!name" to what is wanted. Several lines of one name are its values, in their order.
func (p part) want(all []wanted, l line) ([]wanted, error) {
	if name, ok := strings.CutPrefix(l.text, "!"); ok {
		return append(all, wanted{name: name}), nil
	}
	name, value, err := p.field(l)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].name == name {
			all[i].values = append(all[i].values, value)
			return all, nil
		}
	}
	return append(all, wanted{name, []string{value}}), nil
}

// compare returns what is wrong with the values that are there. Several values are the same as one with commas between
// them, in HTTP and in gRPC.
func (w wanted) compare(place string, got []string) []string {
	switch {
	case len(w.values) == 0 && len(got) == 0:
		return nil
	case len(w.values) == 0:
		return []string{fmt.Sprintf("%s %s: got %q, want none", place, w.name, got)}
	case len(got) == 0 || !matchText(strings.Join(w.values, ", "), strings.Join(got, ", ")):
		return []string{fmt.Sprintf("%s %s: got %q, want %q", place, w.name, got, w.values)}
	default:
		return nil
	}
}
