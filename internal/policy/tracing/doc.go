// Package tracing tells a collector of OpenTelemetry how long what took: a span for each request, a span for each call of a
// service within it, and a span for each part of a composed answer, around the calls that it makes.
//
// A caller who sends a traceparent (https://www.w3.org/TR/trace-context) finds the edge's spans in their trace; services get
// a traceparent that names the span of their call. Whether a trace is recorded is the edge's to say, not the caller's, unless
// the configuration lets them: what comes from outside could fill the collector otherwise.
//
// Spans have the names and attributes of OpenTelemetry's semantic conventions. Paths, queries and headers other than
// User-Agent are not among them, since they may hold what is secret; the request id leads to the line of the access log.
//
// tracer.go makes a tracer of its configuration, which config.go checks. request.go is the span of a request, span.go are
// those within it, context.go is what callers and services are told. sampler.go chooses. courier.go brings spans to the
// collector: no request waits for that, and what the collector does not take in time is dropped and counted.
package tracing
