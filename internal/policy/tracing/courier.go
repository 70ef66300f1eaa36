package tracing

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// courier brings spans to the collector, a batch at a time, counts them, and tells the log when the collector begins to fail and
// when that is over.
type courier struct {
	sdktrace.SpanExporter
	log  *slog.Logger
	sent prometheus.Counter
	away bool
}

// ExportSpans implements [sdktrace.SpanExporter]. It has no error, which would go to a logger of the whole process.
func (c *courier) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := c.SpanExporter.ExportSpans(ctx, spans)
	switch {
	case err == nil:
		c.sent.Add(float64(len(spans)))
		if c.away {
			c.log.Info("the collector takes traces again")
		}
	case !c.away:
		c.log.Error("the collector takes no traces; they are lost", "error", err)
	}
	c.away = err != nil
	return nil
}

// tally counts the spans that are to be sent.
type tally struct {
	sdktrace.SpanProcessor
	ended prometheus.Counter
}

// OnEnd implements [sdktrace.SpanProcessor].
func (t tally) OnEnd(s sdktrace.ReadOnlySpan) {
	if s.SpanContext().IsSampled() {
		t.ended.Inc()
	}
	t.SpanProcessor.OnEnd(s)
}
