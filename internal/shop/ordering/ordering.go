// Package ordering is the sample shop's OrderingService: orders in memory that move on by themselves.
//
// No clock ticks for an order: how far it has come follows from when it was placed and how long a step takes, so that an
// order costs nothing while nobody looks at it. ordering.go keeps the orders, life.go says how far one has come, watch.go
// tells it as it happens, whole.go adds what the shipping service knows.
package ordering

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	orderingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/ordering/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	shippingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/shipping/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/caller"
	"github.com/gatehouse-edge/gatehouse/internal/shop/page"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

// MaxOrders is how many orders are kept; the oldest are forgotten first.
const MaxOrders = 10_000

// DefaultStep is how long an order stays in each state.
const DefaultStep = 2 * time.Second

const orderKind = "shop.orders.v1.Order"

// Server is an OrderingService. All methods may be called concurrently.
type Server struct {
	orderingv1.UnimplementedOrderingServiceServer

	step      time.Duration
	shipments Shipments

	mu   sync.RWMutex
	all  []*record // numbers ascend
	byID map[string]*record
	next int64
}

// New returns a service with the seeded orders. A new order takes its next step each time this long has passed;
// DefaultStep if it is not above 0.
func New(step time.Duration, shipments Shipments) (*Server, error) {
	if step <= 0 {
		step = DefaultStep
	}
	s := &Server{step: step, shipments: shipments, byID: make(map[string]*record), next: seed.FirstOrder}
	orders, err := seed.Orders()
	if err != nil {
		return nil, fmt.Errorf("seed orders: %w", err)
	}
	for _, o := range orders {
		r := s.record(o.Number, o.Wanted, o.Placed)
		if o.Cancelled != "" {
			r.cancel(o.Cancelled, o.Placed)
		}
		s.keep(r)
		s.next = o.Number + 1
	}
	return s, nil
}

// CreateOrder places an order, once its shipment is prepared. It is answered as it is then.
func (s *Server) CreateOrder(ctx context.Context, req *ordersv1.CreateOrderRequest) (*ordersv1.Order, error) {
	s.mu.Lock()
	number := s.next
	s.next++
	s.mu.Unlock()
	shipment, err := s.shipments.CreateShipment(ctx, &shippingv1.CreateShipmentRequest{
		OrderId: seed.OrderID(number), CustomerId: req.GetCustomerId(), ShipTo: req.GetShipTo(),
	})
	if err != nil {
		return nil, err
	}
	r := s.record(number, req, time.Now())
	s.keep(r)
	return join(r.at(r.placed), shipment), nil
}

// record makes an order that nobody knows of yet.
func (s *Server) record(number int64, req *ordersv1.CreateOrderRequest, when time.Time) *record {
	cents := seed.Cents(req.GetDelivery())
	for _, item := range req.GetItems() {
		cents += seed.Cents(item.GetUnitPrice()) * int64(item.GetQuantity())
	}
	return &record{
		number: number, step: s.step, placed: when, method: req.GetPaymentMethod(), changed: make(chan struct{}),
		order: &orderingv1.Order{
			Id:         seed.OrderID(number),
			CustomerId: req.GetCustomerId(),
			Items:      req.GetItems(),
			Total:      seed.Money(cents),
			Delivery:   req.GetDelivery(),
		},
	}
}

// keep adds an order to the others. The shipments of two may be prepared in another order than that of their numbers.
func (s *Server) keep(r *record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) >= MaxOrders {
		delete(s.byID, s.all[0].order.GetId())
		s.all = slices.Delete(s.all, 0, 1)
	}
	at, _ := slices.BinarySearchFunc(s.all, r, func(a, b *record) int { return cmp.Compare(a.number, b.number) })
	s.all = slices.Insert(s.all, at, r)
	s.byID[r.order.GetId()] = r
}

// GetOrder returns an order as it is now.
func (s *Server) GetOrder(ctx context.Context, req *ordersv1.GetOrderRequest) (*orderingv1.Order, error) {
	r, err := s.lookup(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return r.at(time.Now()), nil
}

// ListOrders returns a page of orders, the latest first.
func (s *Server) ListOrders(_ context.Context, req *ordersv1.ListOrdersRequest) (*orderingv1.ListOrdersResponse, error) {
	last, started, err := page.Decode[int64](req)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	all := slices.Clone(s.all)
	s.mu.RUnlock()
	now, out := time.Now(), &orderingv1.ListOrdersResponse{Continuation: new(orderingv1.Continuation)}
	var previous int64
	for _, r := range slices.Backward(all) {
		if started && r.number >= last || !wanted(r, req, now) {
			continue
		}
		if len(out.GetOrders()) == page.Size(req) {
			out.Continuation.NextPageToken, err = page.Encode(req, previous)
			break
		}
		out.Orders = append(out.Orders, r.at(now))
		previous = r.number
	}
	return out, err
}

func wanted(r *record, req *ordersv1.ListOrdersRequest, now time.Time) bool {
	if req.GetCustomerId() != "" && req.GetCustomerId() != r.order.GetCustomerId() {
		return false
	}
	if len(req.GetStatuses()) == 0 {
		return true
	}
	steps := r.steps(now)
	return slices.Contains(req.GetStatuses(), steps[len(steps)-1].status)
}

// CancelOrder calls an order off unless it has been shipped or called off already.
func (s *Server) CancelOrder(ctx context.Context, req *ordersv1.CancelOrderRequest) (*orderingv1.Order, error) {
	r, err := s.lookup(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if status, ok := r.cancel(req.GetReason(), now); !ok {
		return nil, problem.FailedPrecondition("TOO_LATE_TO_CANCEL", req.GetId(),
			"the order is "+word(status)+" already: it can be called off until it is shipped")
	}
	return r.at(now), nil
}

// lookup finds an order that the caller may know of.
func (s *Server) lookup(ctx context.Context, id string) (*record, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if r := s.byID[id]; r != nil && caller.MayKnow(ctx, r.order.GetCustomerId()) {
		return r, nil
	}
	return nil, problem.NotFound(orderKind, id)
}

// word returns a status as people say it: "shipped".
func word(status ordersv1.OrderStatus) string {
	return strings.ToLower(strings.TrimPrefix(status.String(), "ORDER_STATUS_"))
}
