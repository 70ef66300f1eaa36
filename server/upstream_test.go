package server_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/durationpb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// garbage answers every call with bytes that are no message.
type garbage struct{ bytes string }

func (garbage) Name() string { return "proto" }
func (g garbage) Marshal(any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(g.bytes)}, nil
}
func (garbage) Unmarshal(mem.BufferSlice, any) error { return nil }

var _ encoding.CodecV2 = garbage{}

func TestDeadlinesReachTheUpstreamUnderTheCeiling(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	left := make(chan time.Duration, 1)
	b.Hold = func(ctx context.Context) error {
		deadline, _ := ctx.Deadline()
		left <- time.Until(deadline)
		return nil
	}
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Limits = &configv1.Limits{Timeout: durationpb.New(20 * time.Second)}
	_, url := edgetest.Edge(t, cfg)
	for _, c := range []struct {
		header, value string
		want          time.Duration
	}{
		{"Accept", "*/*", 20 * time.Second}, {"Grpc-Timeout", "7S", 7 * time.Second}, {"Grpc-Timeout", "99999999H", 20 * time.Second},
		{"X-Request-Timeout", "7500ms", 7500 * time.Millisecond}, {"X-Request-Timeout", "5", 5 * time.Second}, {"X-Request-Timeout", "1h", 20 * time.Second},
	} {
		send(t, "GET", url+prefix+"/query", "", c.header, c.value)
		if got := <-left; got > c.want || got < c.want-4*time.Second {
			t.Errorf("%s: %s: %s left, want %s", c.header, c.value, got, c.want)
		}
	}
}

func TestASlowUpstreamIs504(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	b.Hold = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	_, url := edgetest.Edge(t, edgetest.InFrontOf(b.Target))
	if got := send(t, "GET", url+prefix+"/query", "", "X-Request-Timeout", "50ms"); got.status != 504 || !strings.Contains(got.body, `"UPSTREAM_TIMEOUT"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAClientThatLeavesCancelsTheCall(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	reached, cancelled := make(chan struct{}), make(chan struct{})
	b.Hold = func(ctx context.Context) error {
		close(reached)
		<-ctx.Done()
		close(cancelled)
		return ctx.Err()
	}
	_, url := edgetest.Edge(t, edgetest.InFrontOf(b.Target))
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+prefix+"/query", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-reached
		leave()
	}()
	if res, err := http.DefaultClient.Do(req); err == nil {
		t.Error("answered", res.Body.Close())
	}
	select {
	case <-cancelled:
	case <-time.After(20 * time.Second):
		t.Error("the upstream goes on")
	}
}

func TestAnUpstreamThatIsDownIs503(t *testing.T) {
	t.Parallel()
	lis, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	down := lis.Addr().String()
	if err := lis.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := edgetest.InFrontOf(down)
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto/edgetest"}}}
	_, url := edgetest.Edge(t, cfg)
	if got := send(t, "GET", url+prefix+"/query", ""); got.status != 503 || !strings.Contains(got.body, `"UPSTREAM_UNAVAILABLE"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, "GET", url+prefix+"/watch/1", ""); got.status != 503 {
		t.Errorf("stream: %d %s", got.status, got.body)
	}
	cfg = &configv1.Config{Sources: cfg.GetSources()}
	_, url = edgetest.Edge(t, cfg)
	if got := send(t, "GET", url+prefix+"/query", ""); got.status != 503 {
		t.Errorf("no upstream: %d %s", got.status, got.body)
	}
}

// everything registers a backend.
func everything(b *edgetest.Backend) func(*grpc.Server) {
	return func(s *grpc.Server) { edgetestv1.RegisterEverythingServiceServer(s, b) }
}

func TestAnAnswerThatIsNoMessageIs502(t *testing.T) {
	t.Parallel()
	long := string(protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), strings.Repeat("a", 1<<20)))
	for name, bytes := range map[string]string{
		"cut off": "\x0a\xff\xff\xff", "not UTF-8": "\x0a\x01\xff", "a group without an end": "\x0b", "the end of none": "\x0c",
		"broken behind a megabyte": long + "\x0a\x05", "not UTF-8 behind a megabyte": long + "\x0a\x01\xff",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := edgetest.Serve(t, everything(new(edgetest.Backend)), grpc.ForceServerCodecV2(garbage{bytes}))
			cfg := edgetest.InFrontOf(target)
			cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto/edgetest"}}}
			_, url := edgetest.Edge(t, cfg)
			if got := send(t, "GET", url+prefix+"/query", ""); got.status != 502 || !strings.Contains(got.body, `"UPSTREAM_BAD_MESSAGE"`) {
				t.Errorf("%d %.300s", got.status, got.body)
			}
		})
	}
}

func TestALargeAnswerIsSentInPiecesAndWhole(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	text := strings.Repeat("0123456789abcdef", 200_000) // 3.2 MB
	got := send(t, "POST", url+"/body", `{"text":"`+text+`"}`)
	var answer map[string]any
	if err := json.Unmarshal([]byte(got.body), &answer); got.status != 200 || err != nil || answer["text"] != text {
		t.Errorf("%d, %d bytes, %v", got.status, len(got.body), err)
	}
	if got.header.Get("Content-Length") != "" {
		t.Errorf("it was held whole: its length, %s, was known before it was sent", got.header.Get("Content-Length"))
	}
}

func TestAnAnswerThatIsTooLargeIs502(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Limits = &configv1.Limits{UpstreamMessageBytes: 1 << 10}
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto/edgetest"}}}
	_, url := edgetest.Edge(t, cfg)
	if got := send(t, "POST", url+prefix+"/body", `{"text":"`+strings.Repeat("a", 2<<10)+`"}`); got.status != 502 || !strings.Contains(got.body, "larger than is let through") {
		t.Errorf("%d %s", got.status, got.body)
	}
}
