package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// bounded is an edge with limits that are soon reached.
func bounded(t *testing.T, limits *configv1.Limits) (*edgetest.Resources, string) {
	t.Helper()
	r := edgetest.StartResources(t)
	cfg := edgetest.InFrontOf(r.Target)
	cfg.Limits = limits
	_, url := edgetest.Edge(t, cfg)
	return r, url + prefix
}

// raw sends the text of a request over a connection of its own and reads the answer.
func raw(t *testing.T, url, text string) reply {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(strings.TrimSuffix(url, prefix), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := reply{res.StatusCode, res.Header, string(body)}
	if got.status >= http.StatusBadRequest {
		checkError(t, text[:min(len(text), 60)], got)
	}
	return got
}

func TestABodyThatDoesNotComeIsWaitedForSoLong(t *testing.T) {
	t.Parallel()
	_, url := bounded(t, &configv1.Limits{BodyTimeout: durationpb.New(50 * time.Millisecond)})
	for _, path := range []string{"/resources", "/resources:collect", "/uploads"} {
		got := raw(t, url, "POST "+prefix+path+" HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"title\":")
		if got.status != 408 || !strings.Contains(got.body, `"BODY_TIMEOUT"`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestAClientThatIsSlowButSteadyIsServed(t *testing.T) {
	t.Parallel()
	_, url := bounded(t, &configv1.Limits{BodyTimeout: durationpb.New(time.Second)})
	body, up := io.Pipe()
	go func() {
		for i := range 12 {
			time.Sleep(100 * time.Millisecond)
			fmt.Fprintf(up, `{"title":"%d"}`, i)
		}
		up.Close() //nolint:errcheck // likewise
	}()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/resources:collect", body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(text), `"count":12`) {
		t.Errorf("%s %v", text, err)
	}
}

func TestLargeHeadersAreRefusedInTheOneShape(t *testing.T) {
	t.Parallel()
	_, url := bounded(t, nil)
	if got := send(t, "GET", url+"/resources/1", "", "X-Large", strings.Repeat("a", 33<<10)); got.status != 431 || !strings.Contains(got.body, `"HEADERS_TOO_LARGE"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, "GET", url+"/resources/1", "", "X-Large", strings.Repeat("a", 30<<10)); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAnUploadIsBounded(t *testing.T) {
	t.Parallel()
	_, url := bounded(t, &configv1.Limits{UploadBytes: 1000})
	for length, status := range map[int]int{1000: 200, 1001: 413} {
		if got := send(t, "POST", url+"/uploads", strings.Repeat("x", length)); got.status != status {
			t.Errorf("%d bytes: %d %s", length, got.status, got.body)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/uploads", io.LimitReader(endless{}, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of no announced length: %d", res.StatusCode)
	}
}

// endless is zeros.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// counted counts what is read.
type counted struct {
	io.Reader
	bytes atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

func TestAnUpstreamThatTakesNothingStopsAnUploadAndIsGivenUp(t *testing.T) {
	t.Parallel()
	r, url := bounded(t, &configv1.Limits{Timeout: durationpb.New(time.Second)})
	r.Hold = func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	body := &counted{Reader: io.LimitReader(endless{}, 1<<30)}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/uploads", body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusGatewayTimeout {
		t.Errorf("%d", res.StatusCode)
	}
	if taken := body.bytes.Load(); taken > 64<<20 {
		t.Errorf("%d bytes were taken for an upstream that read nearly none of them", taken)
	}
}

func TestASlowReaderStopsTheProducer(t *testing.T) {
	t.Parallel()
	r, url := bounded(t, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/resources:export?count=100000&size=65536", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan struct{}, 200_000)
	r.Hold = func(ctx context.Context) error {
		sent <- struct{}{}
		return ctx.Err()
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.ReadFull(res.Body, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	before := -1
	for before != len(sent) { // until it sends no more
		before = len(sent)
		time.Sleep(200 * time.Millisecond)
	}
	if before >= 1000 {
		t.Errorf("%d chunks of 64 KiB were produced for a client that read 16", before)
	}
}
