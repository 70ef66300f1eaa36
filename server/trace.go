package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gatehouse-edge/gatehouse/internal/policy/tracing"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

// trace makes the door tell a collector of what goes through it.
func (e *Edge) trace(ctx context.Context, d *door) error {
	cfg := e.cfg.GetTracing()
	options := tracing.Options{Version: e.version, Log: e.log, Registerer: e.meters.registry}
	if cfg.GetTls() != nil {
		secure, err := transport.Client(cfg.GetTls(), transport.Options{Log: e.log, Registerer: e.meters.registry})
		if err != nil {
			return fmt.Errorf("tracing: %w", err)
		}
		d.closers = append(d.closers, func() error { secure.Close(); return nil })
		options.Credentials = secure
	}
	var err error
	if d.tracer, err = tracing.New(ctx, cfg, options); err != nil {
		return fmt.Errorf("tracing: %w", err)
	}
	d.closers = append(d.closers, d.tracer.Close)
	return nil
}

// endSpan ends the span of the call, which has been answered.
func (c *call) endSpan() {
	if c.edge.door.tracer == nil {
		return
	}
	o := tracing.Outcome{
		RequestID: c.id, Client: c.client(), Audience: c.table.name, Status: or(c.status, http.StatusOK),
	}
	if c.op != nil {
		o.Template = c.op.template
	}
	if c.failed != nil {
		o.Reason = string(c.failed.Reason)
		o.Broken = c.failed.HTTP >= http.StatusInternalServerError
	}
	c.span.End(c.r, &o)
}
