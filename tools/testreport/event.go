package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is one line of `go test -json`, as `go doc test2json` and `go help buildjson` describe it.
type event struct {
	Action      string
	Package     string
	Test        string
	ImportPath  string // what was built, for build-output and build-fail
	Output      string
	Elapsed     float64 // seconds
	FailedBuild string  // the ImportPath whose build failure failed the package
}

// events calls yield for each event of in. A line that is no event goes to stray: the go command and the programs that
// tests start may write to the same pipe.
func events(in io.Reader, stray io.Writer, yield func(event)) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) == nil && e.Action != "" {
				yield(e)
			} else {
				fmt.Fprint(stray, line)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read test events: %w", err)
		}
	}
}

// framing begins the lines that go test writes around a test's own output.
var framing = []string{"=== RUN", "=== PAUSE", "=== CONT", "=== NAME", "--- PASS", "--- FAIL", "--- SKIP"}

func isFraming(line string) bool {
	line = strings.TrimSpace(line)
	for _, prefix := range framing {
		if strings.HasPrefix(line, prefix) {
			return true
		}
	}
	return false
}
