package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

const page, evil = "https://app.example.com", "https://app.example.com.evil.example"

func withPages(cfg *configv1.Config) {
	cfg.Cors = &configv1.Cors{Origins: []string{page, "https://*.example.org"}, Credentials: true}
}

// allowing are the headers by which a preflight or an answer allows something.
func allowing(h http.Header) (names []string) {
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			names = append(names, name)
		}
	}
	return names
}

func TestAPreflightIsAnsweredForWhatThereIs(t *testing.T) {
	t.Parallel()
	d := guardedShop(t, withPages)
	for _, c := range []struct {
		origin, method, path, headers string
		allowed                       bool
	}{
		{page, "GET", "/v1/products", "", true},
		{page, "HEAD", "/v1/products", "", true},
		{"https://a.example.org", "GET", "/v1/products", "authorization,x-request-id", true},
		{page, "PATCH", "/v1/profiles/c-1001", "authorization,content-type,if-match", true}, // without a token: browsers send none
		{page, "DELETE", "/v1/products", "", false},
		{page, "PUT", "/v1/profiles/c-1001", "", false},
		{page, "get", "/v1/products", "", false},
		{page, "GET", "/v1/nothing", "", false},
		{page, "GET", "/v1/products", "x-evil", false},
		{evil, "GET", "/v1/products", "", false},
		{"null", "GET", "/v1/products", "", false},
		{"https://example.org", "GET", "/v1/products", "", false},
		{"http://app.example.com", "GET", "/v1/products", "", false},
	} {
		header := []string{"Origin", c.origin, "Access-Control-Request-Method", c.method}
		if c.headers != "" {
			header = append(header, "Access-Control-Request-Headers", c.headers)
		}
		got := send(t, "OPTIONS", d.url+c.path, "", header...)
		if got.status != http.StatusNoContent {
			t.Errorf("%v: %d %s", c, got.status, got.body)
		}
		switch allows := allowing(got.header); {
		case !c.allowed && allows != nil:
			t.Errorf("%v: %q", c, allows)
		case !c.allowed:
		case got.header.Get("Access-Control-Allow-Origin") != c.origin || got.header.Get("Access-Control-Allow-Credentials") != "true" ||
			!strings.Contains(got.header.Get("Access-Control-Allow-Methods"), c.method) || got.header.Get("Access-Control-Max-Age") != "600":
			t.Errorf("%v: %v", c, got.header)
		}
	}
}

func TestAPageMayReadAnswersAndErrors(t *testing.T) {
	t.Parallel()
	d := guardedShop(t, withPages)
	for path, status := range map[string]int{
		"/v1/products": 200, "/v1/carts/c-1001": 401, "/v1/nothing": 404, "/v1/products?pageSize=-1": 400, "/v1/products?x=" + strings.Repeat("a", 9000): 414,
	} {
		for origin, allowed := range map[string]bool{page: true, evil: false, "": false} {
			var header []string
			if origin != "" {
				header = []string{"Origin", origin}
			}
			got := send(t, "GET", d.url+path, "", header...)
			if got.status != status || (got.header.Get("Access-Control-Allow-Origin") == origin) != (allowed || origin == "") ||
				allowed != strings.Contains(got.header.Get("Access-Control-Expose-Headers"), "X-Request-Id") {
				t.Errorf("%.40s from %q: %d %v", path, origin, got.status, got.header)
			}
			vary := strings.Split(strings.ReplaceAll(strings.Join(got.header["Vary"], ","), " ", ""), ",")
			for _, name := range []string{"Origin", "Accept"} {
				if !slices.Contains(vary, name) {
					t.Errorf("%.40s from %q: Vary: %q", path, origin, vary)
				}
			}
			if status == 200 && !slices.Contains(vary, "Accept-Encoding") {
				t.Errorf("%.40s from %q: Vary: %q", path, origin, vary)
			}
		}
	}
	if got := send(t, "GET", d.url+"/v1/products", "", "Origin", page, "Authorization", "Bearer none"); got.status != 401 || got.header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("a bad token: %d %v", got.status, got.header)
	}
	// 500, by a service that does not answer what it should.
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	withPages(cfg)
	_, url := edgetest.Edge(t, cfg)
	if got := request(t, "GET", url+prefix+"/fail/13", "", "Origin", page); got.status != 500 || got.header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("%d %v", got.status, got.header)
	}
}

// talking is an edge in front of a service that talks over WebSockets, to callers who are known.
func talking(t *testing.T, change func(*configv1.Config)) (r *edgetest.Resources, url string, tokens map[string]string) {
	t.Helper()
	r = edgetest.StartResources(t)
	cfg := edgetest.InFrontOf(r.Target)
	cfg.DefaultPolicy = known()
	tokens = guard(t, cfg)
	change(cfg)
	_, url = edgetest.Edge(t, cfg)
	return r, url + prefix + "/resources:talk", tokens
}

// handshake opens a WebSocket, and closes it; it returns the status.
func handshake(t *testing.T, url string, o *websocket.DialOptions) int {
	t.Helper()
	conn, res, err := websocket.Dial(t.Context(), url, o)
	if err == nil {
		conn.CloseNow() //nolint:errcheck // it was for looking only
	}
	if res == nil {
		t.Fatal(err)
	}
	if res.Body != nil {
		res.Body.Close() //nolint:errcheck // nothing is in it
	}
	return res.StatusCode
}

func TestPagesOfOtherOriginsOpenNoWebSockets(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*configv1.Config){
		"streams.origins": func(cfg *configv1.Config) { cfg.Streams = &configv1.Streams{Origins: []string{page}} },
		"cors.origins":    func(cfg *configv1.Config) { cfg.Cors = &configv1.Cors{Origins: []string{page}} },
		"an audience's": func(cfg *configv1.Config) {
			cfg.Audiences = []*configv1.Audience{{Name: "public", Cors: &configv1.Cors{Origins: []string{page}}}, {Name: "partner"}, {Name: "internal"}}
		},
	} {
		_, url, tokens := talking(t, change)
		for origin, status := range map[string]int{page: 101, evil: 403, "null": 403, "http://app.example.com": 403, "file://": 403, "": 101, "https://app.example.com:444": 403} {
			header := http.Header{"Authorization": {"Bearer " + tokens["customer"]}}
			if origin != "" {
				header.Set("Origin", origin)
			}
			if got := handshake(t, url, &websocket.DialOptions{HTTPHeader: header}); got != status {
				t.Errorf("%s: %q gets %d, want %d", name, origin, got, status)
			}
		}
	}
}

func TestAWebSocketNeedsAGoodTokenFromTheStart(t *testing.T) {
	t.Parallel()
	r, url, tokens := talking(t, func(*configv1.Config) {})
	for name, c := range map[string]struct {
		protocols []string
		header    http.Header
		status    int
	}{
		"none":               {nil, nil, 401},
		"a sub-protocol":     {[]string{"gatehouse", "bearer." + tokens["customer"]}, nil, 101},
		"a bad one":          {[]string{"gatehouse", "bearer." + tokens["customer"] + "x"}, nil, 401},
		"a bad one, unasked": {[]string{"gatehouse"}, http.Header{"Authorization": {"Bearer none"}}, 401},
		"two that differ":    {[]string{"gatehouse", "bearer." + tokens["admin"]}, http.Header{"Authorization": {"Bearer none"}}, 401},
		"an empty one":       {[]string{"gatehouse", "bearer."}, nil, 401},
		"the query":          {nil, nil, 401},
	} {
		to := url
		if name == "the query" {
			to += "?access_token=" + tokens["customer"]
		}
		if got := handshake(t, to, &websocket.DialOptions{Subprotocols: c.protocols, HTTPHeader: c.header}); got != c.status {
			t.Errorf("%s: %d, want %d", name, got, c.status)
		}
	}
	conn := dial(t, url, &websocket.DialOptions{Subprotocols: []string{"gatehouse", "bearer." + tokens["customer"]}})
	write(t, conn, `{"title":"a"}`)
	read(t, conn)
	if _, md := r.Requests(); identities(md)["x-gatehouse-subject"] != "c-1001" || md["authorization"] != nil {
		t.Errorf("%v %v", identities(md), md["authorization"])
	}
	if conn.Subprotocol() != "gatehouse" {
		t.Errorf("the token is said aloud: %s", conn.Subprotocol())
	}
}

func TestEachMessageOfAWebSocketHasToBeTheCallersOwn(t *testing.T) {
	t.Parallel()
	r, url, tokens := talking(t, func(cfg *configv1.Config) {
		cfg.Policies = []*configv1.PolicySettings{{Names: []string{"edgetest.v1.ResourceService.Talk"}, Policy: &gatehousev1.Policy{Access: &gatehousev1.Access{
			Fields: []*gatehousev1.ClaimedField{{Field: "title", UnlessScope: "admin"}},
		}}}}
	})
	as := func(caller string) *websocket.Conn {
		return dial(t, url, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + tokens[caller]}}})
	}
	conn := as("customer")
	write(t, conn, `{"title":"c-1001"}`)
	read(t, conn)
	write(t, conn, `{"title":"c-1002"}`)
	if _, code, reason := closing(t, conn); code != 4007 || !strings.Contains(reason, "title") {
		t.Errorf("%d %s", code, reason)
	}
	requests, _ := r.Requests()
	for _, m := range requests {
		if m.(*edgetestv1.Resource).GetTitle() != "c-1001" {
			t.Errorf("the service got %v", m)
		}
	}
	conn = as("customer")
	write(t, conn, `{"title":"c-1002","title":"c-1001"}`)
	if _, code, _ := closing(t, conn); code < 4000 {
		t.Errorf("a name given twice: %d", code)
	}
	conn = as("admin")
	write(t, conn, `{"title":"c-1002"}`)
	if got := read(t, conn); !strings.Contains(got, "c-1002") {
		t.Errorf("%s", got)
	}
}
