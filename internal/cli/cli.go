package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// commandLine is the command's grammar; its tags are what --help prints and docs/command.md holds.
type commandLine struct {
	Serve   serveCommand   `cmd:"" help:"Serve REST in front of gRPC services."`
	Check   checkCommand   `cmd:"" help:"Compile protos or images and print everything that is wrong with their annotations."`
	Routes  routesCommand  `cmd:"" help:"Print the routes that would be served."`
	OpenAPI openapiCommand `cmd:"" name:"openapi" help:"Write the OpenAPI document of an audience."`
	Key     keyCommand     `cmd:"" help:"Make an API key, and the entry by which an edge knows it."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// terminal is where a command writes.
type terminal struct {
	out, err io.Writer
}

// Run runs the command line, without the program's name, until it is done or ctx is.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	status := -1
	parser, err := kong.New(new(commandLine),
		kong.Name("gatehouse"),
		kong.Description("The REST edge of gRPC services: annotated protos in, REST/JSON out."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { status = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		panic("cli: the grammar is wrong: " + err.Error())
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	switch {
	case status >= 0: // help was printed
		return status
	case err != nil:
		fmt.Fprintf(stderr, "gatehouse: %v (gatehouse --help tells what there is)\n", err)
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(terminal{stdout, stderr}); err != nil {
		report(stderr, err)
		return exitFailed
	}
	return exitOK
}
