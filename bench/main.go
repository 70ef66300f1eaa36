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
	rounds := flag.Int("rounds", 5, "how many times each edge is measured")
	duration := flag.Duration("duration", 1500*time.Millisecond, "how long one measurement takes")
	markdown := flag.Bool("markdown", false, "print the table as Markdown")
	only := flag.String("only", "", "measure only workloads whose name begins so")
	profile := flag.String("cpuprofile", "", "write CPU profiles of the edges to this folder")
	flag.Parse()

	if *role != "" {
		if err := play(*role, *target, *image); err != nil {
			log.Fatalf("%s: %v", *role, err)
		}
		return
	}
	results, err := measure(plan{rounds: *rounds, duration: *duration, profile: *profile, only: *only})
	if err != nil {
		log.Fatal(err)
	}
	if err := report(os.Stdout, results, *markdown); err != nil {
		log.Fatal(err)
	}
	if missed := targets(results); len(missed) > 0 {
		for _, m := range missed {
			fmt.Fprintln(os.Stderr, "missed:", m)
		}
		os.Exit(1)
	}
}
