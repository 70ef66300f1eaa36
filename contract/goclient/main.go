package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/gatehouse-edge/gatehouse/contract/goclient/shop"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run makes the whole purchase. Every step prints its name; the first that finds something else than it expects ends it.
func run(ctx context.Context, url, token string) error {
	api, err := shop.NewClientWithResponses(url, shop.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}))
	if err != nil {
		return err
	}
	c := customer{api}
	product, err := c.choose(ctx)
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return c.revisit(ctx, product) },
		func() error { return c.miss(ctx) },
		func() error { return c.isRefused(ctx) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	cart, err := c.fill(ctx, product)
	if err != nil {
		return err
	}
	order, err := c.checkOut(ctx, cart)
	if err != nil {
		return err
	}
	return c.follow(ctx, order.ID)
}
