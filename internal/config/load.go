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
func Load(path string, checks ...Check) (*configv1.Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	cfg := new(configv1.Config)
	if err := (protoyaml.UnmarshalOptions{Path: path}).Unmarshal(data, cfg); err != nil {
		return nil, (&page{path, data}).readable(err)
	}
	if err := Validate(cfg, checks...); err != nil {
		return nil, (&page{path, data}).placed(err)
	}
	resolve(cfg, filepath.Dir(path))
	return cfg, nil
}
