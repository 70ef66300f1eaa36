package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/gatehouse-edge/gatehouse/server"
)

// routesCommand prints what would be served.
type routesCommand struct {
	sourceFlags
	JSON    bool `help:"Print JSON."`
	Verbose bool `short:"v" help:"Print who may call too, how often, and which audiences see the route."`
}

// Run prints the routes as a table, sorted by template, then by method.
func (c *routesCommand) Run(ctx context.Context, t terminal) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	edge, err := server.New(ctx, cfg, server.WithVersion(version()), server.Offline())
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
	fmt.Fprint(table, "METHOD\tTEMPLATE\tRPC\tSTREAM\tUPSTREAM", c.more("\tAUDIENCES\tPOLICY"), "\n")
	for _, r := range edge.Routes() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s", r.Method, r.Template, r.RPC, dash(r.Stream), dash(r.Upstream))
		fmt.Fprint(table, c.more("\t"+strings.Join(r.Audiences, ",")+"\t"+r.Policy), "\n")
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return edge.Close()
}

// more is for those who want to know more.
func (c *routesCommand) more(text string) string {
	if !c.Verbose {
		return ""
	}
	return text
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
