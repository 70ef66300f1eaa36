package main

import (
	"bufio"
	"context"
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
)

// process is a child that serves.
type process struct {
	cmd *exec.Cmd
	url string
}

// ownGC is the setting that an edge runs with if nobody decides otherwise: the peers with Go's, the edge with what its
// command sets, and the floor, which stands for the edge without its work, with the same as the edge.
var ownGC = map[string]string{gatehouse: edgeGC, floor: edgeGC, bareCalls: edgeGC, grpcGateway: "100", vanguardGo: "100"}

const edgeGC = "400"

func (p plan) spawn(role, target, image string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	//nolint:gosec,noctx // it is this very program, and end ends it
	cmd := exec.Command(self, "-role", role, "-target", target, "-image", image)
	cmd.Stderr = os.Stderr
	cmd.Env = os.Environ()
	if p.profile != "" {
		cmd.Env = append(cmd.Env, "BENCH_CPUPROFILE="+filepath.Join(p.profile, role+".pprof"))
	}
	if gogc := p.gogcOf(role); gogc != "" {
		cmd.Env = append(cmd.Env, "GOGC="+gogc)
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

// theBackend is what every edge calls.
const theBackend = "backend"

// start runs edges in front of the backend, until end is called.
func (p plan) start(edges ...string) (children map[string]*process, end func(), err error) {
	image, err := writeImage()
	if err != nil {
		return nil, nil, err
	}
	children = map[string]*process{}
	end = func() {
		for _, c := range children {
			c.end()
		}
		os.RemoveAll(filepath.Dir(image)) //nolint:errcheck // a temporary folder
	}
	target := ""
	for _, role := range append([]string{theBackend}, edges...) {
		if children[role], err = p.spawn(role, target, image); err != nil {
			delete(children, role)
			end()
			return nil, nil, err
		}
		target = strings.TrimPrefix(children[theBackend].url, "http://")
	}
	return children, end, nil
}

// trust has the backend compare requests no more: all edges are verified.
func (p *process) trust() error {
	if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return fmt.Errorf("backend: %w", err)
	}
	return nil
}

func (p plan) gogcOf(role string) string {
	if p.gogc != 0 && slices.Contains(edges, role) {
		return strconv.Itoa(p.gogc)
	}
	return ownGC[role]
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
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	res, err := send(ctx, http.DefaultClient, p.url, w)
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
