package orders

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

const seededOrders = 60

// seed places orders of the seeded customers, each some days after the other. One in nine was called off.
func (s *Server) seed() error {
	products, err := seed.Products()
	if err != nil {
		return err
	}
	methods := []string{"card", "invoice", "gift card"}
	for i := range seededOrders {
		customer := seed.Customers()[i*5%len(seed.Customers())]
		req := &ordersv1.CreateOrderRequest{
			CustomerId:    customer.ID,
			Delivery:      seed.Money(490),
			ShipTo:        proto.CloneOf(customer.Address),
			PaymentMethod: methods[i%len(methods)],
		}
		for piece := range 1 + i%4 {
			p := products[(i*37+piece*101)%len(products)]
			req.Items = append(req.Items, &ordersv1.OrderItem{
				ProductId: p.GetId(), Name: p.GetName(), Quantity: uint32(1 + (i+piece)%3), UnitPrice: p.GetPrice(),
			})
		}
		if i%7 == 3 {
			req.Items[0].GiftNote = proto.String("Happy birthday!")
		}
		r := s.place(req, seed.Opened.Add(time.Duration(i*77)*time.Hour))
		if i%9 == 4 {
			if status, ok := r.cancel("ordered twice", r.placed); !ok {
				return fmt.Errorf("call off %s: it is %s", r.order.GetId(), word(status))
			}
		}
	}
	return nil
}
