package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/config"
	"github.com/gatehouse-edge/gatehouse/server"
)

// openapiCommand writes a document without serving anything.
type openapiCommand struct {
	Path          []string `arg:"" optional:"" help:"Folders of .proto files, .proto files, or images. Without any, those that the configuration names."`
	Config        string   `short:"c" type:"existingfile" placeholder:"FILE" help:"The configuration, in YAML: dialects, audiences, titles."`
	ServiceConfig []string `sep:"none" placeholder:"FILE" help:"HTTP rules in YAML (google.api.Service). Repeatable."`
	Audience      string   `short:"a" placeholder:"NAME" help:"For whom: public, partner, internal, or one of the configuration. Default: the first."`
	Output        string   `short:"o" placeholder:"FILE" help:"Where to write; a name that ends in .json gets JSON. Default: standard output."`
	Format        string   `enum:"auto,yaml,json" default:"auto" placeholder:"FORMAT" help:"yaml, json, or auto, which goes by the name of the output, and is YAML without one."`
	Spec          string   `enum:"3.0,3.1,3.2" default:"3.1" placeholder:"VERSION" help:"The version of OpenAPI: 3.0, 3.1 or 3.2."`
	Title         string   `placeholder:"TEXT" help:"The title of the document."`
	APIVersion    string   `name:"api-version" placeholder:"TEXT" help:"The version of the API that the document states."`
	Server        []string `sep:"none" placeholder:"URL" help:"Where clients reach the API. Repeatable."`
}

// Run writes the document, or prints everything that keeps it from being made.
func (c *openapiCommand) Run(ctx context.Context, t terminal) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if len(cfg.GetSources()) == 0 && len(cfg.GetUpstreams()) == 0 {
		return errors.New("nothing to document: name a folder of .proto files or an image, or a configuration that does")
	}
	edge, err := server.New(ctx, cfg, server.WithVersion(version()), server.Offline())
	if err != nil {
		return found(problemsOf(err))
	}
	text, err := edge.Document(server.DocumentOptions{Audience: c.Audience, Version: c.Spec, YAML: c.isYAML()})
	if err != nil {
		return errors.Join(found(problemsOf(err)), edge.Close())
	}
	if c.Output == "" || c.Output == "-" {
		_, err = t.out.Write(text)
	} else {
		err = os.WriteFile(c.Output, text, 0o644) //nolint:gosec // a document is for everybody
	}
	return errors.Join(err, edge.Close())
}

func (c *openapiCommand) isYAML() bool {
	return c.Format == "yaml" || c.Format == "auto" && filepath.Ext(c.Output) != ".json"
}

// config is that of the file, with what the flags say of the document. Nothing is called, so upstreams need not be there.
func (c *openapiCommand) config() (*configv1.Config, error) {
	cfg := new(configv1.Config)
	if c.Config != "" {
		var err error
		if cfg, err = config.Load(c.Config, server.Problems); err != nil {
			return nil, err
		}
	}
	if len(c.Path) > 0 {
		cfg.Sources = nil
	}
	for _, path := range c.Path {
		cfg.Sources = append(cfg.Sources, sourceOf(path))
	}
	cfg.ServiceConfigs = append(cfg.ServiceConfigs, c.ServiceConfig...)
	if cfg.Openapi == nil {
		cfg.Openapi = new(configv1.OpenApi)
	}
	if c.Title != "" {
		cfg.Openapi.Title = c.Title
	}
	if c.APIVersion != "" {
		cfg.Openapi.Version = c.APIVersion
	}
	if len(c.Server) > 0 {
		cfg.Openapi.Servers = c.Server
	}
	if err := config.Validate(cfg, server.Problems); err != nil {
		return nil, fmt.Errorf("the flags and the configuration: %w", err)
	}
	return cfg, nil
}
