package extauthz_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/extauthz"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// authorizer is a service that answers as a test says.
type authorizer struct {
	authv3.UnimplementedAuthorizationServer
	answer func(context.Context, *authv3.CheckRequest) *authv3.CheckResponse

	mu    sync.Mutex
	asked *authv3.CheckRequest
}

func (a *authorizer) Check(ctx context.Context, r *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	a.mu.Lock()
	a.asked = r
	a.mu.Unlock()
	return a.answer(ctx, r), nil
}

// start runs an authorizer at an address, "" for any, until the test or stop ends it.
func start(t *testing.T, a *authorizer, address string) (target string, stop func()) {
	t.Helper()
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	authv3.RegisterAuthorizationServer(s, a)
	go s.Serve(listener) //nolint:errcheck // it ends when it is stopped
	t.Cleanup(s.Stop)
	return listener.Addr().String(), s.Stop
}

func checker(t *testing.T, cfg *configv1.ExternalAuthorization, log *slog.Logger) *extauthz.Checker {
	t.Helper()
	c, err := extauthz.New(cfg, extauthz.Options{KeyHeader: "x-api-key", Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() }) //nolint:errcheck // nothing is in flight
	return c
}

// call is one that shows all that can be told.
func call() *extauthz.Call {
	r := httptest.NewRequest(http.MethodPost, "https://shop.example.com/v1/carts/c-1?a=b", http.NoBody)
	r.Header.Set("Authorization", "Bearer token")
	r.Header.Set("Cookie", "a=b")
	r.Header.Set("X-Api-Key", "key")
	r.Header["X-Tenant"] = []string{"one", "two"}
	return &extauthz.Call{
		Request: r, ID: "id-1", Client: netip.MustParseAddr("192.0.2.1"), RPC: "/shop.cart.v1.CartService/GetCart", Template: "/v1/carts/{id}",
		Audience: "public", Principal: &principal.Principal{Subject: "c-1", Issuer: "i", Scopes: []string{"a", "b"}},
	}
}

func allow(options ...*corev3.HeaderValueOption) func(context.Context, *authv3.CheckRequest) *authv3.CheckResponse {
	return func(context.Context, *authv3.CheckRequest) *authv3.CheckResponse {
		return &authv3.CheckResponse{
			Status:       &status.Status{Code: int32(codes.OK)},
			HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: &authv3.OkHttpResponse{Headers: options}},
		}
	}
}

func header(name, value string) *corev3.HeaderValueOption {
	return &corev3.HeaderValueOption{Header: &corev3.HeaderValue{Key: name, Value: value}}
}

func TestTheAuthorizerIsToldOfTheCallAndNoCredentials(t *testing.T) {
	t.Parallel()
	a := &authorizer{answer: allow()}
	target, _ := start(t, a, "")
	patient := durationpb.New(5 * time.Second)
	if _, err := checker(t, &configv1.ExternalAuthorization{Target: target, Timeout: patient}, slog.Default()).Check(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	said := a.asked.GetAttributes()
	r := said.GetRequest().GetHttp()
	if r.GetMethod() != "POST" || r.GetPath() != "/v1/carts/c-1?a=b" || r.GetHost() != "shop.example.com" || r.GetScheme() != "https" || r.GetId() != "id-1" ||
		said.GetSource().GetAddress().GetSocketAddress().GetAddress() != "192.0.2.1" || said.GetSource().GetPrincipal() != "c-1" {
		t.Errorf("%v", said)
	}
	for name, want := range map[string]string{
		"authorization": "", "cookie": "", "x-api-key": "", "x-tenant": "one, two", ":path": "/v1/carts/c-1?a=b", ":method": "POST", ":authority": "shop.example.com",
	} {
		if got := r.GetHeaders()[name]; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"rpc": "/shop.cart.v1.CartService/GetCart", "template": "/v1/carts/{id}", "audience": "public", "subject": "c-1", "issuer": "i", "scopes": "a b",
	} {
		if got := said.GetContextExtensions()[name]; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	named := &configv1.ExternalAuthorization{Target: target, Timeout: patient, Headers: []string{"authorization"}}
	if _, err := checker(t, named, slog.Default()).Check(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	if got := a.asked.GetAttributes().GetRequest().GetHttp().GetHeaders(); got["authorization"] != "Bearer token" || got["x-tenant"] != "" {
		t.Errorf("%v", got)
	}
}

func TestServicesGetWhatTheAuthorizerMayAdd(t *testing.T) {
	t.Parallel()
	target, _ := start(t, &authorizer{answer: allow(
		header("X-Role", "buyer"), header("x-other", "1"), header("x-gatehouse-subject", "root"), header("x-role", "a\r\nb"), header("x-role", strings.Repeat("a", 10_000)),
	)}, "")
	c := checker(t, &configv1.ExternalAuthorization{Target: target, Timeout: durationpb.New(5 * time.Second), UpstreamHeaders: []string{"x-role"}}, slog.Default())
	got, err := c.Check(t.Context(), call())
	if err != nil || !slices.Equal(got, []string{"x-role", "buyer"}) {
		t.Errorf("%q %v", got, err)
	}
	if got := c.Owns(); !slices.Equal(got, []string{"X-Role"}) {
		t.Errorf("%q", got)
	}
}

func TestADenialIsPutInTheEdgesWords(t *testing.T) {
	t.Parallel()
	for code, want := range map[typev3.StatusCode]int{
		0: 403, 200: 403, 403: 403, 404: 403, 401: 401, 429: 429, 503: 503, 500: 403,
	} {
		target, _ := start(t, &authorizer{answer: func(context.Context, *authv3.CheckRequest) *authv3.CheckResponse {
			return &authv3.CheckResponse{
				Status: &status.Status{Code: int32(codes.PermissionDenied), Message: "internal words"},
				HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: &authv3.DeniedHttpResponse{
					Status: &typev3.HttpStatus{Code: code}, Body: "<script>",
					Headers: []*corev3.HeaderValueOption{
						header("retry-after", "7"), header("Set-Cookie", "a=b"), header("www-authenticate", "Bearer\r\nX-Evil: 1"), header("Location", "https://evil.example.com"),
					},
				}},
			}
		}}, "")
		_, err := checker(t, &configv1.ExternalAuthorization{Target: target, Timeout: durationpb.New(5 * time.Second)}, slog.Default()).Check(t.Context(), call())
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.HTTP != want || f.Header.Get("Retry-After") != "7" || len(f.Header) != 1 {
			t.Errorf("%d: %v %v", code, err, f)
			continue
		}
		if said := f.Status.GetMessage(); strings.Contains(said, "script") || strings.Contains(said, "internal words") {
			t.Errorf("%d: the client is told %q", code, said)
		}
	}
}

func TestAnAuthorizerThatIsAwayRefusesUnlessItIsSaidOtherwise(t *testing.T) {
	t.Parallel()
	target, stop := start(t, &authorizer{answer: allow()}, "")
	stop()
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(&text, nil))
	closed := checker(t, &configv1.ExternalAuthorization{Target: target}, log)
	open := checker(t, &configv1.ExternalAuthorization{Target: target, FailOpen: true}, slog.New(slog.DiscardHandler))
	for range 3 {
		_, err := closed.Check(t.Context(), call())
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Reason != fault.AuthUnavailable || f.Header.Get("Retry-After") == "" || strings.Contains(f.Status.GetMessage(), target) {
			t.Fatalf("%v", err)
		}
		if _, err := open.Check(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(text.String(), "does not answer"); n != 1 {
		t.Errorf("the outage was logged %d times: %s", n, &text)
	}
	start(t, &authorizer{answer: allow()}, target)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if _, err := closed.Check(t.Context(), call()); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it is not asked again")
		}
	}
	if !strings.Contains(text.String(), "answers again") {
		t.Errorf("%s", &text)
	}
}

func TestAnAuthorizerThatHangsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	target, _ := start(t, &authorizer{answer: func(ctx context.Context, _ *authv3.CheckRequest) *authv3.CheckResponse {
		<-ctx.Done()
		return nil
	}}, "")
	c := checker(t, &configv1.ExternalAuthorization{Target: target, Timeout: durationpb.New(20 * time.Millisecond)}, slog.New(slog.DiscardHandler))
	_, err := c.Check(t.Context(), call())
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Reason != fault.AuthUnavailable {
		t.Errorf("%v", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err = c.Check(gone, call())
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Reason != fault.ClientGone {
		t.Errorf("a client that left: %v", err)
	}
}

func TestWhatIsWrongWithTheConfigurationIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := extauthz.New(&configv1.ExternalAuthorization{
		Timeout: durationpb.New(time.Hour), Headers: []string{"X-Upper"}, UpstreamHeaders: []string{"", "x_gatehouse_subject", "grpc-timeout"},
	}, extauthz.Options{})
	for _, want := range []string{
		"target: is missing", "timeout: 1h0m0s", `headers[0]: "X-Upper"`, `upstream_headers[0]: ""`, `upstream_headers[1]: "x_gatehouse_subject" is reserved`, `upstream_headers[2]: "grpc-timeout" is reserved`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("nothing of %s in %v", want, err)
		}
	}
}
