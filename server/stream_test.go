package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
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

// lastError reads a stream to its end and returns the error that its last line tells.
func lastError(t *testing.T, url string, header ...string) (code codes.Code, text string) {
	t.Helper()
	got := send(t, "GET", url, "", header...)
	lines := strings.Split(strings.TrimSpace(got.body), "\n")
	var last struct {
		Error struct {
			Code    codes.Code
			Message string
		}
	}
	text = lines[len(lines)-1]
	if err := json.Unmarshal([]byte(text), &last); err != nil || got.status != 200 || len(lines) != 2 || last.Error.Message == "" {
		t.Errorf("%d %v: %s", got.status, err, got.body)
	}
	if leak := leaks.FindString(text); leak != "" {
		t.Errorf("the last line holds %q: %s", leak, text)
	}
	return last.Error.Code, text
}

func TestADeadlineInMidStreamIsToldAsAnError(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	b.Hold = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	_, url := edgetest.Edge(t, edgetest.InFrontOf(b.Target))
	if code, text := lastError(t, url+prefix+"/watch/2", "X-Request-Timeout", "1"); code != codes.DeadlineExceeded || !strings.Contains(text, `"UPSTREAM_TIMEOUT"`) {
		t.Errorf("%v %s", code, text)
	}
}

func TestAnUpstreamThatDiesInMidStreamIsToldAsAnError(t *testing.T) {
	t.Parallel()
	lis, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, dying := grpc.NewServer(), make(chan struct{})
	edgetestv1.RegisterEverythingServiceServer(s, &edgetest.Backend{Hold: func(ctx context.Context) error {
		close(dying)
		<-ctx.Done()
		return ctx.Err()
	}})
	go s.Serve(lis) //nolint:errcheck // it ends when the test stops it
	go func() {
		<-dying
		s.Stop()
	}()
	cfg := edgetest.InFrontOf(lis.Addr().String())
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto/edgetest"}}}
	_, url := edgetest.Edge(t, cfg)
	if code, text := lastError(t, url+prefix+"/watch/2"); code != codes.Unavailable || !strings.Contains(text, `"UPSTREAM_UNAVAILABLE"`) {
		t.Errorf("%v %s", code, text)
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
