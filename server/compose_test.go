package server_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
)

// homeServices are those that the shop's first screen is composed of.
var homeServices = []string{"catalog", "orders", "cart", "promotions", "profile"}

// composedShop runs the sample shop, each service on its own, behind an edge that composes its first screen. A service that
// is given conditions runs under these.
func composedShop(t *testing.T, conditions map[string]shop.Conditions) (d *doorkeeper, stop map[string]func()) {
	t.Helper()
	cfg := &configv1.Config{Sources: []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto"}}}}
	stop = map[string]func(){}
	orders := ""
	for _, name := range homeServices {
		running, err := shop.Start(t.Context(), shop.Config{Services: []string{name}, Conditions: conditions[name], OrdersTarget: orders})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(running.Stop)
		stop[name] = running.Stop
		service := shop.FullName(name)
		if name == "orders" {
			orders = running.Targets()[service]
		}
		cfg.Upstreams = append(cfg.Upstreams, &configv1.Upstream{Target: running.Targets()[service], Services: []string{service}})
	}
	d = &doorkeeper{tokens: guard(t, cfg), cfg: cfg}
	_, d.url = edgetest.Edge(t, cfg)
	return d, stop
}

// screen is the first screen as a client reads it.
type screen struct {
	Profile, Cart                       map[string]any
	Orders, Recommendations, Promotions []map[string]any
	Partial                             []struct{ Field, Code, Reason string }
}

func (d *doorkeeper) home(t *testing.T, caller, query string) (screen, reply) {
	t.Helper()
	got := d.as(t, caller, "GET", "/v1/customers/c-1001/home"+query, "")
	var s screen
	if err := json.Unmarshal([]byte(got.body), &s); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	return s, got
}

func TestOneCallMakesOneScreen(t *testing.T) {
	t.Parallel()
	d, _ := composedShop(t, nil)
	s, got := d.home(t, "customer", "")
	if got.status != http.StatusOK || s.Profile["id"] != "c-1001" || s.Cart["id"] != "c-1001" || len(s.Orders) == 0 || len(s.Recommendations) == 0 || len(s.Promotions) == 0 || len(s.Partial) > 0 {
		t.Errorf("%d %s", got.status, got.body)
	}
	for path, part := range map[string]map[string]any{"/v1/profiles/c-1001": s.Profile, "/v1/carts/c-1001": s.Cart} {
		var alone map[string]any
		if err := json.Unmarshal([]byte(d.as(t, "customer", "GET", path, "").body), &alone); err != nil || !reflect.DeepEqual(part, alone) {
			t.Errorf("%s is another one than alone: %v\n%v\n%v", path, err, part, alone)
		}
	}
	if strings.Contains(got.body, "passwordHash") {
		t.Errorf("a part shows what is hidden: %s", got.body)
	}
	if _, got := d.home(t, "admin", ""); !strings.Contains(got.body, "passwordHash") {
		t.Errorf("an admin does not see what they may: %s", got.body)
	}
	if got := d.as(t, "customer", "GET", "/v1/customers/c-1002/home", ""); got.status != http.StatusForbidden {
		t.Errorf("another's screen: %d %s", got.status, got.body)
	}
	if got := d.as(t, "", "GET", "/v1/customers/c-1001/home", ""); got.status != http.StatusUnauthorized {
		t.Errorf("nobody's screen: %d %s", got.status, got.body)
	}
}

func TestOnlyWhatIsAskedForIsCalled(t *testing.T) {
	t.Parallel()
	d, stop := composedShop(t, nil)
	for _, name := range []string{"orders", "promotions", "catalog"} {
		stop[name]()
	}
	for _, query := range []string{"?parts=profile,cart", "?fields=profile,cart.items"} {
		s, got := d.home(t, "customer", query)
		if got.status != http.StatusOK || s.Profile == nil || s.Cart == nil || len(s.Partial) > 0 || got.header.Get("Gatehouse-Partial") != "" {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
}

func TestADeadServiceCostsItsPartAndNotTheScreen(t *testing.T) {
	t.Parallel()
	d, stop := composedShop(t, map[string]shop.Conditions{"cart": {Latency: 3 * time.Second}, "orders": {ErrorRate: 1}})
	stop["promotions"]()
	s, got := d.home(t, "customer", "")
	if got.status != http.StatusOK || s.Profile == nil || len(s.Recommendations) == 0 || s.Cart != nil || len(s.Orders) > 0 || len(s.Promotions) > 0 {
		t.Errorf("%d %s", got.status, got.body)
	}
	var missing []string
	for _, p := range s.Partial {
		missing = append(missing, p.Field)
	}
	slices.Sort(missing)
	if !slices.Equal(missing, []string{"cart", "orders", "promotions"}) {
		t.Errorf("missing: %v in %s", missing, got.body)
	}
	header := got.header.Get("Gatehouse-Partial")
	for _, want := range []string{"cart;code=DEADLINE_EXCEEDED", "orders;code=", "promotions;code=UNAVAILABLE"} {
		if !strings.Contains(header, want) {
			t.Errorf("nothing of %s in %s", want, header)
		}
	}
	stop["profile"]()
	if got := d.as(t, "customer", "GET", "/v1/customers/c-1001/home", ""); got.status != http.StatusServiceUnavailable {
		t.Errorf("a required part: %d %s", got.status, got.body)
	}
}

// TestPartsAreAskedAtOnce holds each part's call until all have come.
func TestPartsAreAskedAtOnce(t *testing.T) {
	t.Parallel()
	target := startShop(t)
	cfg := edgetest.InFrontOf(target)
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto"}}}
	g := newGate(len(homeServices))
	url := g.behind(t, cfg)
	go func() {
		for range homeServices {
			<-g.arrived
		}
		close(g.open)
	}()
	got := send(t, "GET", url+"/v1/customers/c-1001/home", "")
	if got.status != http.StatusOK || got.header.Get("Gatehouse-Partial") != "" {
		t.Errorf("%d %s %s", got.status, got.header.Get("Gatehouse-Partial"), got.body)
	}
}
