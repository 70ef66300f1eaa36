// Package shipping is the sample shop's ShippingService: where orders go, and where their parcels are.
//
// How far an order has come it is told with each call; the rest follows from the order's number.
package shipping

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"

	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	shippingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/shipping/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/caller"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

// MaxShipments is how many shipments are kept; the oldest are forgotten first. They are twice as many as there are orders,
// so that none is forgotten before its order.
const MaxShipments = 20_000

// Server is a ShippingService. All methods may be called concurrently.
type Server struct {
	shippingv1.UnimplementedShippingServiceServer

	mu     sync.RWMutex
	byID   map[string]*shipment
	oldest []string
}

// shipment is what never changes of one.
type shipment struct {
	customer string
	shipTo   *ordersv1.Address
}

// New returns a service with the shipments of the seeded orders.
func New() (*Server, error) {
	orders, err := seed.Orders()
	if err != nil {
		return nil, fmt.Errorf("seed shipments: %w", err)
	}
	s := &Server{byID: make(map[string]*shipment)}
	for _, o := range orders {
		s.add(seed.OrderID(o.Number), &shipment{o.Wanted.GetCustomerId(), o.Wanted.GetShipTo()})
	}
	return s, nil
}

// CreateShipment keeps where an order goes. What is known of one of the same id is replaced: an ordering service that begins
// anew counts anew.
func (s *Server) CreateShipment(_ context.Context, req *shippingv1.CreateShipmentRequest) (*shippingv1.Shipment, error) {
	made := &shipment{req.GetCustomerId(), proto.CloneOf(req.GetShipTo())}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(req.GetOrderId(), made)
	return &shippingv1.Shipment{ShipTo: made.shipTo}, nil
}

func (s *Server) add(id string, made *shipment) {
	if s.byID[id] == nil {
		s.oldest = append(s.oldest, id)
	}
	s.byID[id] = made
	if len(s.oldest) > MaxShipments {
		delete(s.byID, s.oldest[0])
		s.oldest = s.oldest[1:]
	}
}

// GetShipment returns a shipment as it was when the order had come as far as the caller says.
func (s *Server) GetShipment(ctx context.Context, req *shippingv1.GetShipmentRequest) (*shippingv1.Shipment, error) {
	s.mu.RLock()
	known := s.byID[req.GetOrderId()]
	s.mu.RUnlock()
	if known == nil || !caller.MayKnow(ctx, known.customer) {
		return nil, problem.NotFound("shop.shipping.v1.Shipment", req.GetOrderId())
	}
	out := &shippingv1.Shipment{ShipTo: known.shipTo}
	if stops := stopsOf(req); stops > 0 {
		p, err := parcel(req.GetOrderId(), stops)
		if err != nil {
			return nil, err
		}
		out.Parcels = []*ordersv1.Parcel{p}
	}
	return out, nil
}

// stopsOf is how many stops of its route a parcel has come to; 0 while there is none.
func stopsOf(req *shippingv1.GetShipmentRequest) int {
	stops := 0
	for i, state := range []string{"packed", "shipped", "delivered"} {
		if req.GetStatusTimes()[state] != nil {
			stops = i + 1
		}
	}
	return stops
}

// route is the way of every parcel: the warehouse, the hub, the door. Latitude and longitude by turns.
var route = []int32{534_880_000, 99_810_000, 525_120_000, 134_050_000, 511_650_000, 104_510_000}

func parcel(orderID string, stops int) (*ordersv1.Parcel, error) {
	number, err := strconv.ParseInt(strings.TrimPrefix(orderID, "o-"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("number of order %q: %w", orderID, err)
	}
	seal := sha256.Sum256(fmt.Appendf(nil, "seal of %d", number))
	return &ordersv1.Parcel{
		TrackingCode: fmt.Sprintf("GH%09dDE", number),
		LatitudeE7:   route[2*stops-2],
		LongitudeE7:  route[2*stops-1],
		RouteE7:      route[:2*stops],
		Seals:        [][]byte{seal[:8], seal[8:16]},
	}, nil
}
