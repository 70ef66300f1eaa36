package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/server"
)

func TestACallerWhoCallsTooOftenIsToldWhenToComeAgain(t *testing.T) {
	t.Parallel()
	cfg := edgetest.InFrontOf(startShop(t))
	cfg.Headers = &configv1.Headers{TrustedProxies: []string{"127.0.0.1"}}
	_, url := edgetest.Edge(t, cfg)
	const limit = 10 // of the shop's GetPromotion
	for i := range limit {
		got := send(t, "GET", url+"/v1/promotions/none", "", "X-Forwarded-For", "192.0.2.1")
		want := fmt.Sprintf(`"promotions";r=%d;t=`, limit-1-i)
		if got.status != http.StatusNotFound || !strings.HasPrefix(got.header.Get("RateLimit"), want) || got.header.Get("RateLimit-Policy") != `"promotions";q=10;w=60` {
			t.Fatalf("call %d: %d %v", i, got.status, got.header)
		}
	}
	got := send(t, "GET", url+"/v1/promotions/none", "", "X-Forwarded-For", "192.0.2.1")
	if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, `"RATE_LIMITED"`) {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
	if got := send(t, "GET", url+"/v1/promotions/none", "", "X-Forwarded-For", "192.0.2.2"); got.status != http.StatusNotFound {
		t.Errorf("another caller: %d %s", got.status, got.body)
	}
}

func TestAllThatIsWrongIsNamedWhereTheClientSaidIt(t *testing.T) {
	t.Parallel()
	_, url := edgetest.Edge(t, edgetest.InFrontOf(startShop(t)))
	for _, c := range []struct {
		method, path, body string
		want               []string
	}{
		{"GET", "/v1/products?pageSize=-1&tags=", "", []string{`"field":"pageSize"`, `"reason":"int32.gte_lte"`}},
		{"POST", "/v1/carts/c-1/items", `{"quantity":100}`, []string{`"field":"$.productId"`, `"field":"$.quantity"`, `"reason":"string.min_len"`, `"reason":"uint32.gte_lte"`}},
		{"POST", "/v1/carts/c-1:checkout", `{}`, []string{`"field":"$.customerId"`, `"field":"$.shipTo"`, `"field":"$.payment"`, `(and 2 more)`}},
		{"PATCH", "/v1/profiles/x?updateMask=displayName", `{}`, []string{`"field":"$.id"`}},
		{"GET", "/v1/orders/x", "", []string{`"field":"id"`, `"message":"id: `}},
		{"GET", "/v1/orders/x:watch", "", []string{`"field":"id"`}},
		{"POST", "/v1/products:import", "{\"product\":{\"name\":\"a\"}}\n{}", []string{`"message":"message 1: $.product: is required`}},
	} {
		got := send(t, c.method, url+c.path, c.body)
		if got.status != http.StatusBadRequest || !strings.Contains(got.body, `"RULES_VIOLATED"`) {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.status, got.body)
		}
		for _, want := range c.want {
			if !strings.Contains(got.body, want) {
				t.Errorf("%s %s: nothing of %s in %s", c.method, c.path, want, got.body)
			}
		}
	}
}

// A map entry that has its key in two wire types makes protobuf's dynamic messages panic, which rules are looked at in.
func TestAMapKeyOfAWrongTypeHarmsNobody(t *testing.T) {
	t.Parallel()
	cfg := edgetest.InFrontOf("127.0.0.1:1")
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "testdata/judged"}}}
	_, url := edgetest.Edge(t, cfg)
	for body, want := range map[string]string{
		"\x0a\x05\x0a\x01a\x08\x01": `"field":"$.name"`, "\x12\x01a": `"field":"$.name"`, "\x12\x03abc": `"UPSTREAM_UNAVAILABLE"`,
	} {
		got := send(t, "POST", url+"/v1/judge", body, "Content-Type", "application/protobuf")
		if got.status == http.StatusInternalServerError || !strings.Contains(got.body, want) {
			t.Errorf("%x: %d %s", body, got.status, got.body)
		}
	}
}

func TestAMaskNamesNothingThatTheCallerDoesNotSee(t *testing.T) {
	t.Parallel()
	d := guardedShop(t)
	const profile = "/v1/profiles/c-1001"
	for _, c := range []struct {
		caller, mask string
		status       int
	}{
		{"customer", "displayName", http.StatusOK},
		{"customer", "displayName,preferences.greeting", http.StatusOK},
		{"customer", "fraudScore", http.StatusBadRequest},
		{"customer", "fraud_score", http.StatusBadRequest},
		{"customer", "displayName,passwordHash", http.StatusBadRequest},
		{"customer", "debugInfo.anything", http.StatusBadRequest},
		{"customer", "noSuchThing", http.StatusBadRequest},
	} {
		got := d.as(t, c.caller, "PATCH", profile+"?updateMask="+c.mask, `{"displayName":"Mira"}`)
		if got.status != c.status || got.status == http.StatusBadRequest && !strings.Contains(got.body, `"message":"update_mask: `) {
			t.Errorf("%s: %s: %d %s", c.caller, c.mask, got.status, got.body)
		}
	}
	seen := d.as(t, "admin", "PATCH", profile+"?updateMask=fraudScore", `{"displayName":"Mira"}`)
	if strings.Contains(seen.body, `"message":"update_mask: `) {
		t.Errorf("an admin may not name what they see: %d %s", seen.status, seen.body)
	}
}

// gate holds calls of upstreams until it is opened.
type gate struct {
	arrived chan struct{}
	open    chan struct{}
}

func newGate(calls int) *gate { return &gate{make(chan struct{}, calls), make(chan struct{})} }

// behind runs an edge whose calls are held.
func (g *gate) behind(t *testing.T, cfg *configv1.Config) (url string) {
	t.Helper()
	hold := func(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, call grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		g.arrived <- struct{}{}
		select {
		case <-g.open:
		case <-ctx.Done():
		}
		return call(ctx, method, req, reply, conn, opts...)
	}
	edge, err := server.New(t.Context(), cfg, server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard),
		server.WithDialOptions(grpc.WithUnaryInterceptor(hold)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { edge.Close() }) //nolint:errcheck // nothing is in flight
	return edgetest.Front(t, edge.Handler())
}

func TestACallTooManyIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	target := startShop(t)
	for name, limit := range map[string]func(*configv1.Config){
		"of an upstream": func(cfg *configv1.Config) { cfg.Concurrency = &configv1.Concurrency{UpstreamCalls: 2} },
		"of a method": func(cfg *configv1.Config) {
			cfg.Policies = []*configv1.PolicySettings{{
				Names: []string{"shop.catalog.v1.CatalogService.GetProduct"}, Policy: &gatehousev1.Policy{MaxConcurrent: 2},
			}}
		},
	} {
		cfg := edgetest.InFrontOf(target)
		limit(cfg)
		const calls = 6
		g := newGate(calls)
		url := g.behind(t, cfg)
		refused := 0
		var mu sync.Mutex
		var done sync.WaitGroup
		statuses := map[int]int{}
		for range calls {
			done.Go(func() {
				got := send(t, "GET", url+"/v1/products/copper-saucepan", "")
				mu.Lock()
				defer mu.Unlock()
				statuses[got.status]++
				if got.status == http.StatusServiceUnavailable {
					if refused++; refused == calls-2 {
						close(g.open) // those that were let in are there still
					}
				}
				if got.status == http.StatusServiceUnavailable && (got.header.Get("Retry-After") == "" || !strings.Contains(got.body, `"OVERLOADED"`)) {
					t.Errorf("%s: %v %s", name, got.header, got.body)
				}
			})
		}
		done.Wait()
		if len(g.arrived) != 2 || statuses[http.StatusOK] != 2 || statuses[http.StatusServiceUnavailable] != calls-2 {
			t.Errorf("%s: %v", name, statuses)
		}
		if got := send(t, "GET", url+"/v1/products/copper-saucepan", ""); got.status != http.StatusOK {
			t.Errorf("%s: a place was not given back: %d %s", name, got.status, got.body)
		}
	}
}

func TestTheConfigurationLaysPoliciesUnderAndOverThoseOfProtos(t *testing.T) {
	t.Parallel()
	cfg := edgetest.InFrontOf(startShop(t))
	cfg.Authentication = nil
	cfg.DefaultPolicy = &gatehousev1.Policy{
		Access:  &gatehousev1.Access{Who: &gatehousev1.Access_Authenticated{Authenticated: true}},
		Timeout: durationpb.New(time.Second),
	}
	cfg.Policies = []*configv1.PolicySettings{
		{Names: []string{"shop.orders.v1.OrdersService"}, Policy: &gatehousev1.Policy{Access: &gatehousev1.Access{Who: &gatehousev1.Access_Public{Public: true}}}},
		{Names: []string{"shop.catalog.v1.CatalogService.GetProduct"}, Policy: &gatehousev1.Policy{SkipValidation: true}},
		{Names: []string{"shop.catalog.v1.CatalogService.GetCategory"}, Policy: &gatehousev1.Policy{Access: &gatehousev1.Access{Who: &gatehousev1.Access_AnyScope{AnyScope: &gatehousev1.Scopes{Scopes: []string{"a"}}}}}},
	}
	edge, url := edgetest.Edge(t, cfg)
	for path, want := range map[string]int{
		"/v1/products/copper-saucepan": http.StatusOK,           // the service's own
		"/v1/orders/o-1":               http.StatusNotFound,     // laid over
		"/v1/categories/study":         http.StatusUnauthorized, // laid over one method
		"/v1/carts/c-1":                http.StatusUnauthorized, // the method's own
	} {
		if got := send(t, "GET", url+path, ""); got.status != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	want := []string{
		"shop.catalog.v1.CatalogService.GetProduct: skip_validation",
		"shop.orders.v1.OrdersService.CancelOrder: access", "shop.orders.v1.OrdersService.GetOrder: access",
		"shop.orders.v1.OrdersService.ListOrders: access", "shop.orders.v1.OrdersService.WatchOrder: access",
	}
	if got := edge.Loosened(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("loosened: %q", got)
	}
}

func TestAHostHasItsAudience(t *testing.T) {
	t.Parallel()
	cfg := edgetest.InFrontOf(startShop(t))
	cfg.Audiences = []*configv1.Audience{
		{Name: "public"},
		{Name: "partner", VisibilityLabels: []string{"PARTNER"}, Hosts: []string{"partners.example.com", "*.partners.example.com"}, Dialect: &configv1.Dialect{ProtoNames: true}},
		{Name: "small", Hosts: []string{"small.example.com"}, Limits: &configv1.Limits{UrlBytes: 50}},
	}
	_, url := edgetest.Edge(t, cfg)
	for host, want := range map[string]struct {
		field  string
		status int
	}{
		"example.com":                 {`"inStock"`, http.StatusOK},
		"partners.example.com":        {`"wholesale_price"`, http.StatusOK},
		"PARTNERS.example.com.:8443":  {`"wholesale_price"`, http.StatusOK},
		"a.b.partners.example.com":    {`"wholesale_price"`, http.StatusOK},
		"evilpartners.example.com":    {``, http.StatusOK},
		".partners.example.com":       {``, http.StatusOK},
		"partners.example.com.evil":   {``, http.StatusOK},
		"[::1]:8080":                  {``, http.StatusOK},
		"small.example.com":           {"URL_TOO_LONG", http.StatusRequestURITooLong},
		"other.small.example.com:443": {``, http.StatusOK},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v1/products/copper-saucepan?view=PRODUCT_VIEW_FULL", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		got := do(t, req)
		if got.status != want.status {
			t.Errorf("%s: %d %s", host, got.status, got.body)
		}
		isPartner := strings.Contains(got.body, "wholesale")
		if strings.Contains(want.field, "wholesale") != isPartner {
			t.Errorf("%s: %s", host, got.body)
		}
	}
}

func TestAPolicyThatCanNotBeIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	cfg := &configv1.Config{Sources: []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "testdata/policies"}}}}
	_, err := server.New(t.Context(), cfg)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`testdata/policies/bad.proto:13:5: bad.v1.BadService.GetThing: (gatehouse.v1.policy).access.fields[0]: message bad.v1.GetThingRequest has no field "owner"; it has name, secret`,
		`testdata/policies/bad.proto:13:5: bad.v1.BadService.GetThing: (gatehouse.v1.policy).rate_limits[0].window: `,
		`testdata/policies/bad.proto:22:5: bad.v1.BadService.ListThings: (gatehouse.v1.policy).rate_limits[0].field: field secret is hidden from those who call, so they can not say it`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing of\n%s in\n%v", want, err)
		}
	}
}
