package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

func TestAStreamIsFlushedMessageByMessage(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	next := make(chan struct{})
	b.Hold = func(ctx context.Context) error {
		select {
		case <-next:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	_, url := edgetest.Edge(t, edgetest.InFrontOf(b.Target))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+prefix+"/watch/3?text=broken", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.Header.Get("Content-Type") != "application/x-ndjson" || res.Header.Get("X-Answer") != "header" {
		t.Errorf("%v", res.Header)
	}
	lines := bufio.NewScanner(res.Body)
	for i := range 3 {
		if i > 0 {
			next <- struct{}{}
		}
		if !lines.Scan() || !strings.Contains(lines.Text(), fmt.Sprintf(`"int32Value":%d,`, i)) {
			t.Fatalf("line %d: %s, %v", i, lines.Text(), lines.Err())
		}
	}
	var last struct {
		Error struct {
			Code    codes.Code
			Message string
		}
	}
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &last) != nil || last.Error.Code != codes.Aborted || last.Error.Message != "broken" || lines.Scan() {
		t.Errorf("last line: %s", lines.Text())
	}
}

func TestEventsWithoutAnIDCountOnFromTheLastThatWasSeen(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	for last, want := range map[string][]string{
		"": {"1", "2"}, "0": {"1", "2"}, "41": {"42", "43"}, "tag-41": {"1", "2"}, "-1": {"1", "2"}, "99999999999999999999": {"1", "2"},
	} {
		var ids []string
		got := send(t, "GET", url+"/watch/2", "", "Accept", "text/event-stream", "Last-Event-ID", last)
		for line := range strings.Lines(got.body) {
			if id, ok := strings.CutPrefix(line, "id: "); ok {
				ids = append(ids, strings.TrimSpace(id))
			}
		}
		if !slices.Equal(ids, want) {
			t.Errorf("behind %q: %q, want %q", last, ids, want)
		}
	}
}

func TestAStreamThatFailsBeforeItsFirstMessageHasTheStatus(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	if got := send(t, "GET", url+"/watch/0?text=broken", ""); got.status != 409 || !strings.Contains(got.body, `"message":"broken"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, "GET", url+"/watch/0", ""); got.status != 200 || got.body != "" {
		t.Errorf("an empty stream: %d %s", got.status, got.body)
	}
}

func TestABodyOfAnyTypeIsTheBytesItIs(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	if got := send(t, "GET", url+"/download/a", ""); got.status != 200 || got.body != "content of a" || got.header.Get("Content-Type") != "text/plain" {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
}

// lastError asks for a stream of two messages, of which the first comes and the second does not, and returns the error
// that its last line tells. first is called once the first message is there.
func lastError(t *testing.T, url string, first func(), header ...string) (code codes.Code, line string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	if !lines.Scan() || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %v", res.Status, lines.Err())
	}
	first()
	var last struct {
		Error struct {
			Code    codes.Code
			Message string
		}
	}
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &last) != nil || last.Error.Message == "" {
		t.Errorf("last line: %s, %v", lines.Text(), lines.Err())
	}
	if leak := leaks.FindString(lines.Text()); leak != "" {
		t.Errorf("the last line holds %q: %s", leak, lines.Text())
	}
	line = lines.Text()
	if lines.Scan() || lines.Err() != nil {
		t.Errorf("behind the last line: %s, %v", lines.Text(), lines.Err())
	}
	return last.Error.Code, line
}

func TestADeadlineInMidStreamIsToldAsAnError(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	b.Hold = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	_, url := edgetest.Edge(t, edgetest.InFrontOf(b.Target))
	code, line := lastError(t, url+prefix+"/watch/2", func() {}, "X-Request-Timeout", "1")
	if code != codes.DeadlineExceeded || !strings.Contains(line, `"UPSTREAM_TIMEOUT"`) {
		t.Errorf("%v %s", code, line)
	}
}

func TestAnUpstreamThatDiesInMidStreamIsToldAsAnError(t *testing.T) {
	t.Parallel()
	lis, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	edgetestv1.RegisterEverythingServiceServer(s, &edgetest.Backend{Hold: func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}})
	go s.Serve(lis) //nolint:errcheck // it ends when the test stops it
	cfg := edgetest.InFrontOf(lis.Addr().String())
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto/edgetest"}}}
	_, url := edgetest.Edge(t, cfg)
	if code, line := lastError(t, url+prefix+"/watch/2", s.Stop); code != codes.Unavailable || !strings.Contains(line, `"UPSTREAM_UNAVAILABLE"`) {
		t.Errorf("%v %s", code, line)
	}
}

func TestHeadOfAStreamEndsTheCallThoughTheConnectionStays(t *testing.T) {
	t.Parallel()
	b, ended := edgetest.StartBackend(t), make(chan struct{})
	b.Hold = func(ctx context.Context) error {
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}
	_, url := edgetest.Edge(t, edgetest.InFrontOf(b.Target))
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "HEAD %s/watch/2 HTTP/1.1\r\nHost: edge.example\r\n\r\n", prefix)
	if line, err := bufio.NewReader(conn).ReadString('\n'); line != "HTTP/1.1 200 OK\r\n" {
		t.Errorf("%q %v", line, err)
	}
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the upstream goes on")
	}
}

func TestAStreamCanBeLeft(t *testing.T) {
	t.Parallel()
	b, left := edgetest.StartBackend(t), make(chan struct{})
	b.Hold = func(ctx context.Context) error {
		<-ctx.Done()
		close(left)
		return ctx.Err()
	}
	_, url := edgetest.Edge(t, edgetest.InFrontOf(b.Target))
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+prefix+"/watch/2", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	leave()
	select {
	case <-left:
	case <-time.After(20 * time.Second):
		t.Error("the upstream goes on")
	}
}
