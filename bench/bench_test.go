package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary play the parts that the command plays.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-role" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestEveryEdgeAnswersTheSame runs the whole benchmark as briefly as it goes; before it measures an edge, it compares its
// answers with what they must be.
func TestEveryEdgeAnswersTheSame(t *testing.T) {
	r, err := measure(plan{rounds: 1, duration: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for _, markdown := range []bool{false, true} {
		var table bytes.Buffer
		if err := report(&table, r, markdown); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(table.String(), "\n"); lines < 1+len(r.workloads)*len(edges) {
			t.Errorf("%d lines:\n%s", lines, table.String())
		}
	}
}
