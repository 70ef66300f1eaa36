package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"time"
)

const routePackage = "github.com/gatehouse-edge/gatehouse/internal/route"

// matched is a line of the route benchmark's output.
var matched = regexp.MustCompile(`(?m)^BenchmarkMatch(GRPCGateway)?/routes=(\d+)/(hit|miss)\S*\s+\d+\s+([\d.]+ ns)/op.*?(\d+) allocs/op`)

// routes runs the benchmark of internal/route, which finds the same routes with the edge's table and with grpc-gateway's
// mux, and prints it as one table.
func routes(w io.Writer, f format) error {
	if f == asJSON {
		return errors.New("routes has no JSON form")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkMatch", routePackage)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	table, err := routeSheet(out)
	if err != nil {
		return err
	}
	return table.write(w, f)
}

// routeSheet puts what the benchmark printed side by side.
func routeSheet(out []byte) (*sheet, error) {
	table := &sheet{words: 1, heads: []string{
		"request", "routes", "gatehouse", "allocations", "grpc-gateway", "allocations",
	}}
	type key struct{ routes, request string }
	rows := map[key]int{}
	for _, m := range matched.FindAllSubmatch(out, -1) {
		k, cost, allocations := key{string(m[2]), string(m[3])}, string(m[4]), string(m[5])
		if len(m[1]) == 0 {
			rows[k] = len(table.rows)
			table.add(k.request, k.routes, cost, allocations)
			continue
		}
		i, ok := rows[k]
		if !ok {
			return nil, fmt.Errorf("grpc-gateway's %s of %s routes has no counterpart", k.request, k.routes)
		}
		table.rows[i] = append(table.rows[i], cost, allocations)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("the route benchmark printed no figures:\n%s", out)
	}
	for _, cells := range table.rows {
		if len(cells) != len(table.heads) {
			return nil, fmt.Errorf("the %s of %s routes was not measured on both sides", cells[0], cells[1])
		}
	}
	return table, nil
}
