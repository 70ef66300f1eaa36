package server_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var promisedTest = regexp.MustCompile("`(Test\\w+)`")

// TestEveryPromiseOfTheSecurityPageHasATest keeps docs/security.md true: each row of its table names tests, and they exist.
func TestEveryPromiseOfTheSecurityPageHasATest(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "| promise | tests |\n| --- | --- |\n")
	if !found {
		t.Fatal("docs/security.md has no table of promises")
	}
	existing, rows := tests(t), 0
	for row := range strings.Lines(table) {
		if !strings.HasPrefix(row, "|") {
			break
		}
		rows++
		names := promisedTest.FindAllStringSubmatch(row, -1)
		if len(names) == 0 {
			t.Errorf("no test: %s", row)
		}
		for _, name := range names {
			if !existing[name[1]] {
				t.Errorf("there is no %s: %s", name[1], row)
			}
		}
	}
	if rows == 0 {
		t.Error("there are no promises")
	}
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// tests are the names of all of this repository.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, name := range testFunction.FindAllStringSubmatch(string(text), -1) {
			names[name[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
