package config

import (
	"fmt"
	"os"
	"path/filepath"

	"buf.build/go/protoyaml"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

// Load reads a configuration file and validates it. Paths in it are taken relative to its folder. Its error joins
// everything that is wrong, in the order of reading, each with file, line and column.
func Load(path string) (*configv1.Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	cfg := new(configv1.Config)
	if err := (protoyaml.UnmarshalOptions{Path: path}).Unmarshal(data, cfg); err != nil {
		return nil, readable(path, err)
	}
	if err := Validate(cfg); err != nil {
		return nil, placed(path, data, err)
	}
	resolve(cfg, filepath.Dir(path))
	return cfg, nil
}

// resolve makes the paths in cfg relative to a folder.
func resolve(cfg *configv1.Config, folder string) {
	within := func(path *string) {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(folder, *path)
		}
	}
	for i := range cfg.GetServiceConfigs() {
		within(&cfg.ServiceConfigs[i])
	}
	for _, l := range cfg.GetListeners() {
		if l.GetTls() != nil {
			within(&l.Tls.Certificate)
			within(&l.Tls.Key)
		}
	}
	for _, s := range cfg.GetSources() {
		switch origin := s.GetOrigin().(type) {
		case *configv1.Source_Image:
			within(&origin.Image)
		case *configv1.Source_Protos:
			within(&origin.Protos)
		case *configv1.Source_Reflection: // a target, not a path
		}
	}
}
