// Command readmecheck does what README.md tells a new user to do, in a clean clone: `make run`, then every block marked
// "sh run", line by line. A curl that is not answered with JSON fails, and so does an edge that does not end when told.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

const (
	startTimeout = 5 * time.Minute // a cold build is part of it
	lineTimeout  = 30 * time.Second
	stopTimeout  = 30 * time.Second
	ready        = "http://127.0.0.1:9901/readyz"
)

func main() {
	log.SetFlags(0)
	if err := check(); err != nil {
		log.Fatalf("readmecheck: %v", err)
	}
}

func check() (err error) {
	clone, err := os.MkdirTemp("", "readmecheck")
	if err != nil {
		return err
	}
	defer os.RemoveAll(clone) //nolint:errcheck // a temporary folder
	if out, err := exec.Command("git", "clone", "--quiet", ".", clone).CombinedOutput(); err != nil {
		return fmt.Errorf("git clone: %w\n%s", err, out)
	}
	readme, err := os.ReadFile(filepath.Join(clone, "README.md"))
	if err != nil {
		return err
	}
	lines := runnable(string(readme))
	if len(lines) == 0 {
		return errors.New("README.md has no block marked ```sh run")
	}
	stop, err := start(clone)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	for _, line := range lines {
		if err := runLine(clone, line); err != nil {
			return err
		}
		log.Printf("ok  %s", line)
	}
	return nil
}

var block = regexp.MustCompile("(?s)```sh run\n(.*?)```")

func runnable(readme string) []string {
	var lines []string
	for _, m := range block.FindAllStringSubmatch(readme, -1) {
		lines = append(lines, strings.Split(strings.TrimSpace(m[1]), "\n")...)
	}
	return lines
}

// start runs `make run` and waits until the edge is ready. What it returns ends it as Ctrl-C does.
func start(folder string) (stop func() error, err error) {
	run := exec.Command("make", "run")
	run.Dir, run.Stdout, run.Stderr = folder, os.Stdout, os.Stderr
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // make, go and the edge are told together
	if err := run.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	stop = func() error {
		if err := syscall.Kill(-run.Process.Pid, syscall.SIGINT); err != nil {
			return err
		}
		select {
		case <-ended: // make reports the signal as a failure
			return nil
		case <-time.After(stopTimeout):
			return errors.Join(errors.New("the edge does not end when interrupted"), syscall.Kill(-run.Process.Pid, syscall.SIGKILL))
		}
	}
	deadline := time.After(startTimeout)
	for {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("make run ended: %w", err)
		case <-deadline:
			return nil, errors.Join(errors.New("make run is not ready in time"), stop())
		case <-time.After(200 * time.Millisecond):
		}
		if res, err := http.Get(ready); err == nil { //nolint:noctx // bounded by the deadline above
			res.Body.Close() //nolint:errcheck // nothing is read from it
			if res.StatusCode == http.StatusOK {
				return stop, nil
			}
		}
	}
}

func runLine(folder, line string) error {
	ctx, cancel := context.WithTimeout(context.Background(), lineTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s\n%s%w", line, out, err)
	}
	if strings.HasPrefix(line, "curl") && !strings.HasPrefix(string(out), "{") {
		return fmt.Errorf("%s\nis not answered with JSON: %s", line, out)
	}
	return nil
}
