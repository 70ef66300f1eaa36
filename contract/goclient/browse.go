package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-edge/gatehouse/contract/goclient/shop"
)

// customer is somebody who buys.
type customer struct {
	api *shop.ClientWithResponses
}

func (c customer) choose(ctx context.Context) (shop.Product, error) {
	found, err := c.api.CatalogServiceListProductsWithResponse(ctx, &shop.CatalogServiceListProductsParams{
		PageSize:      new(int32(5)),
		Category:      new("categories/kitchen"),
		PriceMaxUnits: new("50"),
		Statuses:      &[]shop.ProductStatus{shop.PRODUCTSTATUSACTIVE},
		InStock:       new(true),
		Filter:        new(`name : "knife" AND stock >= 2`),
		OrderBy:       new("price"),
	})
	switch {
	case err != nil:
		return shop.Product{}, err
	case found.JSON200 == nil:
		return shop.Product{}, unexpected("products", found.HTTPResponse, found.Body)
	case len(found.JSON200.Products) == 0 || int(found.JSON200.TotalSize) < len(found.JSON200.Products):
		return shop.Product{}, fmt.Errorf("%d products of %d", len(found.JSON200.Products), found.JSON200.TotalSize)
	}
	first := found.JSON200.Products[0]
	if first.Status != shop.PRODUCTSTATUSACTIVE || first.Price == nil {
		return shop.Product{}, fmt.Errorf("%s is not on sale", first.ID)
	}
	if units, err := strconv.ParseInt(first.Price.Units, 10, 64); err != nil || units > 50 {
		return shop.Product{}, fmt.Errorf("%s costs %s", first.ID, first.Price.Units)
	}
	done("a product is chosen")
	return first, nil
}

func (c customer) revisit(ctx context.Context, product shop.Product) error {
	full, err := c.api.CatalogServiceGetProductWithResponse(ctx, product.ID, nil)
	switch {
	case err != nil:
		return err
	case full.JSON200 == nil:
		return unexpected("a product", full.HTTPResponse, full.Body)
	case full.JSON200.Stock != product.Stock || full.JSON200.Details == nil || len(full.JSON200.Details.Images) == 0:
		return fmt.Errorf("%+v", *full.JSON200)
	case full.Headers200 == nil || full.Headers200.ETag == nil:
		return fmt.Errorf("%s has no ETag", product.ID)
	}
	again, err := c.api.CatalogServiceGetProductWithResponse(ctx, product.ID,
		&shop.CatalogServiceGetProductParams{IfNoneMatch: full.Headers200.ETag})
	if err != nil {
		return err
	}
	if again.StatusCode() != http.StatusNotModified {
		return unexpected("not modified", again.HTTPResponse, again.Body)
	}
	done("it has not changed")
	return nil
}

func (c customer) miss(ctx context.Context) error {
	none, err := c.api.CatalogServiceGetProductWithResponse(ctx, "no-such-thing", nil)
	switch {
	case err != nil:
		return err
	case none.JSON404 == nil || none.JSON404.Code != 5 || !slices.ContainsFunc(none.JSON404.Details, isRequestInfo):
		return unexpected("a google.rpc.Status", none.HTTPResponse, none.Body)
	}
	done("one that is missing is a Status")
	return nil
}

func isRequestInfo(detail shop.Error_Details_Item) bool {
	return strings.HasSuffix(detail.Type, "/google.rpc.RequestInfo")
}

func (c customer) isRefused(ctx context.Context) error {
	wrong, err := c.api.CatalogServiceListProductsWithResponse(ctx,
		&shop.CatalogServiceListProductsParams{PageSize: new(int32(-1))},
		accept("application/problem+json, application/json;q=0.9"))
	if err != nil {
		return err
	}
	problem := wrong.ApplicationProblemJSON400
	if problem == nil || problem.Code != "INVALID_ARGUMENT" || problem.Errors == nil ||
		len(*problem.Errors) != 1 || !strings.HasPrefix((*problem.Errors)[0].Field, "page") {
		return unexpected("a problem of RFC 9457 that names the field", wrong.HTTPResponse, wrong.Body)
	}
	done("a wrong request is a Problem with its field")
	return nil
}

// accept asks for a form of the answer.
func accept(types string) shop.RequestEditorFn {
	return func(_ context.Context, r *http.Request) error {
		r.Header.Set("Accept", types)
		return nil
	}
}

// unexpected is what the shop answered instead of what was wanted.
func unexpected(want string, resp *http.Response, body []byte) error {
	return fmt.Errorf("%s, instead of %s: %s", resp.Status, want, body)
}

func done(step string) { fmt.Println(step) }
