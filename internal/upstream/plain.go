package upstream

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// Headers maps HTTP headers to metadata and back. Implementations may be used by any number of goroutines at once.
type Headers interface {
	// Outgoing returns ctx with the metadata that a call gets for a request. An error is a *fault.Error.
	Outgoing(ctx context.Context, r *http.Request, rpc, requestID string) (context.Context, error)
	// Answer adds to the response's headers what an upstream sent as header and trailer metadata.
	Answer(h http.Header, r *http.Request, header, trailer metadata.MD)
}

// Plain is the gatehouse preset: short lists of names that pass, the same on both sides. The zero value passes the
// default lists and believes no proxy.
type Plain struct {
	proxies  Proxies
	request  []name           // beyond passed
	response map[string]field // beyond answered
}

// NewPlain returns the preset with further names of request headers and of response metadata, in any case. Values of
// names that end in -Bin are base64 in HTTP and bytes in gRPC. The error joins all that is wrong, each under its key.
func NewPlain(request, response []string, proxies Proxies) (Plain, error) {
	p := Plain{proxies: proxies, response: map[string]field{}}
	asked, badRequest := parseNames("headers.request", request, isReservedInRequests)
	for _, n := range asked {
		if !slices.Contains(passed[:], n) {
			p.request = append(p.request, n)
		}
	}
	listed, badResponse := parseNames("headers.response", response, isReserved)
	for _, n := range listed {
		p.response[n.key] = field{header: n.header, binary: n.isBinary()}
	}
	return p, errors.Join(badRequest, badResponse)
}

// passed are the request headers that upstreams get, and their names there. X-Gatehouse-, Grpc- and hop-by-hop names
// are not among them, so nobody can forge them.
var passed = [...]name{
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
func (p Plain) Outgoing(ctx context.Context, r *http.Request, _, requestID string) (context.Context, error) {
	pairs := make([]string, 0, 2*(len(passed)+4))
	connection := r.Header["Connection"]
	for _, n := range passed {
		for _, value := range forUpstream(r.Header, connection, n.header) {
			if isPrintable(value) {
				pairs = append(pairs, n.key, value)
			}
		}
	}
	for _, n := range p.request {
		var err error
		if pairs, err = n.appendTo(pairs, forUpstream(r.Header, connection, n.header)); err != nil {
			return nil, err
		}
	}
	t := p.proxies.trail(r)
	pairs = append(pairs, "x-request-id", requestID, "x-forwarded-proto", t.Proto)
	if t.Client.IsValid() {
		pairs = append(pairs, "x-forwarded-for", t.forwardedFor())
	}
	if isPrintable(t.Host) {
		pairs = append(pairs, "x-forwarded-host", t.Host)
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...), nil
}

// appendTo appends the header's values as metadata. What gRPC can not carry is left out.
func (n name) appendTo(pairs, values []string) ([]string, error) {
	for _, value := range values {
		switch {
		case n.isBinary():
			var err error
			if pairs, err = n.appendBinary(pairs, value); err != nil {
				return nil, err
			}
		case isPrintable(value):
			pairs = append(pairs, n.key, value)
		}
	}
	return pairs, nil
}

// appendBinary appends bytes that are given in base64, padded or not. A comma stands between several values, as gRPC
// has it.
func (n name) appendBinary(pairs []string, list string) ([]string, error) {
	for text := range strings.SplitSeq(list, ",") {
		text = trim(text)
		encoding := base64.RawStdEncoding
		if len(text)%4 == 0 {
			encoding = base64.StdEncoding
		}
		value, err := encoding.DecodeString(text)
		if err != nil {
			return nil, fault.Field(n.header, "expected base64").Because(err)
		}
		pairs = append(pairs, n.key, string(value))
	}
	return pairs, nil
}

// field is a response header that metadata become.
type field struct {
	header string // canonical
	single bool   // of several values, the one that was sent last counts
	binary bool   // the values are bytes
}

// answered are the metadata that become response headers beside those that begin with x-.
var answered = map[string]field{
	"location": {header: "Location", single: true}, "content-disposition": {header: "Content-Disposition", single: true},
	"content-language": {header: "Content-Language"}, "cache-control": {header: "Cache-Control"},
	"etag": {header: "Etag", single: true}, "last-modified": {header: "Last-Modified", single: true},
	"link": {header: "Link"}, "retry-after": {header: "Retry-After", single: true},
	"deprecation": {header: "Deprecation", single: true}, "sunset": {header: "Sunset", single: true},
}

// Answer implements [Headers].
func (p Plain) Answer(h http.Header, _ *http.Request, header, trailer metadata.MD) {
	for _, md := range [...]metadata.MD{header, trailer} {
		for key, values := range md {
			if f, ok := p.field(key); ok {
				f.put(h, values)
			}
		}
	}
}

func (p Plain) field(key string) (f field, ok bool) {
	if f, ok = answered[key]; ok {
		return f, true
	}
	if f, ok = p.response[key]; ok {
		return f, true
	}
	if !strings.HasPrefix(key, "x-") || isReserved(key) || isBinary(key) {
		return field{}, false
	}
	return field{header: http.CanonicalHeaderKey(key)}, true
}

func (f field) put(h http.Header, values []string) {
	for _, value := range values {
		if f.binary {
			value = base64.StdEncoding.EncodeToString([]byte(value))
		}
		switch {
		case !isFieldValue(value):
		case f.single:
			h[f.header] = []string{value}
		default:
			h[f.header] = append(h[f.header], value)
		}
	}
}

// StatusCode returns the HTTP status that an upstream asks for in x-http-code metadata, or 0 if it asks for none. The
// last one counts; what is not a number from 200 to 299 is passed over.
func StatusCode(header, trailer metadata.MD) int {
	code := 0
	for _, md := range [...]metadata.MD{header, trailer} {
		for _, value := range md["x-http-code"] {
			if n, err := strconv.Atoi(value); err == nil && len(value) == 3 && n >= 200 && n <= 299 {
				code = n
			}
		}
	}
	return code
}
