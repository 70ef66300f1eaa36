package accesslog_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/accesslog"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

func newLog(t testing.TB, cfg *configv1.AccessLog, options accesslog.Options) *accesslog.Log {
	t.Helper()
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	l, err := accesslog.New(cfg, options)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// written returns the lines of records, as text.
func written(t testing.TB, cfg *configv1.AccessLog, records ...*accesslog.Record) []string {
	t.Helper()
	var out bytes.Buffer
	l := newLog(t, cfg, accesslog.Options{Stdout: &out})
	for _, r := range records {
		l.Write(r)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(strings.TrimSuffix(out.String(), "\n"), "\n")
}

// fields returns those of the line of a record.
func fields(t testing.TB, cfg *configv1.AccessLog, r *accesslog.Record) map[string]any {
	t.Helper()
	lines := written(t, cfg, r)
	if len(lines) != 1 {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil {
		t.Fatalf("%v: %s", err, lines[0])
	}
	return got
}

// asked is a record of a request for a target.
func asked(target string) *accesslog.Record {
	return &accesslog.Record{
		Time: time.Date(2031, 5, 6, 7, 8, 9, 123_456_789, time.UTC), RequestID: "id-1", Status: 200,
		Request: &http.Request{Method: http.MethodGet, RequestURI: target, Proto: "HTTP/1.1", Header: http.Header{}},
	}
}

// full is a record of all that can be known of a request.
func full() *accesslog.Record {
	r := asked("/v1/products?page_size=20&filter=category%3Dpans&access_token=hunter2")
	r.Request.Proto, r.Request.TLS = "HTTP/2.0", &tls.ConnectionState{Version: tls.VersionTLS13}
	r.Request.Header = http.Header{
		"User-Agent":    {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"},
		"Traceparent":   {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		"Authorization": {"Bearer hunter2"}, "Cookie": {"session=hunter2"}, "X-Api-Key": {"hunter2"}, "Referer": {"https://a/?token=hunter2"},
	}
	r.Client, r.Audience = netip.MustParseAddr("192.0.2.7"), "partner"
	r.Principal = &principal.Principal{Subject: "user-1", Issuer: "https://login.example.com", Claims: map[string]any{"secret": "hunter2"}}
	r.Template, r.RPC, r.Status = "/v1/products", "/shop.catalog.v1.CatalogService/ListProducts", 503
	r.Code, r.Reason, r.RequestBytes, r.ResponseBytes = codes.Unavailable, "OVERLOADED", 12, 345
	r.Total, r.Upstream, r.Queue = 12345678*time.Nanosecond, 9*time.Millisecond, 7*time.Microsecond
	r.Retries = 2
	return r
}

// composed is full, and made of two parts.
func composed() *accesslog.Record {
	r := full()
	r.Parts = []accesslog.Part{{Name: "cart", Took: 12 * time.Millisecond}, {Name: "orders", Code: codes.Unavailable, Took: time.Millisecond, Instead: "LAST_GOOD"}}
	return r
}

func TestALineHoldsWhatIsKnownAndNothingSecret(t *testing.T) {
	t.Parallel()
	got := fields(t, nil, composed())
	want := map[string]any{
		"time": "2031-05-06T07:08:09.123456Z", "level": "INFO", "msg": "request", "request_id": "id-1",
		"trace_id": "0af7651916cd43dd8448eb211c80319c", "client": "192.0.2.7", "audience": "partner", "principal": "user-1",
		"issuer": "https://login.example.com", "method": "GET",
		"url": "/v1/products?page_size=20&filter=category%3Dpans&access_token=redacted", "template": "/v1/products",
		"rpc": "/shop.catalog.v1.CatalogService/ListProducts", "status": 503.0, "grpc_code": "UNAVAILABLE", "reason": "OVERLOADED",
		"request_bytes": 12.0, "response_bytes": 345.0, "total_ms": 12.345, "upstream_ms": 9.0, "queue_ms": 0.007, "retries": 2.0,
		"parts": []any{
			map[string]any{"part": "cart", "grpc_code": "OK", "ms": 12.0},
			map[string]any{"part": "orders", "grpc_code": "UNAVAILABLE", "ms": 1.0, "instead": "LAST_GOOD"},
		},
		"user_agent": full().Request.UserAgent(), "protocol": "HTTP/2.0", "tls": "TLS 1.3",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
	if line := written(t, nil, full())[0]; strings.Contains(line, "hunter2") {
		t.Error(line)
	}
}

func TestWhatIsNotKnownIsLeftOut(t *testing.T) {
	t.Parallel()
	r := asked("/healthz")
	r.Total = -time.Second // clocks
	got := slices.Sorted(maps.Keys(fields(t, nil, r)))
	want := []string{"level", "method", "msg", "protocol", "request_bytes", "request_id", "response_bytes", "status", "time", "total_ms", "url"}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
	r.RPC = "/a.B/C"
	if got := fields(t, nil, r); got["grpc_code"] != "OK" || got["total_ms"] != 0.0 {
		t.Error(got)
	}
	r.Code = 99
	if got := fields(t, nil, r); got["grpc_code"] != "99" {
		t.Error(got)
	}
}

func TestATraceIsNamedIfItsHeaderIsWellFormed(t *testing.T) {
	t.Parallel()
	const id = "0af7651916cd43dd8448eb211c80319c"
	for value, want := range map[string]any{
		"00-" + id + "-b7ad6b7169203331-01":                                id,
		"cc-" + id + "-b7ad6b7169203331-01-what-will-be":                   id,
		"cc-" + id + "-b7ad6b7169203331-01":                                id,
		"":                                                                 nil,
		"00-" + id + "-b7ad6b7169203331-01-more":                           nil,
		"00-" + id + "-b7ad6b7169203331-0":                                 nil,
		"00-" + id + "-b7ad6b7169203331-0g":                                nil,
		"cc-" + id + "-b7ad6b7169203331-01more":                            nil,
		"ff-" + id + "-b7ad6b7169203331-01":                                nil,
		"00-" + strings.ToUpper(id) + "-b7ad6b7169203331-01":               nil,
		"00-" + strings.Repeat("0", 32) + "-b7ad6b7169203331-01":           nil,
		"00-" + id + "-0000000000000000-01":                                nil,
		"00_" + id + "-b7ad6b7169203331-01":                                nil,
		"00-" + id + "_b7ad6b7169203331-01":                                nil,
		"00-" + id + "-b7ad6b7169203331_01":                                nil,
		`00-","forged":"","x":"aaaaaaaaaaaaaa` + "-b7ad6b7169203331-01xxx": nil,
	} {
		r := asked("/")
		r.Request.Header["Traceparent"] = []string{value}
		if got := fields(t, nil, r)["trace_id"]; got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
	r := asked("/")
	r.Request.Header["Traceparent"] = []string{"00-" + id + "-b7ad6b7169203331-01", "00-" + id + "-b7ad6b7169203331-01"}
	if got := fields(t, nil, r)["trace_id"]; got != nil {
		t.Errorf("two traces are %v", got)
	}
}

// hostile is text that somebody may want to see in a line or on a terminal as something else.
var hostile = []string{
	"a\nb", "a\r\nb", `","status":200,"x":"`, `\","status":200,"x":"`, `\`, `"`, "\x00\x01\x1f\x7f", "\x1b[2J\x1b]0;a\x07", "\u009b31m", "\u0085",
	"\u2028\u2029", "\u202egpj.exe", "\u200b", "\xff\xfe", "\xc0\x80", "\xed\xa0\x80", "\xf0\x9f\x92", "ü€😀", "\U000e0001", "\ufffd", "\t", "<script>&amp;</script>",
}

func TestNoClientForgesALine(t *testing.T) {
	t.Parallel()
	for _, text := range hostile {
		r := asked("/" + text)
		r.RequestID, r.Request.Method, r.Request.Proto, r.Reason, r.Audience = text, text, text, text, text
		r.Client = netip.IPv6Unspecified().WithZone(text)
		r.Principal = &principal.Principal{Subject: text, Issuer: text}
		r.Request.Header["User-Agent"] = []string{text}
		lines := written(t, nil, r)
		if len(lines) != 1 || strings.ContainsAny(lines[0], "\n\r\x00\x1b\x7f\t\u0085\u009b\u2028\u2029\u202e\u200b\U000e0001") {
			t.Errorf("%q: %q", text, lines)
		}
		want := viaSlog(t, text)
		for key, got := range fields(t, nil, r) {
			switch key {
			case "url":
				got = strings.TrimPrefix(got.(string), "/")
			case "client":
				got = strings.TrimPrefix(got.(string), "::%")
			case "request_id", "method", "protocol", "reason", "audience", "principal", "issuer", "user_agent":
			default:
				continue
			}
			if got != want {
				t.Errorf("%s: got %q, want %q", key, got, want)
			}
		}
		if got := fields(t, nil, r); got["status"] != 200.0 || got["x"] != nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// viaSlog is what the reader of a line of log/slog reads.
func viaSlog(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	r := slog.NewRecord(time.Time{}, slog.LevelInfo, text, 0)
	if err := slog.NewJSONHandler(&out, nil).Handle(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	var line struct{ Msg string }
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	return line.Msg
}

func FuzzALineIsRead(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" || len(text) > 256 {
			return
		}
		r := asked("/")
		r.RequestID = text
		if got, want := fields(t, nil, r)["request_id"], viaSlog(t, text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestLongValuesAreCut(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]string{
		"a path": "/" + strings.Repeat("a", 1<<20), "a query": "/?" + strings.Repeat("a", 1<<20), "many parameters": "/?" + strings.Repeat("a&", 1<<19),
		"many segments": "/@" + strings.Repeat("/", 1<<20), "many names": "/?" + strings.Repeat("a=b:", 1<<18), "much to decode": "/?a=" + strings.Repeat("%25", 1<<18),
		"many parts": "/?" + strings.Repeat("a.", 1<<18) + "=hunter2", "many brackets": "/?" + strings.Repeat("[", 1<<18) + "=hunter2",
	} {
		r := asked(target)
		r.Request.Header["User-Agent"] = []string{strings.Repeat("ü", 1000)}
		got := fields(t, nil, r)
		url, agent := got["url"].(string), got["user_agent"].(string)
		if cut := len(url) == 2048+len("…") && strings.HasSuffix(url, "…"); !cut && url != "/?a=redacted" || strings.Contains(url, "hunter2") {
			t.Errorf("%s: %d bytes: %.50s", name, len(url), url)
		}
		if agent != strings.Repeat("ü", 256)+"…" {
			t.Errorf("%s: %d bytes of user agent", name, len(agent))
		}
	}
	r := asked("/" + strings.Repeat("a", 2046) + "€")
	if url := fields(t, nil, r)["url"].(string); url != "/"+strings.Repeat("a", 2046)+"…" {
		t.Errorf("a character is cut through: %q", url[2040:])
	}
	if url := fields(t, nil, asked("/"+strings.Repeat("a", 2047)))["url"].(string); strings.HasSuffix(url, "…") {
		t.Error("what fits is cut")
	}
}

func TestSuccessesAreSampledByTheirID(t *testing.T) {
	t.Parallel()
	cfg := &configv1.AccessLog{Sample: 10, SlowMilliseconds: 200}
	var records []*accesslog.Record
	for i := range 2000 {
		r := asked("/")
		r.RequestID = fmt.Sprintf("id-%d", i)
		records = append(records, r)
	}
	first, second := written(t, cfg, records...), written(t, cfg, records...)
	if !slices.Equal(first, second) || len(first) < 150 || len(first) > 250 {
		t.Errorf("%d lines, and then %d", len(first), len(second))
	}
	for _, line := range first {
		if !strings.Contains(line, `"sample":10}`) {
			t.Errorf("it does not say what it stands for: %s", line)
		}
	}
	for name, change := range map[string]func(*accesslog.Record){
		"a failure of the client": func(r *accesslog.Record) { r.Status = 404 },
		"a failure":               func(r *accesslog.Record) { r.Status = 500 },
		"a stream that broke":     func(r *accesslog.Record) { r.Code = codes.Unavailable },
		"a refusal":               func(r *accesslog.Record) { r.Reason = "CLIENT_GONE" },
		"a slow one":              func(r *accesslog.Record) { r.Total = 200 * time.Millisecond },
	} {
		for _, r := range records {
			*r = *asked("/")
			change(r)
		}
		if got := written(t, cfg, records...); len(got) != len(records) || strings.Contains(strings.Join(got, ""), "sample") {
			t.Errorf("%s: %d of %d lines", name, len(got), len(records))
		}
	}
}

func TestALogThatIsOffCostsNothing(t *testing.T) {
	l := newLog(t, &configv1.AccessLog{Off: true}, accesslog.Options{})
	r := full()
	if allocs := testing.AllocsPerRun(100, func() { l.Write(r) }); l != nil || allocs > 0 {
		t.Errorf("%v, %v allocations", l, allocs)
	}
	if err := l.Reopen(); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestALineCostsNoMemory(t *testing.T) {
	l := newLog(t, nil, accesslog.Options{Stdout: io.Discard})
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	r := full()
	if allocs := testing.AllocsPerRun(1000, func() { l.Write(r) }); allocs > 2 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestWhatIsWrongWithAConfiguration(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]*configv1.AccessLog{
		"": {Sample: 100, SecretParameters: []string{"invite_code", "order.invite-code", "a[b]"}},
		`secret_parameters[1]: "" is no name of a query parameter, such as invite_code or order.invite_code`: {SecretParameters: []string{"a", ""}},
		`secret_parameters[0]: "a=b" is no name`:               {SecretParameters: []string{"a=b"}},
		`secret_parameters[0]: "__" is no name`:                {SecretParameters: []string{"__"}},
		"secret_parameters: mean nothing with no_query, which": {SecretParameters: []string{"a"}, NoQuery: true},
	} {
		var got []string
		accesslog.Problems(cfg, func(key, format string, args ...any) { got = append(got, key+": "+fmt.Sprintf(format, args...)) })
		if text := strings.Join(got, "\n"); !strings.HasPrefix(text, want) || (text == "") != (want == "") {
			t.Errorf("%v: got %q, want %q", cfg, text, want)
		}
		l, err := accesslog.New(cfg, accesslog.Options{Stdout: io.Discard})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", cfg, err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for name, c := range map[string]struct {
		cfg    *configv1.AccessLog
		record *accesslog.Record
	}{
		"full": {nil, full()}, "composed": {nil, composed()}, "small": {nil, asked("/healthz")}, "left out": {&configv1.AccessLog{Sample: 1 << 31}, asked("/healthz")},
		"off": {&configv1.AccessLog{Off: true}, full()},
	} {
		b.Run(name, func(b *testing.B) {
			l := newLog(b, c.cfg, accesslog.Options{Stdout: io.Discard})
			b.ReportAllocs()
			for b.Loop() {
				l.Write(c.record)
			}
			if err := l.Close(); err != nil {
				b.Error(err)
			}
		})
	}
}

func BenchmarkWriteParallel(b *testing.B) {
	l := newLog(b, nil, accesslog.Options{Stdout: io.Discard})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := full()
		for pb.Next() {
			l.Write(r)
		}
	})
	if err := l.Close(); err != nil {
		b.Error(err)
	}
}

// Requests as net/http reads them, from a connection.
func TestTheTargetIsLoggedAsItWasSent(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		record := asked("")
		record.Request = r
		got <- fields(t, nil, record)["url"].(string)
	}))
	defer s.Close()
	for target, want := range map[string]string{
		"/v1/a%2Fb?a=%20&password=x":             "/v1/a%2Fb?a=%20&password=redacted",
		"http://user:hunter2@example.com/v1?a=b": "http://redacted@example.com/v1?a=b",
		"/v1#access_token=x":                     "/v1#access_token=redacted",
	} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", target)
		if _, err := io.ReadAll(conn); err != nil {
			t.Error(err)
		}
		if url := <-got; url != want {
			t.Errorf("%s: got %s, want %s", target, url, want)
		}
	}
}

func TestOfManyPartsTheFirstAreLogged(t *testing.T) {
	t.Parallel()
	r := composed()
	for range 1000 {
		r.Parts = append(r.Parts, r.Parts[0])
	}
	if parts, _ := fields(t, nil, r)["parts"].([]any); len(parts) != 64 {
		t.Errorf("%d parts are logged", len(parts))
	}
}
