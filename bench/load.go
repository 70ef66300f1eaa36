package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// workload is one kind of request.
type workload struct {
	name, method, path string
	size               size
	body               []byte
	want               []byte // the JSON that every edge must answer with
}

// size tells the workloads with one item from those with a list of them.
type size uint8

const (
	small size = iota
	large
)

// canned is what the floor needs in place of translation.
type canned struct {
	rpc           string
	request, json []byte
	calls         int // that are made at once
}

// atOnce makes the calls.
func (c canned) atOnce(call func() error) error {
	if c.calls == 1 {
		return call()
	}
	var all errgroup.Group
	for range c.calls {
		all.Go(call)
	}
	return all.Wait()
}

// compact is the JSON of a message as all edges are to answer it.
func compact(m proto.Message) ([]byte, error) {
	text, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = json.Compact(&b, text)
	return b.Bytes(), err
}

func workloads() ([]workload, error) {
	one, err := compact(item(1))
	if err != nil {
		return nil, err
	}
	list, err := compact(itemList())
	if err != nil {
		return nil, err
	}
	price, err := compact(item(1).GetPrice())
	if err != nil {
		return nil, err
	}
	return []workload{
		{name: fmt.Sprintf("GET %.1f KB", kilobytes(one)), method: "GET", path: "/bench/v1/items/p-0001", size: small, want: one},
		{name: fmt.Sprintf("GET %.0f KB", kilobytes(list)), method: "GET", path: "/bench/v1/items?pageSize=100", size: large, want: list},
		{name: fmt.Sprintf("POST %.1f KB", kilobytes(one)), method: "POST", path: "/bench/v1/items", size: small, body: one, want: price},
		{name: fmt.Sprintf("POST %.0f KB", kilobytes(list)), method: "POST", path: "/bench/v1/items:batchCreate", size: large, body: list, want: price},
	}, nil
}

func kilobytes(b []byte) float64 { return float64(len(b)) / 1000 }

func cannedCalls() (map[string]canned, error) {
	calls := map[string]canned{}
	for method, x := range exchanges() {
		wire, err := proto.Marshal(x.request)
		if err != nil {
			return nil, err
		}
		text, err := compact(x.reply)
		if err != nil {
			return nil, err
		}
		calls[method] = canned{rpc: "/edgetest.v1.BenchService/" + method, request: wire, json: text, calls: 1}
	}
	text, err := compact(wholeScreen())
	if err != nil {
		return nil, err
	}
	calls[screenCall] = canned{rpc: calls["GetItem"].rpc, request: calls["GetItem"].request, json: text, calls: screenParts}
	return calls, nil
}

const (
	concurrency = 16               // how many requests are under way at once
	patience    = 10 * time.Second // how much longer than planned a measurement may take
)

// load sends requests for a while and returns how long each took, in ascending order.
func load(url string, w workload, duration time.Duration) ([]time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: concurrency, DisableCompression: true}}
	ctx, cancel := context.WithTimeout(context.Background(), duration+patience)
	defer cancel()
	defer client.CloseIdleConnections()
	deadline := time.Now().Add(duration)
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		all   []time.Duration
		fault error
	)
	for range concurrency {
		wait.Go(func() {
			var took []time.Duration
			var err error
			for err == nil && time.Now().Before(deadline) {
				start := time.Now()
				err = once(ctx, client, url, w)
				took = append(took, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
			if err != nil {
				fault = err
			}
		})
	}
	wait.Wait()
	slices.Sort(all)
	return all, fault
}

func once(ctx context.Context, client *http.Client, url string, w workload) error {
	res, err := send(ctx, client, url, w)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	err = errors.Join(err, res.Body.Close())
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", w.method, w.path, res.Status)
	}
	return err
}

func send(ctx context.Context, client *http.Client, url string, w workload) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, w.method, url+w.path, bytes.NewReader(w.body))
	if err != nil {
		return nil, err
	}
	if w.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return client.Do(req)
}
