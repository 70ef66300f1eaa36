package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
)

const (
	// partsTarget is how much more a composed answer may cost than its calls alone.
	partsTarget = 1.15

	screenCall  = "GetScreen" // which the backend does not have
	screenParts = 5
)

// wholeScreen is what the edge composes of five items.
func wholeScreen() *edgetestv1.Screen {
	return &edgetestv1.Screen{First: item(1), Second: item(1), Third: item(1), Fourth: item(1), Fifth: item(1)}
}

// composed measures what a screen of five parts costs the edge, beside the five requests that a client makes otherwise, and
// beside the same five calls at once with nothing put together: as the edge makes them, and as the floor does.
func composed(w io.Writer, p plan, f format) error {
	if f == asJSON {
		return errors.New("parts has no JSON form")
	}
	list, err := workloads()
	if err != nil {
		return err
	}
	want, err := compact(wholeScreen())
	if err != nil {
		return err
	}
	whole := workload{name: "one composed call", method: "GET", path: "/bench/v1/screens/p-0001", want: want}
	ways := []struct {
		name, edge string
		load       workload
		requests   int // for a screen
	}{
		{"one composed call", gatehouse, whole, 1},
		{"five requests", gatehouse, list[0], screenParts},
		{"the edge's five calls", bareCalls, whole, 1},
		{"the floor's five calls", floor, whole, 1},
	}
	children, end, err := p.start(gatehouse, bareCalls, floor)
	if err != nil {
		return err
	}
	defer end()
	for _, way := range ways {
		if err := children[way.edge].verify(way.load); err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
	}
	if err := children[theBackend].trust(); err != nil {
		return err
	}
	rounds := map[string][]figures{}
	for round := range p.rounds + 1 {
		for _, way := range ways {
			f, err := children[way.edge].measure(way.load, p.duration)
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			f.cpu *= time.Duration(way.requests)
			if round > 0 { // the first warms up
				rounds[way.name] = append(rounds[way.name], f)
			}
		}
	}
	out := results{rounds: map[string]map[string][]figures{"": rounds}}
	table := &sheet{words: 1, heads: []string{"a screen", "CPU"}}
	for _, to := range ways[1:] {
		table.heads = append(table.heads, "to "+to.name)
	}
	for _, way := range ways {
		cells := []string{way.name, micros(out.medians("", way.name).cpu)}
		for _, to := range ways[1:] {
			cells = append(cells, fmt.Sprintf("%.2f", out.ratio("", way.name, to.name)))
		}
		table.add(cells...)
	}
	if err := table.write(w, f); err != nil {
		return err
	}
	if measured := out.ratio("", ways[0].name, ways[2].name); measured > partsTarget {
		return fmt.Errorf("composing costs %.2f of its calls, and is to cost %.2f", measured, partsTarget)
	}
	return nil
}
