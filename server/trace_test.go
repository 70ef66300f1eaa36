package server_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/server"
)

// A caller's trace, as in the specification of traceparent.
const (
	callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	callersSpan  = "00f067aa0ba902b7"
)

// collector takes spans as OpenTelemetry's does.
type collector struct {
	collectorpb.UnimplementedTraceServiceServer
	target string

	mu       sync.Mutex
	spans    []*tracepb.Span
	resource map[string]string
	metadata metadata.MD
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{resource: map[string]string{}}
	c.target = edgetest.Serve(t, func(s *grpc.Server) { collectorpb.RegisterTraceServiceServer(s, c) })
	return c
}

func (c *collector) Export(ctx context.Context, m *collectorpb.ExportTraceServiceRequest) (*collectorpb.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.metadata, _ = metadata.FromIncomingContext(ctx)
	for _, r := range m.GetResourceSpans() {
		for _, a := range r.GetResource().GetAttributes() {
			c.resource[a.GetKey()] = a.GetValue().GetStringValue()
		}
		for _, s := range r.GetScopeSpans() {
			c.spans = append(c.spans, s.GetSpans()...)
		}
	}
	return &collectorpb.ExportTraceServiceResponse{}, nil
}

// named returns the one span of a name.
func (c *collector) named(t *testing.T, name string) span {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	var found []span
	for _, s := range c.spans {
		names = append(names, s.GetName())
		if s.GetName() == name {
			found = append(found, span{s})
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans are named %s; there are %q", len(found), name, names)
	}
	return found[0]
}

// span is a span as a collector gets it.
type span struct{ *tracepb.Span }

func (s span) id() string     { return hexOf(s.GetSpanId()) }
func (s span) parent() string { return hexOf(s.GetParentSpanId()) }
func (s span) trace() string  { return hexOf(s.GetTraceId()) }
func (s span) failed() string {
	if s.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_ERROR {
		return ""
	}
	return s.GetStatus().GetMessage()
}

// attributes are all of the span's, which are texts and numbers.
func (s span) attributes() map[string]string {
	all := map[string]string{}
	for _, a := range s.GetAttributes() {
		all[a.GetKey()] = cmp.Or(a.GetValue().GetStringValue(), strconv.FormatInt(a.GetValue().GetIntValue(), 10))
	}
	return all
}

// traced runs an edge that tells a collector of what it does. ended ends the edge, after which all spans have come.
func traced(t *testing.T, cfg *configv1.Config, opts ...server.Option) (url string, c *collector, ended func()) {
	t.Helper()
	c = startCollector(t)
	if cfg.GetTracing() == nil {
		cfg.Tracing = &configv1.Tracing{}
	}
	cfg.Tracing.Target = c.target
	edge, err := server.New(t.Context(), cfg, append([]server.Option{
		server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard), server.WithVersion("v1.2.3"),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	ended = func() {
		if err := edge.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(ended)
	return edgetest.Front(t, edge.Handler()), c, ended
}

func TestARequestAndItsCallAreSpansOfTheCallersTrace(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	url, c, ended := traced(t, edgetest.InFrontOf(b.Target))
	got := send(t, "GET", url+prefix+"/query?text=s3cr3t", "", "Traceparent", "00-"+callersTrace+"-"+callersSpan+"-00",
		"Tracestate", "shop=1", "Tracestate", "bank=2", "X-Request-Id", "r-1", "User-Agent", strings.Repeat("x", 2000), "X-S3cr3t", "s3cr3t")
	if got.status != http.StatusOK {
		t.Fatal(got)
	}
	_, heard := b.Last()
	ended()
	request, call := c.named(t, "GET "+prefix+"/query"), c.named(t, "edgetest.v1.EverythingService/Query")
	host, port, _ := strings.Cut(b.Target, ":")
	if request.trace() != callersTrace || request.parent() != callersSpan || request.GetKind() != tracepb.Span_SPAN_KIND_SERVER {
		t.Errorf("of the request: %v", request)
	}
	if call.trace() != callersTrace || call.parent() != request.id() || call.GetKind() != tracepb.Span_SPAN_KIND_CLIENT {
		t.Errorf("of the call: %v", call)
	}
	if want := []string{"00-" + callersTrace + "-" + call.id() + "-01"}; !slices.Equal(heard["traceparent"], want) {
		t.Errorf("the service heard of %v, not of %v", heard["traceparent"], want)
	}
	if want := []string{"shop=1,bank=2"}; !slices.Equal(heard["tracestate"], want) {
		t.Errorf("the service heard %v, not %v", heard["tracestate"], want)
	}
	for key, want := range map[string]string{
		"http.request.method": "GET", "http.route": prefix + "/query", "http.response.status_code": "200", "url.scheme": "http",
		"network.protocol.version": "1.1", "client.address": "127.0.0.1", "gatehouse.request_id": "r-1", "gatehouse.audience": "public",
		"user_agent.original": strings.Repeat("x", 512),
	} {
		if got := request.attributes()[key]; got != want {
			t.Errorf("%s of the request is %q, not %q", key, got, want)
		}
	}
	for key, want := range map[string]string{
		"rpc.system.name": "grpc", "rpc.method": "edgetest.v1.EverythingService/Query", "rpc.response.status_code": "OK",
		"server.address": host, "server.port": port,
	} {
		if got := call.attributes()[key]; got != want {
			t.Errorf("%s of the call is %q, not %q", key, got, want)
		}
	}
	if c.resource["service.name"] != "gatehouse" || c.resource["service.version"] != "v1.2.3" {
		t.Errorf("the edge is %v", c.resource)
	}
	if text := request.String() + call.String(); strings.Contains(text, "s3cr3t") {
		t.Errorf("a span tells what may be secret: %s", text)
	}
}

func TestAClientCanNotNameTheSpanThatAServiceHearsOf(t *testing.T) {
	t.Parallel()
	for _, preset := range []configv1.Dialect_Preset{configv1.Dialect_PRESET_UNSPECIFIED, configv1.Dialect_PRESET_GRPC_GATEWAY} {
		b := edgetest.StartBackend(t)
		cfg := edgetest.InFrontOf(b.Target)
		cfg.Dialect = &configv1.Dialect{Preset: preset}
		url, c, ended := traced(t, cfg)
		const forged = "00-" + callersTrace + "-" + callersSpan + "-01"
		send(t, "GET", url+prefix+"/query", "", "Traceparent", forged, "Traceparent", forged, "Grpc-Metadata-Traceparent", forged)
		_, heard := b.Last()
		ended()
		call := c.named(t, "edgetest.v1.EverythingService/Query")
		if want := []string{"00-" + call.trace() + "-" + call.id() + "-01"}; !slices.Equal(heard["traceparent"], want) || call.trace() == callersTrace {
			t.Errorf("%v: the service heard of %v, not of %v", preset, heard["traceparent"], want)
		}
	}
}

func TestAPartIsASpanAroundItsCalls(t *testing.T) {
	t.Parallel()
	target := startShop(t)
	cfg := edgetest.InFrontOf(target)
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto"}}}
	cfg.Upstreams = append(cfg.Upstreams, &configv1.Upstream{Target: nobodyAt(t), Services: []string{"shop.promotions.v1.PromotionsService"}})
	lines := new(written)
	url, c, ended := traced(t, cfg, server.WithStdout(lines))
	if got := send(t, "GET", url+"/v1/customers/c-1001/home", ""); got.status != http.StatusOK {
		t.Fatal(got)
	}
	until(t, "the line is written", func() bool { return strings.Contains(lines.String(), "\n") })
	ended()
	logged := map[string]string{}
	var line struct {
		Parts []struct {
			Part string
			Code string  `json:"grpc_code"`
			Took float64 `json:"ms"`
		}
	}
	if err := json.Unmarshal([]byte(lines.String()), &line); err != nil {
		t.Fatalf("%v: %s", err, lines)
	}
	for _, p := range line.Parts {
		if logged[p.Part] = p.Code; p.Took <= 0 {
			t.Errorf("%s took no time", p.Part)
		}
	}
	request := c.named(t, "GET /v1/customers/{customer_id}/home")
	for part, call := range map[string]string{
		"profile": "shop.profile.v1.ProfileService/GetProfile", "cart": "shop.cart.v1.CartService/GetCart",
		"orders": "shop.orders.v1.OrdersService/ListOrders", "recommendations": "shop.catalog.v1.CatalogService/ListProducts",
		"promotions": "shop.promotions.v1.PromotionsService/ListPromotions",
	} {
		outer, inner := c.named(t, "part "+part), c.named(t, call)
		if outer.parent() != request.id() || inner.parent() != outer.id() || inner.trace() != request.trace() {
			t.Errorf("%s is not within the request, or its call not within it: %v %v", part, outer, inner)
		}
		want, code := "", "OK"
		if part == "promotions" {
			want, code = "UPSTREAM_UNAVAILABLE", "UNAVAILABLE"
		}
		if logged[part] != code || outer.attributes()["gatehouse.calls"] != "1" || outer.attributes()["gatehouse.cached"] != "0" {
			t.Errorf("%s is logged as %q, not %q, and traced as %v", part, logged[part], code, outer)
		}
		if outer.failed() != want || inner.failed() != want {
			t.Errorf("%s failed with %q, its call with %q, and not with %q", part, outer.failed(), inner.failed(), want)
		}
	}
	if request.failed() != "" {
		t.Errorf("the request failed: %v", request)
	}
}

func TestTheSpanOfAFailureSaysWhy(t *testing.T) {
	t.Parallel()
	url, c, ended := traced(t, edgetest.InFrontOf(edgetest.StartBackend(t).Target))
	away, c2, ended2 := traced(t, func() *configv1.Config {
		cfg := edgetest.InFrontOf(nobodyAt(t))
		cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto/edgetest"}}}
		return cfg
	}())
	send(t, "GET", away+prefix+"/query", "")
	send(t, "GET", url+"/nowhere/s3cr3t", "")
	send(t, "BREW", url+prefix+"/query", "")
	ended()
	ended2()
	failed, call := c2.named(t, "GET "+prefix+"/query"), c2.named(t, "edgetest.v1.EverythingService/Query")
	if failed.failed() != "UPSTREAM_UNAVAILABLE" || failed.attributes()["http.response.status_code"] != "503" || failed.attributes()["error.type"] != "UPSTREAM_UNAVAILABLE" {
		t.Errorf("of the request: %v", failed)
	}
	if call.failed() != "UPSTREAM_UNAVAILABLE" || call.attributes()["rpc.response.status_code"] != "UNAVAILABLE" {
		t.Errorf("of the call: %v", call)
	}
	if lost := c.named(t, "GET"); lost.failed() != "" || lost.attributes()["gatehouse.reason"] != "NO_ROUTE" || strings.Contains(lost.String(), "s3cr3t") {
		t.Errorf("what a client did wrong is no failure: %v", lost)
	}
	if odd := c.named(t, "HTTP"); odd.attributes()["http.request.method"] != "_OTHER" {
		t.Errorf("of a method that nobody knows: %v", odd)
	}
}

func TestTheSpanOfAStreamLastsAsLongAsTheStream(t *testing.T) {
	t.Parallel()
	r := edgetest.StartResources(t)
	var last atomic.Int64 // when the last message was sent
	r.Hold = func(context.Context) error {
		last.Store(time.Now().UnixNano())
		return nil
	}
	url, c, ended := traced(t, edgetest.InFrontOf(r.Target))
	if got := send(t, "GET", url+"/edgetest/v1/resources:watch?count=3", "", "Accept", "application/x-ndjson"); got.status != http.StatusOK {
		t.Fatal(got)
	}
	ended()
	request, call := c.named(t, "GET /edgetest/v1/resources:watch"), c.named(t, "edgetest.v1.ResourceService/WatchResources")
	if call.attributes()["rpc.response.status_code"] != "OK" || call.failed() != "" || call.parent() != request.id() {
		t.Errorf("of the call: %v", call)
	}
	if at := uint64(last.Load()); call.GetEndTimeUnixNano() < at || request.GetEndTimeUnixNano() < call.GetEndTimeUnixNano() {
		t.Errorf("the last message was sent at %d; the call ended at %d, the request at %d", at, call.GetEndTimeUnixNano(), request.GetEndTimeUnixNano())
	}
}

func TestTheSpanOfAStreamThatAClientLeavesSaysSo(t *testing.T) {
	t.Parallel()
	r := edgetest.StartResources(t)
	r.Hold = func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	lines := new(written)
	url, c, ended := traced(t, edgetest.InFrontOf(r.Target), server.WithStdout(lines))
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/edgetest/v1/resources:watch?count=3", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	leave()
	until(t, "the line is written", func() bool { return strings.Contains(lines.String(), "\n") })
	ended()
	request, call := c.named(t, "GET /edgetest/v1/resources:watch"), c.named(t, "edgetest.v1.ResourceService/WatchResources")
	if call.attributes()["rpc.response.status_code"] != "CANCELLED" || request.attributes()["gatehouse.reason"] != "CLIENT_GONE" || request.failed() != "" {
		t.Errorf("%v\n%v", request, call)
	}
	if !strings.Contains(lines.String(), `"reason":"CLIENT_GONE"`) {
		t.Errorf("the line is %s", lines)
	}
}

func TestTracesGoToACollectorThatTheEdgeKnows(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	crt, key, _ := a.files(t, "")
	pair, err := tls.LoadX509KeyPair(crt, key)
	if err != nil {
		t.Fatal(err)
	}
	secure := credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	for authorities, want := range map[string]int{a.file: 2, newAuthority(t).file: 0} {
		c := &collector{resource: map[string]string{}}
		target := edgetest.Serve(t, func(s *grpc.Server) { collectorpb.RegisterTraceServiceServer(s, c) }, grpc.Creds(secure))
		cfg := edgetest.InFrontOf(edgetest.StartBackend(t).Target)
		cfg.Tracing = &configv1.Tracing{Target: target, Tls: &configv1.UpstreamTls{Authorities: authorities}}
		edge, url := edgetest.Edge(t, cfg)
		send(t, "GET", url+prefix+"/query", "")
		edge.Close() //nolint:errcheck // of a stranger, nothing is to be had
		if len(c.spans) != want {
			t.Errorf("%d spans come, not %d", len(c.spans), want)
		}
	}
}

func TestACallerDoesNotDecideWhatIsRecorded(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		follow         bool
		flags          string
		recorded, told bool
	}{
		{"who wants it recorded", false, "01", false, false},
		{"who is followed and wants it recorded", true, "01", true, true},
		{"who is followed and does not", true, "00", false, false},
	} {
		b := edgetest.StartBackend(t)
		cfg := edgetest.InFrontOf(b.Target)
		cfg.Tracing = &configv1.Tracing{Sample: 1<<32 - 1, FollowCallers: tc.follow}
		url, c, ended := traced(t, cfg)
		send(t, "GET", url+prefix+"/query", "", "Traceparent", "00-"+callersTrace+"-"+callersSpan+"-"+tc.flags)
		_, heard := b.Last()
		ended()
		if recorded := len(c.spans) > 0; recorded != tc.recorded {
			t.Errorf("one %s: recorded: %t", tc.name, recorded)
		}
		if parent := strings.Join(heard["traceparent"], ""); !strings.HasPrefix(parent, "00-"+callersTrace) || strings.HasSuffix(parent, "-01") != tc.told {
			t.Errorf("one %s: the service heard of %s", tc.name, parent)
		}
	}
}

func TestACollectorThatIsAwayHoldsUpNobody(t *testing.T) {
	t.Parallel()
	cfg := edgetest.InFrontOf(edgetest.StartBackend(t).Target)
	cfg.Tracing = &configv1.Tracing{Target: nobodyAt(t)}
	log := new(written)
	edge, err := server.New(t.Context(), cfg, server.WithLogger(slog.New(slog.NewTextHandler(log, nil))), server.WithStdout(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	url := edgetest.Front(t, edge.Handler())
	for range 10 {
		if got := send(t, "GET", url+prefix+"/query", ""); got.status != http.StatusOK {
			t.Fatal(got)
		}
	}
	edge.Close() //nolint:errcheck // what is not sent is lost, which the log tells
	if got := strings.Count(log.String(), "the collector takes no traces"); got != 1 {
		t.Errorf("the log tells of it %d times:\n%s", got, log)
	}
}

func TestTheEnvironmentNamesTheEdgeAndBringsTheCollectorsKey(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-collector-key=k-1")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging")
	t.Setenv("OTEL_SERVICE_NAME", "shop-edge")
	for said, want := range map[string]string{"": "shop-edge", "front": "front"} {
		cfg := edgetest.InFrontOf(edgetest.StartBackend(t).Target)
		cfg.Tracing = &configv1.Tracing{Service: said}
		url, c, ended := traced(t, cfg)
		send(t, "GET", url+prefix+"/query", "")
		ended()
		if c.resource["service.name"] != want || c.resource["deployment.environment.name"] != "staging" {
			t.Errorf("the edge is %v", c.resource)
		}
		if got := c.metadata["x-collector-key"]; !slices.Equal(got, []string{"k-1"}) {
			t.Errorf("the collector hears the key %v", got)
		}
	}
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment")
	cfg := edgetest.InFrontOf(edgetest.StartBackend(t).Target)
	cfg.Tracing = &configv1.Tracing{Target: nobodyAt(t)}
	if _, err := server.New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "OTEL_RESOURCE_ATTRIBUTES") {
		t.Errorf("what the environment says wrong is: %v", err)
	}
}

func TestTheAccessLogNamesTheTraceThatTheEdgeBegan(t *testing.T) {
	t.Parallel()
	lines := new(written)
	url, c, ended := traced(t, edgetest.InFrontOf(edgetest.StartBackend(t).Target), server.WithStdout(lines))
	send(t, "GET", url+prefix+"/query", "")
	ended()
	if want := `"trace_id":"` + c.named(t, "GET "+prefix+"/query").trace() + `"`; !strings.Contains(lines.String(), want) {
		t.Errorf("%s is not in %s", want, lines)
	}
}

// nobodyAt is an address at which nobody listens.
func nobodyAt(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func TestTracingNeedsACollector(t *testing.T) {
	t.Parallel()
	for want, tracing := range map[string]*configv1.Tracing{
		"tracing.target: is missing": {Sample: 10},
		"tracing.tls.certificate":    {Target: nobodyAt(t), Tls: &configv1.UpstreamTls{Key: "edge.key"}},
		"none.pem":                   {Target: nobodyAt(t), Tls: &configv1.UpstreamTls{Authorities: "none.pem"}},
	} {
		cfg := edgetest.InFrontOf(nobodyAt(t))
		cfg.Tracing = tracing
		if _, err := server.New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}
