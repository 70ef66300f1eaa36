package upstream

import (
	"context"
	"net"
	"net/http"
	"strings"

	"google.golang.org/grpc/metadata"
)

// Headers maps HTTP headers to metadata and back. Implementations may be used by any number of goroutines at once.
type Headers interface {
	// Outgoing returns ctx with the metadata that a call gets for a request. An error is a *fault.Error.
	Outgoing(ctx context.Context, r *http.Request, rpc, requestID string) (context.Context, error)
	// Answer adds to the response's headers what an upstream sent as header and trailer metadata.
	Answer(h http.Header, r *http.Request, header, trailer metadata.MD)
}

// Plain is the gatehouse preset: short lists of names that pass, the same on both sides.
type Plain struct{}

// passed are the request headers that upstreams get, and their names there. X-Gatehouse-, Grpc- and hop-by-hop names
// are not among them, so nobody can forge them.
var passed = [...]struct{ header, key string }{
	{"Accept-Language", "accept-language"},
	{"Authorization", "authorization"},
	{"User-Agent", "x-forwarded-user-agent"},
	{"Traceparent", "traceparent"},
	{"Tracestate", "tracestate"},
	{"Baggage", "baggage"},
	{"Idempotency-Key", "idempotency-key"},
	{"Last-Event-Id", "last-event-id"},
	{"If-Match", "if-match"},
}

// Outgoing implements [Headers].
func (Plain) Outgoing(ctx context.Context, r *http.Request, _, requestID string) (context.Context, error) {
	pairs := make([]string, 0, 2*(len(passed)+4))
	for _, p := range passed {
		for _, value := range r.Header[p.header] {
			if isPrintable(value) {
				pairs = append(pairs, p.key, value)
			}
		}
	}
	pairs = append(pairs, "x-request-id", requestID, "x-forwarded-proto", scheme(r))
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		pairs = append(pairs, "x-forwarded-for", host)
	}
	if isPrintable(r.Host) {
		pairs = append(pairs, "x-forwarded-host", r.Host)
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...), nil
}

func scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// isPrintable tells whether gRPC takes the value: it may hold printable ASCII and spaces.
func isPrintable(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			return false
		}
	}
	return true
}

// answered are the metadata that become response headers beside those that begin with x-, and their names there.
var answered = map[string]string{
	"location": "Location", "content-disposition": "Content-Disposition", "content-language": "Content-Language",
	"cache-control": "Cache-Control", "etag": "Etag", "last-modified": "Last-Modified", "link": "Link",
	"retry-after": "Retry-After", "deprecation": "Deprecation", "sunset": "Sunset",
}

// Answer implements [Headers].
func (Plain) Answer(h http.Header, _ *http.Request, header, trailer metadata.MD) {
	for _, md := range []metadata.MD{header, trailer} {
		for key, values := range md {
			if name := answerName(key); name != "" {
				h[name] = append(h[name], values...)
			}
		}
	}
}

// answerName is the response header that a metadata key becomes, "" for none.
func answerName(key string) string {
	if name, ok := answered[key]; ok {
		return name
	}
	reserved := strings.HasPrefix(key, "x-gatehouse-") || key == "x-http-code" || key == "x-request-id" || strings.HasSuffix(key, "-bin")
	if !strings.HasPrefix(key, "x-") || reserved {
		return ""
	}
	return http.CanonicalHeaderKey(key)
}
