// Command protoc-gen-gatehouse-openapi is a plugin of buf and protoc that writes OpenAPI documents. See docs/openapi.md.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/gatehouse-edge/gatehouse/internal/cli"
)

func main() {
	if err := cli.Plugin(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "protoc-gen-gatehouse-openapi:", err)
		os.Exit(1)
	}
}
