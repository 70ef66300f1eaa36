package cors_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/cors"
)

func request(method string, header http.Header) *http.Request {
	r := httptest.NewRequest(method, "https://api.example.com/v1/products", http.NoBody)
	maps.Copy(r.Header, header)
	return r
}

// preflight asks as a page of the application does, with some headers otherwise.
func preflight(otherwise http.Header) *http.Request {
	r := request(http.MethodOptions, http.Header{"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"PUT"}})
	maps.Copy(r.Header, otherwise)
	return r
}

func TestOriginsAreComparedAsBrowsersWriteThem(t *testing.T) {
	t.Parallel()
	p := newPolicy(t, &configv1.Cors{Origins: []string{
		"https://app.example.com", "http://localhost:3000", "https://*.example.org", "https://*.example.net:8443", "https://[::1]",
		"http://192.0.2.7", "chrome-extension://abcdefghijklmnop", "http://*.localhost",
	}}, cors.Options{})
	for origin, want := range map[string]bool{
		"https://app.example.com": true, "http://localhost:3000": true, "https://[::1]": true, "http://192.0.2.7": true,
		"chrome-extension://abcdefghijklmnop": true, "http://a.localhost": true,
		"https://a.example.org": true, "https://a.b-c.xn--d_1.example.org": true, "https://a.example.net:8443": true,

		"": false, "null": false, "*": false, "https://": false, "https://*": false, "https://*.example.org": false,
		"http://app.example.com": false, "https://app.example.com:443": false, "https://app.example.com:8443": false,
		"https://APP.example.com": false, "HTTPS://app.example.com": false, "https://app.example.com/": false,
		"https://app.example.com.": false, "https://app.example.com.evil.org": false, "https://evil-app.example.com": false,
		"https://app.example.com@evil.org": false, "https://a.app.example.com": false, "https://example.com": false,
		"http://localhost": false, "http://localhost:30000": false, "http://192.0.2.70": false,

		"https://example.org": false, "https://.example.org": false, "https://evil-example.org": false, "https://evilexample.org": false,
		"https://example.org.evil.org": false, "https://a.example.org.evil.org": false, "https://a.example.org@evil.org": false,
		"https://evil.org@.example.org": false, "https://evil.org@a.example.org": false, "https://evil.org/.example.org": false,
		"https://evil.org#.example.org": false, "https://evil.org?.example.org": false, `https://evil.org\.example.org`: false,
		"https://evil.org:443.example.org": false, "https://evil.org%2f.example.org": false, "https://a..example.org": false,
		"https://a.example.org:443": false, "http://a.example.org": false, "https://A.example.org": false,
		"https://a.example.org ": false, " https://a.example.org": false, "https://a b.example.org": false, "https://a\x00.example.org": false,
		"https://a\n.example.org": false, "https://ä.example.org": false, "https://a,b.example.org": false,
		"https://a.example.org https://b.example.org": false, "https://a.example.org, https://a.example.org": false,
		"https://a.example.net": false, "https://a.example.net:443": false, "https://.example.org:8443": false,
		"https://" + strings.Repeat("a.", 200) + "example.org": false, "https://" + strings.Repeat("a", 1<<20) + ".example.org": false,
	} {
		if got := p.AllowsOrigin(origin); got != want {
			t.Errorf("%.100q: got %v, want %v", origin, got, want)
		}
		h := http.Header{}
		p.Actual(h, request("GET", http.Header{"Origin": {origin}}))
		if got := h["Access-Control-Allow-Origin"]; want && !slices.Equal(got, []string{origin}) || !want && got != nil {
			t.Errorf("%.100q may read: %q, want %v", origin, got, want)
		}
	}
}

func TestAPageThatHidesItsOriginIsAllowedByThatNameOnly(t *testing.T) {
	t.Parallel()
	if !newPolicy(t, &configv1.Cors{Origins: []string{"null"}}, cors.Options{}).AllowsOrigin("null") {
		t.Error("null is listed and refused")
	}
}

func TestCachesAreToldWhatAnAnswerDependsOn(t *testing.T) {
	t.Parallel()
	named := newPolicy(t, &configv1.Cors{Origins: []string{"https://app.example.com"}}, cors.Options{})
	everybody := newPolicy(t, &configv1.Cors{Origins: []string{"*"}}, cors.Options{})
	for name, c := range map[string]struct {
		policy  *cors.Policy
		origins []string
		vary    []string
		allowed string
	}{
		"an origin that may":            {named, []string{"https://app.example.com"}, []string{"Accept", "Origin"}, "https://app.example.com"},
		"an origin that may not":        {named, []string{"https://evil.example.org"}, []string{"Accept", "Origin"}, ""},
		"no origin":                     {named, nil, []string{"Accept", "Origin"}, ""},
		"two origins":                   {named, []string{"https://app.example.com", "https://evil.example.org"}, []string{"Accept", "Origin"}, ""},
		"any origin":                    {everybody, []string{"https://evil.example.org"}, []string{"Accept"}, "*"},
		"any origin, and there is none": {everybody, nil, []string{"Accept"}, "*"},
		"no policy":                     {nil, []string{"https://app.example.com"}, []string{"Accept"}, ""},
	} {
		h, r := http.Header{"Vary": {"Accept"}}, request("GET", nil)
		if c.origins != nil {
			r.Header["Origin"] = c.origins
		}
		c.policy.Actual(h, r)
		if !slices.Equal(h["Vary"], c.vary) || h.Get("Access-Control-Allow-Origin") != c.allowed {
			t.Errorf("%s: %v", name, h)
		}
	}
}

func TestOneAnswerDoesNotChangeThoseThatFollow(t *testing.T) {
	t.Parallel()
	p := newPolicy(t, &configv1.Cors{Origins: []string{"https://app.example.com"}, Credentials: true}, cors.Options{Exposed: []string{"Etag"}})
	r := request("GET", http.Header{"Origin": {"https://app.example.com"}})
	first, second := http.Header{}, http.Header{}
	p.Actual(first, r)
	for name := range first {
		first.Add(name, "another")
	}
	p.Actual(second, r)
	want := http.Header{
		"Vary": {"Origin"}, "Access-Control-Allow-Origin": {"https://app.example.com"}, "Access-Control-Allow-Credentials": {"true"},
		"Access-Control-Expose-Headers": {"Etag"},
	}
	if !reflect.DeepEqual(second, want) || len(r.Header["Origin"]) != 1 {
		t.Errorf("%v", second)
	}
}

func TestOnlyAPreflightIsTakenForOne(t *testing.T) {
	t.Parallel()
	p := newPolicy(t, &configv1.Cors{Origins: []string{"*"}}, cors.Options{})
	if !p.IsPreflight(preflight(nil)) {
		t.Error("a preflight is none")
	}
	for name, r := range map[string]*http.Request{
		"no origin": preflight(http.Header{"Origin": nil}), "no method": preflight(http.Header{"Access-Control-Request-Method": nil}),
		"GET": request("GET", preflight(nil).Header),
	} {
		if p.IsPreflight(r) {
			t.Errorf("%s: it is taken for a preflight", name)
		}
	}
}

func TestARefusedPreflightAllowsNothing(t *testing.T) {
	t.Parallel()
	p := newPolicy(t, &configv1.Cors{Origins: []string{"https://app.example.com"}, Credentials: true, PrivateNetwork: true}, cors.Options{})
	const asked, private = "Access-Control-Request-Headers", "Access-Control-Request-Private-Network"
	for name, c := range map[string]struct {
		otherwise http.Header
		methods   []string
		want      bool
	}{
		"as it may":                 {nil, []string{"GET", "PUT"}, true},
		"its origin":                {http.Header{"Origin": {"https://evil.example.org"}, private: {"true"}}, []string{"GET", "PUT"}, false},
		"its origins":               {http.Header{"Origin": {"https://app.example.com", "https://app.example.com"}}, []string{"PUT"}, false},
		"its method":                {nil, []string{"GET"}, false},
		"its method's case":         {http.Header{"Access-Control-Request-Method": {"put"}}, []string{"PUT"}, false},
		"its methods":               {http.Header{"Access-Control-Request-Method": {"PUT", "PUT"}}, []string{"PUT"}, false},
		"all methods":               {http.Header{"Access-Control-Request-Method": {"*"}}, []string{"PUT"}, false},
		"HEAD where there is GET":   {http.Header{"Access-Control-Request-Method": {"HEAD"}}, []string{"GET"}, true},
		"HEAD where there is none":  {http.Header{"Access-Control-Request-Method": {"HEAD"}}, []string{"PUT"}, false},
		"no such path":              {nil, nil, false},
		"headers":                   {http.Header{asked: {"authorization,content-type"}}, []string{"PUT"}, true},
		"headers with spaces":       {http.Header{asked: {" Authorization\t, ,CONTENT-TYPE,", "if-match"}}, []string{"PUT"}, true},
		"no headers":                {http.Header{asked: {""}}, []string{"PUT"}, true},
		"one header":                {http.Header{asked: {"authorization,x-evil"}}, []string{"PUT"}, false},
		"a header in another line":  {http.Header{asked: {"authorization", "x-evil"}}, []string{"PUT"}, false},
		"a part of a header":        {http.Header{asked: {"author"}}, []string{"PUT"}, false},
		"all headers":               {http.Header{asked: {"*"}}, []string{"PUT"}, false},
		"a header of other letters": {http.Header{asked: {"x-request-\u0130d", "idempotency-\u212aey"}}, []string{"PUT"}, false},
		"a long header":             {http.Header{asked: {strings.Repeat("a", 4000)}}, []string{"PUT"}, false},
		"a long list":               {http.Header{asked: {strings.Repeat("range,", 1000)}}, []string{"PUT"}, false},
		"a list of nothing":         {http.Header{asked: {strings.Repeat(",", 1<<20)}}, []string{"PUT"}, false},
	} {
		h := http.Header{}
		if got := p.Preflight(h, preflight(c.otherwise), c.methods); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		if vary := h.Get("Vary"); vary != "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network" {
			t.Errorf("%s: Vary: %s", name, vary)
		}
		if !c.want && len(h) != 1 {
			t.Errorf("%s: %v", name, h)
		}
	}
}

func TestWhatAPreflightIsAnswered(t *testing.T) {
	t.Parallel()
	const asked, private = "Access-Control-Request-Headers", "Access-Control-Request-Private-Network"
	for name, c := range map[string]struct {
		cfg       *configv1.Cors
		otherwise http.Header
		want      map[string]string
	}{
		"all that is usual": {
			&configv1.Cors{Origins: []string{"https://app.example.com"}}, http.Header{private: {"true"}},
			map[string]string{
				"Allow-Origin": "https://app.example.com", "Allow-Methods": "GET, PUT", "Max-Age": "600",
				"Allow-Headers": "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Last-Event-Id, Range, X-Request-Id, " +
					"X-Request-Timeout, Traceparent, Tracestate, X-Api-Key, Accept, Accept-Language, Content-Language",
			},
		},
		"what is configured": {
			&configv1.Cors{
				Origins: []string{"https://*.example.com"}, Credentials: true, Headers: []string{"X-Cart"}, PrivateNetwork: true,
				MaxAge: durationpb.New(0),
			}, http.Header{private: {"true"}},
			map[string]string{
				"Allow-Origin": "https://app.example.com", "Allow-Methods": "GET, PUT", "Max-Age": "0", "Allow-Credentials": "true",
				"Allow-Headers": "X-Cart, Accept, Accept-Language, Content-Language", "Allow-Private-Network": "true",
			},
		},
		"whatever is asked for": {
			&configv1.Cors{Origins: []string{"*"}, Headers: []string{"*"}, MaxAge: durationpb.New(24 * time.Hour), PrivateNetwork: true},
			http.Header{asked: {"authorization,x-cart ", " X-Other"}, private: {"false"}},
			map[string]string{"Allow-Origin": "*", "Allow-Methods": "GET, PUT", "Max-Age": "86400", "Allow-Headers": "authorization, x-cart, X-Other"},
		},
		"nothing is asked for": {
			&configv1.Cors{Origins: []string{"*"}, Headers: []string{"*"}}, nil,
			map[string]string{"Allow-Origin": "*", "Allow-Methods": "GET, PUT", "Max-Age": "600"},
		},
	} {
		p, h := newPolicy(t, c.cfg, cors.Options{Headers: []string{"X-Api-Key", "authorization"}}), http.Header{}
		if !p.Preflight(h, preflight(c.otherwise), []string{"GET", "PUT"}) {
			t.Errorf("%s: refused", name)
		}
		delete(h, "Vary")
		got := map[string]string{}
		for header := range h {
			got[strings.TrimPrefix(header, "Access-Control-")] = strings.Join(h[header], "|")
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

func TestNoHeaderIsForgedByAskingForIt(t *testing.T) {
	t.Parallel()
	p := newPolicy(t, &configv1.Cors{Origins: []string{"*"}, Headers: []string{"*"}}, cors.Options{})
	for _, asked := range []string{"x\r\nSet-Cookie: a", "x y", "x:y", "x\x00", "ä", "(x)", strings.Repeat("a", 5000)} {
		h := http.Header{}
		if p.Preflight(h, preflight(http.Header{"Access-Control-Request-Headers": {asked}}), []string{"PUT"}) || len(h) != 1 {
			t.Errorf("%.20q: %v", asked, h)
		}
	}
}

func TestWithoutOriginsThereIsNoPolicy(t *testing.T) {
	t.Parallel()
	for _, cfg := range []*configv1.Cors{nil, {}} {
		p, h := newPolicy(t, cfg, cors.Options{Exposed: []string{"Etag"}}), http.Header{}
		r := preflight(nil)
		p.Actual(h, r)
		if p != nil || p.AllowsOrigin("https://app.example.com") || p.IsPreflight(r) || p.Preflight(h, r, []string{"PUT"}) || len(h) > 0 {
			t.Errorf("%v: %v", cfg, h)
		}
	}
}

func TestWhatIsWrongWithAConfiguration(t *testing.T) {
	t.Parallel()
	origins := []string{"https://app.example.com"}
	for name, c := range map[string]struct {
		cfg  *configv1.Cors
		want []string
	}{
		"nothing": {&configv1.Cors{
			Origins:     []string{"https://app.example.com", "http://localhost:3000", "https://*.example.com:8443", "http://[::1]", "capacitor://localhost"},
			Credentials: true, Headers: []string{"*"}, ExposedHeaders: []string{"Etag"}, MaxAge: durationpb.New(24 * time.Hour),
		}, nil},
		"everybody": {&configv1.Cors{Origins: []string{"*"}, ExposedHeaders: []string{"*"}}, nil},
		"origins that are none": {&configv1.Cors{Origins: []string{"", "app.example.com", "https://", "https:///a", "https://a b"}}, []string{
			`origins[0]: "" is no origin, such as https://app.example.com`, `origins[1]: "app.example.com" is no origin`,
			`origins[2]: "https://" is no origin`, `origins[3]: "https:///a" is no origin`, `origins[4]: "https://a b" is no origin`,
		}},
		"origins as no browser writes them": {
			&configv1.Cors{Origins: []string{
				"https://app.example.com/", "https://APP.example.com", "https://app.example.com:443", "http://localhost:80", "https://app.example.com:",
				"https://a:b@app.example.com", "https://app.example.com?a", "https://[0:0::1]", "https://*.example.com/a",
			}},
			[]string{
				"origins[0]: \"https://app.example.com/\" is not how browsers write an origin; give https://app.example.com",
				"origins[1]: \"https://APP.example.com\" is not how browsers write an origin; give https://app.example.com",
				"origins[2]: \"https://app.example.com:443\" is not how browsers write an origin; give https://app.example.com",
				"origins[3]: \"http://localhost:80\" is not how browsers write an origin; give http://localhost",
				"origins[4]: \"https://app.example.com:\" is not how browsers write an origin; give https://app.example.com",
				"origins[5]: \"https://a:b@app.example.com\" is not how browsers write an origin; give https://app.example.com",
				"origins[6]: \"https://app.example.com?a\" is not how browsers write an origin; give https://app.example.com",
				"origins[7]: \"https://[0:0::1]\" is not how browsers write an origin; give https://[::1]",
				"origins[8]: \"https://*.example.com/a\" is not how browsers write an origin; give https://*.example.com",
			},
		},
		"wildcards": {
			&configv1.Cors{Origins: []string{"https://*", "https://*.com", "https://a.*.example.com", "https://*a.example.com", "https://*.*.example.com", "https://*.192.0.2.7", "*://example.com"}},
			[]string{
				`origins[0]: "https://*" may have one *`, `origins[1]: "https://*.com" is everybody below .com`, `origins[2]: "https://a.*.example.com" may have one *`,
				`origins[3]: "https://*a.example.com" may have one *`, `origins[4]: "https://*.*.example.com" may have one *`,
				`origins[5]: "https://*.192.0.2.7" is below an address`, `origins[6]: "*://example.com" is no origin`,
			},
		},
		"hosts": {&configv1.Cors{Origins: []string{"https://bücher.example.com", "https://a..example.com", "https://a:70000", "https://" + strings.Repeat("a.", 130) + "a"}}, []string{
			`origins[0]: "https://bücher.example.com" has a host that is no name`, `origins[1]: "https://a..example.com" has a host`,
			`origins[2]: "https://a:70000" has no port between 1 and 65535`, `origins[3]: "https://a.a.`,
		}},
		"all, and more":              {&configv1.Cors{Origins: []string{"*", "https://app.example.com"}}, []string{`origins[0]: "*" is all origins; leave the others out`}},
		"all, with credentials":      {&configv1.Cors{Origins: []string{"*"}, Credentials: true}, []string{`origins[0]: "*" excludes credentials`}},
		"hidden, with credentials":   {&configv1.Cors{Origins: []string{"null"}, Credentials: true}, []string{`origins[0]: "null" excludes credentials`}},
		"twice":                      {&configv1.Cors{Origins: []string{"https://a.example.com", "https://a.example.com"}}, []string{"origins[1]: https://a.example.com is origins[0] already"}},
		"no origins":                 {&configv1.Cors{PrivateNetwork: true}, []string{"origins: is missing"}},
		"headers":                    {&configv1.Cors{Origins: origins, Headers: []string{"*", "a b", ""}}, []string{`headers[0]: "*" is all headers`, `headers[1]: "a b" is no name`, `headers[2]: "" is no name`}},
		"exposed headers":            {&configv1.Cors{Origins: origins, ExposedHeaders: []string{"a:"}}, []string{`exposed_headers[0]: "a:" is no name`}},
		"all exposed to credentials": {&configv1.Cors{Origins: origins, Credentials: true, ExposedHeaders: []string{"*"}}, []string{`exposed_headers: "*" is no wildcard with credentials`}},
		"too long":                   {&configv1.Cors{Origins: origins, MaxAge: durationpb.New(86401 * time.Second)}, []string{"max_age: 24h0m1s is not whole seconds between 0s and 86400s"}},
		"too short":                  {&configv1.Cors{Origins: origins, MaxAge: durationpb.New(-time.Second)}, []string{"max_age: -1s is not"}},
		"no whole seconds":           {&configv1.Cors{Origins: origins, MaxAge: durationpb.New(time.Millisecond)}, []string{"max_age: 1ms is not"}},
	} {
		var got []string
		cors.Problems(c.cfg, func(key, format string, args ...any) { got = append(got, key+": "+fmt.Sprintf(format, args...)) })
		if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
		p, err := cors.New(c.cfg, cors.Options{})
		if (err != nil) != (c.want != nil) || (p == nil) != (c.want != nil) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
		for _, problem := range c.want {
			if err == nil || !strings.Contains(err.Error(), problem) {
				t.Errorf("%s: %v lacks %s", name, err, problem)
			}
		}
	}
}

func TestRequestsThatAreNoPagesCostNothing(t *testing.T) {
	p := newPolicy(t, &configv1.Cors{Origins: []string{"https://app.example.com", "https://*.example.org"}, Credentials: true}, cors.Options{})
	for name, r := range map[string]*http.Request{
		"no origin": request("GET", nil), "an origin": request("GET", http.Header{"Origin": {"https://a.example.org"}}),
		"another origin": request("GET", http.Header{"Origin": {"https://evil.example.net"}}),
	} {
		h := http.Header{}
		if allocs := testing.AllocsPerRun(1000, func() {
			clear(h)
			if p.IsPreflight(r) {
				t.Error("it is no preflight")
			}
			p.Actual(h, r)
		}); allocs > 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}

func BenchmarkActual(b *testing.B) {
	named := newPolicy(b, &configv1.Cors{Origins: []string{"https://app.example.com", "https://*.example.org"}, Credentials: true}, cors.Options{Exposed: []string{"Etag"}})
	for name, c := range map[string]struct {
		policy *cors.Policy
		origin []string
	}{
		"no policy": {nil, nil}, "no origin": {named, nil}, "an origin": {named, []string{"https://app.example.com"}},
		"an origin below": {named, []string{"https://a.example.org"}}, "another origin": {named, []string{"https://evil.example.net"}},
	} {
		b.Run(name, func(b *testing.B) {
			r, h := request("GET", nil), http.Header{}
			if c.origin != nil {
				r.Header["Origin"] = c.origin
			}
			b.ReportAllocs()
			for b.Loop() {
				clear(h)
				c.policy.Actual(h, r)
			}
		})
	}
}

func BenchmarkPreflight(b *testing.B) {
	p := newPolicy(b, &configv1.Cors{Origins: []string{"https://app.example.com"}}, cors.Options{})
	r, h, methods := preflight(http.Header{"Access-Control-Request-Headers": {"authorization,content-type,if-match"}}), http.Header{}, []string{"GET", "HEAD", "OPTIONS", "PUT"}
	b.ReportAllocs()
	for b.Loop() {
		clear(h)
		p.Preflight(h, r, methods)
	}
}
