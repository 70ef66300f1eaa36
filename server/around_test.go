package server_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

func TestNoWayOfAskingLeadsRoundARule(t *testing.T) {
	t.Parallel()
	overriding := func(cfg *configv1.Config) { cfg.Headers = &configv1.Headers{MethodOverride: true} }
	for name, d := range map[string]*doorkeeper{
		"gatehouse": guardedShop(t), "overriding": guardedShop(t, overriding),
		"grpc-gateway": guardedShop(t, func(cfg *configv1.Config) { inPreset(cfg) }),
	} {
		for _, c := range []struct {
			method, path, body string
			header             []string
		}{
			{"HEAD", "/v1/carts/c-1002", "", nil},
			{"GET", "/v1/carts/c-1002", "", []string{"Accept", "application/protobuf"}},
			{"GET", "/v1/carts/c-1002", "", []string{"Accept", "application/x-ndjson"}},
			{"GET", "/v1/carts/c-1002", "", []string{"Accept", "text/event-stream"}},
			{"GET", "/v1/carts/c-1002", "", []string{"Accept", "text/html"}},
			{"GET", "/v1/carts/c-1002?id=c-1001", "", nil},
			{"GET", "/v1/carts/c-1002", `{"id":"c-1001"}`, nil},
			{"GET", "/v1/carts/c-1002", "id=c-1001", []string{"Content-Type", "application/x-www-form-urlencoded"}},
			{"POST", "/v1/carts/c-1002", "id=c-1001", []string{"Content-Type", "application/x-www-form-urlencoded"}}, // which grpc-gateway takes for a GET
			{"GET", "/v1/carts/c-1002", "", []string{"X-HTTP-Method-Override", "OPTIONS"}},
			{"POST", "/v1/carts/c-1002", "", []string{"X-HTTP-Method-Override", "GET"}},
			{"GET", "/v1/carts/c-1002", "", []string{"X-Original-URL", "/v1/products", "X-Rewrite-URL", "/v1/products"}},
			{"GET", "/v1/carts/c-1002", "", []string{"If-None-Match", "*"}},
			{"GET", "/v1/carts/c-1002", "", []string{"Range", "bytes=0-10"}},
			{"GET", "/v1/carts/c-1002?fields=customerId", "", nil},
			{"GET", "/v1/carts/c-1002", "", []string{"Upgrade", "websocket", "Connection", "Upgrade", "Sec-Websocket-Version", "13", "Sec-Websocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}},
			{"PATCH", "/v1/carts/c-1002/items/copper-saucepan", `{"cartId":"c-1001","quantity":2}`, nil},
			{"PATCH", "/v1/carts/c-1002/items/copper-saucepan", `{"cart_id":"c-1001","quantity":2}`, nil},
			{"POST", "/v1/carts/c-1002/items/copper-saucepan", `{"quantity":2}`, []string{"X-HTTP-Method-Override", "PATCH"}},
			{"POST", "/v1/carts/c-1002/items/copper-saucepan", ``, []string{"X-HTTP-Method-Override", "DELETE"}},
			{"POST", "/v1/products/copper-saucepan", `{}`, []string{"X-HTTP-Method-Override", "PATCH"}},
			{"POST", "/v1/products/copper-saucepan:discontinue", "", []string{"Content-Type", "application/protobuf"}},
		} {
			got := d.as(t, "customer", c.method, c.path, c.body, c.header...)
			if got.status < 400 || got.status >= 500 && got.status != http.StatusNotImplemented || strings.Contains(got.body, `"c-1002"`) {
				t.Errorf("%s: %s %s %s %v: %d %s", name, c.method, c.path, c.body, c.header, got.status, got.body)
			}
		}
		if got := d.as(t, "customer", "OPTIONS", "/v1/carts/c-1002", ""); got.body != "" || got.header.Get("Etag") != "" {
			t.Errorf("%s: OPTIONS tells %v %s", name, got.header, got.body)
		}
	}
}

// secrets are fields of the shop that only insiders see.
var secrets = []string{"passwordHash", "fraudScore", "debugInfo", "password_hash", "fraud_score", "debug_info"}

func TestNobodyAsksForAHiddenField(t *testing.T) {
	t.Parallel()
	d := guardedShop(t)
	const caller = "customer"
	for _, field := range secrets {
		unknown := d.as(t, caller, "GET", "/v1/profiles/c-1001?fields=nothingSuch", "")
		got := d.as(t, caller, "GET", "/v1/profiles/c-1001?fields="+field, "")
		if got.status != unknown.status || strings.ReplaceAll(got.body, field, "nothingSuch") != strings.ReplaceAll(unknown.body, requestIDOf(unknown), requestIDOf(got)) {
			t.Errorf("fields=%s is not as unknown as another: %d %s\n%d %s", field, got.status, got.body, unknown.status, unknown.body)
		}
	}
	for _, accept := range []string{"application/json", "application/protobuf", "*/*;q=0.1"} {
		got := d.as(t, caller, "GET", "/v1/profiles/c-1001", "", "Accept", accept)
		inside := d.as(t, "admin", "GET", "/v1/profiles/c-1001", "", "Accept", accept)
		if got.status == http.StatusOK && len(got.body) >= len(inside.body) || slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(got.body, s) }) {
			t.Errorf("%s: %d %q", accept, got.status, got.body)
		}
	}
	if got := d.as(t, "admin", "GET", "/v1/profiles/c-1001?fields=fraudScore", ""); got.status != http.StatusOK || !strings.Contains(got.body, "fraudScore") {
		t.Errorf("an insider can not ask for it: %d %s", got.status, got.body)
	}
}

func requestIDOf(r reply) string { return r.header.Get("X-Request-Id") }

func TestWhatIsHiddenIsHiddenWhereverItStands(t *testing.T) {
	t.Parallel()
	protos := filepath.Join(t.TempDir(), "edgetest", "v1")
	if err := os.CopyFS(protos, os.DirFS("../proto/edgetest/v1")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(protos, "everything.proto")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const child = "message Child {\n  string name = 1"
	marked := strings.Replace(string(text), child, child+` [(google.api.field_visibility).restriction = "INTERNAL"]`, 1)
	marked = strings.Replace(marked, `import "google/api/httpbody.proto";`, `import "google/api/httpbody.proto";import "google/api/visibility.proto";`, 1)
	if err := os.WriteFile(file, []byte(marked), 0o600); err != nil {
		t.Fatal(err)
	}
	b := edgetest.StartBackend(t)
	front := func(labels ...string) string {
		cfg := edgetest.InFrontOf(b.Target)
		cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: filepath.Dir(filepath.Dir(protos))}}}
		cfg.VisibilityLabels = labels
		_, url := edgetest.Edge(t, cfg)
		return url + prefix
	}
	outside, inside := front(), front("INTERNAL")
	for _, place := range []string{
		`{"child":%s}`, `{"child":{"child":{"child":%s}}}`, `{"children":[{},%s]}`, `{"byNumber":{"7":%s}}`, `{"choiceChild":%s}`,
		`{"any":{"@type":"type.googleapis.com/edgetest.v1.Everything","children":[%s]}}`,
		`{"any":{"@type":"type.googleapis.com/edgetest.v1.Everything","any":{"@type":"type.googleapis.com/edgetest.v1.Everything","byNumber":{"1":%s}}}}`,
	} {
		body := strings.ReplaceAll(place, "%s", `{"name":"insider","size":1}`)
		if got := send(t, "POST", outside+"/body", body); got.status != http.StatusBadRequest || strings.Contains(got.body, "did you mean") {
			t.Errorf("it can be sent: %s: %d %s", body, got.status, got.body)
		}
		got := send(t, "POST", inside+"/body", body) // the service answers with what it is sent
		if !strings.Contains(got.body, "insider") {
			t.Errorf("an insider does not see it: %s: %d %s", body, got.status, got.body)
		}
		m, _ := b.Last()
		wire, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		got = send(t, "POST", outside+"/body", string(wire), "Content-Type", "application/protobuf")
		if strings.Contains(got.body, "insider") {
			t.Errorf("it is seen: %s", got.body)
		}
		if m, _ := b.Last(); m != nil && strings.Contains(fmt.Sprint(m), "insider") {
			t.Errorf("it can be sent as protobuf: %v", m)
		}
	}
}
