// Command readmecheck does what README.md tells a new user to do, in a clean clone of the last commit, so that it can not
// say what is not so:
//
//	go run ./tools/readmecheck
//
// The first word after a code fence says what the block is, the second one what is done with it:
//
//	sh serve    each line is a server. It is started and left running to the end; it is up when it prints to stdout
//	sh run      each line is run and has to succeed; a curl has to be answered with JSON
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

const lineTimeout = 30 * time.Second

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
	if out, err := exec.CommandContext(ctx, "git", "clone", "--quiet", ".", clone).CombinedOutput(); err != nil {
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
	for _, b := range blocks {
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
			for _, line := range b.lines() {
				if output, err = runLine(ctx, folder, line); err != nil {
					return fmt.Errorf("README.md:%d: %s: %w", b.line, line, err)
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

func runLine(ctx context.Context, folder, line string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, lineTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", line) //nolint:gosec // the repository's own README
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	if strings.HasPrefix(line, "curl ") && !strings.HasPrefix(string(out), "{") {
		return "", fmt.Errorf("is not answered with JSON:\n%s", out)
	}
	return string(out), nil
}
