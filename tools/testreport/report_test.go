package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// goTest runs the real go test -json over a module of one package per source text, and returns its stream.
func goTest(t *testing.T, sources ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.test\n\ngo 1.26\n")
	for i, source := range sources {
		pkg := fmt.Sprintf("p%d", i)
		write(t, filepath.Join(dir, pkg, pkg+"_test.go"), "package "+pkg+"\n\n"+source)
	}
	cmd := exec.Command("go", "test", "-json", "-timeout=5s", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	stream, err := cmd.Output() // an exit status that is not 0 is what some of the sources are for
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return stream
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	const imports = "import \"testing\"\n\n"
	tests := []struct {
		name    string
		sources []string
		ci      bool
		status  int
		want    []string // patterns that the report must match
	}{
		{
			name:    "a package that passes is one line",
			sources: []string{imports + "func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) {}"},
			want:    []string{`(?m)^ok {4}example.test/p0  \S+  \(2 passed, 0 failed, 0 skipped\)$`, `\n2 passed, 0 failed, 0 skipped\n$`},
		},
		{
			name:    "a failed test is shown with its output",
			sources: []string{imports + `func TestA(t *testing.T) { t.Error("got 1, want 2") }`},
			status:  1,
			want:    []string{`(?m)^FAIL  example.test/p0 TestA\n +p0_test.go:5: got 1, want 2$`, `0 passed, 1 failed, 0 skipped\n$`},
		},
		{
			name: "subtests are counted in place of the test that groups them",
			sources: []string{imports + `func TestA(t *testing.T) {
				t.Run("x", func(t *testing.T) {}); t.Run("y", func(t *testing.T) { t.Error("no") }); t.Run("z", func(t *testing.T) {}) }`},
			status: 1,
			want:   []string{`FAIL  example.test/p0 TestA/y\n`, `2 passed, 1 failed, 0 skipped\n$`},
		},
		{
			name: "a failure of the grouping test itself is not lost among its subtests",
			sources: []string{imports + `func TestA(t *testing.T) {
				t.Run("x", func(t *testing.T) { t.Error("inner") }); t.Error("outer") }`},
			status: 1,
			want:   []string{`inner`, `outer`, `0 passed, 2 failed, 0 skipped\n$`},
		},
		{
			name:    "a skipped test is named with its reason",
			sources: []string{imports + `func TestA(t *testing.T) { t.Skip("needs redis-server: apt install redis") }`},
			want:    []string{`SKIP  example.test/p0 TestA: needs redis-server: apt install redis\n`, `0 passed, 0 failed, 1 skipped\n$`},
		},
		{
			name:    "a skipped test fails the run in CI",
			sources: []string{imports + `func TestA(t *testing.T) { t.SkipNow() }`},
			ci:      true,
			status:  1,
			want:    []string{`SKIP  example.test/p0 TestA: no reason given\n`, `0 passed, 0 failed, 1 skipped\n`},
		},
		{
			name:    "a package that does not build is a failure with the compiler's words",
			sources: []string{"var x int = \"text\"", imports + "func TestA(t *testing.T) {}"},
			status:  1,
			want:    []string{`cannot use "text"`, `1 passed, 1 failed, 0 skipped\n$`},
		},
		{
			name:    "a panic is a failure with its stack",
			sources: []string{imports + `func TestA(t *testing.T) { panic("broken") }`},
			status:  1,
			want:    []string{`panic: broken`, `p0_test.go:5`, `0 passed, 1 failed, 0 skipped\n$`},
		},
		{
			name:    "a process that exits in mid-test is a failure",
			sources: []string{"import (\n\"os\"\n\"testing\"\n)\n\n" + `func TestA(t *testing.T) { os.Exit(3) }`},
			status:  1,
			want:    []string{`FAIL  example.test/p0 TestA`, `0 passed, 1 failed, 0 skipped\n$`},
		},
		{
			name:    "a test that never ends is a failure",
			sources: []string{imports + `func TestA(t *testing.T) { <-make(chan int) }`},
			status:  1,
			want:    []string{`0 passed, 1 failed, 0 skipped\n$`},
		},
		{
			name:    "an empty run is no success",
			sources: []string{"const x = 1"},
			status:  1,
			want:    []string{`0 passed, 0 failed, 0 skipped\nno test ran`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if status := run(bytes.NewReader(goTest(t, test.sources...)), &out, test.ci); status != test.status {
				t.Errorf("exit status %d, want %d", status, test.status)
			}
			for _, pattern := range test.want {
				if !regexp.MustCompile(pattern).Match(out.Bytes()) {
					t.Errorf("the report does not match %s", pattern)
				}
			}
			if t.Failed() {
				t.Log(out.String())
			}
		})
	}
}

func TestStreamThatBreaksOffIsAFailure(t *testing.T) {
	t.Parallel()
	stream := `{"Action":"run","Package":"p","Test":"TestA"}` + "\n"
	var out strings.Builder
	if run(strings.NewReader(stream), &out, false) != 1 || !strings.Contains(out.String(), "0 passed, 1 failed, 0 skipped") {
		t.Error(out.String())
	}
}

func TestLinesThatAreNoEventsArePassedOn(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	run(strings.NewReader("go: downloading example.test\n{\"a\":1}"), &out, false)
	if got := out.String(); !strings.HasPrefix(got, "go: downloading example.test\n{\"a\":1}") {
		t.Error(got)
	}
}
