package shop

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
)

// Conditions make a service worse than it is, for demonstrations. The zero value leaves it alone.
// Health and reflection are never affected.
type Conditions struct {
	// Latency is waited for before each call is answered; for a stream, before it begins.
	Latency time.Duration
	// ErrorRate is the share of calls, from 0 to 1, that fail as UNAVAILABLE, after the latency.
	ErrorRate float64
}

// suffer waits, and fails with the configured chance. A call that is over sooner fails at once.
func (c Conditions) suffer(ctx context.Context, method string) error {
	if !strings.HasPrefix(method, "/shop.") {
		return nil
	}
	if c.Latency > 0 {
		timer := time.NewTimer(c.Latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return status.FromContextError(ctx.Err()).Err()
		}
	}
	if c.ErrorRate > 0 && rand.Float64() < c.ErrorRate {
		return problem.Unavailable("the service has a bad moment: this share of calls was asked to fail", time.Second)
	}
	return nil
}

func (c Conditions) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := c.suffer(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

func (c Conditions) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := c.suffer(stream.Context(), info.FullMethod); err != nil {
		return err
	}
	return handler(srv, stream)
}
