package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/internal/shop/login"
)

// doorkeeper is the sample shop behind an edge that knows its callers.
type doorkeeper struct {
	url    string
	tokens map[string]string // by the caller's name
	cfg    *configv1.Config
}

// guardedShop runs it until the test ends.
func guardedShop(t *testing.T, change ...func(*configv1.Config)) *doorkeeper {
	t.Helper()
	cfg := edgetest.InFrontOf(startShop(t))
	d := &doorkeeper{tokens: guard(t, cfg), cfg: cfg}
	for _, c := range change {
		c(cfg)
	}
	_, d.url = edgetest.Edge(t, cfg)
	return d
}

// guard has a configuration believe the shop's issuer, and returns a token for each of its callers.
func guard(t *testing.T, cfg *configv1.Config) map[string]string {
	t.Helper()
	var issuer *login.Issuer
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { issuer.Handler().ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	var err error
	if issuer, err = login.New(s.URL); err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{"": ""}
	for _, c := range login.Callers() {
		if tokens[c.Name], err = issuer.Token(c, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Authentication = &configv1.Authentication{Issuers: []*configv1.Issuer{{
		Issuer: s.URL, Audiences: []string{login.Audience}, TierClaim: login.TierClaim, AudienceClaim: login.ViewClaim,
	}}}
	return tokens
}

// as asks as one of the shop's callers, "" for nobody.
func (d *doorkeeper) as(t *testing.T, caller, method, path, body string, header ...string) reply {
	t.Helper()
	if token := d.tokens[caller]; token != "" {
		header = append(header, "Authorization", "Bearer "+token)
	}
	return send(t, method, d.url+path, body, header...)
}

func TestOneCustomerCanNotReadAnothersCart(t *testing.T) {
	t.Parallel()
	d := guardedShop(t)
	const address = `"shipTo":{"recipient":"Mira","lines":["Lindenweg 3"],"city":"Berlin","countryCode":"DE"},"invoice":{}`
	for _, c := range []struct {
		caller, method, path, body string
		status                     int
		says                       string
	}{
		{"", "GET", "/v1/products", "", 200, ""},
		{"", "GET", "/v1/carts/c-1001", "", 401, `"UNAUTHENTICATED"`},
		{"customer", "GET", "/v1/carts/c-1001", "", 200, ""},
		{"customer", "GET", "/v1/carts/c-1002", "", 403, "id has to be the caller's own, or the caller needs the scope admin"},
		{"partner", "GET", "/v1/carts/c-1001", "", 403, `"FORBIDDEN"`},
		{"admin", "GET", "/v1/carts/c-1002", "", 200, ""},
		{"customer", "POST", "/v1/carts/c-1001/items", `{"productId":"copper-saucepan","quantity":1}`, 200, ""},
		{"customer", "POST", "/v1/carts/c-1002/items", `{"productId":"copper-saucepan","quantity":1}`, 403, ""},
		{"customer", "POST", "/v1/carts/c-1002/items?cartId=c-1001", `{"productId":"copper-saucepan","quantity":1}`, 400, ""},
		{"customer", "PATCH", "/v1/carts/c-1002/items/x", `{"cartId":"c-1001","quantity":1}`, 403, ""},
		{"customer", "PATCH", "/v1/carts/c-1001/items/copper-saucepan", `{"cartId":"c-1002","quantity":2}`, 200, ""}, // the path wins
		{"customer", "POST", "/v1/carts/c-1001:checkout", `{"customerId":"c-1002",` + address + `}`, 403, "customer_id has to be"},
		{"customer", "POST", "/v1/carts/c-1001:checkout", `{` + address + `}`, 403, "customer_id has to be"},
		{"customer", "GET", "/v1/orders", "", 403, ""},
		{"customer", "GET", "/v1/orders?customerId=c-1002", "", 403, ""},
		{"customer", "GET", "/v1/orders?customerId=c-1001", "", 200, ""},
		{"customer", "GET", "/v1/customers/c-1002/orders?customerId=c-1001", "", 400, ""},
		{"customer", "GET", "/v1/profiles/c-1002", "", 403, ""},
		{"customer", "PATCH", "/v1/profiles/c-1001?updateMask=displayName", `{"id":"c-1002","displayName":"Mira"}`, 200, ""}, // the path wins
		{"customer", "POST", "/v1/products/copper-saucepan:discontinue", `{}`, 403, "this needs one of the scopes catalog.write, admin"},
		{"customer", "GET", "/v1/customers/c-1001/orders", "", 200, ""},
		// Nothing that a path may be written as leads around a rule.
		{"customer", "GET", "/v1/carts/c%2D1002", "", 403, ""},
		{"customer", "GET", "/v1/carts/./c-1002", "", 400, ""},
		{"customer", "GET", "/v1//carts/c-1002", "", 404, ""},
		{"customer", "GET", "/v1/carts/c-1001/../c-1002", "", 400, ""},
		{"customer", "GET", "/v1/carts/c-1001%2F..%2Fc-1002", "", 403, ""},
		{"customer", "GET", "/V1/carts/c-1002", "", 404, ""},
		{"customer", "GET", "/v1/carts/c-1002/", "", 404, ""},
		{"customer", "GET", "/v1/carts/%63-1002", "", 403, ""},
		{"customer", "GET", "/v1/carts/c-1002%00", "", 403, ""},
		{"customer", "HEAD", "/v1/carts/c-1002", "", 403, ""},
	} {
		got := d.as(t, c.caller, c.method, c.path, c.body)
		if got.status != c.status || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: %s %s %s: %d %s", c.caller, c.method, c.path, c.body, got.status, got.body)
		}
	}
}

func TestWhoIsRefusedIsToldWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	d := guardedShop(t)
	if got := d.as(t, "", "GET", "/v1/carts/c-1001", "").header.Get("WWW-Authenticate"); got != `Bearer realm="gatehouse"` {
		t.Errorf("nobody: %s", got)
	}
	got := d.as(t, "customer", "POST", "/v1/products/x:discontinue", `{}`).header.Get("WWW-Authenticate")
	if got != `Bearer realm="gatehouse", error="insufficient_scope", scope="catalog.write admin"` {
		t.Errorf("a scope is missing: %s", got)
	}
	bad := send(t, "GET", d.url+"/v1/products", "", "Authorization", "Bearer "+d.tokens["customer"]+"x")
	if bad.status != http.StatusUnauthorized || !strings.Contains(bad.header.Get("WWW-Authenticate"), `error="invalid_token"`) {
		t.Errorf("a bad token for what is public: %d %v", bad.status, bad.header)
	}
}

func TestACallerSeesWhatTheirAudienceSees(t *testing.T) {
	t.Parallel()
	d := guardedShop(t)
	const product = "/v1/products/copper-saucepan?view=PRODUCT_VIEW_FULL"
	for caller, sees := range map[string]bool{"": false, "customer": false, "partner": true, "admin": true} {
		if got := d.as(t, caller, "GET", product, ""); strings.Contains(got.body, "wholesalePrice") != sees {
			t.Errorf("%q sees the wholesale price: %v, want %v", caller, !sees, sees)
		}
		if got := d.as(t, caller, "GET", "/openapi.json", ""); strings.Contains(got.body, "wholesalePrice") != sees {
			t.Errorf("%q reads of the wholesale price: %v, want %v", caller, !sees, sees)
		}
	}
	for _, secret := range []string{"passwordHash", "fraudScore", "debugInfo"} {
		if got := d.as(t, "customer", "GET", "/v1/profiles/c-1001", ""); got.status != http.StatusOK || strings.Contains(got.body, secret) {
			t.Errorf("a customer sees %s: %s", secret, got.body)
		}
		if got := d.as(t, "admin", "GET", "/v1/profiles/c-1001", ""); !strings.Contains(got.body, secret) {
			t.Errorf("an admin does not see %s: %s", secret, got.body)
		}
		got := d.as(t, "customer", "PATCH", "/v1/profiles/c-1001?updateMask=displayName", `{"`+secret+`":"AQ=="}`)
		if got.status != http.StatusBadRequest || strings.Contains(got.body, "did you mean") {
			t.Errorf("a customer can say %s: %d %s", secret, got.status, got.body)
		}
	}
	only := guardedShop(t, func(cfg *configv1.Config) {
		cfg.Listeners = []*configv1.Listener{{Address: "127.0.0.1:0", OnlyAudience: true}}
	})
	if got := only.as(t, "admin", "GET", product, ""); got.status != http.StatusOK || strings.Contains(got.body, "wholesalePrice") {
		t.Errorf("a listener of one audience serves another: %d %s", got.status, got.body)
	}
}

func TestAMethodOfWhichNobodySaysWhoMayCallItIsRefused(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	tokens := guard(t, cfg)
	edge, url := edgetest.Edge(t, cfg)
	for _, token := range tokens {
		got := send(t, "GET", url+"/edgetest/v1/query", "", "Authorization", "Bearer "+token)
		if token == "" {
			got = send(t, "GET", url+"/edgetest/v1/query", "")
		}
		if got.status != http.StatusForbidden || !strings.Contains(got.body, "no policy says who may") {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if len(edge.Unruled()) == 0 {
		t.Error("no method is listed")
	}
}

// What a partner sees of a product is not what the public sees, though it has the same etag.
func TestACacheGivesNobodyWhatAnotherSees(t *testing.T) {
	t.Parallel()
	d := guardedShop(t)
	const product = "/v1/products/copper-saucepan"
	tags := map[string]string{}
	for _, caller := range []string{"", "partner", "admin"} {
		got := d.as(t, caller, "GET", product, "")
		tags[caller] = got.header.Get("Etag")
		if vary := strings.Join(got.header["Vary"], ", "); !strings.Contains(vary, "Authorization") || !strings.Contains(vary, "Accept") {
			t.Errorf("%q: Vary: %s", caller, vary)
		}
		if again := d.as(t, caller, "GET", product, "", "If-None-Match", tags[caller]); again.status != http.StatusNotModified {
			t.Errorf("%q: %d %s", caller, again.status, again.body)
		}
	}
	for _, caller := range []string{"partner", "admin"} {
		if got := d.as(t, caller, "GET", product, "", "If-None-Match", tags[""]); got.status != http.StatusOK {
			t.Errorf("%s is told that what the public has is unchanged: %v", caller, tags)
		}
	}
	if got := d.as(t, "admin", "PATCH", product+"?updateMask=stock", `{"stock":3}`, "If-Match", tags["admin"]); got.status != http.StatusOK {
		t.Errorf("an admin's own tag: %d %s", got.status, got.body)
	}
	if got := d.as(t, "admin", "PATCH", product+"?updateMask=stock", `{"stock":4}`, "If-Match", tags["admin"]); got.status < http.StatusBadRequest {
		t.Errorf("an old tag: %d %s", got.status, got.body)
	}
}
