package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

const (
	idleStreams = 10_000
	fileSize    = 1 << 30
	chunkSize   = 64 << 10
)

// newStreamBackend serves streams that send one message and then nothing, unless size is given: those do not wait.
func newStreamBackend() *grpc.Server {
	s := grpc.NewServer()
	edgetestv1.RegisterResourceServiceServer(s, idle{new(edgetest.Resources)})
	reflection.Register(s)
	return s
}

// idle is the service of the tests, whose watches fall silent.
type idle struct{ *edgetest.Resources }

func (idle) WatchResources(_ *edgetestv1.WatchResourcesRequest, s grpc.ServerStreamingServer[edgetestv1.Resource]) error {
	if err := s.Send(&edgetestv1.Resource{Title: "hello"}); err != nil {
		return err
	}
	<-s.Context().Done()
	return nil
}

// streams measures what memory the edge needs for many streams that are silent, and for files that are large.
func streams(w io.Writer, f format) error {
	p := plan{}
	backend, err := p.spawn("streams", "", "")
	if err != nil {
		return err
	}
	defer backend.end()
	edge, err := p.spawn(gatehouse, strings.TrimPrefix(backend.url, "http://"), "")
	if err != nil {
		return err
	}
	defer edge.end()
	if err := edge.verify(workload{name: "alphabet", method: http.MethodGet, path: "/edgetest/v1/resources/1?fields=title", want: []byte(`{"title":"title 1"}`)}); err != nil {
		return err
	}
	table := sheet{words: 1, heads: []string{"what the edge does", "memory before", "at its peak", "for each"}}
	for _, load := range []struct {
		name string
		do   func(*process) error
		each int
	}{
		{"sends a file of 1 GiB", download, 0},
		{"takes a file of 1 GiB", sendFile, 0},
		{fmt.Sprintf("holds %d silent streams of events", idleStreams), holdStreams, idleStreams},
	} {
		before, err := edge.memory("VmRSS")
		if err != nil {
			return err
		}
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", edge.cmd.Process.Pid), []byte("5"), 0); err != nil { // the peak
			return err
		}
		if err := load.do(edge); err != nil {
			return fmt.Errorf("%s: %w", load.name, err)
		}
		peak, err := edge.memory("VmHWM")
		if err != nil {
			return err
		}
		each := ""
		if load.each > 0 {
			each = fmt.Sprintf("%.1f KiB", float64(peak-before)/float64(load.each))
		}
		table.add(load.name, fmt.Sprintf("%d MiB", before>>10), fmt.Sprintf("%d MiB", peak>>10), each)
	}
	return table.write(w, f)
}

// memory reads a line of the process's status, in KiB.
func (p *process) memory(name string) (int, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strconv.Atoi(strings.Fields(value)[0])
		}
	}
	return 0, fmt.Errorf("the process has no %s", name)
}

func download(p *process) error {
	url := fmt.Sprintf("%s/edgetest/v1/resources:export?count=%d&size=%d", p.url, fileSize/chunkSize, chunkSize)
	return transfer(http.MethodGet, url, nil, fileSize)
}

func sendFile(p *process) error {
	return transfer(http.MethodPost, p.url+"/edgetest/v1/uploads", io.LimitReader(zeros{}, fileSize), 0)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// transfer sends a request and reads its answer, which must have at least so many bytes.
func transfer(method, url string, body io.Reader, least int64) error {
	req, err := http.NewRequestWithContext(context.Background(), method, url, body)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || n < least) {
		err = fmt.Errorf("%s, %d bytes", res.Status, n)
	}
	return err
}

// holdStreams opens all streams, waits for the first event of each, and closes them again.
func holdStreams(p *process) error {
	var open sync.WaitGroup
	conns := make([]net.Conn, idleStreams)
	failures := make(chan error, idleStreams)
	slots := make(chan struct{}, 64) // to be opened at once
	for i := range conns {
		slots <- struct{}{}
		open.Go(func() {
			defer func() { <-slots }()
			var err error
			if conns[i], err = openEvents(p.url); err != nil {
				failures <- err
			}
		})
	}
	open.Wait()
	close(failures)
	var errs []error
	for _, c := range conns {
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	for err := range failures {
		return errors.Join(append(errs, err)...)
	}
	return errors.Join(errs...)
}

// openEvents asks for events over a connection of its own, which costs the client as little as it can.
func openEvents(url string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return nil, err
	}
	const request = "GET /edgetest/v1/resources:watch HTTP/1.1\r\nHost: edge\r\nAccept: text/event-stream\r\n\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		return conn, err
	}
	var answer strings.Builder
	room := make([]byte, 1<<10)
	for !strings.Contains(answer.String(), "data: ") {
		n, err := conn.Read(room)
		if err != nil {
			return conn, err
		}
		answer.Write(room[:n])
	}
	if !strings.HasPrefix(answer.String(), "HTTP/1.1 200 ") {
		return conn, errors.New(answer.String())
	}
	return conn, nil
}
