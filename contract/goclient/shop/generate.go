// Package shop is a client of the sample shop. It is made of the shop's document: `gatehouse openapi --spec 3.0` writes
// shop.yaml, `go generate` the rest.
package shop

import (
	_ "github.com/oapi-codegen/nullable" // what is generated imports both
	_ "github.com/oapi-codegen/runtime"
)

//go:generate go tool oapi-codegen --config oapi-codegen.yaml shop.yaml
