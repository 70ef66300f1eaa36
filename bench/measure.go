package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
)

type plan struct {
	rounds   int
	duration time.Duration
	profile  string
	only     string // the beginning of the workloads' names
}

// figures are what one edge did with one workload; each is a median over the rounds.
type figures struct {
	cpu      time.Duration // of the edge's process, for a request
	rate     float64       // requests per second
	p50, p99 time.Duration
}

// results are the figures by workload and edge.
type results struct {
	workloads []workload
	figures   map[string]map[string]figures
}

// process is a child that serves.
type process struct {
	cmd *exec.Cmd
	url string
}

func measure(p plan) (results, error) {
	list, err := workloads()
	if err != nil {
		return results{}, err
	}
	list = slices.DeleteFunc(list, func(w workload) bool { return !strings.HasPrefix(w.name, p.only) })
	image, err := writeImage()
	if err != nil {
		return results{}, err
	}
	defer os.RemoveAll(filepath.Dir(image)) //nolint:errcheck // a temporary folder
	children := map[string]*process{}
	defer func() {
		for _, c := range children {
			c.end()
		}
	}()
	backend, err := spawn("backend", "", "", "")
	if err != nil {
		return results{}, err
	}
	children["backend"] = backend
	for _, edge := range edges {
		if children[edge], err = spawn(edge, strings.TrimPrefix(backend.url, "http://"), image, p.profile); err != nil {
			return results{}, err
		}
		for _, w := range list {
			if err := children[edge].verify(w); err != nil {
				return results{}, fmt.Errorf("%s: %w", edge, err)
			}
		}
	}
	return p.run(list, children)
}

// run measures the edges in turn, so that what disturbs the machine disturbs all of them alike.
func (p plan) run(list []workload, children map[string]*process) (results, error) {
	out := results{workloads: list, figures: map[string]map[string]figures{}}
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
		out.figures[w.name] = map[string]figures{}
		for edge, list := range rounds {
			out.figures[w.name][edge] = medians(list)
		}
	}
	return out, nil
}

func medians(list []figures) figures {
	return figures{
		cpu: median(list, func(f figures) time.Duration { return f.cpu }), rate: median(list, func(f figures) float64 { return f.rate }),
		p50: median(list, func(f figures) time.Duration { return f.p50 }), p99: median(list, func(f figures) time.Duration { return f.p99 }),
	}
}

func median[T time.Duration | float64](list []figures, of func(figures) T) T {
	values := make([]T, len(list))
	for i, f := range list {
		values[i] = of(f)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func spawn(role, target, image, profile string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	//nolint:gosec,noctx // it is this very program, and end ends it
	cmd := exec.Command(self, "-role", role, "-target", target, "-image", image)
	cmd.Stderr = os.Stderr
	if profile != "" {
		cmd.Env = append(os.Environ(), "BENCH_CPUPROFILE="+filepath.Join(profile, role+".pprof"))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%s does not start: %w", role, err)
	}
	return &process{cmd: cmd, url: "http://" + strings.TrimSpace(line)}, nil
}

// end asks the child to end and waits for it. How it ends is nobody's concern any more.
func (p *process) end() {
	if p.cmd.Process.Signal(syscall.SIGTERM) == nil {
		p.cmd.Wait() //nolint:errcheck // see above
	}
}

// verify makes sure that the edge answers what all others do.
func (p *process) verify(w workload) error {
	var last error
	for range 50 { // the backend may still be starting
		if last = p.verifyOnce(w); last == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return last
}

func (p *process) verifyOnce(w workload) error {
	res, err := send(http.DefaultClient, p.url, w)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	var got, want any
	if err := errors.Join(json.Unmarshal(body, &got), json.Unmarshal(w.want, &want)); err != nil {
		return fmt.Errorf("%s: %d %w", w.name, res.StatusCode, err)
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s is answered with\n%s\nnot\n%s", w.name, body, w.want)
	}
	return nil
}

func (p *process) measure(w workload, duration time.Duration) (figures, error) {
	before, err := p.cpuTime()
	if err != nil {
		return figures{}, err
	}
	took, err := load(p.url, w, duration)
	if err != nil {
		return figures{}, err
	}
	after, err := p.cpuTime()
	if err != nil {
		return figures{}, err
	}
	n := len(took)
	return figures{
		cpu: (after - before) / time.Duration(n), rate: float64(n) / duration.Seconds(),
		p50: took[n/2], p99: took[n*99/100],
	}, nil
}

// cpuTime is the time that the process has spent on processors, to the nanosecond: the sum of its threads' run times.
func (p *process) cpuTime() (time.Duration, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, task := range tasks {
		data, err := os.ReadFile(task)
		if err != nil {
			return 0, err
		}
		ran, err := strconv.ParseInt(strings.Fields(string(data))[0], 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(ran)
	}
	return sum, nil
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
