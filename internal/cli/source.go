package cli

import (
	"os"
	"strings"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/config"
	"github.com/gatehouse-edge/gatehouse/server"
)

// sourceFlags say what is served; with a configuration file, they add to it.
type sourceFlags struct {
	Config        string   `short:"c" type:"existingfile" placeholder:"FILE" help:"The configuration, in YAML."`
	Upstream      []string `short:"u" sep:"none" placeholder:"TARGET" help:"A gRPC target; with SERVICE= before it, where that service runs. Repeatable."`
	Proto         []string `sep:"none" placeholder:"PATH" help:"A folder of .proto files, or one of them. Repeatable."`
	Image         []string `sep:"none" placeholder:"FILE" help:"A FileDescriptorSet or buf image. Repeatable."`
	ServiceConfig []string `sep:"none" placeholder:"FILE" help:"HTTP rules in YAML (google.api.Service). Repeatable."`
	Label         []string `sep:"none" placeholder:"LABEL" help:"A google.api.visibility label whose holders are served. Repeatable."`
	Preset        string   `enum:"gatehouse,grpc-gateway," default:"" placeholder:"NAME" help:"The dialect: gatehouse or grpc-gateway."`
}

// config returns the configuration that the flags and the file make.
func (f *sourceFlags) config() (*configv1.Config, error) {
	cfg := new(configv1.Config)
	if f.Config != "" {
		var err error
		if cfg, err = config.Load(f.Config, server.Problems); err != nil {
			return nil, err
		}
	}
	for _, u := range f.Upstream {
		upstream := &configv1.Upstream{Target: u}
		if service, target, named := strings.Cut(u, "="); named {
			upstream = &configv1.Upstream{Target: target, Services: []string{service}}
		}
		cfg.Upstreams = append(cfg.Upstreams, upstream)
	}
	for _, path := range f.Proto {
		cfg.Sources = append(cfg.Sources, protos(path))
	}
	for _, path := range f.Image {
		cfg.Sources = append(cfg.Sources, image(path))
	}
	cfg.ServiceConfigs = append(cfg.ServiceConfigs, f.ServiceConfig...)
	cfg.VisibilityLabels = append(cfg.VisibilityLabels, f.Label...)
	f.setPreset(cfg)
	return cfg, config.Validate(cfg, server.Problems)
}

func (f *sourceFlags) setPreset(cfg *configv1.Config) {
	if f.Preset == "" {
		return
	}
	if cfg.Dialect == nil {
		cfg.Dialect = new(configv1.Dialect)
	}
	cfg.Dialect.Preset = configv1.Dialect_PRESET_GATEHOUSE
	if f.Preset == "grpc-gateway" {
		cfg.Dialect.Preset = configv1.Dialect_PRESET_GRPC_GATEWAY
	}
}

func protos(path string) *configv1.Source {
	return &configv1.Source{Origin: &configv1.Source_Protos{Protos: path}}
}

func image(path string) *configv1.Source {
	return &configv1.Source{Origin: &configv1.Source_Image{Image: path}}
}

// sourceOf tells by its name what a path holds: folders and .proto files are protos, everything else is an image.
func sourceOf(path string) *configv1.Source {
	if info, err := os.Stat(path); strings.HasSuffix(path, ".proto") || err == nil && info.IsDir() {
		return protos(path)
	}
	return image(path)
}
