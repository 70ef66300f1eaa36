package ordering

import (
	"context"

	orderingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/ordering/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	shippingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/shipping/v1"
)

// Shipments tells where orders go, and is told of new ones. It may be called concurrently; its errors are gRPC statuses.
type Shipments interface {
	GetShipment(ctx context.Context, req *shippingv1.GetShipmentRequest) (*shippingv1.Shipment, error)
	CreateShipment(ctx context.Context, req *shippingv1.CreateShipmentRequest) (*shippingv1.Shipment, error)
}

// Whole returns an order with what the shipping service knows of it.
func (s *Server) Whole(ctx context.Context, o *orderingv1.Order) (*ordersv1.Order, error) {
	shipment, err := s.shipments.GetShipment(ctx, &shippingv1.GetShipmentRequest{OrderId: o.GetId(), StatusTimes: o.GetStatusTimes()})
	if err != nil {
		return nil, err
	}
	return join(o, shipment), nil
}

func join(o *orderingv1.Order, shipment *shippingv1.Shipment) *ordersv1.Order {
	return &ordersv1.Order{
		Id:          o.GetId(),
		CustomerId:  o.GetCustomerId(),
		Status:      o.GetStatus(),
		Items:       o.GetItems(),
		Total:       o.GetTotal(),
		Delivery:    o.GetDelivery(),
		ShipTo:      shipment.GetShipTo(),
		CreateTime:  o.GetCreateTime(),
		StatusTimes: o.GetStatusTimes(),
		Invoices:    o.GetInvoices(),
		Parcels:     shipment.GetParcels(),
	}
}
