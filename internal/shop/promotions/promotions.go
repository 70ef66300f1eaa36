// Package promotions is the sample shop's PromotionsService: a fixed list, read from the start and never changed.
package promotions

import (
	"context"
	"slices"
	"strings"

	promotionsv1 "github.com/gatehouse-edge/gatehouse/gen/shop/promotions/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/page"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
)

// Server is a PromotionsService. All methods may be called concurrently.
type Server struct {
	promotionsv1.UnimplementedPromotionsServiceServer

	all []*promotionsv1.Promotion // the most important first
}

// New returns a service with the seeded promotions.
func New() *Server {
	all := seeded()
	slices.SortStableFunc(all, compare)
	return &Server{all: all}
}

// key is where a promotion stands: by priority from the top, then by id.
type key struct {
	Priority int32  `json:"p"`
	ID       string `json:"i"`
}

func compare(a, b *promotionsv1.Promotion) int {
	return compareKeys(key{a.GetPriority(), a.GetId()}, key{b.GetPriority(), b.GetId()})
}

func compareKeys(a, b key) int {
	if a.Priority != b.Priority {
		return int(b.Priority - a.Priority)
	}
	return strings.Compare(a.ID, b.ID)
}

// ListPromotions returns a page of promotions, the most important first.
func (s *Server) ListPromotions(_ context.Context, req *promotionsv1.ListPromotionsRequest) (*promotionsv1.ListPromotionsResponse, error) {
	last, started, err := page.Decode[key](req)
	if err != nil {
		return nil, err
	}
	out := &promotionsv1.ListPromotionsResponse{}
	var previous key
	for _, p := range s.all {
		here := key{p.GetPriority(), p.GetId()}
		if started && compareKeys(here, last) <= 0 || !wanted(p, req) {
			continue
		}
		if len(out.GetPromotions()) == page.Size(req) {
			out.NextPageToken, err = page.Encode(req, previous)
			break
		}
		out.Promotions = append(out.Promotions, p)
		previous = here
	}
	return out, err
}

// GetPromotion returns one promotion.
func (s *Server) GetPromotion(_ context.Context, req *promotionsv1.GetPromotionRequest) (*promotionsv1.Promotion, error) {
	for _, p := range s.all {
		if p.GetId() == req.GetId() {
			return p, nil
		}
	}
	return nil, problem.NotFound("shop.promotions.v1.Promotion", req.GetId())
}

func wanted(p *promotionsv1.Promotion, req *promotionsv1.ListPromotionsRequest) bool {
	if at := req.GetAt(); at != nil {
		if at.AsTime().Before(p.GetStartTime().AsTime()) || !at.AsTime().Before(p.GetEndTime().AsTime()) {
			return false
		}
	}
	if req.GetCategory() == "" || len(p.GetCategories()) == 0 {
		return true
	}
	return slices.ContainsFunc(p.GetCategories(), func(shelf string) bool {
		return shelf == req.GetCategory() || strings.HasPrefix(req.GetCategory(), shelf+"/")
	})
}
