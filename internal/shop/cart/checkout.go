package cart

import (
	"context"
	"fmt"

	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
)

// Checkout places an order for what is in a cart, and empties it. While the order is being placed the cart refuses
// every change, so that nothing is bought twice; if it can not be placed the cart stays as it was.
func (s *Server) Checkout(ctx context.Context, req *cartv1.CheckoutRequest) (*cartv1.CheckoutResponse, error) {
	var wanted *ordersv1.CreateOrderRequest
	_, err := s.change(req.GetCartId(), func(c *cart) (err error) {
		if req.GetEtag() != "" && req.GetEtag() != c.etag {
			return problem.Changed("shop.cart.v1.Cart", c.id, c.etag)
		}
		wanted, err = order(c.message(), req)
		c.checkingOut = err == nil
		return err
	})
	if err != nil {
		return nil, err
	}
	placed, err := s.orders.CreateOrder(ctx, wanted)
	s.finish(req.GetCartId(), err == nil)
	if err != nil {
		return nil, err
	}
	return &cartv1.CheckoutResponse{Order: placed}, nil
}

// finish opens a cart again after a checkout, empty if it was bought.
func (s *Server) finish(id string, bought bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.carts[id]
	if !ok {
		return
	}
	next := *at.Value.(*cart)
	next.checkingOut = false
	if bought {
		next.items = nil
	}
	at.Value = &next
}

func order(c *cartv1.Cart, req *cartv1.CheckoutRequest) (*ordersv1.CreateOrderRequest, error) {
	if len(c.GetItems()) == 0 {
		return nil, problem.FailedPrecondition("CART_EMPTY", c.GetId(), "the cart is empty: put something into it first")
	}
	days := int32(slowestDelivery)
	if req.DeliveryDays != nil {
		days = req.GetDeliveryDays()
	}
	price, ok := c.GetDeliveryByDays()[days]
	if !ok {
		return nil, problem.InvalidArgument(problem.Violation{
			Field:       "delivery_days",
			Description: fmt.Sprintf("there is no delivery in %d days: choose one of the cart's delivery_by_days", days),
		})
	}
	out := &ordersv1.CreateOrderRequest{
		CustomerId:    req.GetCustomerId(),
		Delivery:      price,
		ShipTo:        req.GetShipTo(),
		PaymentMethod: method(req),
	}
	for _, item := range c.GetItems() {
		out.Items = append(out.Items, &ordersv1.OrderItem{
			ProductId: item.GetProductId(),
			Name:      item.GetName(),
			Quantity:  item.GetQuantity(),
			UnitPrice: item.GetUnitPrice(),
			GiftNote:  item.GiftNote,
		})
	}
	return out, nil
}

func method(req *cartv1.CheckoutRequest) string {
	switch req.GetPayment().(type) {
	case *cartv1.CheckoutRequest_CardToken:
		return "card"
	case *cartv1.CheckoutRequest_GiftCard:
		return "gift card"
	default:
		return "invoice"
	}
}
