package tracing

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc/metadata"
)

const (
	traceparent = "traceparent"
	tracestate  = "tracestate"
)

// spoken are the headers in which a caller may tell of a trace. The latter two are how clients of grpc-gateway send metadata.
var spoken = [...]string{"Traceparent", "Tracestate", "Grpc-Metadata-Traceparent", "Grpc-Metadata-Tracestate"}

// taken returns ctx with what a caller says of the trace that the request is part of, and takes it out of the headers: services
// hear of it from the edge.
func taken(ctx context.Context, h http.Header) context.Context {
	if parents := h["Traceparent"]; len(parents) == 1 {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{
			traceparent: parents[0], tracestate: strings.Join(h["Tracestate"], ","),
		})
	}
	for _, name := range spoken {
		delete(h, name)
	}
	return ctx
}

// told returns ctx with metadata that tell a service of the span in ctx.
func told(ctx context.Context) context.Context {
	var p pairs
	propagation.TraceContext{}.Inject(ctx, &p)
	return metadata.AppendToOutgoingContext(ctx, p...)
}

// pairs are metadata that are set once.
type pairs []string

// Set implements [propagation.TextMapCarrier].
func (p *pairs) Set(key, value string) { *p = append(*p, key, value) }

// Get implements [propagation.TextMapCarrier].
func (p *pairs) Get(string) string { return "" }

// Keys implements [propagation.TextMapCarrier].
func (p *pairs) Keys() []string { return nil }
