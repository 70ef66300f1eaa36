package extauthz_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
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
	answer func(context.Context, *authv3.CheckRequest) (*authv3.CheckResponse, error)

	mu   sync.Mutex
	last *authv3.CheckRequest
}

func (a *authorizer) Check(ctx context.Context, r *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	a.mu.Lock()
	a.last = r
	a.mu.Unlock()
	return a.answer(ctx, r)
}

// asked is what the service was told last, nil if it was not asked.
func (a *authorizer) asked() *authv3.AttributeContext {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last.GetAttributes()
}

// start runs an authorizer at an address, "" for any, until the test or stop ends it.
func start(t testing.TB, a *authorizer, address string) (target string, stop func()) {
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

func checker(t testing.TB, cfg *configv1.ExternalAuthorization, o extauthz.Options) *extauthz.Checker {
	t.Helper()
	if o.KeyHeader = "x-api-key"; o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c, err := extauthz.New(cfg, o)
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

// patient waits for a service however slow the machine is.
func patient(target string) *configv1.ExternalAuthorization {
	return &configv1.ExternalAuthorization{Target: target, Timeout: durationpb.New(10 * time.Second)}
}

func always(answer *authv3.CheckResponse) *authorizer {
	return &authorizer{answer: func(context.Context, *authv3.CheckRequest) (*authv3.CheckResponse, error) { return answer, nil }}
}

func allow(options ...*corev3.HeaderValueOption) *authorizer {
	return always(&authv3.CheckResponse{
		Status:       &status.Status{Code: int32(codes.OK)},
		HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: &authv3.OkHttpResponse{Headers: options}},
	})
}

func header(name, value string) *corev3.HeaderValueOption {
	return &corev3.HeaderValueOption{Header: &corev3.HeaderValue{Key: name, Value: value}}
}

func TestTheAuthorizerIsToldOfTheCallAndNoCredentials(t *testing.T) {
	t.Parallel()
	a := allow()
	target, _ := start(t, a, "")
	if _, err := checker(t, patient(target), extauthz.Options{}).Check(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	told := a.asked()
	r := told.GetRequest().GetHttp()
	if r.GetMethod() != "POST" || r.GetPath() != "/v1/carts/c-1?a=b" || r.GetHost() != "shop.example.com" || r.GetScheme() != "https" || r.GetId() != "id-1" ||
		told.GetSource().GetAddress().GetSocketAddress().GetAddress() != "192.0.2.1" || told.GetSource().GetPrincipal() != "c-1" {
		t.Errorf("%v", told)
	}
	if err := told.ValidateAll(); err != nil { // by the rules of the protocol's own protos
		t.Error(err)
	}
	want := map[string]string{"x-tenant": "one, two", ":path": "/v1/carts/c-1?a=b", ":method": "POST", ":authority": "shop.example.com"}
	if got := r.GetHeaders(); !maps.Equal(got, want) {
		t.Errorf("headers:\n got %q\nwant %q", got, want)
	}
	want = map[string]string{
		"rpc": "/shop.cart.v1.CartService/GetCart", "template": "/v1/carts/{id}", "audience": "public", "subject": "c-1", "issuer": "i", "scopes": "a b",
	}
	if got := told.GetContextExtensions(); !maps.Equal(got, want) {
		t.Errorf("context_extensions:\n got %q\nwant %q", got, want)
	}
}

func TestTheAuthorizerIsToldTheHeadersThatAreNamed(t *testing.T) {
	t.Parallel()
	a := allow()
	target, _ := start(t, a, "")
	cfg := patient(target)
	cfg.Headers = []string{"authorization", "cookie"}
	shown := call()
	shown.Credentials = http.Header{"Authorization": {"Bearer token"}} // which the edge has taken out of the request
	shown.Request.Header.Del("Authorization")
	if _, err := checker(t, cfg, extauthz.Options{}).Check(t.Context(), shown); err != nil {
		t.Fatal(err)
	}
	got := a.asked().GetRequest().GetHttp().GetHeaders()
	want := map[string]string{
		"authorization": "Bearer token", "cookie": "a=b", ":path": "/v1/carts/c-1?a=b", ":method": "POST", ":authority": "shop.example.com",
	}
	if !maps.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestTheAuthorizerIsToldNothingOfSomebodyUnknown(t *testing.T) {
	t.Parallel()
	a := allow()
	target, _ := start(t, a, "")
	unknown := call()
	unknown.Principal = nil
	if _, err := checker(t, patient(target), extauthz.Options{}).Check(t.Context(), unknown); err != nil {
		t.Fatal(err)
	}
	said := a.asked().GetContextExtensions()
	if _, named := said["subject"]; named || a.asked().GetSource().GetPrincipal() != "" {
		t.Errorf("%v", a.asked())
	}
}

func TestServicesGetWhatTheAuthorizerMayAdd(t *testing.T) {
	t.Parallel()
	raw := &corev3.HeaderValueOption{Header: &corev3.HeaderValue{Key: "x-raw", RawValue: []byte("raw")}}
	target, _ := start(t, allow(
		header("X-Role", "guest"), header("X-Role", "buyer"), raw, header("x-other", "1"), header("x-gatehouse-subject", "root"), header("grpc-timeout", "1n"),
		header("x-role", "a\r\nb"), header("x-role", "Zo\u00eb"), header("x-role", ""), header("x-role", strings.Repeat("a", 10_000)), header("", "x"),
	), "")
	cfg := patient(target)
	cfg.UpstreamHeaders = []string{"x-role", "x-raw"}
	c := checker(t, cfg, extauthz.Options{})
	got, err := c.Check(t.Context(), call())
	if err != nil || !slices.Equal(got, []string{"x-role", "buyer", "x-raw", "raw"}) {
		t.Errorf("%q %v", got, err)
	}
	if got := slices.Sorted(slices.Values(c.Owns())); !slices.Equal(got, []string{"X-Raw", "X-Role"}) {
		t.Errorf("%q", got)
	}
}

func TestADenialIsPutInTheEdgesWords(t *testing.T) {
	t.Parallel()
	for code, want := range map[typev3.StatusCode]int{
		0: 403, 200: 403, 302: 403, 403: 403, 404: 403, 401: 401, 429: 429, 503: 503, 500: 403, 9999: 403, -1: 403,
	} {
		target, _ := start(t, always(&authv3.CheckResponse{
			Status: &status.Status{Code: int32(codes.PermissionDenied), Message: "internal words"},
			HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: &authv3.DeniedHttpResponse{
				Status: &typev3.HttpStatus{Code: code}, Body: "<script>",
				Headers: []*corev3.HeaderValueOption{
					header("retry-after", "7"), header("Set-Cookie", "a=b"), header("www-authenticate", "Bearer\r\nX-Evil: 1"), header("Location", "https://evil.example.com"),
				},
			}},
		}), "")
		_, err := checker(t, patient(target), extauthz.Options{}).Check(t.Context(), call())
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

func TestADenialMayAskForCredentials(t *testing.T) {
	t.Parallel()
	target, _ := start(t, always(&authv3.CheckResponse{
		Status: &status.Status{Code: int32(codes.Unauthenticated)},
		HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: &authv3.DeniedHttpResponse{
			Status: &typev3.HttpStatus{Code: typev3.StatusCode_Unauthorized}, Headers: []*corev3.HeaderValueOption{header("WWW-Authenticate", `Bearer scope="pay"`)},
		}},
	}), "")
	_, err := checker(t, patient(target), extauthz.Options{}).Check(t.Context(), call())
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Reason != fault.Unauthenticated || f.Header.Get("WWW-Authenticate") != `Bearer scope="pay"` {
		t.Errorf("%v", err)
	}
}

func TestADenialWhoseStatusWasForgottenIsADenial(t *testing.T) {
	t.Parallel()
	target, _ := start(t, always(&authv3.CheckResponse{
		HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: &authv3.DeniedHttpResponse{}},
	}), "")
	_, err := checker(t, patient(target), extauthz.Options{}).Check(t.Context(), call())
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Reason != fault.Forbidden {
		t.Errorf("%v", err)
	}
}

func TestWhatIsWrongWithTheConfigurationIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := extauthz.New(&configv1.ExternalAuthorization{
		Timeout: durationpb.New(time.Hour), Headers: []string{"X-Upper", "x_gatehouse_subject"},
		UpstreamHeaders: []string{"", "x_gatehouse_subject", "grpc-timeout", "keep-alive", "grpcgateway-authorization", "x-role-bin", "content-type"},
	}, extauthz.Options{})
	for _, want := range []string{
		"target: is missing", "timeout: 1h0m0s", `headers[0]: "X-Upper"`, `headers[1]: "x_gatehouse_subject" is not believed`, `upstream_headers[0]: ""`,
		`upstream_headers[1]: "x_gatehouse_subject" is reserved`, `upstream_headers[2]: "grpc-timeout" is reserved`, `upstream_headers[3]: "keep-alive" is reserved`,
		`upstream_headers[4]: "grpcgateway-authorization" is reserved`, `upstream_headers[5]: "x-role-bin" is reserved`, `upstream_headers[6]: "content-type" is reserved`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("nothing of %s in %v", want, err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	target, _ := start(b, allow(header("x-role", "buyer")), "")
	cfg := patient(target)
	cfg.UpstreamHeaders = []string{"x-role"}
	c := checker(b, cfg, extauthz.Options{})
	asked := call()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Check(b.Context(), asked); err != nil {
			b.Fatal(err)
		}
	}
}
