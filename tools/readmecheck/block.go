package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// action is what is done with a block.
type action uint8

const (
	serve action = iota + 1
	run
	expect
)

// block is a fenced block of a page that something is done with.
type block struct {
	line int // of the fence
	does action
	text string
}

var actions = map[string]action{"serve": serve, "run": run, "expect": expect}

// parse returns the blocks that something is done with, in their order. There has to be one that runs.
func parse(page string) ([]block, error) {
	var blocks []block
	var open *block // nil outside of fences
	runs := false
	for i, text := range strings.SplitAfter(page, "\n") {
		fence, isFence := strings.CutPrefix(text, "```")
		switch {
		case !isFence && open != nil:
			open.text += text
		case isFence && open != nil:
			if open.does != 0 {
				blocks = append(blocks, *open)
			}
			open = nil
		case isFence:
			does, err := actionOf(fence)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			if does == expect && !runs {
				return nil, fmt.Errorf("line %d: nothing was run whose output could be expected", i+1)
			}
			runs = runs || does == run
			open = &block{line: i + 1, does: does}
		}
	}
	switch {
	case open != nil:
		return nil, fmt.Errorf("line %d: the block does not end", open.line)
	case !runs:
		return nil, errors.New("no block is marked sh run")
	}
	return blocks, nil
}

// actionOf reads what follows a fence: the language and the action, 0 for none.
func actionOf(fence string) (action, error) {
	words := strings.Fields(fence)
	if len(words) < 2 {
		return 0, nil
	}
	does, known := actions[words[1]]
	switch {
	case !known:
		return 0, fmt.Errorf("%q is none of serve, run, expect", words[1])
	case does != expect && words[0] != "sh":
		return 0, fmt.Errorf("only sh can be told to %s", words[1])
	}
	return does, nil
}

// lines are the block's commands.
func (b block) lines() []string {
	var lines []string
	for line := range strings.Lines(b.text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

var anything = regexp.MustCompile(`\s*…\s*`)

// matches tells whether an output is what the block promises, where … and the space around it stand for anything.
func (b block) matches(output string) bool {
	var literal []string
	for _, part := range anything.Split(strings.TrimSpace(b.text), -1) {
		literal = append(literal, regexp.QuoteMeta(part))
	}
	return regexp.MustCompile(`(?s)^` + strings.Join(literal, `.*`) + `$`).MatchString(strings.TrimSpace(output))
}
