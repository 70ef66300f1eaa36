package seed

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
)

// Order is something that had been bought when the shop began.
type Order struct {
	Number    int64
	Placed    time.Time
	Wanted    *ordersv1.CreateOrderRequest
	Cancelled string // why it was called off at once, "" if it was not
}

// FirstOrder is the number of the first order; the others follow.
const FirstOrder = 100001

const seededOrders = 60

// OrderID is the id of the order of a number.
func OrderID(number int64) string { return fmt.Sprintf("o-%d", number) }

// Orders returns orders of the seeded customers, each some days after the other. One in nine was called off.
func Orders() ([]Order, error) {
	products, err := Products()
	if err != nil {
		return nil, err
	}
	methods := []string{"card", "invoice", "gift card"}
	all := make([]Order, seededOrders)
	for i := range all {
		customer := Customers()[i*5%len(Customers())]
		wanted := &ordersv1.CreateOrderRequest{
			CustomerId:    customer.ID,
			Delivery:      Money(490),
			ShipTo:        proto.CloneOf(customer.Address),
			PaymentMethod: methods[i%len(methods)],
		}
		for piece := range 1 + i%4 {
			p := products[(i*37+piece*101)%len(products)]
			wanted.Items = append(wanted.Items, &ordersv1.OrderItem{
				ProductId: p.GetId(), Name: p.GetName(), Quantity: uint32(1 + (i+piece)%3), UnitPrice: p.GetPrice(),
			})
		}
		if i%7 == 3 {
			wanted.Items[0].GiftNote = proto.String("Happy birthday!")
		}
		all[i] = Order{Number: FirstOrder + int64(i), Placed: Opened.Add(time.Duration(i*77) * time.Hour), Wanted: wanted}
		if i%9 == 4 {
			all[i].Cancelled = "ordered twice"
		}
	}
	return all, nil
}
