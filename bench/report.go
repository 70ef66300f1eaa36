package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// limits are the ratios of CPU for a request that the edge is to stay within.
var limits = []struct {
	size         string // of the workload's name
	toFloor, toG float64
}{
	{"GET 0.", 1.1, 0.6},
	{"GET 5", 1.8, 0.18},
}

func report(w io.Writer, r results, markdown bool) error {
	table, separator := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0), "\t"
	if markdown {
		separator = " | "
	}
	row := func(cells ...string) {
		line := strings.Join(cells, separator)
		if markdown {
			fmt.Fprintln(w, "| "+line+" |")
			return
		}
		fmt.Fprintln(table, line)
	}
	row("request", "edge", "CPU/request", "to floor", "to grpc-gateway", "requests/s", "p50", "p99")
	if markdown {
		row("---", "---", "---:", "---:", "---:", "---:", "---:", "---:")
	}
	for _, load := range r.workloads {
		for _, edge := range edges {
			f := r.figures[load.name][edge]
			row(load.name, edge, micros(f.cpu), ratio(r, load.name, edge, floor), ratio(r, load.name, edge, grpcGateway),
				fmt.Sprintf("%.0f", f.rate), micros(f.p50), micros(f.p99))
		}
	}
	return table.Flush()
}

func micros(d time.Duration) string {
	return fmt.Sprintf("%.0f us", float64(d)/float64(time.Microsecond))
}

func ratio(r results, load, edge, to string) string {
	return fmt.Sprintf("%.2f", cpuRatio(r, load, edge, to))
}

func cpuRatio(r results, load, edge, to string) float64 {
	return float64(r.figures[load][edge].cpu) / float64(r.figures[load][to].cpu)
}

// targets lists the limits that were missed.
func targets(r results) []string {
	var missed []string
	for _, load := range r.workloads {
		for _, l := range limits {
			if !strings.HasPrefix(load.name, l.size) {
				continue
			}
			if got := cpuRatio(r, load.name, gatehouse, floor); got > l.toFloor {
				missed = append(missed, fmt.Sprintf("%s: %.2f of the floor's CPU, %.2f is the limit", load.name, got, l.toFloor))
			}
			if got := cpuRatio(r, load.name, gatehouse, grpcGateway); got > l.toG {
				missed = append(missed, fmt.Sprintf("%s: %.2f of grpc-gateway's CPU, %.2f is the limit", load.name, got, l.toG))
			}
		}
	}
	return missed
}
