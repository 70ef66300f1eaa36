// Package cart is the sample shop's CartService: carts in memory, priced by the catalogue, checked out with the orders
// service or the ordering service.
//
// cart.go keeps the carts, items.go changes what is in them, checkout.go turns them into orders.
package cart

import (
	"container/list"
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	commonv1 "github.com/gatehouse-edge/gatehouse/gen/shop/common/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

// What the service keeps at most. Above MaxCarts, the cart that was not changed for longest is forgotten.
const (
	MaxCarts        = 10_000
	MaxItemsPerCart = 50
	MaxPerItem      = 99
)

// Catalogue tells what a product is and costs now. It may be called concurrently; its errors are gRPC statuses.
type Catalogue interface {
	Product(ctx context.Context, id string) (*catalogv1.Product, error)
}

// Orders is where orders are placed: the orders service or the ordering service. It may be called concurrently; its errors
// are gRPC statuses.
type Orders interface {
	CreateOrder(ctx context.Context, req *ordersv1.CreateOrderRequest, opts ...grpc.CallOption) (*ordersv1.Order, error)
}

// Server is a CartService. All methods may be called concurrently.
type Server struct {
	cartv1.UnimplementedCartServiceServer

	catalogue Catalogue
	orders    Orders

	mu       sync.Mutex
	carts    map[string]*list.Element // of *cart
	recent   *list.List               // the last changed first
	revision uint64
}

type cart struct {
	id          string
	items       []*cartv1.CartItem
	updated     time.Time
	etag        string
	checkingOut bool
}

// New returns a service without carts.
func New(catalogue Catalogue, orders Orders) *Server {
	return &Server{catalogue: catalogue, orders: orders, carts: make(map[string]*list.Element), recent: list.New()}
}

// GetCart returns a cart; one that was never used is empty.
func (s *Server) GetCart(_ context.Context, req *cartv1.GetCartRequest) (*cartv1.Cart, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.carts[req.GetId()]; ok {
		return at.Value.(*cart).message(), nil
	}
	return (&cart{id: req.GetId()}).message(), nil
}

// change edits a cart, which is made if it is not there, and returns it. If edit fails, nothing has changed.
func (s *Server) change(id string, edit func(c *cart) error) (*cartv1.Cart, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.carts[id]
	next := cart{id: id}
	if known {
		next = *at.Value.(*cart)
		next.items = make([]*cartv1.CartItem, len(next.items))
		for i, item := range at.Value.(*cart).items {
			next.items[i] = proto.CloneOf(item)
		}
	}
	if next.checkingOut {
		return nil, problem.Changed("shop.cart.v1.Cart", id, next.etag)
	}
	if err := edit(&next); err != nil {
		return nil, err
	}
	s.revision++
	next.etag, next.updated = "c"+strconv.FormatUint(s.revision, 36), time.Now()
	if known {
		at.Value = &next
		s.recent.MoveToFront(at)
	} else {
		s.carts[id] = s.recent.PushFront(&next)
		s.forget()
	}
	return next.message(), nil
}

// forget keeps to MaxCarts. The caller holds the lock.
func (s *Server) forget() {
	for s.recent.Len() > MaxCarts {
		oldest := s.recent.Remove(s.recent.Back()).(*cart)
		delete(s.carts, oldest.id)
	}
}

func (c *cart) message() *cartv1.Cart {
	m := &cartv1.Cart{Id: c.id, Etag: c.etag}
	var cents int64
	for _, item := range c.items {
		item = proto.CloneOf(item)
		total := seed.Cents(item.GetUnitPrice()) * int64(item.GetQuantity())
		item.Total = seed.Money(total)
		cents += total
		m.PieceCount += item.GetQuantity()
		m.Items = append(m.Items, item)
	}
	m.Subtotal = seed.Money(cents)
	m.DeliveryByDays = delivery(cents)
	if !c.updated.IsZero() {
		m.UpdateTime = timestamppb.New(c.updated)
	}
	return m
}

// slowestDelivery is the delivery that is chosen if none is named.
const slowestDelivery = 7

// delivery returns what each delivery costs. The slow one is free above fifty.
func delivery(cents int64) map[int32]*commonv1.Money {
	slow := int64(290)
	if cents >= 5000 {
		slow = 0
	}
	return map[int32]*commonv1.Money{1: seed.Money(990), 3: seed.Money(490), slowestDelivery: seed.Money(slow)}
}

func (c *cart) find(product string) (*cartv1.CartItem, error) {
	for _, item := range c.items {
		if item.GetProductId() == product {
			return item, nil
		}
	}
	return nil, problem.NotFound("shop.cart.v1.CartItem", fmt.Sprintf("%s/%s", c.id, product))
}
