package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"

	"buf.build/go/protoyaml"
	"connectrpc.com/vanguard"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gatehouse-edge/gatehouse/conformance/cases"
	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/corpus"
	"github.com/gatehouse-edge/gatehouse/server"
)

// gatewayPreset is what Gatehouse is told to answer as grpc-gateway does, so grpc-gateway need not be told it.
const gatewayPreset = "dialect: {preset: PRESET_GRPC_GATEWAY}"

// contender is a gateway that plays the conformance corpus.
type contender struct {
	name  string
	serve func(target string) corpus.Gateway
}

var contenders = []contender{{gatehouse, corpusGatehouse}, {grpcGateway, corpusGRPCGateway}, {vanguardGo, corpusVanguard}}

// conform plays the conformance corpus against each contender and prints how much of each group passes.
func conform(w io.Writer, f format) error {
	if f == asJSON {
		return fmt.Errorf("corpus has no JSON form")
	}
	all, err := corpus.Load(cases.Files)
	if err != nil {
		return err
	}
	results := make([][]corpus.Result, len(contenders))
	for i, c := range contenders {
		if results[i], err = c.play(all); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return conformity(results).write(w, f)
}

// play plays all cases, in front of a backend of its own.
func (c contender) play(all []*corpus.Case) ([]corpus.Result, error) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	backend := corpus.NewBackend()
	defer backend.Stop()
	go backend.Serve(lis) //nolint:errcheck // it ends when it is stopped
	fronts := corpus.NewFronts(c.serve(lis.Addr().String()))
	defer fronts.Close()
	return backend.Run(context.Background(), all, fronts.Front)
}

// conformity has a row for each group, a column for each contender.
func conformity(results [][]corpus.Result) *sheet {
	table := &sheet{words: 1, heads: []string{"group"}}
	groups, _ := corpus.Count(results[0])
	for _, g := range groups {
		table.add(g.Group)
	}
	table.add("all")
	for i, c := range contenders {
		table.heads = append(table.heads, c.name)
		groups, all := corpus.Count(results[i])
		for row, tally := range append(groups, all) {
			table.rows[row] = append(table.rows[row], tally.String())
		}
	}
	return table
}

func corpusGatehouse(target string) corpus.Gateway {
	return func(settings string) (http.Handler, func() error, error) {
		cfg := new(configv1.Config)
		if err := protoyaml.Unmarshal([]byte(settings), cfg); err != nil {
			return nil, nil, err
		}
		cfg.Upstreams = []*configv1.Upstream{{Target: target}}
		edge, err := server.New(context.Background(), cfg, server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard))
		if err != nil {
			return nil, nil, err
		}
		return edge.Handler(), edge.Close, nil
	}
}

// corpusGRPCGateway has the stock settings.
func corpusGRPCGateway(target string) corpus.Gateway {
	return func(settings string) (http.Handler, func() error, error) {
		if settings != "" && settings != gatewayPreset {
			return nil, nil, nil
		}
		conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return nil, nil, err
		}
		ctx, mux := context.Background(), runtime.NewServeMux()
		if err := edgetestv1.RegisterEverythingServiceHandler(ctx, mux, conn); err != nil {
			return nil, nil, err
		}
		return mux, conn.Close, edgetestv1.RegisterResourceServiceHandler(ctx, mux, conn)
	}
}

func corpusVanguard(target string) corpus.Gateway {
	return func(settings string) (http.Handler, func() error, error) {
		if settings != "" {
			return nil, nil, nil
		}
		h, err := vanguardFor(target, edgetestv1.EverythingService_ServiceDesc.ServiceName, edgetestv1.ResourceService_ServiceDesc.ServiceName)
		return h, func() error { return nil }, err
	}
}

// vanguardFor transcodes the services in front of a reverse proxy to the target.
func vanguardFor(target string, services ...string) (http.Handler, error) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: target})
	proxy.Transport = &http.Transport{Protocols: protocols}
	proxy.FlushInterval = -1
	var all []*vanguard.Service
	for _, name := range services {
		all = append(all, vanguard.NewService(name, proxy,
			vanguard.WithTargetProtocols(vanguard.ProtocolGRPC), vanguard.WithTargetCodecs(vanguard.CodecProto)))
	}
	return vanguard.NewTranscoder(all)
}
