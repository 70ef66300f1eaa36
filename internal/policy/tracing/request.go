package tracing

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Request is the span of a request. The zero value is none.
type Request struct{ span trace.Span }

// Request begins the span of a request, and takes out of its headers what the caller says of its trace.
func (t *Tracer) Request(r *http.Request) Request {
	if t == nil {
		return Request{}
	}
	_, span := t.tracer.Start(taken(r.Context(), r.Header), r.Method, trace.WithSpanKind(trace.SpanKindServer))
	return Request{span}
}

// Within returns ctx, in which spans that are begun are the request's.
func (q Request) Within(ctx context.Context) context.Context {
	if q.span == nil {
		return ctx
	}
	return trace.ContextWithSpan(ctx, q.span)
}

// TraceID is that of the trace, "" for none.
func (q Request) TraceID() string {
	if q.span == nil {
		return ""
	}
	return q.span.SpanContext().TraceID().String()
}

// Outcome is what became of a request.
type Outcome struct {
	// RequestID names it.
	RequestID string
	// Client is where it came from, as far as that is believed.
	Client netip.Addr
	// Audience is whose view of the API was served.
	Audience string
	// Template is the route's, "" if none was found.
	Template string
	// Status is the response's.
	Status int
	// Reason is why it failed, "" if it did not or nobody said.
	Reason string
	// Broken tells that the response ended early.
	Broken bool
}

// End ends the span of r.
func (q Request) End(r *http.Request, o *Outcome) {
	if q.span == nil {
		return
	}
	defer q.span.End()
	if !q.span.IsRecording() {
		return
	}
	method := methodOf(r.Method)
	name := method.Value.AsString()
	if name == "_OTHER" {
		name = "HTTP"
	}
	attributes := append(make([]attribute.KeyValue, 0, 16), method, semconv.URLScheme(schemeOf(r)),
		semconv.HTTPResponseStatusCode(o.Status), semconv.NetworkProtocolVersion(versionOf(r)),
		attribute.String("gatehouse.request_id", o.RequestID), attribute.String("gatehouse.audience", o.Audience))
	if o.Template != "" {
		name += " " + o.Template
		attributes = append(attributes, semconv.HTTPRoute(o.Template))
	}
	if o.Client.IsValid() {
		attributes = append(attributes, semconv.ClientAddress(o.Client.String()))
	}
	if agent := r.Header["User-Agent"]; len(agent) > 0 {
		attributes = append(attributes, semconv.UserAgentOriginal(agent[0]))
	}
	if o.Reason != "" {
		attributes = append(attributes, attribute.String("gatehouse.reason", o.Reason))
	}
	if o.Status >= http.StatusInternalServerError || o.Broken {
		q.span.SetStatus(codes.Error, o.Reason)
		attributes = append(attributes, semconv.ErrorTypeKey.String(cmp.Or(o.Reason, strconv.Itoa(o.Status))))
	}
	q.span.SetName(name)
	q.span.SetAttributes(attributes...)
}

// methodOf is the method as the conventions want it: only those that are known, for a client may send any.
func methodOf(method string) attribute.KeyValue {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return semconv.HTTPRequestMethodKey.String(method)
	default:
		return semconv.HTTPRequestMethodOther
	}
}

func schemeOf(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// versionOf is 1.1 or 2.
func versionOf(r *http.Request) string {
	if r.ProtoMajor > 1 {
		return strconv.Itoa(r.ProtoMajor)
	}
	return strconv.Itoa(r.ProtoMajor) + "." + strconv.Itoa(r.ProtoMinor)
}
