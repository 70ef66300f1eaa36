// Command testreport reads what `go test -json` writes and prints what a person wants to know of it: the output of each
// failed test, each skipped test with its reason, and a closing line:
//
//	go test -json ./... | testreport
//
// The streams of several runs may follow one another. Subtests are counted in place of the test that groups them. A
// package that fails outside its tests (it does not build, it panics, it runs out of time) counts as one failure.
//
// The exit status is 1 if anything failed or if nothing ran. Where CI=true it is also 1 if anything was skipped: a
// machine that is set up to run every test has no reason to leave one out.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Stdin, os.Stdout, os.Getenv("CI") == "true"))
}

func run(in io.Reader, out io.Writer, skipsFail bool) int {
	r := newReport(out)
	if err := r.read(in); err != nil {
		fmt.Fprintln(out, "testreport:", err)
		return 1
	}
	r.close()
	switch {
	case r.failed > 0:
		return 1
	case r.passed+r.skipped == 0:
		fmt.Fprintln(out, "no test ran: check the packages and the -run pattern")
		return 1
	case skipsFail && r.skipped > 0:
		fmt.Fprintln(out, "CI=true, and a skipped test proves nothing: install what the reasons above name")
		return 1
	}
	return 0
}
