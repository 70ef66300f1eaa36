package server_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/server"
)

const free = "127.0.0.1:0"

// listening runs an edge with listeners of its own until the test ends: on a free port where the configuration names none.
func listening(t *testing.T, cfg *configv1.Config, opts ...server.Option) *server.Edge {
	t.Helper()
	if len(cfg.GetListeners()) == 0 {
		cfg.Listeners = []*configv1.Listener{{Address: free}}
	}
	cfg.AdminAddress = free
	quiet := []server.Option{server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard)}
	edge, err := server.New(t.Context(), cfg, append(quiet, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := edge.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- edge.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("the edge ended with %v", err)
		}
	})
	return edge
}
