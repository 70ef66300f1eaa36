package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	commonv1 "github.com/gatehouse-edge/gatehouse/gen/shop/common/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/page"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

// sortKey is where a product stands in an order: by number, then text, then id.
type sortKey struct {
	Number float64 `json:"n,omitempty"`
	Text   string  `json:"t,omitempty"`
	ID     string  `json:"i"`
}

// ListProducts returns a page of the products for which all conditions hold.
func (s *Server) ListProducts(_ context.Context, req *catalogv1.ListProductsRequest) (*catalogv1.ListProductsResponse, error) {
	last, started, err := page.Decode[sortKey](req)
	if err != nil {
		return nil, err
	}
	found, err := s.matching(req)
	if err != nil {
		return nil, err
	}
	field, descending := parseOrder(req.GetOrderBy())
	before := func(a, b *entry) int { return compareKeys(keyOf(a, field), keyOf(b, field), descending) }
	if field != "id" || descending {
		found = slices.SortedFunc(slices.Values(found), before)
	}
	from := 0
	if started {
		from, _ = slices.BinarySearchFunc(found, last, func(e *entry, last sortKey) int {
			// An element that equals the key is the last one of the page before: it is not "after" it.
			if compareKeys(keyOf(e, field), last, descending) <= 0 {
				return -1
			}
			return 1
		})
	}
	to := min(from+page.Size(req), len(found))
	out := &catalogv1.ListProductsResponse{
		Products:  make([]*catalogv1.Product, 0, to-from),
		TotalSize: int32(len(found)),
	}
	for _, e := range found[from:to] {
		out.Products = append(out.Products, e.view(req.GetView()))
	}
	if to < len(found) && to > from {
		out.NextPageToken, err = page.Encode(req, keyOf(found[to-1], field))
	}
	return out, err
}

// matching returns the products that the request asks for, by id. The slice must not be changed.
func (s *Server) matching(req *catalogv1.ListProductsRequest) ([]*entry, error) {
	conditions, err := parseFilter(req.GetFilter())
	if err != nil {
		return nil, err
	}
	for _, m := range []struct {
		field string
		money *commonv1.Money
	}{{"price.min", req.GetPrice().GetMin()}, {"price.max", req.GetPrice().GetMax()}} {
		if code := m.money.GetCurrencyCode(); code != "" && code != seed.Currency {
			return nil, problem.InvalidArgument(problem.Violation{
				Field:       m.field + ".currency_code",
				Description: "prices are in " + seed.Currency + ", not " + code,
			})
		}
	}
	conditions = append(conditions, fieldConditions(req)...)
	all := s.snapshot()
	if len(conditions) == 0 {
		return all, nil
	}
	var found []*entry
	for _, e := range all {
		if !slices.ContainsFunc(conditions, func(holds condition) bool { return !holds(e.full) }) {
			found = append(found, e)
		}
	}
	return found, nil
}

// condition says whether a product is wanted.
type condition func(*catalogv1.Product) bool

func fieldConditions(req *catalogv1.ListProductsRequest) []condition {
	var all []condition
	add := func(given bool, c condition) {
		if given {
			all = append(all, c)
		}
	}
	add(req.GetCategory() != "", func(p *catalogv1.Product) bool {
		return p.GetCategory() == req.GetCategory() || strings.HasPrefix(p.GetCategory(), req.GetCategory()+"/")
	})
	add(req.GetPrice().GetMin() != nil, func(p *catalogv1.Product) bool {
		return compareMoney(p.GetPrice(), req.GetPrice().GetMin()) >= 0
	})
	add(req.GetPrice().GetMax() != nil, func(p *catalogv1.Product) bool {
		return compareMoney(p.GetPrice(), req.GetPrice().GetMax()) <= 0
	})
	add(len(req.GetTags()) > 0, func(p *catalogv1.Product) bool {
		return !slices.ContainsFunc(req.GetTags(), func(tag string) bool { return !slices.Contains(p.GetTags(), tag) })
	})
	add(len(req.GetStatuses()) > 0, func(p *catalogv1.Product) bool { return slices.Contains(req.GetStatuses(), p.GetStatus()) })
	add(req.GetMinRating() != nil, func(p *catalogv1.Product) bool { return p.GetRating() >= req.GetMinRating().GetValue() })
	add(req.GetInStock() != nil, func(p *catalogv1.Product) bool { return (p.GetStock() > 0) == req.GetInStock().GetValue() })
	add(req.GetUpdatedAfter() != nil, func(p *catalogv1.Product) bool {
		return p.GetUpdateTime().AsTime().After(req.GetUpdatedAfter().AsTime())
	})
	return all
}

func compareMoney(a, b *commonv1.Money) int {
	return cmp.Or(cmp.Compare(a.GetUnits(), b.GetUnits()), cmp.Compare(a.GetNanos(), b.GetNanos()))
}

func parseOrder(orderBy string) (field string, descending bool) {
	field, direction, _ := strings.Cut(orderBy, " ")
	return cmp.Or(field, "id"), direction == "desc"
}

func keyOf(e *entry, field string) sortKey {
	p := e.full
	key := sortKey{ID: p.GetId()}
	switch field {
	case "name":
		key.Text = strings.ToLower(p.GetName())
	case "price":
		key.Number = amount(p.GetPrice())
	case "rating":
		key.Number = p.GetRating()
	case "stock":
		key.Number = float64(p.GetStock())
	case "update_time":
		key.Number = float64(p.GetUpdateTime().AsTime().UnixMicro())
	}
	return key
}

func compareKeys(a, b sortKey, descending bool) int {
	c := cmp.Or(cmp.Compare(a.Number, b.Number), strings.Compare(a.Text, b.Text), strings.Compare(a.ID, b.ID))
	if descending {
		return -c
	}
	return c
}

func amount(m *commonv1.Money) float64 { return float64(m.GetUnits()) + float64(m.GetNanos())/1e9 }
