package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/server"
)

func TestInternalFieldsOfTheShopAreSeenByTheirLabelOnly(t *testing.T) {
	t.Parallel()
	cfg := edgetest.InFrontOf(startShop(t))
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
	edge, stop, served := serve(t, b)
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

func TestAReloadThatFailsKeepsServing(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	protos := t.TempDir()
	if err := os.CopyFS(filepath.Join(protos, "edgetest"), os.DirFS("../proto/edgetest")); err != nil {
		t.Fatal(err)
	}
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: protos}}}
	edge, url := edgetest.Edge(t, cfg)
	broken := filepath.Join(protos, "broken.proto")
	if err := os.WriteFile(broken, []byte("syntax = nonsense;"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := edge.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "broken.proto:1:10") {
		t.Errorf("reloaded: %v", err)
	}
	if got := send(t, "GET", url+prefix+"/query", ""); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if err := errors.Join(os.Remove(broken), edge.Reload(t.Context())); err != nil {
		t.Error(err)
	}
}

func TestARequestInFlightFinishesOnTheTableItBeganWith(t *testing.T) {
	t.Parallel()
	b, edge, url := start(t)
	reached, release := make(chan struct{}), make(chan struct{})
	b.Hold = func(context.Context) error {
		close(reached)
		<-release
		return nil
	}
	answered := make(chan reply, 1)
	go func() { answered <- send(t, "GET", url+"/query?text=a", "") }()
	<-reached
	err := edge.Reload(t.Context())
	close(release)
	if got := <-answered; got.status != 200 || err != nil {
		t.Errorf("%d %s, %v", got.status, got.body, err)
	}
}

func TestADrainFinishesCallsInFlight(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	reached, release := make(chan struct{}), make(chan struct{})
	b.Hold = func(context.Context) error {
		close(reached)
		<-release
		return nil
	}
	edge, stop, served := serve(t, b)
	answered := make(chan reply, 1)
	go func() { answered <- send(t, "GET", edge.URLs()[0]+prefix+"/query?text=a", "") }()
	<-reached
	stop()
	for ready(t, edge) {
		time.Sleep(time.Millisecond)
	}
	for accepts(t, edge.URLs()[0]) {
		time.Sleep(time.Millisecond)
	}
	close(release)
	if got := <-answered; got.status != 200 || !strings.HasPrefix(got.body, `{"text":"a"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// serve runs an edge with listeners of its own. stop begins the drain, and served tells how it went.
func serve(t *testing.T, b *edgetest.Backend) (edge *server.Edge, stop context.CancelFunc, served <-chan error) {
	t.Helper()
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Listeners = []*configv1.Listener{{Address: "127.0.0.1:0"}, {Address: "127.0.0.1:0", Tls: &configv1.Tls{SelfSigned: true}}}
	cfg.AdminAddress = "127.0.0.1:0"
	edge, err := server.New(t.Context(), cfg, server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if err := edge.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func(e *server.Edge) { done <- e.Serve(ctx) }(edge)
	return edge, stop, done
}

// ready asks the edge whether it takes requests.
func ready(t *testing.T, edge *server.Edge) bool {
	t.Helper()
	res, err := http.Get(edge.AdminURL() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// accepts tells whether a new connection is taken.
func accepts(t *testing.T, url string) bool {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

func TestAPanicIs500AndTheNextRequestIsServed(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	var calls atomic.Int32
	panics := grpc.WithUnaryInterceptor(func(ctx context.Context, method string, in, out any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if calls.Add(1) == 1 {
			panic("secret")
		}
		return invoke(ctx, method, in, out, conn, opts...)
	})
	edge, err := server.New(t.Context(), edgetest.InFrontOf(b.Target), server.WithDialOptions(panics), server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { edge.Close() }) //nolint:errcheck // nothing is in flight any more
	url := edgetest.Front(t, edge.Handler())
	if got := send(t, "GET", url+prefix+"/query", ""); got.status != 500 || !strings.Contains(got.body, `"INTERNAL"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, "GET", url+prefix+"/query", ""); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestAReloadCutsOffNoCallThatMayTakeLongerThanOthers has a method whose policy gives it more time than the limits do.
func TestAReloadCutsOffNoCallThatMayTakeLongerThanOthers(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	reached, release := make(chan struct{}), make(chan struct{})
	b.Hold = func(ctx context.Context) error {
		close(reached)
		select {
		case <-release:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	const short = 50 * time.Millisecond
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Limits = &configv1.Limits{Timeout: durationpb.New(short), Drain: durationpb.New(short)}
	cfg.Policies = []*configv1.PolicySettings{{
		Names: []string{"edgetest.v1.EverythingService.Query"}, Policy: &gatehousev1.Policy{Timeout: durationpb.New(time.Minute)},
	}}
	edge, url := edgetest.Edge(t, cfg)
	answered := make(chan reply, 1)
	go func() { answered <- send(t, "GET", url+prefix+"/query?text=a", "") }()
	<-reached
	if err := edge.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-answered:
		t.Errorf("%d %s", got.status, got.body)
	case <-time.After(4 * short):
		close(release)
		if got := <-answered; got.status != http.StatusOK {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
}

// TestDescriptorsThatAreLinkedInAreServed needs no reflection of the service, and no files.
func TestDescriptorsThatAreLinkedInAreServed(t *testing.T) {
	t.Parallel()
	cfg := edgetest.InFrontOf(edgetest.StartBackend(t).Target)
	cfg.Upstreams[0].Services = []string{"edgetest.v1.EverythingService"}
	edge := listening(t, cfg, server.WithLinked("edgetest.v1.EverythingService"))
	if got := send(t, "GET", edge.URLs()[0]+prefix+"/query?text=linked", ""); got.status != http.StatusOK || !strings.Contains(got.body, `"linked"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	for _, route := range edge.Routes() {
		if !strings.HasPrefix(route.RPC, "edgetest.v1.EverythingService.") {
			t.Errorf("%s is served, and was not named", route.RPC)
		}
	}
	if _, err := server.New(t.Context(), cfg, server.WithLinked("edgetest.v1.NoService")); err == nil || !strings.Contains(err.Error(), "edgetest.v1.NoService") {
		t.Errorf("a service that is not linked in: %v", err)
	}
}
