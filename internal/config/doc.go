// Package config reads an edge's configuration from YAML.
//
// The configuration is the message gatehouse.config.v1.Config; its comments are the reference (docs/configuration.md).
// [Load] reads strictly: a key that does not exist, or a value that does not fit, is an error with its line and column.
// [Validate] then looks at everything and reports all that is wrong at once, each problem under the path of its key.
// What a configuration leaves out stays out: the server knows the defaults.
//
// # Files
//
//	load.go     the file to the message
//	validate.go what values have to be
//	place.go    where in the file something is wrong
package config
