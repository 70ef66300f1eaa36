package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/server"
)

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// leaks are what no error body may hold: addresses, what Go and gRPC call their errors, stacks, what a backend hides.
var leaks = regexp.MustCompile(`127\.0\.0\.1|\[::1\]|localhost:|rpc error|desc =|dial tcp|goroutine|\.go:\d|runtime error|panic|transport:|` +
	`context (deadline|canceled)|\bEOF\b|proto: |strconv|json: |invalid character|secret`)

// send asks, and makes sure that an error has the one shape.
func send(t *testing.T, method, url, body string, header ...string) reply {
	t.Helper()
	got := request(t, method, url, body, header...)
	if got.status >= http.StatusBadRequest && method != http.MethodHead {
		checkError(t, method+" "+url, got)
	}
	return got
}

func request(t *testing.T, method, url, body string, header ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	return do(t, req)
}

// do asks as a request says.
func do(t *testing.T, req *http.Request) reply {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(text)}
}

// checkError makes sure that an error has the one shape, holds the request id, and leaks nothing.
func checkError(t *testing.T, what string, got reply) {
	t.Helper()
	var body struct {
		Code    int
		Message string
		Details []map[string]any
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil || body.Code == 0 || body.Message == "" || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s: %v: %s", what, err, got.body)
	}
	if leak := leaks.FindString(got.body); leak != "" {
		t.Errorf("%s: the body holds %q: %s", what, leak, got.body)
	}
	id := got.header.Get("X-Request-Id")
	for _, d := range body.Details {
		if d["requestId"] == id && id != "" {
			return
		}
	}
	t.Errorf("%s: the id %q is not in %s", what, id, got.body)
}

func start(t *testing.T) (*edgetest.Backend, *server.Edge, string) {
	t.Helper()
	b := edgetest.StartBackend(t)
	edge, url := edgetest.Edge(t, edgetest.InFrontOf(b.Target))
	return b, edge, url + prefix
}

func TestRefusalsHaveTheRightStatus(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	for _, c := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
		want                     string
	}{
		{"unknown path", "GET", "/nothing/here", "", nil, 404, `"NO_ROUTE"`},
		{"empty segment", "GET", "/items/", "", nil, 404, `"NO_ROUTE"`},
		{"wrong method", "PUT", "/query", "", nil, 405, "GET, HEAD, OPTIONS"},
		{"dots", "GET", "/items/%2e%2e", "", nil, 400, `"BAD_PATH"`},
		{"unknown parameter", "GET", "/query?txet=1", "", nil, 400, `did you mean \"text\"?`},
		{"bad JSON", "POST", "/body", `{"text":`, nil, 400, `"field":"$.text"`},
		{"bad timeout", "GET", "/query", "", []string{"Grpc-Timeout", "soon"}, 400, "Grpc-Timeout"},
		{"other bad timeout", "GET", "/query", "", []string{"X-Request-Timeout", "-1"}, 400, "X-Request-Timeout"},
		{"not JSON", "POST", "/body", "text=a", []string{"Content-Type", "text/plain"}, 415, `"UNSUPPORTED_MEDIA_TYPE"`},
		{"a body of no announced length", "POST", "/body", strings.Repeat(" ", 5<<20), []string{"Transfer-Encoding", "chunked"}, 413, `"BODY_TOO_LARGE"`},
		{"large body", "POST", "/body", `{"text":"` + strings.Repeat("a", 4<<20) + `"}`, nil, 413, `"BODY_TOO_LARGE"`},
		{"long URL", "GET", "/query?text=" + strings.Repeat("a", 9000), "", nil, 414, `"URL_TOO_LONG"`},
		{"a method that the upstream lacks", "GET", "/fail/12?text=no", "", nil, 501, `"message":"no"`},
		{"upstream's word", "GET", "/fail/9?text=not+now", "", nil, 400, `"message":"not now"`},
	} {
		if got := send(t, c.method, url+c.path, c.body, c.header...); got.status != c.status || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
}

func TestWhatTheUpstreamSaysIsPassedOnWithoutItsDebugInfo(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	got := send(t, "GET", url+"/fail/8?text=too+much", "")
	if got.status != 429 || got.header.Get("Retry-After") != "2" || !strings.Contains(got.body, `"fieldViolations":[{"field":"text"`) ||
		strings.Contains(got.body, "secret") || strings.Contains(got.body, "DebugInfo") || strings.Contains(got.body, "gatehouse") {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
}

func TestOptionsAndHeadAreAnswered(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	if got := send(t, "OPTIONS", url+"/items/7", ""); got.status != 204 || got.header.Get("Allow") != "DELETE, GET, HEAD, OPTIONS" {
		t.Errorf("%d %v", got.status, got.header)
	}
	get, head := send(t, "GET", url+"/items/7", ""), send(t, "HEAD", url+"/items/7", "")
	if head.status != 200 || head.body != "" || head.header.Get("Content-Length") != get.header.Get("Content-Length") || head.header.Get("Content-Length") == "" {
		t.Errorf("%d %v", head.status, head.header)
	}
}

func TestRequestIDsAreTakenIfWellFormedAndMadeOtherwise(t *testing.T) {
	t.Parallel()
	b, _, url := start(t)
	for id, taken := range map[string]bool{"abc-123": true, "": false, "a b": false, `"><script>`: false, strings.Repeat("x", 129): false} {
		got := send(t, "GET", url+"/query", "", "X-Request-Id", id)
		_, md := b.Last()
		answered := got.header.Get("X-Request-Id")
		if (answered == id) != taken || answered == "" || strings.Join(md["x-request-id"], ",") != answered {
			t.Errorf("%q: answered %q, upstream got %q", id, answered, md["x-request-id"])
		}
	}
}

func TestOnlyListedHeadersPass(t *testing.T) {
	t.Parallel()
	b, _, url := start(t)
	got := send(t, "GET", url+"/query", "", "Authorization", "Bearer x", "Accept-Language", "de", "If-Match", `"1"`, "Cookie", "a=b", "X-Gatehouse-Principal", "admin",
		"Grpc-Metadata-Tenant", "t", "X-Forwarded-For", "192.0.2.1", "Connection", "close", "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	_, md := b.Last()
	for key, want := range map[string]string{
		"authorization": "Bearer x", "accept-language": "de", "if-match": `"1"`, "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http", "cookie": "", "x-gatehouse-principal": "", "tenant": "", "grpc-metadata-tenant": "", "connection": "",
	} {
		if value := strings.Join(md[key], ","); value != want {
			t.Errorf("upstream got %s: %q, want %q", key, value, want)
		}
	}
	if got.header.Get("X-Answer") != "header" || got.header.Get("X-Trail") != "trailer" || got.header.Get("Etag") != `"1"` || got.header.Get("Set-Cookie") != "" {
		t.Errorf("answered %v", got.header)
	}
}

func TestAWrongMethodNamesTheRightOnes(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	for path, allow := range map[string]string{"/query": "GET, HEAD, OPTIONS", "/body": "OPTIONS, POST", "/custom/a": "OPTIONS, REPORT", "/nothing": "GET, HEAD, OPTIONS, POST"} {
		if got := send(t, "DELETE", url+path, ""); got.status != 405 || got.header.Get("Allow") != allow {
			t.Errorf("%s: %d, Allow: %q, want %q", path, got.status, got.header.Get("Allow"), allow)
		}
	}
}

func TestThePathBeatsTheBodyAndTheQuery(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	_, strict := edgetest.Edge(t, edgetest.InFrontOf(b.Target))
	_, lenient := edgetest.Edge(t, inPreset(edgetest.InFrontOf(b.Target)))
	for _, url := range []string{strict, lenient} {
		if got := send(t, "PUT", url+prefix+"/bodies/path", `{"text":"body","int32Value":1}`); got.status != 200 {
			t.Errorf("%d %s", got.status, got.body)
		}
		if m, _ := b.Last(); !proto.Equal(m, &edgetestv1.Everything{Text: "path", Int32Value: 1}) {
			t.Errorf("the upstream got %v", m)
		}
	}
	if got := send(t, "GET", strict+prefix+"/items/path?text=query", ""); got.status != 400 || !strings.Contains(got.body, `"field":"text"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	send(t, "GET", lenient+prefix+"/items/path?text=query", "")
	if m, _ := b.Last(); !proto.Equal(m, &edgetestv1.Everything{Text: "path"}) {
		t.Errorf("the upstream got %v", m)
	}
}

func TestJSONThatNestsDeeplyIsRefused(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	for _, body := range []string{strings.Repeat("[", 1<<20), strings.Repeat(`{"child":`, 1<<18), `{"value":` + strings.Repeat("[", 1<<20)} {
		if got := send(t, "POST", url+"/body", body); got.status != 400 {
			t.Errorf("%.20s…: %d %s", body, got.status, got.body)
		}
	}
}

func TestADetailOfAnUnknownTypeKeepsItsTypeAndItsBytes(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	got := send(t, "GET", url+"/fail/9?text=not+now&boolValue=true", "")
	if got.status != 400 || !strings.Contains(got.body, `"message":"not now"`) || !strings.Contains(got.body, `{"@type":"type.googleapis.com/nobody.knows.v1.This","value":"CAE="}`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestPlainListenersSpeakHTTP2(t *testing.T) {
	t.Parallel()
	_, _, url := start(t)
	for path, status := range map[string]int{"/query?text=a": 200, "/nowhere": 404, "/watch/3": 200, "/fail/5?text=a": 404} {
		if got := edgetest.HTTP2(t, url+path); got.Proto != 2 || got.Status != status {
			t.Errorf("%s: HTTP/%d %d %s", path, got.Proto, got.Status, got.Body)
		}
	}
}

func TestTrailersReachThoseWhoAskForThem(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	_, url := edgetest.Edge(t, inPreset(edgetest.InFrontOf(b.Target)))
	if got := edgetest.HTTP2(t, url+prefix+"/query?text=a", "TE", "trailers"); got.Trailer.Get("Grpc-Trailer-X-Trail") != "trailer" {
		t.Errorf("the upstream's trailer is not in %v", got.Trailer)
	}
	if got := edgetest.HTTP2(t, url+prefix+"/query?text=a"); len(got.Trailer) != 0 {
		t.Errorf("nobody asked for %v", got.Trailer)
	}
}
