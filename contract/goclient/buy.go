package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/oapi-codegen/nullable"

	"github.com/gatehouse-edge/gatehouse/contract/goclient/shop"
)

func (c customer) fill(ctx context.Context, product shop.Product) (shop.Cart, error) {
	const id = "c-1001" // the customer's own
	filled, err := c.api.CartServiceAddItemWithResponse(ctx, id, nil, shop.CartItemInput{ProductID: product.ID, Quantity: 1})
	switch {
	case err != nil:
		return shop.Cart{}, err
	case filled.JSON200 == nil || filled.JSON200.PieceCount != 1 || filled.JSON200.Items[0].Name != product.Name:
		return shop.Cart{}, unexpected("a cart with one piece", filled.HTTPResponse, filled.Body)
	}
	changed, err := c.api.CartServiceChangeItemWithResponse(ctx, id, product.ID, nil, shop.CartServiceChangeItemJSONRequestBody{
		Quantity: nullable.NewNullableWithValue(uint32(2)),
		GiftNote: nullable.NewNullableWithValue("Cut well."),
	})
	switch {
	case err != nil:
		return shop.Cart{}, err
	case changed.JSON200 == nil || changed.JSON200.PieceCount != 2 || *changed.JSON200.Items[0].GiftNote != "Cut well.":
		return shop.Cart{}, unexpected("a cart with two pieces", changed.HTTPResponse, changed.Body)
	}
	done("two are in the cart")
	return *changed.JSON200, nil
}

func (c customer) checkOut(ctx context.Context, cart shop.Cart) (shop.Order, error) {
	placed, err := c.api.CartServiceCheckoutWithResponse(ctx, cart.ID, nil, shop.CartServiceCheckoutJSONRequestBody{
		CustomerID: "c-1001",
		ShipTo:     shop.AddressInput{Recipient: "A. Reader", Lines: []string{"1 Quiet Lane"}, City: "Bremen", CountryCode: "DE"},
		Invoice:    &map[string]any{},
		Etag:       &cart.Etag,
	})
	switch {
	case err != nil:
		return shop.Order{}, err
	case placed.JSON200 == nil || placed.JSON200.Order == nil:
		return shop.Order{}, unexpected("an order", placed.HTTPResponse, placed.Body)
	}
	read, err := c.api.OrdersServiceGetOrderWithResponse(ctx, placed.JSON200.Order.ID, nil)
	switch {
	case err != nil:
		return shop.Order{}, err
	case read.JSON200 == nil || read.JSON200.Items[0].Quantity != 2 || read.JSON200.ShipTo == nil || read.JSON200.ShipTo.City != "Bremen":
		return shop.Order{}, unexpected("the order", read.HTTPResponse, read.Body)
	}
	done("the order is placed")
	return *read.JSON200, nil
}

// change is a line of the stream. What is generated is an answer that has ended; its lines are put together here.
type change struct {
	shop.OrderChange
	Error *shop.Error `json:"error"`
}

// follow calls the order off once it is paid for: the stream that watches it tells so and ends.
func (c customer) follow(ctx context.Context, id string) error {
	resp, err := c.api.OrdersServiceWatchOrder(ctx, id,
		&shop.OrdersServiceWatchOrderParams{MaxWait: new("60s")}, accept("application/x-ndjson"))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, err := io.ReadAll(resp.Body)
		return errors.Join(unexpected("a stream", resp, body), err)
	}
	var status shop.OrderStatus
	for lines := json.NewDecoder(resp.Body); ; {
		var line change
		switch err := lines.Decode(&line); {
		case errors.Is(err, io.EOF) && status == shop.ORDERSTATUSCANCELLED:
			done("its events end")
			return nil
		case err != nil:
			return fmt.Errorf("after %q: %w", status, err)
		case line.Error != nil:
			return errors.New(line.Error.Message)
		case line.Order == nil || line.Order.Status == line.PreviousStatus:
			return fmt.Errorf("no change: %+v", line)
		}
		if status = line.Order.Status; status == shop.ORDERSTATUSPAID {
			done("it is paid for")
			if err := c.callOff(ctx, id); err != nil {
				return err
			}
		}
	}
}

func (c customer) callOff(ctx context.Context, id string) error {
	off, err := c.api.OrdersServiceCancelOrderWithResponse(ctx, id, nil,
		shop.OrdersServiceCancelOrderJSONRequestBody{Reason: new("It was only a test.")})
	switch {
	case err != nil:
		return err
	case off.JSON200 == nil || off.JSON200.Status != shop.ORDERSTATUSCANCELLED:
		return unexpected("an order that is called off", off.HTTPResponse, off.Body)
	}
	done("it is called off")
	return nil
}
