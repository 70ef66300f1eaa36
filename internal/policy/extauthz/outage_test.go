package extauthz_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/prometheus/client_golang/prometheus"
	rpc "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/extauthz"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// clock is one that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_800_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// count is how many questions had an outcome.
func count(t *testing.T, r *prometheus.Registry, outcome string) float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range families[0].GetMetric() {
		if m.GetLabel()[0].GetValue() == outcome {
			return m.GetCounter().GetValue()
		}
	}
	t.Fatalf("no %s in %v", outcome, families)
	return 0
}

// isUnavailable tells whether a call was refused since nobody decided, and the client is told no more than that.
func isUnavailable(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && f.Reason == fault.AuthUnavailable && f.HTTP == http.StatusServiceUnavailable && f.Header.Get("Retry-After") != "" &&
		f.Status.GetMessage() == "who may call can not be found out at the moment; try again"
}

func TestAnAuthorizerThatIsAwayRefusesUnlessItIsSaidOtherwise(t *testing.T) {
	t.Parallel()
	target, stop := start(t, allow(), "")
	stop()
	var text bytes.Buffer
	log, now, counts := slog.New(slog.NewTextHandler(&text, nil)), newClock(), prometheus.NewRegistry()
	closed := checker(t, patient(target), extauthz.Options{Log: log, Now: now.Now})
	cfg := patient(target)
	cfg.FailOpen = true
	open := checker(t, cfg, extauthz.Options{Registerer: counts})
	for range 3 {
		if _, err := closed.Check(t.Context(), call()); !isUnavailable(err) {
			t.Fatalf("%v", err)
		}
		if _, err := open.Check(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(text.String(), "does not answer"); n != 1 {
		t.Errorf("the outage was logged %d times: %s", n, &text)
	}
	if n := count(t, counts, "let_through"); n != 3 {
		t.Errorf("%v calls were counted that were let through", n)
	}
	start(t, allow(), target)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := closed.Check(t.Context(), call()); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it is not asked again")
		}
	}
	now.pass(time.Minute)
	if _, err := closed.Check(t.Context(), call()); err != nil || strings.Count(text.String(), "answers again") != 1 {
		t.Errorf("%v: %s", err, &text)
	}
}

func TestAnAuthorizerThatAnswersNowAndThenDoesNotFillTheLog(t *testing.T) {
	t.Parallel()
	turn := 0
	target, _ := start(t, &authorizer{answer: func(context.Context, *authv3.CheckRequest) (*authv3.CheckResponse, error) {
		if turn++; turn%2 == 0 {
			return nil, status.Error(codes.Unavailable, "out of order")
		}
		return &authv3.CheckResponse{}, nil
	}}, "")
	var text bytes.Buffer
	now := newClock()
	c := checker(t, patient(target), extauthz.Options{Log: slog.New(slog.NewTextHandler(&text, nil)), Now: now.Now})
	for range 20 {
		c.Check(t.Context(), call()) //nolint:errcheck // every other one fails
		now.pass(10 * time.Millisecond)
	}
	if lines := strings.Count(text.String(), "\n"); lines != 1 {
		t.Errorf("%d lines:\n%s", lines, &text)
	}
}

// silent is the target of a listener that takes connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() }) //nolint:errcheck // nobody is served
	return listener.Addr().String()
}

func TestAnAuthorizerThatHangsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	hanging, _ := start(t, &authorizer{answer: func(ctx context.Context, _ *authv3.CheckRequest) (*authv3.CheckResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}, "")
	for name, target := range map[string]string{"hangs": hanging, "is silent": silent(t)} {
		for _, failOpen := range []bool{false, true} {
			c := checker(t, &configv1.ExternalAuthorization{Target: target, FailOpen: failOpen, Timeout: durationpb.New(20 * time.Millisecond)}, extauthz.Options{})
			if _, err := c.Check(t.Context(), call()); isUnavailable(err) == failOpen {
				t.Errorf("one that %s, fail_open %v: %v", name, failOpen, err)
			}
		}
	}
}

func TestAClientThatLeftIsNotLetThrough(t *testing.T) {
	t.Parallel()
	c := checker(t, &configv1.ExternalAuthorization{Target: silent(t), FailOpen: true, Timeout: durationpb.New(10 * time.Second)}, extauthz.Options{})
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err := c.Check(gone, call())
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Reason != fault.ClientGone {
		t.Errorf("%v", err)
	}
}

func TestFailOpenLetsNothingThroughThatTheAuthorizerFailsAt(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(context.Context) (*authv3.CheckResponse, error){
		"refuses to decide": func(context.Context) (*authv3.CheckResponse, error) {
			return nil, status.Error(codes.PermissionDenied, "who is asking?")
		},
		"fails": func(context.Context) (*authv3.CheckResponse, error) { return nil, status.Error(codes.Internal, "oops") },
		"is overloaded": func(context.Context) (*authv3.CheckResponse, error) {
			return nil, status.Error(codes.ResourceExhausted, "later")
		},
		"says that it has failed": func(context.Context) (*authv3.CheckResponse, error) {
			return &authv3.CheckResponse{HttpResponse: &authv3.CheckResponse_ErrorResponse{ErrorResponse: &authv3.DeniedHttpResponse{}}}, nil
		},
		"says too much": func(context.Context) (*authv3.CheckResponse, error) {
			return &authv3.CheckResponse{Status: &rpc.Status{Message: strings.Repeat("a", 1<<20)}}, nil
		},
		"sends huge metadata": func(ctx context.Context) (*authv3.CheckResponse, error) {
			return &authv3.CheckResponse{}, grpc.SetHeader(ctx, metadata.Pairs("x-huge", strings.Repeat("a", 1<<20)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, _ := start(t, &authorizer{answer: func(ctx context.Context, _ *authv3.CheckRequest) (*authv3.CheckResponse, error) { return answer(ctx) }}, "")
			cfg := patient(target)
			cfg.FailOpen = true
			if _, err := checker(t, cfg, extauthz.Options{}).Check(t.Context(), call()); !isUnavailable(err) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestFailOpenLetsNothingThroughThatIsTooMuchToTell(t *testing.T) {
	t.Parallel()
	target, _ := start(t, allow(), "")
	cfg := patient(target)
	cfg.FailOpen = true
	much := call()
	much.Request.Header.Set("X-Tenant", strings.Repeat("a", 5<<20)) // gRPC servers take 4 MiB
	if _, err := checker(t, cfg, extauthz.Options{}).Check(t.Context(), much); !isUnavailable(err) {
		t.Errorf("%v", err)
	}
}

func TestNoClientCanMakeAQuestionThatIsNotAsked(t *testing.T) {
	t.Parallel()
	a := always(&authv3.CheckResponse{Status: &rpc.Status{Code: int32(codes.PermissionDenied)}})
	target, _ := start(t, a, "")
	cfg := patient(target)
	cfg.FailOpen = true
	c := checker(t, cfg, extauthz.Options{})
	asked := make(chan error, 1)
	edge := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := c.Check(r.Context(), &extauthz.Call{Request: r, Principal: &principal.Principal{Subject: "\xff", Issuer: "\xff", Scopes: []string{"\xff"}}})
		asked <- err
	}))
	defer edge.Close()
	for name, line := range map[string]string{
		"bytes in the query":  "GET /v1/carts?a=\xff HTTP/1.1\r\nHost: shop.example.com\r\n\r\n",
		"bytes in the path":   "GET /v1/\xff HTTP/1.1\r\nHost: shop.example.com\r\n\r\n",
		"bytes in a header":   "GET / HTTP/1.1\r\nHost: shop.example.com\r\nX-Tenant: \xff\r\n\r\n",
		"a long header":       "GET / HTTP/1.1\r\nHost: shop.example.com\r\nX-Tenant: " + strings.Repeat("a", 900<<10) + "\r\n\r\n",
		"an absolute address": "GET http://shop.example.com?\xff HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", edge.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
		var f *fault.Error
		select {
		case err = <-asked:
			f, _ = errors.AsType[*fault.Error](err)
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: the request does not arrive", name)
		}
		if f == nil || f.Reason != fault.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
		conn.Close() //nolint:errcheck // the answer does not matter
	}
	if port := a.asked().GetDestination().GetAddress().GetSocketAddress().GetPortValue(); int(port) != edge.Listener.Addr().(*net.TCPAddr).Port {
		t.Errorf("the destination is %v", a.asked().GetDestination())
	}
}

func TestTheAuthorizerIsNotToldWhatOnlyTheEdgeMaySay(t *testing.T) {
	t.Parallel()
	a := allow()
	target, _ := start(t, a, "")
	forged := call()
	for _, name := range []string{"X-Gatehouse-Subject", "X_gatehouse_subject", "X-Gatehouse_scopes"} {
		forged.Request.Header[name] = []string{"root"}
	}
	forged.Request.Header.Set("Sec-Websocket-Protocol", "gatehouse, bearer.token")
	forged.Request.Header.Set("Proxy-Authorization", "Basic token")
	if _, err := checker(t, patient(target), extauthz.Options{}).Check(t.Context(), forged); err != nil {
		t.Fatal(err)
	}
	for name, value := range a.asked().GetRequest().GetHttp().GetHeaders() {
		if value == "root" || strings.Contains(value, "token") {
			t.Errorf("%s: %s", name, value)
		}
	}
}
