package cli

import (
	"testing"

	"github.com/gatehouse-edge/gatehouse/server"
)

func TestTheCallToTryNeedsTheLeast(t *testing.T) {
	t.Parallel()
	get := func(template string) server.RouteInfo {
		return server.RouteInfo{Method: "GET", Template: template, Public: true}
	}
	for _, c := range []struct {
		name   string
		routes []server.RouteInfo
		want   string
	}{
		{"nothing", nil, ""},
		{"nothing to read", []server.RouteInfo{{Method: "POST", Template: "/v1/a", Public: true}}, ""},
		{"nothing for everybody", []server.RouteInfo{{Method: "GET", Template: "/v1/a"}}, ""},
		{"a stream", []server.RouteInfo{{Method: "GET", Template: "/v1/a", Public: true, Stream: "server"}}, ""},
		{"nothing to fill in", []server.RouteInfo{get("/{id}"), get("/v1/longer"), get("/v1/long")}, "/v1/long"},
		{"something to fill in", []server.RouteInfo{get("/v1/{a}/{b}"), get("/v1/{parent=lists/*}/todos:all")}, "/v1/lists/PARENT/todos:all"},
		{"wildcard without a name", []server.RouteInfo{get("/v1/*/x%20y")}, "/v1/ANY/x%20y"},
		{"the root", []server.RouteInfo{get("/")}, "/"},
	} {
		calls := new(serveCommand).calls(c.routes, nil)
		if c.want == "" && calls != nil || c.want != "" && (len(calls) != 1 || calls[0] != [2]string{"", c.want}) {
			t.Errorf("%s: got %q, want %q", c.name, calls, c.want)
		}
	}
}
