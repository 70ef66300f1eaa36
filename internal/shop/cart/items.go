package cart

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
)

// AddItem puts pieces of a product into a cart, at today's price.
func (s *Server) AddItem(ctx context.Context, req *cartv1.AddItemRequest) (*cartv1.Cart, error) {
	given := req.GetItem()
	product, err := s.catalogue.Product(ctx, given.GetProductId())
	if err != nil {
		return nil, err
	}
	return s.change(req.GetCartId(), func(c *cart) error {
		item, err := c.find(given.GetProductId())
		if err != nil {
			if len(c.items) >= MaxItemsPerCart {
				return problem.Full("carts/"+c.id, fmt.Sprintf("a cart holds %d different products at most", MaxItemsPerCart))
			}
			item = &cartv1.CartItem{ProductId: product.GetId()}
			c.items = append(c.items, item)
		}
		item.Quantity += given.GetQuantity()
		item.Name, item.UnitPrice = product.GetName(), product.GetPrice()
		if given.GiftNote != nil {
			item.GiftNote = given.GiftNote
		}
		return sellable(product, item.GetQuantity())
	})
}

// ChangeItem changes the quantity or the note of what is in a cart.
func (s *Server) ChangeItem(ctx context.Context, req *cartv1.ChangeItemRequest) (*cartv1.Cart, error) {
	product, err := s.catalogue.Product(ctx, req.GetProductId())
	if err != nil {
		return nil, err
	}
	return s.change(req.GetCartId(), func(c *cart) error {
		item, err := c.find(req.GetProductId())
		if err != nil {
			return err
		}
		if req.Quantity != nil {
			item.Quantity = req.GetQuantity()
		}
		switch {
		case req.GiftNote == nil:
		case req.GetGiftNote() == "":
			item.GiftNote = nil
		default:
			item.GiftNote = proto.String(req.GetGiftNote())
		}
		return sellable(product, item.GetQuantity())
	})
}

// RemoveItem takes a product out of a cart.
func (s *Server) RemoveItem(_ context.Context, req *cartv1.RemoveItemRequest) (*cartv1.Cart, error) {
	return s.change(req.GetCartId(), func(c *cart) error {
		item, err := c.find(req.GetProductId())
		if err != nil {
			return err
		}
		c.items = slices.DeleteFunc(c.items, func(other *cartv1.CartItem) bool { return other == item })
		return nil
	})
}

// sellable refuses what can not be sold, or not so often.
func sellable(p *catalogv1.Product, quantity uint32) error {
	switch {
	case quantity > MaxPerItem:
		return problem.InvalidArgument(problem.Violation{
			Field:       "item.quantity",
			Description: fmt.Sprintf("makes %d pieces in the cart; %d are the most", quantity, MaxPerItem),
		})
	case p.GetStatus() == catalogv1.ProductStatus_PRODUCT_STATUS_COMING_SOON:
		return problem.FailedPrecondition("NOT_ON_SALE", p.GetId(), "the product is not on sale yet")
	case int64(quantity) > int64(p.GetStock()):
		return problem.FailedPrecondition("OUT_OF_STOCK", p.GetId(),
			fmt.Sprintf("%d pieces are wanted and %d are in stock", quantity, p.GetStock()))
	}
	return nil
}
