package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/server"
)

// checkCommand compiles without serving.
type checkCommand struct {
	Path          []string `arg:"" help:"Folders of .proto files, .proto files, or images."`
	ServiceConfig []string `sep:"none" placeholder:"FILE" help:"HTTP rules in YAML (google.api.Service). Repeatable."`
	Label         []string `sep:"none" placeholder:"LABEL" help:"A google.api.visibility label whose holders would be served. What is restricted to others has no routes, and so no conflicts. Repeatable."`
}

// Run prints problems as compilers do, each with its place, and their number. No upstream is needed.
func (c *checkCommand) Run(ctx context.Context, t terminal) error {
	cfg := &configv1.Config{ServiceConfigs: c.ServiceConfig, VisibilityLabels: c.Label}
	for _, path := range c.Path {
		cfg.Sources = append(cfg.Sources, sourceOf(path))
	}
	edge, err := server.New(ctx, cfg, server.WithVersion(version()))
	if err != nil {
		return found(problemsOf(err))
	}
	if err := edge.CheckDocuments(); err != nil {
		return errors.Join(found(problemsOf(err)), edge.Close())
	}
	routes := edge.Routes()
	fmt.Fprintf(t.out, "%s of %s, nothing wrong\n", count(len(routes), "route"), count(len(services(routes)), "service"))
	return edge.Close()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// services lists the services of routes with the number of routes of each, in the routes' order.
func services(routes []server.RouteInfo) []serviceRoutes {
	var list []serviceRoutes
	index := map[string]int{}
	for _, r := range routes {
		name := r.RPC[:strings.LastIndexByte(r.RPC, '.')]
		i, known := index[name]
		if !known {
			i = len(list)
			index[name] = i
			list = append(list, serviceRoutes{name: name})
		}
		list[i].routes++
	}
	return list
}

type serviceRoutes struct {
	name   string
	routes int
}
