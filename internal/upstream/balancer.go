package upstream

import (
	"errors"
	"fmt"
	"sync"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/base"
	"google.golang.org/grpc/balancer/roundrobin"
	"google.golang.org/grpc/connectivity"
)

// balancing is the policy by which calls go round all addresses of a name: gRPC's own, which alone would not say why there
// are none.
const balancing = "gatehouse_round_robin"

// registerBalancer makes the policy known to gRPC, which finds policies by their names.
var registerBalancer = sync.OnceFunc(func() { balancer.Register(balancers{balancer.Get(roundrobin.Name)}) })

type balancers struct{ balancer.Builder }

func (balancers) Name() string { return balancing }

// Build implements [balancer.Builder].
func (b balancers) Build(conn balancer.ClientConn, opts balancer.BuildOptions) balancer.Balancer {
	return &rounds{Balancer: b.Builder.Build(conn, opts), conn: conn}
}

// rounds is the policy of one connection. gRPC calls it from one goroutine at a time.
type rounds struct {
	balancer.Balancer
	conn  balancer.ClientConn
	known bool // some address is
}

var errNoAddress = errors.New("the name has no address")

// UpdateClientConnState implements [balancer.Balancer]. A name that has no address any more keeps those that it had.
func (r *rounds) UpdateClientConnState(state balancer.ClientConnState) error {
	if len(state.ResolverState.Endpoints) == 0 {
		r.ResolverError(errNoAddress)
		return balancer.ErrBadResolverState // it will be looked up again
	}
	r.known = true
	return r.Balancer.UpdateClientConnState(state)
}

// ResolverError implements [balancer.Balancer].
func (r *rounds) ResolverError(err error) {
	if r.known {
		r.Balancer.ResolverError(err)
		return
	}
	r.conn.UpdateState(balancer.State{
		ConnectivityState: connectivity.TransientFailure,
		Picker:            base.NewErrPicker(fmt.Errorf("looking up the address: %w", err)),
	})
}
