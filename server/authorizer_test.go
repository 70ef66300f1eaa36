package server_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
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
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// authorizer lets everybody through but those whose subject is c-1001, and tells services a tenant.
type authorizer struct {
	authv3.UnimplementedAuthorizationServer
	asked atomic.Pointer[authv3.AttributeContext]
}

func (a *authorizer) Check(_ context.Context, r *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	a.asked.Store(r.GetAttributes())
	if r.GetAttributes().GetSource().GetPrincipal() == "c-1001" {
		return &authv3.CheckResponse{
			Status: &status.Status{Code: int32(codes.PermissionDenied)},
			HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: &authv3.DeniedHttpResponse{
				Status: &typev3.HttpStatus{Code: typev3.StatusCode_Forbidden}, Body: "a secret reason",
			}},
		}, nil
	}
	return &authv3.CheckResponse{
		Status: &status.Status{Code: int32(codes.OK)},
		HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: &authv3.OkHttpResponse{Headers: []*corev3.HeaderValueOption{
			{Header: &corev3.HeaderValue{Key: "x-tenant", Value: "north"}},
			{Header: &corev3.HeaderValue{Key: "x-gatehouse-subject", Value: "forged"}},
			{Header: &corev3.HeaderValue{Key: "x-other", Value: "not named"}},
		}}},
	}, nil
}

// authorized is an edge with an authorizer in front of a backend, each method of which needs a caller who is known.
func authorized(t *testing.T, change func(*configv1.ExternalAuthorization)) (a *authorizer, b *edgetest.Backend, url string, tokens map[string]string) {
	t.Helper()
	a, b = new(authorizer), edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Headers = &configv1.Headers{Request: []string{"X-Tenant"}}
	cfg.DefaultPolicy = known()
	cfg.Policies = []*configv1.PolicySettings{{Names: []string{"edgetest.v1.EverythingService.Nothing"}, Policy: everybody()}}
	tokens = guard(t, cfg)
	cfg.Authentication.External = &configv1.ExternalAuthorization{
		Target:  edgetest.Serve(t, func(s *grpc.Server) { authv3.RegisterAuthorizationServer(s, a) }),
		Timeout: durationpb.New(10 * time.Second), UpstreamHeaders: []string{"x-tenant"},
	}
	if change != nil {
		change(cfg.GetAuthentication().GetExternal())
	}
	_, url = edgetest.Edge(t, cfg)
	return a, b, url + prefix, tokens
}

func TestAnAuthorizerDecidesAfterTheEdge(t *testing.T) {
	t.Parallel()
	a, b, url, tokens := authorized(t, nil)
	if got := send(t, "GET", url+"/query", ""); got.status != http.StatusUnauthorized || a.asked.Load() != nil {
		t.Errorf("nobody: %d, the authorizer was asked: %v", got.status, a.asked.Load())
	}
	if got := send(t, "GET", url+"/nothing", ""); got.status != http.StatusOK || a.asked.Load() != nil {
		t.Errorf("what is public: %d, the authorizer was asked: %v", got.status, a.asked.Load())
	}
	got := send(t, "GET", url+"/query", "", "Authorization", "Bearer "+tokens["customer"])
	if got.status != http.StatusForbidden {
		t.Errorf("%d %s", got.status, got.body)
	}
	if m, _ := b.Last(); a.asked.Load() == nil || a.asked.Load().GetRequest().GetHttp().GetHeaders()["authorization"] != "" {
		t.Errorf("the authorizer was told %v; the service got %v", a.asked.Load(), m)
	}
}

func TestWhatAnAuthorizerAddsTakesThePlaceOfWhatClientsSay(t *testing.T) {
	t.Parallel()
	_, b, url, tokens := authorized(t, nil)
	md := reached(t, b, send(t, "GET", url+"/query", "", "Authorization", "Bearer "+tokens["admin"], "X-Tenant", "forged"))
	if got := strings.Join(md["x-tenant"], "|"); got != "north" {
		t.Errorf("x-tenant: %s", got)
	}
	if got := strings.Join(md["x-gatehouse-subject"], "|"); got != "s-3001" || md["x-other"] != nil {
		t.Errorf("x-gatehouse-subject: %s, x-other: %v", got, md["x-other"])
	}
}

func TestWhileTheAuthorizerIsAwayNobodyIsLetIn(t *testing.T) {
	t.Parallel()
	away := func(open bool) func(*configv1.ExternalAuthorization) {
		return func(e *configv1.ExternalAuthorization) { e.Target, e.FailOpen = "127.0.0.1:1", open }
	}
	_, b, url, tokens := authorized(t, away(false))
	got := send(t, "GET", url+"/query", "", "Authorization", "Bearer "+tokens["admin"])
	if m, _ := b.Last(); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"AUTHENTICATION_UNAVAILABLE"`) || m != nil {
		t.Errorf("%d %s, %v", got.status, got.body, m)
	}
	_, b, url, tokens = authorized(t, away(true))
	reached(t, b, send(t, "GET", url+"/query", "", "Authorization", "Bearer "+tokens["admin"]))
}

func TestAnAuthorizerIsAskedAboutThePublicIfThatIsSaid(t *testing.T) {
	t.Parallel()
	a, b, url, _ := authorized(t, func(e *configv1.ExternalAuthorization) { e.PublicMethods = true })
	reached(t, b, send(t, "POST", url+"/nothing", "{}"))
	if told := a.asked.Load(); told.GetRequest().GetHttp().GetMethod() != http.MethodPost {
		t.Errorf("the authorizer was told %v", told)
	}
}
