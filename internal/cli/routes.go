package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/gatehouse-edge/gatehouse/server"
)

// routesCommand prints what would be served.
type routesCommand struct {
	sourceFlags
	JSON bool `help:"Print JSON."`
}

// Run prints the routes as a table, sorted by template, then by method.
func (c *routesCommand) Run(ctx context.Context, t terminal) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	edge, err := server.New(ctx, cfg, server.WithVersion(version()))
	if err != nil {
		return withRemedy(err)
	}
	if c.JSON {
		enc := json.NewEncoder(t.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(edge.Routes()); err != nil {
			return err
		}
		return edge.Close()
	}
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "METHOD\tTEMPLATE\tRPC\tSTREAM\tUPSTREAM")
	for _, r := range edge.Routes() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Method, r.Template, r.RPC, dash(r.Stream), dash(r.Upstream))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return edge.Close()
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
