package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

type result string

const (
	unfinished result = ""
	passed     result = "pass"
	failed     result = "fail"
	skipped    result = "skip"
)

// test is one test or subtest; the package itself is the test without a name.
type test struct {
	name   string
	result result
	output strings.Builder
}

// report collects one stream of events and writes each package as soon as it ends.
type report struct {
	out                     io.Writer
	packages                map[string]map[string]*test // by import path, then by test name
	builds                  map[string]*strings.Builder // compiler output by import path
	passed, failed, skipped int
}

func newReport(out io.Writer) *report {
	return &report{
		out:      out,
		packages: make(map[string]map[string]*test),
		builds:   make(map[string]*strings.Builder),
	}
}

func (r *report) read(in io.Reader) error { return events(in, r.out, r.add) }

func (r *report) add(e event) {
	switch e.Action {
	case "build-output":
		if r.builds[e.ImportPath] == nil {
			r.builds[e.ImportPath] = new(strings.Builder)
		}
		r.builds[e.ImportPath].WriteString(e.Output)
	case "output":
		t := r.test(e.Package, e.Test)
		if !isFraming(e.Output) {
			t.output.WriteString(e.Output)
		}
	case "run":
		r.test(e.Package, e.Test)
	case "pass", "fail", "skip":
		r.test(e.Package, e.Test).result = result(e.Action)
		if e.Test == "" {
			r.finish(e)
		}
	}
}

func (r *report) test(pkg, name string) *test {
	tests := r.packages[pkg]
	if tests == nil {
		tests = make(map[string]*test)
		r.packages[pkg] = tests
	}
	if tests[name] == nil {
		tests[name] = &test{name: name}
	}
	return tests[name]
}

// finish writes and counts the package whose last event is end, and forgets it: a later run may test it again.
func (r *report) finish(end event) {
	tests := r.packages[end.Package]
	delete(r.packages, end.Package)
	own := tests[""]
	delete(tests, "")

	c := tally{pkg: end.Package, out: r.out}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		c.count(tests, tests[name], own.result)
	}
	if own.result == failed && c.failed == 0 {
		c.failed++
		r.explain(end, own)
	}
	if len(tests) > 0 || own.result == failed {
		fmt.Fprintf(r.out, "%-4s  %s  %.1fs  (%s)\n", own.verdict(), end.Package, end.Elapsed, c)
	}
	r.passed += c.passed
	r.failed += c.failed
	r.skipped += c.skipped
}

// explain writes why a package failed though none of its tests did.
func (r *report) explain(end event, own *test) {
	fmt.Fprintf(r.out, "FAIL  %s\n", end.Package)
	if built := r.builds[end.FailedBuild]; built != nil {
		fmt.Fprint(r.out, indent(built.String()))
		delete(r.builds, end.FailedBuild) // several packages may fail for it: once is enough
	}
	fmt.Fprint(r.out, indent(own.output.String()))
}

// close counts the packages that never ended, as when go test was killed, and writes the closing line.
func (r *report) close() {
	for _, pkg := range slices.Sorted(maps.Keys(r.packages)) {
		r.test(pkg, "").result = failed
		r.finish(event{Package: pkg})
	}
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
}

func (t *test) verdict() string {
	if t.result == failed {
		return "FAIL"
	}
	return "ok"
}
