package upstream_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// answer is what a response's headers become.
func answer(t *testing.T, by upstream.Headers, te string, header, trailer metadata.MD) http.Header {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("TE", te)
	h := http.Header{}
	by.Answer(h, r, header, trailer)
	return h
}

func TestTrailersDoNotHoldTheStatusThatTheBodyHides(t *testing.T) {
	t.Parallel()
	trailer := metadata.Pairs("grpc-status-details-bin", "secret", "x-trail", "a")
	for te, want := range map[string]http.Header{
		"trailers": {http.TrailerPrefix + "Grpc-Trailer-X-Trail": {"a"}}, "gzip, Trailers": {http.TrailerPrefix + "Grpc-Trailer-X-Trail": {"a"}}, "gzip": {}, "": {},
	} {
		if got := answer(t, upstream.NewGateway(upstream.Proxies{}), te, nil, trailer); !reflect.DeepEqual(got, want) {
			t.Errorf("TE: %s: got %v, want %v", te, got, want)
		}
	}
	if got := answer(t, upstream.Plain{}, "trailers", nil, trailer); !reflect.DeepEqual(got, http.Header{"X-Trail": {"a"}}) {
		t.Errorf("plain: got %v", got)
	}
}

func TestReservedMetadataDoNotBecomeHeaders(t *testing.T) {
	t.Parallel()
	md := metadata.Pairs("x-gatehouse-principal", "a", "x-http-code", "201", "x-request-id", "b", "x-trace-bin", "c", "set-cookie", "d", "content-type", "e", "server", "f", "grpc-status", "0",
		"content-length", "1", "content-encoding", "gzip", "transfer-encoding", "chunked", "connection", "close", "x-content-type-options", "off", "x-forwarded-for", "10.0.0.1", "proxy-authenticate", "g", "date", "h")
	if got := answer(t, upstream.Plain{}, "", md, md); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestAnUpstreamThatEchoesItsMetadataTellsClientsNoTokenOfTheEdge(t *testing.T) {
	t.Parallel()
	md := metadata.Pairs("x-gatehouse-token", "a", "x_gatehouse_subject", "b", "x-gatehouse-subject-bin", "c")
	for name, by := range map[string]upstream.Headers{"plain": upstream.Plain{}, "gateway": upstream.NewGateway(upstream.Proxies{})} {
		if got := answer(t, by, "trailers", md, md); len(got) != 0 {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestListedMetadataBecomeHeaders(t *testing.T) {
	t.Parallel()
	by := plain(t, nil, []string{"Set-Cookie", "x-trace-bin", "Server", "ETag", "vary"})
	for key, c := range map[string]struct {
		header string
		values []string
		want   []string
	}{
		"set-cookie":          {"Set-Cookie", []string{"a=b", "c=d"}, []string{"a=b", "c=d"}},
		"x-trace-bin":         {"X-Trace-Bin", []string{"\x01\x02", "\r\n"}, []string{"AQI=", "DQo="}},
		"x-other-bin":         {"X-Other-Bin", []string{"a"}, nil},
		"server":              {"Server", []string{"shop/1"}, []string{"shop/1"}},
		"etag":                {"Etag", []string{`"1"`, `"2"`}, []string{`"2"`}},
		"location":            {"Location", []string{"/a", "/b"}, []string{"/b"}},
		"content-disposition": {"Content-Disposition", []string{"inline", "attachment"}, []string{"attachment"}},
		"content-language":    {"Content-Language", []string{"de", "en"}, []string{"de", "en"}},
		"cache-control":       {"Cache-Control", []string{"private", "max-age=5"}, []string{"private", "max-age=5"}},
		"last-modified":       {"Last-Modified", []string{"a", "b"}, []string{"b"}},
		"link":                {"Link", []string{"</a>", "</b>"}, []string{"</a>", "</b>"}},
		"retry-after":         {"Retry-After", []string{"1", "2"}, []string{"2"}},
		"deprecation":         {"Deprecation", []string{"@1", "@2"}, []string{"@2"}},
		"sunset":              {"Sunset", []string{"a", "b"}, []string{"b"}},
		"x-list":              {"X-List", []string{"a", "", "b"}, []string{"a", "", "b"}},
		"x-utf8":              {"X-Utf8", []string{"ü\t"}, []string{"ü\t"}},
		"x-split":             {"X-Split", []string{"a\r\nSet-Cookie: b", "a\nb", "a\x00", "\x7f", "c"}, []string{"c"}},
		"vary":                {"Vary", []string{"Cookie"}, []string{"Cookie"}},
		"date":                {"Date", []string{"a"}, nil},
	} {
		for side, got := range map[string]http.Header{
			"header": answer(t, by, "", metadata.MD{key: c.values}, nil), "trailer": answer(t, by, "", nil, metadata.MD{key: c.values}),
		} {
			if !reflect.DeepEqual(got[c.header], c.want) || len(got) > 1 {
				t.Errorf("%s, %s: got %q, want %q", key, side, got, c.want)
			}
		}
	}
}

func TestTheTrailerHasTheLastWord(t *testing.T) {
	t.Parallel()
	got := answer(t, upstream.Plain{}, "", metadata.Pairs("location", "/header", "x-list", "a"), metadata.Pairs("location", "/trailer\n", "location", "/trailer", "x-list", "b"))
	if want := (http.Header{"Location": {"/trailer"}, "X-List": {"a", "b"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	h := http.Header{"Deprecation": {"@1"}}
	upstream.Plain{}.Answer(h, nil, metadata.Pairs("deprecation", "@2"), nil)
	if want := (http.Header{"Deprecation": {"@2"}}); !reflect.DeepEqual(h, want) {
		t.Errorf("over what the edge knew: got %v, want %v", h, want)
	}
}

func TestTheLastWellFormedStatusCodeCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header, trailer []string
		want            int
	}{
		"none":          {nil, nil, 0},
		"header":        {[]string{"201"}, nil, 201},
		"trailer":       {nil, []string{"202"}, 202},
		"both":          {[]string{"201"}, []string{"202"}, 202},
		"several":       {[]string{"201", "204"}, nil, 204},
		"malformed":     {[]string{"201"}, []string{"2O2", "", "20", "2000", "+20", "0x9", " 202", "202 ", "１９９"}, 201},
		"least":         {[]string{"200"}, nil, 200},
		"too small":     {[]string{"199", "100", "000", "-20"}, nil, 0},
		"most":          {[]string{"299"}, nil, 299},
		"too large":     {[]string{"300", "404", "999"}, nil, 0},
		"trailer wrong": {[]string{"201"}, []string{"404"}, 201},
	} {
		if got := upstream.StatusCode(metadata.MD{"x-http-code": c.header}, metadata.MD{"x-http-code": c.trailer}); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}
