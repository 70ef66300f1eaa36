package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// tally counts the tests of one package, and writes those that did not pass.
type tally struct {
	pkg                     string
	out                     io.Writer
	passed, failed, skipped int
}

func (c tally) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.passed, c.failed, c.skipped)
}

// count takes t into account unless it only repeats what its subtests say. A test that had begun when its package
// failed, and did not come to its end, is where the package failed.
func (c *tally) count(all map[string]*test, t *test, pkg result) {
	if t.result == unfinished {
		t.result = pkg
	}
	if repeats(all, t) {
		return
	}
	switch t.result {
	case passed:
		c.passed++
	case failed:
		c.failed++
		fmt.Fprintf(c.out, "FAIL  %s %s\n%s", c.pkg, t.name, indent(t.output.String()))
	case skipped:
		c.skipped++
		fmt.Fprintf(c.out, "SKIP  %s %s: %s\n", c.pkg, t.name, reason(t.output.String()))
	case unfinished:
	}
}

// repeats reports whether t has subtests and nothing of its own to say: it passed, or one of them ended as it did and it
// wrote nothing.
func repeats(all map[string]*test, t *test) bool {
	for name, sub := range all {
		if !strings.HasPrefix(name, t.name+"/") {
			continue
		}
		if t.result == passed || (sub.result == t.result && t.output.Len() == 0) {
			return true
		}
	}
	return false
}

// position is what t.Log puts before a message.
var position = regexp.MustCompile(`^\s*\S+\.go:\d+: `)

func reason(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		lines = append(lines, strings.TrimSpace(position.ReplaceAllString(line, "")))
	}
	if len(lines) == 0 {
		return "no reason given"
	}
	return strings.Join(lines, " ")
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("      " + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}
