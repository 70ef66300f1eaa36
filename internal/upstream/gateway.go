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
	mux *runtime.ServeMux
}

// NewGateway returns the grpc-gateway preset.
func NewGateway() *Gateway { return &Gateway{mux: runtime.NewServeMux()} }

// Outgoing implements [Headers] with grpc-gateway's own code.
func (g *Gateway) Outgoing(ctx context.Context, r *http.Request, rpc, _ string) (context.Context, error) {
	annotated, err := runtime.AnnotateContext(ctx, g.mux, r, rpc)
	if err != nil {
		return nil, fault.New(fault.BadRequest, "a request header can not be passed on").Because(err)
	}
	return annotated, nil
}

// Answer implements [Headers].
func (g *Gateway) Answer(h http.Header, r *http.Request, header, trailer metadata.MD) {
	for key, values := range header {
		name := http.CanonicalHeaderKey(runtime.MetadataHeaderPrefix + key)
		h[name] = append(h[name], values...)
	}
	if !strings.Contains(strings.ToLower(r.Header.Get("TE")), "trailers") {
		return
	}
	for key, values := range trailer {
		if strings.HasPrefix(key, "grpc-") { // the status, its hidden details included
			continue
		}
		name := http.TrailerPrefix + http.CanonicalHeaderKey(runtime.MetadataTrailerPrefix+key)
		h[name] = append(h[name], values...)
	}
}
