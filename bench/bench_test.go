package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
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
// requests and its answers with what they must be.
func TestEveryEdgeAnswersTheSame(t *testing.T) {
	r, err := measure(plan{rounds: 1, duration: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]format{"plain": plain, "markdown": markdown} {
		var table bytes.Buffer
		if err := report(&table, r, f); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(table.String(), "\n"); lines < 1+len(r.workloads)*len(edges) {
			t.Errorf("%s has %d lines:\n%s", name, lines, table.String())
		}
	}
	var text bytes.Buffer
	if err := report(&text, r, asJSON); err != nil {
		t.Fatal(err)
	}
	var got struct{ Figures, Targets []map[string]any }
	if err := json.Unmarshal(text.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Figures) != len(r.workloads)*len(edges) || len(got.Targets) != len(r.verdicts()) {
		t.Errorf("%d figures, %d targets", len(got.Figures), len(got.Targets))
	}
}

// TestAScreenIsTheSameHoweverItIsMeasured runs the benchmark of parts, which compares the answers first.
func TestAScreenIsTheSameHoweverItIsMeasured(t *testing.T) {
	var table bytes.Buffer
	if err := composed(&table, plan{rounds: 1, duration: 50 * time.Millisecond}, markdown); table.Len() == 0 {
		t.Fatal(err) // what it costs is not asked here
	}
	if lines := strings.Count(table.String(), "\n"); lines != 6 {
		t.Errorf("%d lines:\n%s", lines, table.String())
	}
}

func TestTheBackendRefusesARequestThatAnEdgeGotWrong(t *testing.T) {
	t.Parallel()
	sent := func(m proto.Message) func(any) error {
		return func(into any) (err error) {
			*into.(*[]byte), err = proto.Marshal(m)
			return err
		}
	}
	want := &edgetestv1.GetItemRequest{Id: "p-0001"}
	if err := check(want, sent(want)); err != nil {
		t.Error(err)
	}
	for _, wrong := range []proto.Message{&edgetestv1.GetItemRequest{}, &edgetestv1.GetItemRequest{Id: "p-0002"}} {
		if err := check(want, sent(wrong)); err == nil {
			t.Errorf("%v is taken for %v", wrong, want)
		}
	}
}

func TestATargetIsMissedOnlyBeyondItsLimit(t *testing.T) {
	t.Parallel()
	r := results{
		workloads: []workload{{name: "GET", size: large}, {name: "POST", size: large}, {name: "POST one", size: small}},
		rounds: map[string]map[string][]figures{
			"GET":      {gatehouse: {{cpu: 180}}, floor: {{cpu: 100}}, grpcGateway: {{cpu: 1000}}},
			"POST":     {gatehouse: {{cpu: 900}}, floor: {{cpu: 100}}, grpcGateway: {{cpu: 1000}}},
			"POST one": {gatehouse: {{cpu: 111}}, floor: {{cpu: 100}}, grpcGateway: {{cpu: 200}}},
		},
	}
	want := []verdict{
		{"GET", floor, 1.8, 1.8, true}, {"GET", grpcGateway, 0.18, 0.18, true},
		{"POST one", floor, 1.11, 1.1, false}, {"POST one", grpcGateway, 0.555, 0.6, true},
	}
	got := r.verdicts()
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, not %v", got[i], want[i])
		}
	}
}

func TestARatioComparesWhatWasMeasuredInTheSameRound(t *testing.T) {
	t.Parallel()
	r := results{rounds: map[string]map[string][]figures{"GET": {
		gatehouse: {{cpu: 200}, {cpu: 20}, {cpu: 2000}}, floor: {{cpu: 100}, {cpu: 10}, {cpu: 1000}},
	}}}
	if got := r.ratio("GET", gatehouse, floor); got != 2 {
		t.Error(got)
	}
}

func TestNothingToMeasureIsAnError(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]plan{
		"no such workload": {rounds: 1, duration: time.Second, only: "PATCH"},
		"no rounds":        {duration: time.Second},
		"no time":          {rounds: 1},
	} {
		if _, err := measure(p); err == nil {
			t.Error(name)
		}
	}
}

func TestTheRouteTableHoldsBothSidesOrFails(t *testing.T) {
	t.Parallel()
	const (
		ours   = "BenchmarkMatch/routes=10/hit-2   100   93.5 ns/op   0 B/op   0 allocs/op\n"
		theirs = "BenchmarkMatchGRPCGateway/routes=10/hit-2   100   800 ns/op   64 B/op   2 allocs/op\n"
	)
	table, err := routeSheet([]byte(ours + theirs))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(table.rows[0], ","); got != "hit,10,93.5 ns,0,800 ns,2" {
		t.Error(got)
	}
	for _, out := range []string{"", ours, theirs} {
		if _, err := routeSheet([]byte(out)); err == nil {
			t.Errorf("%q is a table", out)
		}
	}
}
