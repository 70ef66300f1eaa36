package shop

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"

	orderingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/ordering/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/cart"
)

// DefaultDrain is how long Stop waits for calls in flight.
const DefaultDrain = 5 * time.Second

// Config says which services run, where, and how well. The zero value runs all of them, each on a loopback port of its own.
type Config struct {
	// Services are the short names of what runs; all of Services() if empty.
	Services []string
	// Listen opens the listener of a service and names the target by which gRPC clients reach it.
	// By default a free loopback port.
	Listen func(service string) (lis net.Listener, target string, err error)
	// OnePort serves all services on one listener: Listen is called once, with "all".
	OnePort bool
	// OrdersTarget or OrderingTarget, and CatalogTarget, are where the cart finds services that do not run here; ShippingTarget
	// is where the ordering service does. Those that do run here are used otherwise, the orders service before the ordering
	// service. Without any catalogue, the cart has the prices of the seed.
	OrdersTarget, OrderingTarget, CatalogTarget, ShippingTarget string
	// DialOptions are added when services connect to others, for listeners that are not on the network.
	DialOptions []grpc.DialOption
	// Conditions make every service slow or faulty.
	Conditions
	// OrderStep is how long an order stays in each state; 2 s by default.
	OrderStep time.Duration
	// Drain is how long Stop waits for calls in flight before it ends them; DefaultDrain by default.
	Drain time.Duration
}

// Running is a shop that serves. Its methods may be called concurrently.
type Running struct {
	targets map[string]string
	drain   time.Duration
	servers []*grpc.Server
	healths []*health.Server
	conns   []*grpc.ClientConn
	serving sync.WaitGroup
	stop    sync.Once

	mu     sync.Mutex
	failed error
}

// Start opens the listeners and serves until Stop, or until ctx is done. If anything fails, nothing is left running.
func Start(ctx context.Context, c Config) (*Running, error) {
	if len(c.Services) == 0 {
		c.Services = Services()
	}
	if c.Listen == nil {
		c.Listen = listenLoopback
	}
	r := &Running{targets: make(map[string]string), drain: c.Drain}
	if r.drain <= 0 {
		r.drain = DefaultDrain
	}
	if err := r.start(c); err != nil {
		r.Stop()
		return nil, err
	}
	context.AfterFunc(ctx, r.Stop)
	return r, nil
}

// Targets returns where each service is reached, by its full name: shop.cart.v1.CartService. The caller owns the map.
func (r *Running) Targets() map[string]string {
	return maps.Clone(r.targets)
}

// Stop says through health that it is going, lets calls in flight finish, and ends those that take too long.
// It returns when nothing serves any more; a second call waits for the first.
func (r *Running) Stop() {
	r.stop.Do(func() {
		for _, state := range r.healths {
			state.Shutdown()
		}
		overdue := time.AfterFunc(r.drain, func() {
			for _, g := range r.servers {
				g.Stop()
			}
		})
		defer overdue.Stop()
		var stopping sync.WaitGroup
		for _, g := range r.servers {
			stopping.Go(g.GracefulStop)
		}
		stopping.Wait()
		for _, conn := range r.conns {
			// The connection is of no use any more; an error from closing it has no reader.
			_ = conn.Close()
		}
		r.serving.Wait()
	})
}

// Wait returns when nothing serves any more, with the error of the first listener that failed.
func (r *Running) Wait() error {
	r.serving.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// door is a listener and the services behind it.
type door struct {
	lis      net.Listener
	services []string
}

func (r *Running) start(c Config) error {
	doors, err := r.open(c)
	if err != nil {
		return err
	}
	for i, d := range doors {
		if err := r.serve(d, c); err != nil {
			for _, unserved := range doors[i:] {
				_ = unserved.lis.Close()
			}
			return err
		}
	}
	return nil
}

// open opens every listener before anything serves, so that the services know of one another.
func (r *Running) open(c Config) (doors []door, err error) {
	groups := map[string][]string{"all": c.Services}
	order := []string{"all"}
	if !c.OnePort {
		order = c.Services
		for _, name := range order {
			groups[name] = []string{name}
		}
	}
	for _, group := range order {
		for _, name := range groups[group] {
			if _, err = find(name); err != nil {
				break
			}
		}
		var d door
		var target string
		if err == nil {
			d.lis, target, err = c.Listen(group)
		}
		if err != nil {
			for _, opened := range doors {
				_ = opened.lis.Close()
			}
			return nil, fmt.Errorf("listen for %s: %w", group, err)
		}
		d.services = groups[group]
		doors = append(doors, d)
		for _, name := range d.services {
			r.targets[FullName(name)] = target
		}
	}
	return doors, nil
}

func (r *Running) serve(d door, c Config) error {
	b := backends{config: c}
	for _, name := range d.services {
		if err := r.connect(name, &b); err != nil {
			return err
		}
	}
	g, state, err := newServer(d.services, b)
	if err != nil {
		return err
	}
	r.servers, r.healths = append(r.servers, g), append(r.healths, state)
	r.serving.Go(func() {
		if err := g.Serve(d.lis); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.failed = errors.Join(r.failed, fmt.Errorf("serve %v: %w", d.services, err))
		}
	})
	return nil
}

// connect connects a service to those that it needs.
func (r *Running) connect(name string, b *backends) (err error) {
	switch name {
	case "cart":
		if b.orders, err = r.dialOrders(b.config); err == nil {
			b.catalog, err = r.dial(b.config, "catalog", b.config.CatalogTarget)
		}
	case "ordering":
		b.shipping, err = r.dial(b.config, "shipping", b.config.ShippingTarget)
		if err == nil && b.shipping == nil {
			err = errors.New("the ordering service needs the shipping service: run it here too, or say where it is (--shipping-target)")
		}
	}
	return err
}

// dialOrders connects to where the cart places orders.
func (r *Running) dialOrders(c Config) (cart.Orders, error) {
	if c.OrdersTarget != "" && c.OrderingTarget != "" {
		return nil, errors.New("the cart places orders at one service: name the orders service or the ordering service")
	}
	if c.OrderingTarget == "" {
		if conn, err := r.dial(c, "orders", c.OrdersTarget); conn != nil || err != nil {
			return ordersv1.NewOrdersServiceClient(conn), err
		}
	}
	conn, err := r.dial(c, "ordering", c.OrderingTarget)
	if err == nil && conn == nil {
		err = errors.New("the cart needs the orders service: run it here too, or say where it or the ordering service is " +
			"(--orders-target, --ordering-target)")
	}
	return orderingv1.NewOrderingServiceClient(conn), err
}

// dial connects to a service at target, or to the one that runs here; nil if there is neither.
func (r *Running) dial(c Config, name, target string) (grpc.ClientConnInterface, error) {
	if target == "" {
		target = r.targets[FullName(name)]
	}
	if target == "" {
		return nil, nil
	}
	options := append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, c.DialOptions...)
	conn, err := grpc.NewClient(target, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to %s at %q: %w", name, target, err)
	}
	r.conns = append(r.conns, conn)
	return conn, nil
}

func listenLoopback(string) (net.Listener, string, error) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	return lis, lis.Addr().String(), nil
}
