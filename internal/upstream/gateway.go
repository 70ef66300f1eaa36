package upstream

import (
	"context"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// Gateway is the grpc-gateway preset: permanent headers get the prefix grpcgateway-, others do not pass, and all
// metadata come back as Grpc-Metadata- headers and, for clients that ask for them, Grpc-Trailer- trailers.
type Gateway struct {
	mux     *runtime.ServeMux
	proxies Proxies
}

// NewGateway returns the grpc-gateway preset of an edge that clients reach through proxies. Without any, nobody is believed
// about them.
func NewGateway(proxies Proxies) *Gateway {
	return &Gateway{mux: runtime.NewServeMux(), proxies: proxies}
}

// Outgoing implements [Headers] with grpc-gateway's own code, which lets no Grpc-Metadata- header pass either.
func (g *Gateway) Outgoing(ctx context.Context, r *http.Request, rpc, _ string) (context.Context, error) {
	annotated, err := runtime.AnnotateContext(ctx, g.mux, g.believed(r), rpc)
	if err != nil {
		return nil, fault.New(fault.BadRequest, "a request header can not be passed on").Because(err)
	}
	return annotated, nil
}

// believed returns the request as grpc-gateway may see it, which passes X-Forwarded- headers on and adds the peer to
// them: with what is believed of them, and without headers that were for the edge alone.
func (g *Gateway) believed(r *http.Request) *http.Request {
	drop := notForUpstream(r.Header)
	if len(drop) == 0 {
		return r
	}
	seen := r.WithContext(r.Context())
	seen.Header = r.Header.Clone()
	for _, header := range drop {
		delete(seen.Header, header)
	}
	t := g.proxies.trail(r)
	if len(t.hops) > 0 {
		seen.Header[forHeader] = []string{string(t.appendHops(nil))}
	}
	seen.Host = t.Host
	return seen
}

// notForUpstream lists the headers of a request in which proxies tell of the client, and those that Connection names.
func notForUpstream(h http.Header) []string {
	var headers []string
	for _, header := range [...]string{forwardedHeader, forHeader, hostHeader, protoHeader} {
		if h[header] != nil {
			headers = append(headers, header)
		}
	}
	for option := range fromLast(h["Connection"]) {
		if header := http.CanonicalHeaderKey(option); h[header] != nil {
			headers = append(headers, header)
		}
	}
	return headers
}

// Answer implements [Headers].
func (g *Gateway) Answer(h http.Header, r *http.Request, header, trailer metadata.MD) {
	for key, values := range header {
		if isEdges(key) {
			continue
		}
		name := http.CanonicalHeaderKey(runtime.MetadataHeaderPrefix + key)
		h[name] = append(h[name], values...)
	}
	if !strings.Contains(strings.ToLower(r.Header.Get("TE")), "trailers") {
		return
	}
	for key, values := range trailer {
		if isEdges(key) || strings.HasPrefix(key, "grpc-") { // the status, its hidden details included
			continue
		}
		name := http.TrailerPrefix + http.CanonicalHeaderKey(runtime.MetadataTrailerPrefix+key)
		h[name] = append(h[name], values...)
	}
}
