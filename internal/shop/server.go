package shop

import (
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
)

// maxMessageBytes lets through the largest picture, with room for what is around it.
const maxMessageBytes = 8 << 20

// newServer makes a gRPC server of some services, with health and reflection.
func newServer(names []string, b backends) (*grpc.Server, *health.Server, error) {
	conditions := b.config.Conditions
	g := grpc.NewServer(
		grpc.MaxRecvMsgSize(maxMessageBytes),
		grpc.ChainUnaryInterceptor(conditions.unary, validateUnary),
		grpc.ChainStreamInterceptor(conditions.stream, validateStream),
	)
	state := health.NewServer()
	healthv1.RegisterHealthServer(g, state)
	for _, name := range names {
		s, err := find(name)
		if err != nil {
			return nil, nil, err
		}
		if err := s.register(g, b); err != nil {
			return nil, nil, fmt.Errorf("make service %s: %w", name, err)
		}
		state.SetServingStatus(s.fullName, healthv1.HealthCheckResponse_SERVING)
	}
	reflection.Register(g)
	return g, state, nil
}
