package main

import "strings"

// targets are what the edge's CPU for a request is to stay within, as multiples of another edge's.
var targets = []struct {
	size   size
	method string // the beginning of the workload's name
	to     string
	most   float64
}{
	{small, "", floor, 1.1},
	{small, "", grpcGateway, 0.6},
	{large, "GET", floor, 1.8},
	{large, "GET", grpcGateway, 0.18},
}

// verdict is one target beside what was measured.
type verdict struct {
	Request  string  `json:"request"`
	To       string  `json:"to"`
	Measured float64 `json:"measured"`
	Target   float64 `json:"target"`
	Pass     bool    `json:"pass"`
}

func (r results) verdicts() []verdict {
	var all []verdict
	for _, load := range r.workloads {
		for _, t := range targets {
			if load.size != t.size || !strings.HasPrefix(load.name, t.method) {
				continue
			}
			got := r.ratio(load.name, gatehouse, t.to)
			all = append(all, verdict{load.name, t.to, got, t.most, got <= t.most})
		}
	}
	return all
}
