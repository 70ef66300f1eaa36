package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"buf.build/go/protoyaml"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/corpus"
	"github.com/gatehouse-edge/gatehouse/server"
)

// gatehouse makes edges in front of a target.
func gatehouse(ctx context.Context, target string) corpus.Gateway {
	return func(settings string) (http.Handler, func() error, error) {
		cfg := new(configv1.Config)
		if err := protoyaml.Unmarshal([]byte(settings), cfg); err != nil {
			return nil, nil, err
		}
		cfg.Upstreams = []*configv1.Upstream{{Target: target}}
		edge, err := server.New(ctx, cfg, server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard))
		if err != nil {
			return nil, nil, err
		}
		return edge.Handler(), edge.Close, nil
	}
}
