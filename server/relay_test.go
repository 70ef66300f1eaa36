package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/golang-jwt/jwt/v5"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

const resourceService = "edgetest.v1.ResourceService"

// renamed is an edge that knows the streams of the resource service under other names only.
func renamed(upstream *configv1.Upstream) *configv1.Config {
	return &configv1.Config{
		Sources:       []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "testdata/renamed"}}},
		Upstreams:     []*configv1.Upstream{upstream},
		DefaultPolicy: everybody(),
	}
}

// TestAStreamStaysWhatItIsUnderAnotherName asks for each stream under its own and under its other name.
func TestAStreamStaysWhatItIsUnderAnotherName(t *testing.T) {
	t.Parallel()
	r := edgetest.StartResources(t)
	_, own := edgetest.Edge(t, edgetest.InFrontOf(r.Target))
	cfg := renamed(&configv1.Upstream{Target: r.Target, Services: []string{resourceService}})
	cfg.Authentication = &configv1.Authentication{Off: true}
	_, other := edgetest.Edge(t, cfg)
	for _, c := range []struct{ method, path, otherPath, body, accept string }{
		{"GET", "/resources:watch?count=3", "/watch?count=3", "", ""},
		{"GET", "/resources:watch?count=3", "/watch?count=3", "", "application/json"},
		{"GET", "/resources:watch?count=2&failure=broken", "/watch?count=2&failure=broken", "", ""},
		{"GET", "/resources:watch?count=0&failure=broken", "/watch?count=0&failure=broken", "", ""},
		{"GET", "/resources:watch?cuont=3", "/watch?cuont=3", "", ""},
		{"GET", "/resources:export?count=2&size=9", "/letters?count=2&size=9", "", ""},
		{"POST", "/resources:collect", "/collect", `{"title":"a"}{"title":"b"}`, ""},
		{"POST", "/resources:collect", "/collect", `{"title":"fail"}`, ""},
		{"POST", "/resources:talk", "/talk", `{"title":"a"}{"title":"b"}`, ""},
		{"POST", "/resources:talk", "/talk", `{"title":"a"}{"title":`, ""},
	} {
		header := []string{"X-Request-Id", "same", "Accept", c.accept}
		want, got := send(t, c.method, own+prefix+c.path, c.body, header...), send(t, c.method, other+"/renamed"+c.otherPath, c.body, header...)
		if got.status != want.status || got.body != want.body || got.header.Get("Content-Type") != want.header.Get("Content-Type") {
			t.Errorf("%s %s:\n got %d %s\nwant %d %s", c.method, c.path, got.status, got.body, want.status, want.body)
		}
	}
	got := send(t, "GET", other+"/renamed/watch?count=2", "", "Accept", "text/event-stream")
	if !strings.Contains(got.body, "id: tag-0\ndata:") || !strings.Contains(got.body, "id: tag-1\ndata:") {
		t.Errorf("events: %s", got.body)
	}
	conn := dial(t, other+"/renamed/talk", nil)
	for _, title := range []string{"a", "b"} {
		write(t, conn, `{"title":"`+title+`"}`)
		if got := read(t, conn); !strings.Contains(got, `"title":"`+title+`"`) {
			t.Errorf("%s", got)
		}
	}
	write(t, conn, "")
	if _, code, _ := closing(t, conn); code != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", code)
	}
	if frames, code, _ := closing(t, dial(t, other+"/renamed/watch?count=2", nil)); code != websocket.StatusNormalClosure || len(frames) != 2 {
		t.Errorf("%d %v", code, frames)
	}
}

// TestAStreamUnderAnotherNameIsGuardedByItsOwnPolicy and vouched for to the service that is called.
func TestAStreamUnderAnotherNameIsGuardedByItsOwnPolicy(t *testing.T) {
	t.Parallel()
	r := edgetest.StartResources(t)
	cfg := renamed(&configv1.Upstream{Target: r.Target, Services: []string{resourceService}})
	tokens := guard(t, cfg)
	cfg.Authentication.InternalToken = &configv1.InternalToken{Key: signingKey(t)}
	edge, url := edgetest.Edge(t, cfg)
	if got := send(t, "GET", url+"/renamed/watch?count=1", ""); got.status != http.StatusUnauthorized {
		t.Errorf("nobody: %d %s", got.status, got.body)
	}
	if got := send(t, "GET", url+"/renamed/watch?count=1", "", "Authorization", "Bearer "+tokens["customer"]); got.status != http.StatusOK {
		t.Fatalf("a customer: %d %s", got.status, got.body)
	}
	_, md := r.Last()
	if got := identities(md)["x-gatehouse-subject"]; got != "c-1001" || len(md["x-gatehouse-token"]) != 1 {
		t.Fatalf("the service is told of %q, by %q", got, md["x-gatehouse-token"])
	}
	claims := jwt.RegisteredClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(md["x-gatehouse-token"][0], &claims); err != nil || len(claims.Audience) != 1 || claims.Audience[0] != resourceService {
		t.Errorf("the token is for %v: %v", claims.Audience, err)
	}
	for _, route := range edge.Routes() {
		if route.Upstream != r.Target {
			t.Errorf("%s %s is said to be answered by %q", route.Method, route.Template, route.Upstream)
		}
	}
}

func TestAStreamWhoseServiceIsNotConnectedIs503(t *testing.T) {
	t.Parallel()
	cfg := renamed(&configv1.Upstream{Target: "127.0.0.1:1", Services: []string{"renamed.v1.PathService"}})
	cfg.Authentication = &configv1.Authentication{Off: true}
	_, url := edgetest.Edge(t, cfg)
	if got := send(t, "GET", url+"/renamed/watch?count=1", ""); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "the service is not connected") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestACompositionDoesNotTakeAPlaceOfItsParts has one upstream for all services, which takes one call at a time.
func TestACompositionDoesNotTakeAPlaceOfItsParts(t *testing.T) {
	t.Parallel()
	cfg := edgetest.InFrontOf(startShop(t))
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto"}}}
	cfg.Concurrency = &configv1.Concurrency{UpstreamCalls: 1}
	_, url := edgetest.Edge(t, cfg)
	if got := send(t, "GET", url+"/v1/customers/c-1001/home?parts=profile", ""); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
}
