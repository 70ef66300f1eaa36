package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	role := flag.String("role", "", "what this process is; set by the parent")
	target := flag.String("target", "", "the backend's address; set by the parent")
	image := flag.String("image", "", "the descriptors of the benchmark's API; set by the parent")
	rounds := flag.Int("rounds", 15, "how many times each edge is measured")
	duration := flag.Duration("duration", 400*time.Millisecond, "how long one measurement takes")
	inMarkdown := flag.Bool("markdown", false, "print tables as Markdown")
	inJSON := flag.Bool("json", false, "print the figures as JSON")
	only := flag.String("only", "", "measure only workloads whose name begins so")
	gogc := flag.Int("gogc", 0, "run every edge with this setting of the garbage collector, and not each with its own")
	profile := flag.String("cpuprofile", "", "write CPU profiles of the edges to this folder")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: bench [flags]         measure the edges\n       bench [flags] routes  measure finding a route\n       bench [flags] corpus  play the conformance corpus\n       bench [flags] streams measure the memory that streams and files take\n       bench [flags] screen  measure how long a client waits for a composed screen\n       bench [flags] parts   measure what composing costs")
		flag.PrintDefaults()
	}
	flag.Parse()

	f := plain
	switch {
	case *inJSON:
		f = asJSON
	case *inMarkdown:
		f = markdown
	}
	var err error
	switch {
	case *role != "":
		err = play(*role, *target, *image)
	case flag.Arg(0) == "routes":
		err = routes(os.Stdout, f)
	case flag.Arg(0) == "streams":
		err = streams(os.Stdout, f)
	case flag.Arg(0) == "screen":
		err = screen(os.Stdout, f)
	case flag.Arg(0) == "parts":
		err = composed(os.Stdout, plan{rounds: *rounds, duration: *duration, profile: *profile, gogc: *gogc}, f)
	case flag.Arg(0) == "corpus":
		err = conform(os.Stdout, f)
	case flag.NArg() > 0:
		err = fmt.Errorf("%q: there are only corpus, parts, routes, screen and streams", flag.Arg(0))
	default:
		err = compare(plan{rounds: *rounds, duration: *duration, profile: *profile, only: *only, gogc: *gogc}, f)
	}
	if err != nil && *role != "" {
		err = fmt.Errorf("%s: %w", *role, err)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// compare measures, prints, and is an error if a target is missed.
func compare(p plan, f format) error {
	r, err := measure(p)
	if err != nil {
		return err
	}
	if err := report(os.Stdout, r, f); err != nil {
		return err
	}
	missed := 0
	for _, v := range r.verdicts() {
		if !v.Pass {
			missed++
		}
	}
	if missed > 0 {
		return fmt.Errorf("%d of %d targets missed", missed, len(r.verdicts()))
	}
	return nil
}
