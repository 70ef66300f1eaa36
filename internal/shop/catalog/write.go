package catalog

import (
	"context"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/fieldmask"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

// CreateProduct adds a product. Without an id it is called after its name.
func (s *Server) CreateProduct(_ context.Context, req *catalogv1.CreateProductRequest) (*catalogv1.Product, error) {
	p, err := fresh(req.GetProduct())
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.add(p); err != nil {
		return nil, err
	}
	return p, nil
}

// UpdateProduct changes what the mask names.
func (s *Server) UpdateProduct(_ context.Context, req *catalogv1.UpdateProductRequest) (*catalogv1.Product, error) {
	change := req.GetProduct()
	if change.GetId() == "" {
		return nil, problem.InvalidArgument(problem.Violation{Field: "product.id", Description: "is missing: name the product to change"})
	}
	return s.change(change.GetId(), change.GetEtag(), func(p *catalogv1.Product, _ map[string]picture) error {
		old := proto.CloneOf(p)
		if err := fieldmask.Apply(p, change, req.GetUpdateMask(), computed); err != nil {
			return err
		}
		keep(p, old)
		return complete(p)
	})
}

// DeleteProduct removes a product and its pictures.
func (s *Server) DeleteProduct(_ context.Context, req *catalogv1.DeleteProductRequest) (*emptypb.Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.byID[req.GetId()]
	if e == nil {
		return nil, problem.NotFound(productKind, req.GetId())
	}
	if req.GetEtag() != "" && req.GetEtag() != e.full.GetEtag() {
		return nil, problem.Changed(productKind, req.GetId(), e.full.GetEtag())
	}
	s.remove(req.GetId())
	return &emptypb.Empty{}, nil
}

// DiscontinueProduct marks a product as no longer made. Twice is refused, so that the reason is not lost.
func (s *Server) DiscontinueProduct(_ context.Context, req *catalogv1.DiscontinueProductRequest) (*catalogv1.Product, error) {
	if req.SuccessorId != nil {
		if _, err := s.lookup(req.GetSuccessorId()); err != nil {
			return nil, err
		}
	}
	return s.change(req.GetId(), "", func(p *catalogv1.Product, _ map[string]picture) error {
		if p.GetStatus() == catalogv1.ProductStatus_PRODUCT_STATUS_DISCONTINUED {
			return problem.FailedPrecondition("ALREADY_DISCONTINUED", p.GetId(), "the product is discontinued already")
		}
		p.Status = catalogv1.ProductStatus_PRODUCT_STATUS_DISCONTINUED
		note := map[string]string{"Discontinued": req.GetReason(), "Successor": req.GetSuccessorId()}
		if p.Details == nil {
			p.Details = &catalogv1.ProductDetails{}
		}
		for label, text := range note {
			if text == "" {
				continue
			}
			if p.Details.Specifications == nil {
				p.Details.Specifications = make(map[string]string)
			}
			p.Details.Specifications[label] = text
		}
		return nil
	})
}

// fresh returns a copy of a product as it is stored when it is new: what the shop computes is not taken from the caller.
func fresh(given *catalogv1.Product) (*catalogv1.Product, error) {
	p := proto.CloneOf(given)
	p.Etag = ""
	keep(p, &catalogv1.Product{Details: &catalogv1.ProductDetails{CreateTime: timestamppb.New(time.Now())}})
	if p.GetId() == "" {
		p.Id = seed.Slug(p.GetName())
	}
	if p.GetStatus() == catalogv1.ProductStatus_PRODUCT_STATUS_UNSPECIFIED {
		p.Status = catalogv1.ProductStatus_PRODUCT_STATUS_ACTIVE
	}
	return p, complete(p)
}

// complete refuses a product that lacks what every product must have.
func complete(p *catalogv1.Product) error {
	var wrong []problem.Violation
	missing := func(bad bool, field, description string) {
		if bad {
			wrong = append(wrong, problem.Violation{Field: "product." + field, Description: description})
		}
	}
	missing(strings.TrimSpace(p.GetName()) == "", "name", "is missing: every product has a name")
	missing(p.GetId() == "" || len(p.GetId()) > 63, "id", "is missing, and the name does not make one: give 1 to 63 small letters, digits or hyphens")
	missing(p.GetCategory() == "", "category", "is missing: name a shelf, such as categories/kitchen/knives")
	missing(p.GetPrice() == nil, "price", "is missing: every product has a price")
	missing(p.GetPrice().GetUnits() < 0 || p.GetPrice().GetNanos() < 0, "price", "is below zero")
	missing(p.GetPrice() != nil && p.GetPrice().GetCurrencyCode() != seed.Currency, "price.currency_code", "prices are in "+seed.Currency)
	if wrong != nil {
		return problem.InvalidArgument(wrong...)
	}
	return nil
}

// computed says whether the shop, not the caller, gives a top-level field its value.
func computed(fd protoreflect.FieldDescriptor) bool {
	if fd.ContainingMessage().Name() != "Product" {
		return false
	}
	switch fd.Name() {
	case "id", "rating", "review_count", "update_time", "etag":
		return true
	}
	return false
}

// keep puts back what the shop gives its value, and what a caller who does not see it can not have meant to clear.
func keep(p, old *catalogv1.Product) {
	if p.Details == nil {
		p.Details = &catalogv1.ProductDetails{}
	}
	if p.WholesalePrice == nil {
		p.WholesalePrice = old.GetWholesalePrice()
	}
	p.Rating, p.ReviewCount = old.GetRating(), old.GetReviewCount()
	d, kept := p.Details, old.GetDetails()
	d.RatingHistogram, d.MonthlyRatings = kept.GetRatingHistogram(), kept.GetMonthlyRatings()
	d.ReviewsByPurchase = kept.GetReviewsByPurchase()
	d.PriceChangesMinor, d.DailyStockChanges = kept.GetPriceChangesMinor(), kept.GetDailyStockChanges()
	d.Images, d.CreateTime = kept.GetImages(), kept.GetCreateTime()
	if len(d.GetFeatureVector()) == 0 {
		d.FeatureVector = kept.GetFeatureVector()
	}
}
