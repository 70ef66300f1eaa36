package tracing

import (
	"fmt"
	"math/rand/v2"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// oneIn records one trace of so many. It goes by chance, and not by the trace's id, which a caller may choose.
type oneIn uint32

// ShouldSample implements [sdktrace.Sampler].
func (n oneIn) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	result := sdktrace.SamplingResult{Tracestate: trace.SpanContextFromContext(p.ParentContext).TraceState()}
	if n <= 1 || rand.Uint32N(uint32(n)) == 0 { //nolint:gosec // chance is enough
		result.Decision = sdktrace.RecordAndSample
	}
	return result
}

// Description implements [sdktrace.Sampler].
func (n oneIn) Description() string { return fmt.Sprintf("OneIn{%d}", uint32(n)) }

// sampler chooses for a request as n does, or as its caller does if that is to be followed. What is within a request goes with
// the request.
func sampler(n oneIn, follow bool) sdktrace.Sampler {
	if follow {
		return sdktrace.ParentBased(n)
	}
	return sdktrace.ParentBased(n, sdktrace.WithRemoteParentSampled(n), sdktrace.WithRemoteParentNotSampled(n))
}
