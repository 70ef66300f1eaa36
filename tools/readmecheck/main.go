// Command readmecheck does what README.md tells a new user to do, in a clean clone of the last commit, so that it can not
// say what is not so:
//
//	go run ./tools/readmecheck
//
// The first word after a code fence says what the block is, the second one what is done with it:
//
//	sh serve    each line is a server. It is started and left running to the end; it is up when it prints to stdout
//	sh run      each line is run and has to succeed; a curl has to be answered with JSON or with
//	            events, and with no error, unless a block expects one
//	… expect    the output of the line before, where … stands for anything
//
// Other blocks are shown, not run. main.go is the order of events, block.go reads README.md, server.go runs servers.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	lineTimeout = 30 * time.Second
	refusal     = `{"code":` // how the edge's errors begin
)

func main() {
	log.SetFlags(0)
	if err := check(context.Background()); err != nil {
		log.Fatalf("readmecheck: %v", err)
	}
}

// check clones the repository that it is run in and does what README.md says there.
func check(ctx context.Context) (err error) {
	clone, err := os.MkdirTemp("", "readmecheck")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(clone)) }()
	if out, err := exec.CommandContext(ctx, "git", "clone", "--quiet", ".", clone).CombinedOutput(); err != nil { //nolint:gosec // clone is a folder made above
		return fmt.Errorf("git clone: %w\n%s", err, out)
	}
	readme, err := os.ReadFile(filepath.Join(clone, "README.md"))
	if err != nil {
		return err
	}
	blocks, err := parse(string(readme))
	if err != nil {
		return fmt.Errorf("README.md: %w", err)
	}
	return follow(ctx, clone, blocks)
}

// follow does what the blocks say, in a folder, and ends the servers that it started.
func follow(ctx context.Context, folder string, blocks []block) (err error) {
	var running []*server
	defer func() {
		for _, s := range running {
			err = errors.Join(err, s.stop())
		}
	}()
	var output string
	for i, b := range blocks {
		switch b.does {
		case serve:
			for _, line := range b.lines() {
				s, err := start(ctx, folder, line)
				if err != nil {
					return fmt.Errorf("README.md:%d: %s: %w", b.line, line, err)
				}
				running = append(running, s)
				log.Printf("up  %s", line)
			}
		case run:
			lines := b.lines()
			for n, line := range lines {
				if output, err = runLine(ctx, folder, line); err != nil {
					return fmt.Errorf("README.md:%d: %s: %w", b.line, line, err)
				}
				judged := n == len(lines)-1 && expected(blocks[i+1:])
				if strings.HasPrefix(output, refusal) && !judged {
					return fmt.Errorf("README.md:%d: %s: is refused, and no block expects it:\n%s", b.line, line, output)
				}
				log.Printf("ok  %s", line)
			}
		case expect:
			if !b.matches(output) {
				return fmt.Errorf("README.md:%d: promised\n%sbut the answer is\n%s", b.line, b.text, output)
			}
		}
	}
	return nil
}

// expected tells whether the blocks that follow begin by judging the output.
func expected(following []block) bool { return len(following) > 0 && following[0].does == expect }

func runLine(ctx context.Context, folder, line string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, lineTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", line) //nolint:gosec // the repository's own README
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
