package tracing

import (
	"cmp"
	"context"
	"net"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/rpc/code"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// Call is the span of a call. The zero value is none.
type Call struct{ span trace.Span }

// Call begins the span of a call: of a method, /shop.cart.v1.CartService/GetCart, at a target. The service is told of it by
// the context.
func (t *Tracer) Call(ctx context.Context, rpc, target string) (context.Context, Call) {
	if t == nil {
		return ctx, Call{}
	}
	name := rpc[1:]
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient))
	if span.IsRecording() {
		span.SetAttributes(append(addressOf(target), semconv.RPCSystemNameGRPC, semconv.RPCMethod(name))...)
	}
	return told(ctx), Call{span}
}

// addressOf is where a gRPC target is: localhost:50051, or dns:///localhost:50051.
func addressOf(target string) []attribute.KeyValue {
	host, port, err := net.SplitHostPort(target[strings.LastIndexByte(target, '/')+1:])
	if err != nil {
		return []attribute.KeyValue{semconv.ServerAddress(target)}
	}
	attributes := []attribute.KeyValue{semconv.ServerAddress(host)}
	if n, err := strconv.Atoi(port); err == nil {
		attributes = append(attributes, semconv.ServerPort(n))
	}
	return attributes
}

// End ends the span. err is why the call failed; nil if it did not.
func (c Call) End(err error) {
	if c.span == nil {
		return
	}
	defer c.span.End()
	if c.span.IsRecording() {
		c.span.SetAttributes(semconv.RPCResponseStatusCode(outcome(c.span, err)))
	}
}

// Part begins the span of a part of a composed answer. The calls that are made with the context are its.
func (t *Tracer) Part(ctx context.Context, name string) context.Context {
	if t == nil {
		return ctx
	}
	ctx, span := t.tracer.Start(ctx, "part "+name)
	if span.IsRecording() {
		span.SetAttributes(attribute.String("gatehouse.part", name))
	}
	return ctx
}

// PartOutcome is what became of a part.
type PartOutcome struct {
	// Err is how it or one of its calls failed, nil if none did.
	Err error
	// Calls are how many it needed, and Cached how many of these were answered without being made.
	Calls, Cached int
	// Instead is what stands in for a response, "" for nothing.
	Instead string
}

// EndPart ends the span that [Tracer.Part] has begun in ctx.
func (t *Tracer) EndPart(ctx context.Context, o PartOutcome) {
	if t == nil {
		return
	}
	span := trace.SpanFromContext(ctx)
	defer span.End()
	if !span.IsRecording() {
		return
	}
	outcome(span, o.Err)
	span.SetAttributes(attribute.Int("gatehouse.calls", o.Calls), attribute.Int("gatehouse.cached", o.Cached))
	if o.Instead != "" {
		span.SetAttributes(attribute.String("gatehouse.instead", o.Instead))
	}
}

// outcome says of a span how it ended. It returns the name of the code.
func outcome(span trace.Span, err error) string {
	if err == nil {
		return code.Code_OK.String()
	}
	f := fault.From(err)
	status := code.Code(f.Status.GetCode()).String()
	reason := cmp.Or(string(f.Reason), status)
	span.SetAttributes(semconv.ErrorTypeKey.String(reason))
	span.SetStatus(codes.Error, reason)
	return status
}
