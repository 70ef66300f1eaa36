// Command readmecheck does what README.md and the tour tell a new user to do, in a clean clone of the last commit, so that
// they can not say what is not so:
//
//	go run ./tools/readmecheck
//
// The first word after a code fence says what the block is, the second one what is done with it:
//
//	sh serve    each line is a server. It is started and left running to the end; it is up when it prints to stdout
//	sh run      each line is run and has to succeed; a curl has to be answered with JSON or with
//	            events, and with no error, unless a block expects one. The lines behind name=value know it
//	… expect    the output of the line before, where … stands for anything
//
// Other blocks are shown, not run. main.go is the order of events, block.go reads a page, server.go runs servers.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const (
	lineTimeout = 30 * time.Second
	refusal     = `{"code":` // how the edge's errors begin
)

// pages are what is followed, each on its own.
var pages = []string{"README.md", "docs/tour.md"}

func main() {
	log.SetFlags(0)
	if err := check(context.Background()); err != nil {
		log.Fatalf("readmecheck: %v", err)
	}
}

// check clones the repository that it is run in and does what the pages say there.
func check(ctx context.Context) (err error) {
	clone, err := os.MkdirTemp("", "readmecheck")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(clone)) }()
	if out, err := exec.CommandContext(ctx, "git", "clone", "--quiet", ".", clone).CombinedOutput(); err != nil { //nolint:gosec // clone is a folder made above
		return fmt.Errorf("git clone: %w\n%s", err, out)
	}
	for _, name := range pages {
		text, err := os.ReadFile(filepath.Join(clone, name))
		if err != nil {
			return err
		}
		blocks, err := parse(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := follow(ctx, clone, blocks); err != nil {
			return fmt.Errorf("%s:%w", name, err)
		}
	}
	return nil
}

// follow does what the blocks of a page say, in a folder, and ends the servers that it started. An error begins with the line
// of its block.
func follow(ctx context.Context, folder string, blocks []block) (err error) {
	var running []*server
	defer func() {
		for _, s := range running {
			err = errors.Join(err, s.stop())
		}
	}()
	var output, known string
	for i, b := range blocks {
		switch b.does {
		case serve:
			for _, line := range b.lines() {
				s, err := start(ctx, folder, line)
				if err != nil {
					return fmt.Errorf("%d: %s: %w", b.line, line, err)
				}
				running = append(running, s)
				log.Printf("up  %s", line)
			}
		case run:
			lines := b.lines()
			for n, line := range lines {
				if output, err = runLine(ctx, folder, known, line); err != nil {
					return fmt.Errorf("%d: %s: %w", b.line, line, err)
				}
				judged := n == len(lines)-1 && expected(blocks[i+1:])
				if strings.HasPrefix(output, refusal) && !judged {
					return fmt.Errorf("%d: %s: is refused, and no block expects it:\n%s", b.line, line, output)
				}
				if assignment.MatchString(line) {
					known += line + "\n"
				}
				log.Printf("ok  %s", line)
			}
		case expect:
			if !b.matches(output) {
				return fmt.Errorf("%d: promised\n%sbut the answer is\n%s", b.line, b.text, output)
			}
		}
	}
	return nil
}

// expected tells whether the blocks that follow begin by judging the output.
func expected(following []block) bool { return len(following) > 0 && following[0].does == expect }

// assignment is a line that gives a name to a value.
var assignment = regexp.MustCompile(`^[a-z_]+=`)

// runLine runs a line behind those that it knows of.
func runLine(ctx context.Context, folder, known, line string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, lineTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", known+line) //nolint:gosec // the repository's own pages
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	isJSON, isEvents := strings.HasPrefix(string(out), "{"), strings.HasPrefix(string(out), "retry: ")
	if strings.HasPrefix(line, "curl ") && !isJSON && !isEvents {
		return "", fmt.Errorf("is not answered with JSON or events:\n%s", out)
	}
	return string(out), nil
}
