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

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
)

// workload is one kind of request.
type workload struct {
	name, method, path string
	body               []byte
	want               []byte // the JSON that every edge must answer with
}

// canned is what the floor needs in place of translation.
type canned struct {
	rpc           string
	request, json []byte
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
	small, err := compact(item(1))
	if err != nil {
		return nil, err
	}
	large, err := compact(itemList())
	if err != nil {
		return nil, err
	}
	price, err := compact(item(1).GetPrice())
	if err != nil {
		return nil, err
	}
	return []workload{
		{name: fmt.Sprintf("GET %.1f KB", kilobytes(small)), method: "GET", path: "/bench/v1/items/p-0001", want: small},
		{name: fmt.Sprintf("GET %.0f KB", kilobytes(large)), method: "GET", path: "/bench/v1/items?pageSize=100", want: large},
		{name: fmt.Sprintf("POST %.1f KB", kilobytes(small)), method: "POST", path: "/bench/v1/items", body: small, want: price},
		{name: fmt.Sprintf("POST %.0f KB", kilobytes(large)), method: "POST", path: "/bench/v1/items:batchCreate", body: large, want: price},
	}, nil
}

func kilobytes(b []byte) float64 { return float64(len(b)) / 1000 }

func cannedCalls() (map[string]canned, error) {
	requests := map[string]proto.Message{
		"GetItem": &edgetestv1.GetItemRequest{Id: "p-0001"}, "ListItems": &edgetestv1.ListItemsRequest{PageSize: 100},
		"CreateItem": item(1), "CreateItems": itemList(),
	}
	replies := map[string]proto.Message{"GetItem": item(1), "ListItems": itemList(), "CreateItem": item(1).GetPrice(), "CreateItems": item(1).GetPrice()}
	calls := map[string]canned{}
	for method, request := range requests {
		wire, err := proto.Marshal(request)
		if err != nil {
			return nil, err
		}
		text, err := compact(replies[method])
		if err != nil {
			return nil, err
		}
		calls[method] = canned{rpc: "/edgetest.v1.BenchService/" + method, request: wire, json: text}
	}
	return calls, nil
}

// concurrency is how many requests are under way at once.
const concurrency = 16

// load sends requests for a while and returns how long each took.
func load(url string, w workload, duration time.Duration) ([]time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: concurrency, DisableCompression: true}}
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
				err = once(client, url, w)
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

func once(client *http.Client, url string, w workload) error {
	res, err := send(client, url, w)
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

func send(client *http.Client, url string, w workload) (*http.Response, error) {
	req, err := http.NewRequestWithContext(context.Background(), w.method, url+w.path, bytes.NewReader(w.body))
	if err != nil {
		return nil, err
	}
	if w.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return client.Do(req)
}
