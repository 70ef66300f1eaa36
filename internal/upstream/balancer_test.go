package upstream_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// named is a target whose name is looked up by hand, and the address of a server.
func named(t *testing.T) (names *manual.Resolver, target *upstream.Target, address resolver.State) {
	t.Helper()
	lis, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(s, health.NewServer())
	go s.Serve(lis) //nolint:errcheck // it is stopped
	t.Cleanup(s.Stop)
	names = manual.NewBuilderWithScheme("byhand")
	target, err = upstream.Dial("byhand:///shop", upstream.Options{
		Connections: 1, MaxMessage: 1 << 20, Dial: []grpc.DialOption{grpc.WithResolvers(names)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { target.Close() }) //nolint:errcheck // the test is over
	return names, target, resolver.State{Addresses: []resolver.Address{{Addr: lis.Addr().String()}}}
}

// ask calls the server and returns the cause of the failure, nil for none.
func ask(t *testing.T, target *upstream.Target) error {
	t.Helper()
	reply := upstream.NewReply()
	defer reply.Free()
	err := target.Unary(t.Context(), "/grpc.health.v1.Health/Check", nil, reply)
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Cause
	}
	return err
}

func TestANameThatCanNotBeLookedUpIsTold(t *testing.T) {
	t.Parallel()
	names, target, address := named(t)
	names.BuildCallback = func(_ resolver.Target, conn resolver.ClientConn, _ resolver.BuildOptions) {
		conn.ReportError(errors.New("lookup shop: no such host"))
	}
	if err := ask(t, target); err == nil || !strings.Contains(err.Error(), "lookup shop: no such host") {
		t.Errorf("got %v", err)
	}
	names.UpdateState(address)
	if err := ask(t, target); err != nil {
		t.Errorf("once it is known: %v", err)
	}
}

func TestANameWithoutAddressesIsTold(t *testing.T) {
	t.Parallel()
	names, target, _ := named(t)
	names.InitialState(resolver.State{})
	if err := ask(t, target); err == nil || !strings.Contains(err.Error(), "the name has no address") {
		t.Errorf("got %v", err)
	}
}

func TestANameThatIsLostForAWhileKeepsItsAddresses(t *testing.T) {
	t.Parallel()
	names, target, address := named(t)
	names.InitialState(address)
	if err := ask(t, target); err != nil {
		t.Fatal(err)
	}
	for what, lose := range map[string]func(){
		"no answer":  func() { names.CC().ReportError(errors.New("lookup shop: time-out")) },
		"no address": func() { names.UpdateState(resolver.State{}) },
	} {
		lose()
		if err := ask(t, target); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
