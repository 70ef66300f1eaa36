package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/types/known/durationpb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
	"github.com/gatehouse-edge/gatehouse/server"
)

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// leaks are what no error body may hold: addresses, what Go and gRPC call their errors, stacks.
var leaks = regexp.MustCompile(`127\.0\.0\.1|\[::1\]|localhost:|rpc error|desc =|dial tcp|goroutine|\.go:\d|runtime error|panic|transport:`)

func send(t *testing.T, method, url, body string, header ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
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
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= http.StatusBadRequest && method != http.MethodHead {
		checkError(t, method+" "+url, res, text)
	}
	return reply{res.StatusCode, res.Header, string(text)}
}

// checkError makes sure that an error has the one shape, holds the request id, and leaks nothing.
func checkError(t *testing.T, what string, res *http.Response, text []byte) {
	t.Helper()
	var body struct {
		Code    int
		Message string
		Details []map[string]any
	}
	if err := json.Unmarshal(text, &body); err != nil || body.Code == 0 || body.Message == "" || res.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s: %v: %s", what, err, text)
	}
	if leak := leaks.FindString(string(text)); leak != "" {
		t.Errorf("%s: the body holds %q: %s", what, leak, text)
	}
	id := res.Header.Get("X-Request-Id")
	for _, d := range body.Details {
		if d["requestId"] == id && id != "" {
			return
		}
	}
	t.Errorf("%s: the id %q is not in %s", what, id, text)
}

func start(t *testing.T) (*edgetest.Backend, *server.Edge, string) {
	t.Helper()
	b := edgetest.StartBackend(t)
	edge, url := edgetest.Edge(t, edgetest.InFrontOf(b.Target))
	return b, edge, url + prefix
}

func TestRefusalsHaveTheRightStatus(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	for _, c := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
		want                     string
	}{
		{"unknown path", "GET", "/nothing/here", "", nil, 404, `"NO_ROUTE"`},
		{"empty segment", "GET", "/items/", "", nil, 404, `"NO_ROUTE"`},
		{"wrong method", "PUT", "/query", "", nil, 405, "GET, HEAD, OPTIONS"},
		{"dots", "GET", "/items/%2e%2e", "", nil, 400, `"BAD_PATH"`},
		{"unknown parameter", "GET", "/query?txet=1", "", nil, 400, `did you mean \"text\"?`},
		{"bad JSON", "POST", "/body", `{"text":`, nil, 400, `"field":"$.text"`},
		{"bad timeout", "GET", "/query", "", []string{"Grpc-Timeout", "soon"}, 400, "Grpc-Timeout"},
		{"other bad timeout", "GET", "/query", "", []string{"X-Request-Timeout", "-1"}, 400, "X-Request-Timeout"},
		{"not JSON", "POST", "/body", "text=a", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, `"UNSUPPORTED_MEDIA_TYPE"`},
		{"large body", "POST", "/body", `{"text":"` + strings.Repeat("a", 4<<20) + `"}`, nil, 413, `"BODY_TOO_LARGE"`},
		{"long URL", "GET", "/query?text=" + strings.Repeat("a", 9000), "", nil, 414, `"URL_TOO_LONG"`},
		{"upstream's word", "GET", "/fail/9?text=not+now", "", nil, 400, `"message":"not now"`},
	} {
		if got := send(t, c.method, url+c.path, c.body, c.header...); got.status != c.status || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
}

func TestWhatTheUpstreamSaysIsPassedOnWithoutItsDebugInfo(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	got := send(t, "GET", url+"/fail/8?text=too+much", "")
	if got.status != 429 || got.header.Get("Retry-After") != "2" || !strings.Contains(got.body, `"fieldViolations":[{"field":"text"`) ||
		strings.Contains(got.body, "secret") || strings.Contains(got.body, "DebugInfo") || strings.Contains(got.body, "gatehouse") {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
}

func TestOptionsAndHeadAreAnswered(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	if got := send(t, "OPTIONS", url+"/items/7", ""); got.status != 204 || got.header.Get("Allow") != "DELETE, GET, HEAD, OPTIONS" {
		t.Errorf("%d %v", got.status, got.header)
	}
	get, head := send(t, "GET", url+"/items/7", ""), send(t, "HEAD", url+"/items/7", "")
	if head.status != 200 || head.body != "" || head.header.Get("Content-Length") != get.header.Get("Content-Length") || head.header.Get("Content-Length") == "" {
		t.Errorf("%d %v", head.status, head.header)
	}
}

func TestRequestIDsAreTakenIfWellFormedAndMadeOtherwise(t *testing.T) {
	t.Parallel()
	b, _, url := start(t)
	for id, taken := range map[string]bool{"abc-123": true, "": false, "a b": false, `"><script>`: false, strings.Repeat("x", 129): false} {
		got := send(t, "GET", url+"/query", "", "X-Request-Id", id)
		_, md := b.Last()
		answered := got.header.Get("X-Request-Id")
		if (answered == id) != taken || answered == "" || strings.Join(md["x-request-id"], ",") != answered {
			t.Errorf("%q: answered %q, upstream got %q", id, answered, md["x-request-id"])
		}
	}
}

func TestOnlyListedHeadersPass(t *testing.T) {
	t.Parallel()
	b, _, url := start(t)
	got := send(t, "GET", url+"/query", "", "Authorization", "Bearer x", "Accept-Language", "de", "If-Match", `"1"`, "Cookie", "a=b", "X-Gatehouse-Principal", "admin",
		"Grpc-Metadata-Tenant", "t", "X-Forwarded-For", "192.0.2.1", "Connection", "close", "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	_, md := b.Last()
	for key, want := range map[string]string{
		"authorization": "Bearer x", "accept-language": "de", "if-match": `"1"`, "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http", "cookie": "", "x-gatehouse-principal": "", "tenant": "", "grpc-metadata-tenant": "", "connection": "",
	} {
		if value := strings.Join(md[key], ","); value != want {
			t.Errorf("upstream got %s: %q, want %q", key, value, want)
		}
	}
	if got.header.Get("X-Answer") != "header" || got.header.Get("X-Trail") != "trailer" || got.header.Get("Etag") != `"1"` || got.header.Get("Set-Cookie") != "" {
		t.Errorf("answered %v", got.header)
	}
}

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

// garbage answers every call with bytes that are no message.
type garbage struct{}

func (garbage) Name() string { return "proto" }
func (garbage) Marshal(any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer("\x0a\xff\xff\xff")}, nil
}
func (garbage) Unmarshal(mem.BufferSlice, any) error { return nil }

var _ encoding.CodecV2 = garbage{}

func TestAnAnswerThatIsNoMessageIs502(t *testing.T) {
	t.Parallel()
	lis, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.ForceServerCodecV2(garbage{}))
	edgetestv1.RegisterEverythingServiceServer(s, new(edgetest.Backend))
	go s.Serve(lis) //nolint:errcheck // it ends when the test stops it
	defer s.Stop()
	cfg := edgetest.InFrontOf(lis.Addr().String())
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto/edgetest"}}}
	_, url := edgetest.Edge(t, cfg)
	for _, path := range []string{"/query", "/download/a"} {
		if got := send(t, "GET", url+prefix+path, ""); got.status != 502 || !strings.Contains(got.body, `"UPSTREAM_BAD_MESSAGE"`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

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

func TestALargeAnswerIsSentInPiecesAndWhole(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	text := strings.Repeat("0123456789abcdef", 200_000) // 3.2 MB
	got := send(t, "POST", url+"/body", `{"text":"`+text+`"}`)
	if got.status != 200 || !strings.HasPrefix(got.body, `{"text":"`+text+`","int32Value":0,`) || !json.Valid([]byte(got.body)) {
		t.Errorf("%d, %d bytes", got.status, len(got.body))
	}
}

func TestInternalFieldsOfTheShopAreSeenByTheirLabelOnly(t *testing.T) {
	t.Parallel()
	running, err := shop.Start(t.Context(), shop.Config{OnePort: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	cfg := edgetest.InFrontOf(running.Targets()[shop.FullName("profile")])
	_, public := edgetest.Edge(t, cfg)
	labelled := edgetest.InFrontOf(cfg.GetUpstreams()[0].GetTarget())
	labelled.VisibilityLabels = []string{"INTERNAL"}
	_, internal := edgetest.Edge(t, labelled)
	for _, field := range []string{"passwordHash", "fraudScore", "debugInfo"} {
		if got := send(t, "GET", public+"/v1/profiles/c-1001", ""); got.status != 200 || strings.Contains(got.body, field) {
			t.Errorf("public sees %s: %d %s", field, got.status, got.body)
		}
		if got := send(t, "GET", internal+"/v1/profiles/c-1001", ""); !strings.Contains(got.body, field) {
			t.Errorf("internal does not see %s: %s", field, got.body)
		}
		got := send(t, "PATCH", public+"/v1/profiles/c-1001", `{"`+field+`":1}`)
		if got.status != 400 || !strings.Contains(got.body, "unknown field") || strings.Contains(got.body, "did you mean") {
			t.Errorf("public may name %s: %d %s", field, got.status, got.body)
		}
	}
}

func TestReloadSwapsWhileRequestsRun(t *testing.T) {
	t.Parallel()
	_, edge, url := start(t)
	stop, failed := make(chan struct{}), make(chan string, 4)
	for range cap(failed) {
		go func() {
			for {
				select {
				case <-stop:
					failed <- ""
					return
				default:
				}
				res, err := http.Get(url + "/query?text=a")
				if err != nil {
					failed <- err.Error()
					return
				}
				_, err = io.Copy(io.Discard, res.Body)
				if err := errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
					failed <- fmt.Sprint(res.Status, err)
					return
				}
			}
		}()
	}
	for range 20 {
		if err := edge.Reload(t.Context()); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	for range cap(failed) {
		if f := <-failed; f != "" {
			t.Error(f)
		}
	}
}

func TestConflictsNameBothOwnersAndTheirPlaces(t *testing.T) {
	t.Parallel()
	cfg := &configv1.Config{Sources: []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "testdata/conflict"}}}}
	err := server.Check(t.Context(), cfg)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"conflict.proto:12:5: duplicate route: GET /v1/a/{name} of conflict.v1.ConflictService.First (testdata/conflict/conflict.proto:9:5) and GET /v1/a/{name} of conflict.v1.ConflictService.Second",
		"conflict.proto:15:5: ambiguous routes: GET /v1/a/{name} of conflict.v1.ConflictService.First",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing like %q in\n%v", want, err)
		}
	}
}

func TestMetricsAreByTemplate(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Listeners, cfg.AdminAddress = []*configv1.Listener{{Address: "127.0.0.1:0"}, {Address: "127.0.0.1:0", Tls: &configv1.Tls{SelfSigned: true}}}, "127.0.0.1:0"
	edge, err := server.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := edge.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- edge.Serve(ctx) }()
	for i := range 5 {
		send(t, "GET", fmt.Sprintf("%s%s/items/%d", edge.URLs()[0], prefix, i), "")
		send(t, "GET", fmt.Sprintf("%s/unknown/%d", edge.URLs()[0], i), "")
	}
	metrics := send(t, "GET", edge.AdminURL()+"/metrics", "").body
	for _, want := range []string{
		`gatehouse_requests_total{method="GET",route="/edgetest/v1/items/{text}",rpc="edgetest.v1.EverythingService.Templates",status="200"} 5`,
		`gatehouse_requests_total{method="",route="",rpc="",status="404"} 5`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s", want)
		}
	}
	if !strings.HasPrefix(edge.URLs()[1], "https://") {
		t.Errorf("%v", edge.URLs())
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestUnknownBodiesAreNotKept(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	got := send(t, "POST", url+"/body", string(bytes.Repeat([]byte("["), 1<<20)))
	if got.status != 400 {
		t.Errorf("%d %s", got.status, got.body)
	}
}
