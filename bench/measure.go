package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
)

type plan struct {
	rounds   int           // at least 1, and one more to warm up
	duration time.Duration // of one measurement
	profile  string        // the folder for CPU profiles, "" for none
	only     string        // the beginning of the workloads' names
	gogc     int           // the collector's setting of every edge; 0 for ownGC
}

// figures are what one edge did with one workload in one round, or the medians over the rounds.
type figures struct {
	cpu      time.Duration // of the edge's process, for a request
	rate     float64       // requests per second
	p50, p99 time.Duration
}

// results are the figures of every round by workload and edge.
type results struct {
	workloads []workload
	rounds    map[string]map[string][]figures
}

func measure(p plan) (results, error) {
	list, err := workloads()
	if err != nil {
		return results{}, err
	}
	list = slices.DeleteFunc(list, func(w workload) bool { return !strings.HasPrefix(w.name, p.only) })
	if len(list) == 0 || p.rounds < 1 || p.duration <= 0 {
		return results{}, fmt.Errorf("nothing to measure: %d workloads begin with %q, %d rounds of %s", len(list), p.only, p.rounds, p.duration)
	}
	children, end, err := p.start(edges...)
	if err != nil {
		return results{}, err
	}
	defer end()
	for _, edge := range edges {
		for _, w := range list {
			if err := children[edge].verify(w); err != nil {
				return results{}, fmt.Errorf("%s: %w", edge, err)
			}
		}
	}
	if err := children[theBackend].trust(); err != nil {
		return results{}, err
	}
	return p.run(list, children)
}

// run measures the edges in turn, so that what disturbs the machine disturbs all of them alike.
func (p plan) run(list []workload, children map[string]*process) (results, error) {
	out := results{workloads: list, rounds: map[string]map[string][]figures{}}
	for _, w := range list {
		rounds := map[string][]figures{}
		for round := range p.rounds + 1 {
			for _, edge := range edges {
				f, err := children[edge].measure(w, p.duration)
				if err != nil {
					return out, fmt.Errorf("%s: %w", edge, err)
				}
				if round > 0 { // the first warms up
					rounds[edge] = append(rounds[edge], f)
				}
			}
		}
		out.rounds[w.name] = rounds
	}
	return out, nil
}

func (r results) medians(load, edge string) figures {
	list := r.rounds[load][edge]
	return figures{
		cpu: median(list, func(f figures) time.Duration { return f.cpu }), rate: median(list, func(f figures) float64 { return f.rate }),
		p50: median(list, func(f figures) time.Duration { return f.p50 }), p99: median(list, func(f figures) time.Duration { return f.p99 }),
	}
}

// ratio is how many times the CPU of another edge one took: the median over the rounds, in each of which both were
// measured within seconds. It differs a little from the ratio of the medians, and less from run to run.
func (r results) ratio(load, edge, to string) float64 {
	ratios := make([]float64, len(r.rounds[load][to]))
	for i, other := range r.rounds[load][to] {
		ratios[i] = float64(r.rounds[load][edge][i].cpu) / float64(other.cpu)
	}
	return median(ratios, func(f float64) float64 { return f })
}

func median[E any, T time.Duration | float64](list []E, of func(E) T) T {
	values := make([]T, len(list))
	for i, f := range list {
		values[i] = of(f)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func (p *process) measure(w workload, duration time.Duration) (figures, error) {
	before, err := p.cpuTime()
	if err != nil {
		return figures{}, err
	}
	start := time.Now()
	took, err := load(p.url, w, duration)
	elapsed := time.Since(start)
	if err != nil {
		return figures{}, err
	}
	after, err := p.cpuTime()
	if err != nil {
		return figures{}, err
	}
	n := len(took)
	return figures{
		cpu: (after - before) / time.Duration(n), rate: float64(n) / elapsed.Seconds(),
		p50: took[n/2], p99: took[n*99/100],
	}, nil
}

// writeImage writes the descriptors of the benchmark's API to a file, as `buf build` would.
func writeImage() (string, error) {
	set, seen := &descriptorpb.FileDescriptorSet{}, map[string]bool{}
	var add func(protoreflect.FileDescriptor)
	add = func(fd protoreflect.FileDescriptor) {
		if seen[fd.Path()] {
			return
		}
		seen[fd.Path()] = true
		for i := range fd.Imports().Len() {
			add(fd.Imports().Get(i))
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(fd))
	}
	add(edgetestv1.File_edgetest_v1_bench_proto)
	add(edgetestv1.File_edgetest_v1_screen_proto)
	data, err := proto.Marshal(set)
	if err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "bench.binpb")
	return path, os.WriteFile(path, data, 0o600)
}
