package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// format is how tables are printed.
type format uint8

const (
	plain format = iota
	markdown
	asJSON
)

// sheet is a table: a row of heads and rows of cells.
type sheet struct {
	heads []string
	words int // so many columns hold words, those after them hold numbers
	rows  [][]string
}

func (s *sheet) add(cells ...string) { s.rows = append(s.rows, cells) }

// write prints the sheet as a plain or a Markdown table.
func (s *sheet) write(w io.Writer, f format) error {
	if f != markdown {
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, cells := range append([][]string{s.heads}, s.rows...) {
			fmt.Fprintln(table, strings.Join(cells, "\t"))
		}
		return table.Flush()
	}
	rule := make([]string, len(s.heads))
	for i := range rule {
		rule[i] = "---:"
		if i < s.words {
			rule[i] = "---"
		}
	}
	for _, cells := range append([][]string{s.heads, rule}, s.rows...) {
		if _, err := fmt.Fprintln(w, "| "+strings.Join(cells, " | ")+" |"); err != nil {
			return err
		}
	}
	return nil
}

func report(w io.Writer, r results, f format) error {
	if f == asJSON {
		return reportJSON(w, r)
	}
	table := sheet{words: 2, heads: []string{
		"request", "edge", "CPU/request", "to floor", "to grpc-gateway", "requests/s", "p50", "p99",
	}}
	for _, load := range r.workloads {
		for _, edge := range edges {
			f := r.medians(load.name, edge)
			table.add(load.name, edge, micros(f.cpu), fmt.Sprintf("%.2f", r.ratio(load.name, edge, floor)),
				fmt.Sprintf("%.2f", r.ratio(load.name, edge, grpcGateway)), fmt.Sprintf("%.0f", f.rate), micros(f.p50), micros(f.p99))
		}
	}
	if err := table.write(w, f); err != nil {
		return err
	}
	fmt.Fprintln(w)
	verdicts := sheet{words: 2, heads: []string{"request", "CPU of gatehouse to that of", "measured", "target", "verdict"}}
	for _, v := range r.verdicts() {
		word := "pass"
		if !v.Pass {
			word = "miss"
		}
		verdicts.add(v.Request, v.To, fmt.Sprintf("%.2f", v.Measured), fmt.Sprintf("%.2f", v.Target), word)
	}
	return verdicts.write(w, f)
}

func reportJSON(w io.Writer, r results) error {
	type figure struct {
		Request     string  `json:"request"`
		Edge        string  `json:"edge"`
		CPU         float64 `json:"cpuMicros"`
		ToFloor     float64 `json:"toFloor"`
		ToGateway   float64 `json:"toGrpcGateway"`
		Rate        float64 `json:"requestsPerSecond"`
		Median      float64 `json:"p50Micros"`
		NinetyNinth float64 `json:"p99Micros"`
	}
	var all []figure
	for _, load := range r.workloads {
		for _, edge := range edges {
			f := r.medians(load.name, edge)
			all = append(all, figure{
				load.name, edge, inMicros(f.cpu), r.ratio(load.name, edge, floor), r.ratio(load.name, edge, grpcGateway),
				f.rate, inMicros(f.p50), inMicros(f.p99),
			})
		}
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(map[string]any{"figures": all, "targets": r.verdicts()})
}

func inMicros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func micros(d time.Duration) string { return fmt.Sprintf("%.0f us", inMicros(d)) }
