package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/config"
	"github.com/gatehouse-edge/gatehouse/server"
)

// checkCommand compiles without serving.
type checkCommand struct {
	Path          []string `arg:"" optional:"" help:"Folders of .proto files, .proto files, or images."`
	Config        string   `short:"c" type:"existingfile" placeholder:"FILE" help:"The configuration under which they would be served. Its own sources are checked too."`
	ServiceConfig []string `sep:"none" placeholder:"FILE" help:"HTTP rules in YAML (google.api.Service). Repeatable."`
	Label         []string `sep:"none" placeholder:"LABEL" help:"A google.api.visibility label whose holders would be served. What is restricted to others has no routes, and so no conflicts. Repeatable."`
}

// Run prints problems as compilers do, each with its place, and their number. No upstream is needed.
func (c *checkCommand) Run(ctx context.Context, t terminal) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	edge, err := server.New(ctx, cfg, server.WithVersion(version()), server.Offline())
	if err != nil {
		return found(problemsOf(err))
	}
	if err := edge.CheckDocuments(); err != nil {
		return errors.Join(found(problemsOf(err)), edge.Close())
	}
	list(t.out, "no policy says who may call; an edge that authenticates refuses them to everybody:", edge.Unruled())
	list(t.out, "the configuration lets through what the protos do not:", edge.Loosened())
	routes := edge.Routes()
	fmt.Fprintf(t.out, "%s of %s, nothing wrong\n", count(len(routes), "route"), count(len(services(routes)), "service"))
	return edge.Close()
}

// config returns what is checked: the configuration's sources and those that are named, as nobody serves them.
func (c *checkCommand) config() (*configv1.Config, error) {
	cfg := new(configv1.Config)
	if c.Config != "" {
		var err error
		if cfg, err = config.Load(c.Config, server.Problems); err != nil {
			return nil, err
		}
	}
	if len(c.Path) > 0 {
		cfg.Upstreams = nil
	}
	cfg.ServiceConfigs = append(cfg.ServiceConfigs, c.ServiceConfig...)
	cfg.VisibilityLabels = append(cfg.VisibilityLabels, c.Label...)
	for _, path := range c.Path {
		cfg.Sources = append(cfg.Sources, sourceOf(path))
	}
	if len(cfg.GetSources())+len(cfg.GetUpstreams()) == 0 {
		return nil, errors.New("nothing to check: name a folder of .proto files, an image, or a configuration")
	}
	return cfg, nil
}

// list prints names under what they have in common, nothing if there are none.
func list(w io.Writer, what string, names []string) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintln(w, what)
	for _, name := range names {
		fmt.Fprintf(w, "  %s\n", name)
	}
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
