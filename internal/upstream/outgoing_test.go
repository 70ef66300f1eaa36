package upstream_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

const (
	proxy    = "10.0.0.1:4711"    // is believed
	stranger = "203.0.113.9:4711" // is not
)

// request is a request from a peer, with pairs of headers' names and values.
func request(t testing.TB, peer string, headers ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://shop.example/v1/books", http.NoBody)
	r.RemoteAddr = peer
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Add(pair[0], pair[1])
	}
	return r
}

func outgoing(t testing.TB, by upstream.Headers, r *http.Request) metadata.MD {
	t.Helper()
	ctx, err := by.Outgoing(t.Context(), r, "/shop.v1.Shop/GetBook", "id")
	if err != nil {
		t.Fatal(err)
	}
	md, _ := metadata.FromOutgoingContext(ctx)
	return md
}

func behind(t testing.TB, trusted ...string) upstream.Proxies {
	t.Helper()
	p, err := upstream.NewProxies(trusted)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func plain(t testing.TB, request, response []string) upstream.Plain {
	t.Helper()
	p, err := upstream.NewPlain(request, response, behind(t, "10.0.0.0/8"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheListedHeadersPassAndNoOthers(t *testing.T) {
	t.Parallel()
	r := request(t, stranger,
		"Accept-Language", "de", "Authorization", "Bearer x", "User-Agent", "browser/1", "Traceparent", "00-a", "Tracestate", "b=c",
		"Baggage", "d=e", "Idempotency-Key", "f", "Last-Event-Id", "7", "If-Match", `"1"`, "Baggage", "g=h",
		"Accept", "*/*", "Cookie", "a=b", "X-Tenant", "t", "Content-Type", "text/plain", "Te", "trailers", "Host", "forged", "X-Request-Id", "forged",
		"Grpc-Timeout", "1S", "Grpc-Metadata-Tenant", "t", "Proxy-Authorization", "Basic x", "X-Http-Code", "201", "X-Gatehouse-User", "admin")
	want := metadata.MD{
		"accept-language": {"de"}, "authorization": {"Bearer x"}, "x-forwarded-user-agent": {"browser/1"}, "traceparent": {"00-a"}, "tracestate": {"b=c"},
		"baggage": {"d=e", "g=h"}, "idempotency-key": {"f"}, "last-event-id": {"7"}, "if-match": {`"1"`},
		"x-request-id": {"id"}, "x-forwarded-for": {"203.0.113.9"}, "x-forwarded-proto": {"http"}, "x-forwarded-host": {"shop.example"},
	}
	for name, by := range map[string]upstream.Headers{"zero": upstream.Plain{}, "made": plain(t, nil, nil)} {
		if got := outgoing(t, by, r); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestNobodyForgesWhatTheEdgeSays(t *testing.T) {
	t.Parallel()
	truth := metadata.MD{
		"x-request-id": {"id"}, "x-forwarded-for": {"203.0.113.9"}, "x-forwarded-proto": {"http"}, "x-forwarded-host": {"shop.example"},
	}
	gatewayTruth := metadata.MD{"x-forwarded-for": {"203.0.113.9"}, "x-forwarded-host": {"shop.example"}}
	for name, headers := range map[string][]string{
		"address":               {"X-Forwarded-For", "10.0.0.1"},
		"address, several":      {"X-Forwarded-For", "127.0.0.1", "X-Forwarded-For", "10.0.0.1, 10.0.0.2"},
		"address, any case":     {"x-fORWARDED-fOR", "10.0.0.1"},
		"host":                  {"X-Forwarded-Host", "admin.example"},
		"protocol":              {"X-Forwarded-Proto", "https"},
		"forwarded":             {"Forwarded", "for=10.0.0.1;proto=https;host=admin.example"},
		"agent":                 {"X-Forwarded-User-Agent", "admin"},
		"identity":              {"X-Gatehouse-User", "admin"},
		"identity, as metadata": {"Grpc-Metadata-X-Gatehouse-User", "admin"},
		"identity, as bytes":    {"Grpc-Metadata-X-Gatehouse-User-Bin", "YWRtaW4="},
		"address, as metadata":  {"Grpc-Metadata-X-Forwarded-For", "10.0.0.1"},
		"host, as metadata":     {"Grpc-Metadata-X-Forwarded-Host", "admin.example"},
		"protocol, as metadata": {"Grpc-Metadata-X-Forwarded-Proto", "https"},
		"token, as metadata":    {"Grpc-Metadata-Authorization", "Bearer admin"},
		"permanent header":      {"Grpc-Metadata-Grpcgateway-Authorization", "Bearer admin"},
		"grpc-gateway's own":    {"Grpcgateway-Authorization", "Bearer admin"},
		"timeout":               {"Grpc-Metadata-Grpc-Timeout", "1n"},
		"request id":            {"X-Request-Id", "forged"},
		"hidden by Connection":  {"Connection", "X-Forwarded-For, X-Request-Id, X-Gatehouse-User"},
		"one hop's token":       {"Connection", "Authorization", "Authorization", "Bearer x"},
		"one hop's, in a list":  {"Connection", "keep-alive,  If-match", "If-Match", "1"},
		"one hop's, in a line":  {"Connection", "if-match", "Connection", "close", "If-Match", "1"},
	} {
		r := request(t, stranger, headers...)
		if got := outgoing(t, plain(t, []string{"X-Tenant"}, nil), r); !reflect.DeepEqual(got, truth) {
			t.Errorf("%s: got %v, want %v", name, got, truth)
		}
		before := maps.Clone(r.Header)
		for _, by := range []upstream.Headers{upstream.NewGateway(upstream.Proxies{}), upstream.NewGateway(behind(t, "10.0.0.0/8"))} {
			if got := outgoing(t, by, r); !reflect.DeepEqual(got, gatewayTruth) {
				t.Errorf("%s: in the grpc-gateway preset got %v, want %v", name, got, gatewayTruth)
			}
		}
		if !reflect.DeepEqual(r.Header, before) || r.Host != "shop.example" {
			t.Errorf("%s: the request was changed to %v", name, r.Header)
		}
	}
}

func TestABelievedProxyTellsOfTheClient(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string][]string{
		"x-forwarded": {"X-Forwarded-For", "192.0.2.66, 198.51.100.7, 10.0.0.2", "X-Forwarded-Host", "public.example", "X-Forwarded-Proto", "https"},
		"forwarded":   {"Forwarded", "for=192.0.2.66, for=198.51.100.7;host=public.example;proto=https", "Forwarded", "for=10.0.0.2"},
	} {
		r := request(t, proxy, headers...)
		md := outgoing(t, plain(t, nil, nil), r)
		want := metadata.MD{
			"x-request-id": {"id"}, "x-forwarded-for": {"198.51.100.7, 10.0.0.2, 10.0.0.1"}, "x-forwarded-proto": {"https"}, "x-forwarded-host": {"public.example"},
		}
		if !reflect.DeepEqual(md, want) {
			t.Errorf("%s: got %v, want %v", name, md, want)
		}
		delete(want, "x-request-id")
		delete(want, "x-forwarded-proto") // which grpc-gateway does not pass
		if got := outgoing(t, upstream.NewGateway(behind(t, "10.0.0.0/8")), r); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: in the grpc-gateway preset got %v, want %v", name, got, want)
		}
	}
}

func TestNoAddressIsMadeUpForASocket(t *testing.T) {
	t.Parallel()
	for _, peer := range []string{"", "@", "/run/edge.sock", "localhost:80"} {
		r := request(t, peer, "X-Forwarded-For", "10.0.0.1", "X-Forwarded-Proto", "https")
		md := outgoing(t, plain(t, nil, nil), r)
		if md["x-forwarded-for"] != nil || md["x-forwarded-proto"][0] != "http" {
			t.Errorf("%q: got %v", peer, md)
		}
	}
}

func TestFurtherHeadersPassUnderTheirNames(t *testing.T) {
	t.Parallel()
	by := plain(t, []string{"x-tenant", "X-TENANT", "Authorization", "Cookie", "Trace-Bin"}, nil)
	for _, c := range []struct {
		header, value, key string
		want               []string
	}{
		{"X-Tenant", "t", "x-tenant", []string{"t"}},
		{"X-Tenant", "", "x-tenant", []string{""}},
		{"X-Tenant", "ü", "x-tenant", nil},
		{"X-Tenant", "a\tb", "x-tenant", nil},
		{"Authorization", "Bearer x", "authorization", []string{"Bearer x"}},
		{"Cookie", "a=b", "cookie", []string{"a=b"}},
		{"Trace-Bin", "AQI=", "trace-bin", []string{"\x01\x02"}},
		{"Trace-Bin", "AQI", "trace-bin", []string{"\x01\x02"}},
		{"Trace-Bin", "+/+/", "trace-bin", []string{"\xfb\xff\xbf"}},
		{"Trace-Bin", "AQI=, AQID", "trace-bin", []string{"\x01\x02", "\x01\x02\x03"}},
		{"Trace-Bin", "", "trace-bin", []string{""}},
		{"X-Other", "a", "x-other", nil},
	} {
		if got := outgoing(t, by, request(t, stranger, c.header, c.value))[c.key]; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q: got %q, want %q", c.header, c.value, got, c.want)
		}
	}
	if got := outgoing(t, by, request(t, stranger, "X-Tenant", "t", "Connection", "x-tenant"))["x-tenant"]; got != nil {
		t.Errorf("named by Connection: got %q", got)
	}
}

func TestMalformedBytesAreABadRequestThatNamesTheHeader(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"!", "A", "AQ=", "AQI==", "-_-_", "AQID,!", "AQ ID"} {
		_, err := plain(t, []string{"trace-bin"}, nil).Outgoing(t.Context(), request(t, stranger, "Trace-Bin", value), "", "id")
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.HTTP != http.StatusBadRequest || f.Status.GetMessage() != "Trace-Bin: expected base64" {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestReservedNamesCanNotBeListed(t *testing.T) {
	t.Parallel()
	both := []string{
		"Connection", "keep-alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Authorization", "Proxy-Connection",
		"Grpc-Timeout", "grpc-status", "Grpc-Metadata-Tenant", "X-Gatehouse-User", "X-Gatehouse-User-Bin", "X-Forwarded-For", "x-forwarded-anything", "Forwarded",
		"Host", "Content-Type", "Content-Length", "Content-Encoding", "X-Http-Code", "X-Request-Id", "X-Content-Type-Options",
	}
	for _, text := range append(both, "User-Agent", "Content-Language", "Content-Disposition") {
		want := `headers.request[1]: "` + text + `" is reserved`
		if _, err := upstream.NewPlain([]string{"X-Tenant", text}, nil, upstream.Proxies{}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for _, text := range both {
		want := `headers.response[0]: "` + text + `" is reserved`
		if _, err := upstream.NewPlain(nil, []string{text}, upstream.Proxies{}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestNamesThatGRPCCanNotCarryCanNotBeListed(t *testing.T) {
	t.Parallel()
	bad := []string{"", ":authority", "X Tenant", "X-Tenant:", "X-Ténant", "X-Tenant\r\n", "X!"}
	_, err := upstream.NewPlain(bad, bad, upstream.Proxies{})
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	problems := strings.Split(err.Error(), "\n")
	if len(problems) != 2*len(bad) || !strings.HasPrefix(problems[1], `headers.request[1]: ":authority" is no name that gRPC can carry`) ||
		!strings.HasPrefix(problems[len(bad)], `headers.response[0]: "" is no name that gRPC can carry`) {
		t.Errorf("got %s", err)
	}
}
