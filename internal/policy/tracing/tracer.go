package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	defaultService = "gatehouse"
	// longestValue is how much of an attribute is sent, in bytes.
	longestValue = 512
	// delivery is how long a batch may take to get to the collector, and farewell the last ones when the edge ends.
	delivery, farewell = 3 * time.Second, 5 * time.Second
)

// Options are what a tracer needs beside its configuration. All but Credentials have defaults.
type Options struct {
	// Credentials are how the collector is known; nil is without TLS.
	Credentials credentials.TransportCredentials
	// Version is the edge's.
	Version string
	// Log gets the beginning and the end of each time in which the collector takes nothing. Default: slog's.
	Log *slog.Logger
	// Registerer gets the metrics. Default: none are kept.
	Registerer prometheus.Registerer
}

// Tracer begins spans. Its methods may be called concurrently; those of nil do nothing.
type Tracer struct {
	conn     *grpc.ClientConn
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// New returns a tracer, or all that is wrong with its configuration and with what the environment says of it. It does not wait
// for the collector.
func New(ctx context.Context, cfg *configv1.Tracing, o Options) (*Tracer, error) {
	var problems []error
	Problems(cfg, func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf(key+": "+format, args...))
	})
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Credentials == nil {
		o.Credentials = insecure.NewCredentials()
	}
	self, err := identity(ctx, cfg.GetService(), o.Version)
	if err != nil {
		return nil, err
	}
	ended := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "gatehouse_spans_ended_total", Help: "Spans that were to be sent to the collector.",
	})
	sent := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "gatehouse_spans_sent_total", Help: "Spans that the collector has taken.",
	})
	if o.Registerer != nil {
		if err := errors.Join(o.Registerer.Register(ended), o.Registerer.Register(sent)); err != nil {
			return nil, err
		}
	}
	conn, err := grpc.NewClient(cfg.GetTarget(), grpc.WithTransportCredentials(o.Credentials))
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithGRPCConn(conn), otlptracegrpc.WithTimeout(delivery))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	limits := sdktrace.NewSpanLimits()
	limits.AttributeValueLengthLimit = longestValue
	t := &Tracer{conn: conn, provider: sdktrace.NewTracerProvider(
		sdktrace.WithResource(self),
		sdktrace.WithRawSpanLimits(limits),
		sdktrace.WithSampler(sampler(oneIn(cfg.GetSample()), cfg.GetFollowCallers())),
		sdktrace.WithSpanProcessor(tally{
			SpanProcessor: sdktrace.NewBatchSpanProcessor(&courier{SpanExporter: exporter, log: o.Log, sent: sent}), ended: ended,
		}),
	)}
	t.tracer = t.provider.Tracer("github.com/gatehouse-edge/gatehouse", trace.WithSchemaURL(semconv.SchemaURL))
	return t, nil
}

// identity is who the edge is, in traces.
func identity(ctx context.Context, service, version string) (*resource.Resource, error) {
	options := []resource.Option{
		resource.WithHost(), resource.WithTelemetrySDK(),
		resource.WithAttributes(semconv.ServiceName(defaultService), semconv.ServiceVersion(version)),
		resource.WithFromEnv(),
	}
	if service != "" {
		options = append(options, resource.WithAttributes(semconv.ServiceName(service)))
	}
	self, err := resource.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("the environment: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	return self, nil
}

// Close sends what is left, as far as the collector takes it in time.
func (t *Tracer) Close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	return errors.Join(t.provider.Shutdown(ctx), t.conn.Close())
}
