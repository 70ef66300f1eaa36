package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

// ListCategories returns the shelves as a tree, with the number of products that stand on them now.
func (s *Server) ListCategories(context.Context, *catalogv1.ListCategoriesRequest) (*catalogv1.ListCategoriesResponse, error) {
	return &catalogv1.ListCategoriesResponse{Categories: s.categories()}, nil
}

// GetCategory returns the shelf of this name and those below it.
func (s *Server) GetCategory(_ context.Context, req *catalogv1.GetCategoryRequest) (*catalogv1.Category, error) {
	shelves := s.categories()
	for len(shelves) > 0 {
		shelf := shelves[0]
		switch {
		case shelf.GetName() == req.GetName():
			return shelf, nil
		case strings.HasPrefix(req.GetName(), shelf.GetName()+"/"):
			shelves = shelf.GetChildren()
		default:
			shelves = shelves[1:]
		}
	}
	return nil, problem.NotFound("shop.catalog.v1.Category", req.GetName())
}

// GetProduct returns a product, in the full view unless the basic one is asked for.
func (s *Server) GetProduct(_ context.Context, req *catalogv1.GetProductRequest) (*catalogv1.Product, error) {
	e, err := s.lookup(req.GetId())
	if err != nil {
		return nil, err
	}
	if req.GetView() == catalogv1.ProductView_PRODUCT_VIEW_BASIC {
		return e.basic, nil
	}
	return e.full, nil
}

// BatchGetProducts returns several products in the order asked for, or fails for the first that is missing.
func (s *Server) BatchGetProducts(_ context.Context, req *catalogv1.BatchGetProductsRequest) (*catalogv1.BatchGetProductsResponse, error) {
	out := &catalogv1.BatchGetProductsResponse{}
	for _, id := range req.GetIds() {
		e, err := s.lookup(id)
		if err != nil {
			return nil, err
		}
		out.Products = append(out.Products, e.view(req.GetView()))
	}
	return out, nil
}

const defaultSimilar = 6

// ListSimilarProducts returns the products whose feature vectors lie nearest.
func (s *Server) ListSimilarProducts(_ context.Context, req *catalogv1.ListSimilarProductsRequest) (*catalogv1.ListSimilarProductsResponse, error) {
	of, err := s.lookup(req.GetId())
	if err != nil {
		return nil, err
	}
	limit := defaultSimilar
	if req.Limit != nil {
		limit = int(req.GetLimit())
	}
	type neighbour struct {
		entry    *entry
		distance float32
	}
	var near []neighbour
	for _, e := range s.snapshot() {
		if e.full.GetId() != of.full.GetId() {
			near = append(near, neighbour{e, distance(of.full, e.full)})
		}
	}
	slices.SortStableFunc(near, func(a, b neighbour) int { return cmp.Compare(a.distance, b.distance) })
	out := &catalogv1.ListSimilarProductsResponse{}
	for _, n := range near[:min(limit, len(near))] {
		out.Products = append(out.Products, n.entry.basic)
	}
	return out, nil
}

// distance is the square of the distance between two feature vectors; a component that one lacks counts as 0.
func distance(a, b *catalogv1.Product) float32 {
	x, y := a.GetDetails().GetFeatureVector(), b.GetDetails().GetFeatureVector()
	if len(x) < len(y) {
		x, y = y, x
	}
	var sum float32
	for i := range x {
		d := x[i]
		if i < len(y) {
			d -= y[i]
		}
		sum += d * d
	}
	return sum
}

func (s *Server) categories() []*catalogv1.Category {
	count := make(map[string]uint32)
	for _, e := range s.snapshot() {
		count[e.full.GetCategory()]++
	}
	tree := seed.Categories()
	for _, top := range tree {
		top.ProductCount = count[top.GetName()]
		for _, child := range top.GetChildren() {
			child.ProductCount = count[child.GetName()]
			top.ProductCount += child.ProductCount
		}
	}
	return tree
}
