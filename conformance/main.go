package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-edge/gatehouse/conformance/cases"
	"github.com/gatehouse-edge/gatehouse/internal/corpus"
)

func main() {
	passed, err := run(context.Background(), os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case !passed:
		os.Exit(1)
	}
}

// wishes are the command's flags.
type wishes struct {
	target string
	listen string
	only   string
	format corpus.Format
}

// start is how long a gateway has to begin to answer.
const start = 30 * time.Second

func wishesOf(args []string) (wishes, error) {
	w := wishes{}
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.StringVar(&w.target, "target", "", "the URL of the gateway; without it, Gatehouse itself is started")
	flags.StringVar(&w.listen, "listen", "127.0.0.1:9191", "where the backend listens, to which the gateway has been pointed")
	flags.StringVar(&w.only, "only", "", "play only cases whose name holds this")
	markdown := flags.Bool("markdown", false, "print Markdown")
	inJSON := flags.Bool("json", false, "print JSON")
	if err := flags.Parse(args); err != nil {
		return w, err
	}
	switch {
	case flags.NArg() > 0:
		return w, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *inJSON:
		w.format = corpus.JSON
	case *markdown:
		w.format = corpus.Markdown
	}
	if w.target == "" {
		w.listen = "127.0.0.1:0"
	}
	w.target = strings.TrimSuffix(w.target, "/")
	return w, nil
}

// run plays the corpus and prints how it went. passed tells that no case failed.
func run(ctx context.Context, args []string, out io.Writer) (passed bool, err error) {
	w, err := wishesOf(args)
	if err != nil {
		return false, err
	}
	all, err := corpus.Load(cases.Files)
	if err != nil {
		return false, err
	}
	all = slices.DeleteFunc(all, func(c *corpus.Case) bool { return !strings.Contains(c.Name, w.only) })
	if len(all) == 0 {
		return false, fmt.Errorf("no case has a name that holds %q", w.only)
	}
	lis, err := net.Listen("tcp", w.listen)
	if err != nil {
		return false, err
	}
	backend := corpus.NewBackend()
	defer backend.Stop()
	go backend.Serve(lis) //nolint:errcheck // it ends when it is stopped
	results, err := w.play(ctx, backend, lis.Addr().String(), all)
	if err != nil {
		return false, err
	}
	failed := slices.ContainsFunc(results, func(r corpus.Result) bool { return len(r.Differences) > 0 })
	return !failed, corpus.Write(out, results, w.format)
}

func (w *wishes) play(ctx context.Context, b *corpus.Backend, address string, all []*corpus.Case) ([]corpus.Result, error) {
	if w.target == "" {
		fronts := corpus.NewFronts(gatehouse(ctx, address))
		defer fronts.Close()
		return b.Run(ctx, all, fronts.Front)
	}
	if err := corpus.Wait(ctx, w.target, start); err != nil {
		return nil, err
	}
	return b.Run(ctx, all, func(settings string) (string, error) {
		if settings != "" {
			return "", nil // what another gateway would have to be told for it is not known here
		}
		return w.target, nil
	})
}
