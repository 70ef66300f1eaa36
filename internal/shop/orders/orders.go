// Package orders is the sample shop's OrdersService: the ordering and the shipping service in one.
package orders

import (
	"context"
	"time"

	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/ordering"
	"github.com/gatehouse-edge/gatehouse/internal/shop/shipping"
)

// Server is an OrdersService. All methods may be called concurrently.
type Server struct {
	ordersv1.UnimplementedOrdersServiceServer

	ordering *ordering.Server
}

// New returns a service with the seeded orders. A new order takes its next step each time this long has passed;
// [ordering.DefaultStep] if it is not above 0.
func New(step time.Duration) (*Server, error) {
	shipments, err := shipping.New()
	if err != nil {
		return nil, err
	}
	s, err := ordering.New(step, shipments)
	return &Server{ordering: s}, err
}

// CreateOrder places an order.
func (s *Server) CreateOrder(ctx context.Context, req *ordersv1.CreateOrderRequest) (*ordersv1.Order, error) {
	return s.ordering.CreateOrder(ctx, req)
}

// GetOrder returns an order as it is now.
func (s *Server) GetOrder(ctx context.Context, req *ordersv1.GetOrderRequest) (*ordersv1.Order, error) {
	o, err := s.ordering.GetOrder(ctx, req)
	if err != nil {
		return nil, err
	}
	return s.ordering.Whole(ctx, o)
}

// ListOrders returns a page of orders, the latest first.
func (s *Server) ListOrders(ctx context.Context, req *ordersv1.ListOrdersRequest) (*ordersv1.ListOrdersResponse, error) {
	page, err := s.ordering.ListOrders(ctx, req)
	if err != nil {
		return nil, err
	}
	out := &ordersv1.ListOrdersResponse{NextPageToken: page.GetContinuation().GetNextPageToken()}
	for _, o := range page.GetOrders() {
		whole, err := s.ordering.Whole(ctx, o)
		if err != nil {
			return nil, err
		}
		out.Orders = append(out.Orders, whole)
	}
	return out, nil
}

// CancelOrder calls an order off unless it has been shipped or called off already.
func (s *Server) CancelOrder(ctx context.Context, req *ordersv1.CancelOrderRequest) (*ordersv1.Order, error) {
	o, err := s.ordering.CancelOrder(ctx, req)
	if err != nil {
		return nil, err
	}
	return s.ordering.Whole(ctx, o)
}

// WatchOrder sends the order as it stands, then each step as it is taken.
func (s *Server) WatchOrder(req *ordersv1.WatchOrderRequest, stream ordersv1.OrdersService_WatchOrderServer) error {
	return s.ordering.WatchOrder(req, stream)
}
