package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/rpc/code"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// Span is a span within a request: a call, or a part of an answer. The zero value is none.
type Span struct{ span trace.Span }

// Call begins the span of a call: of a method, /shop.cart.v1.CartService/GetCart, at a target. The service is told of it by
// the context.
func (t *Tracer) Call(ctx context.Context, rpc, target string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	name := rpc[1:]
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient))
	if span.IsRecording() {
		span.SetAttributes(semconv.RPCSystemNameGRPC, semconv.RPCMethod(name), semconv.ServerAddress(target))
	}
	return told(ctx), Span{span}
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

// PartOf returns the span of the part that [Tracer.Part] has begun.
func (t *Tracer) PartOf(ctx context.Context) Span {
	if t == nil {
		return Span{}
	}
	return Span{trace.SpanFromContext(ctx)}
}

// End ends the span. err is why the call or the part failed; nil if it did not.
func (s Span) End(err error) {
	if s.span == nil {
		return
	}
	defer s.span.End()
	if !s.span.IsRecording() {
		return
	}
	if err == nil {
		s.span.SetAttributes(semconv.RPCResponseStatusCode(code.Code_OK.String()))
		return
	}
	f := fault.From(err)
	status := code.Code(f.Status.GetCode()).String()
	reason := string(f.Reason)
	if reason == "" {
		reason = status
	}
	s.span.SetAttributes(semconv.RPCResponseStatusCode(status), semconv.ErrorTypeKey.String(reason))
	s.span.SetStatus(codes.Error, reason)
}
