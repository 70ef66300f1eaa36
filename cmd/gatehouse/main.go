// Command gatehouse is the REST edge of gRPC services. See docs/command.md.
package main

import (
	"context"
	"os"

	"github.com/gatehouse-edge/gatehouse/internal/cli"
)

func main() {
	os.Exit(cli.Run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
