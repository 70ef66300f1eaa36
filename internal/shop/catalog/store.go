package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

// What the store holds at most.
const (
	MaxProducts         = 10_000
	MaxImageBytes       = 2 << 20
	MaxImagesPerProduct = 8
	MaxImageBytesInAll  = 64 << 20
)

const productKind = "shop.catalog.v1.Product"

// Server is a CatalogService. All methods may be called concurrently.
type Server struct {
	catalogv1.UnimplementedCatalogServiceServer

	mu         sync.RWMutex
	byID       map[string]*entry
	ordered    []*entry // by id; replaced, never changed
	imageBytes int
	revision   uint64
}

// entry is a product in both views, and its pictures by their id. It is never changed once it is stored.
type entry struct {
	basic, full *catalogv1.Product
	pictures    map[string]picture
}

type picture struct {
	contentType string
	content     []byte
}

// New returns a catalogue with the seeded products.
func New() (*Server, error) {
	products, err := seed.Products()
	if err != nil {
		return nil, err
	}
	s := &Server{byID: make(map[string]*entry, len(products))}
	for _, p := range products {
		if s.byID[p.GetId()] != nil {
			return nil, fmt.Errorf("seed: two products are called %q", p.GetId())
		}
		p.Etag = s.nextEtag()
		s.byID[p.GetId()] = newEntry(p.Product, map[string]picture{"main": {"image/svg+xml", p.Drawing}})
		s.imageBytes += len(p.Drawing)
	}
	s.reorder()
	return s, nil
}

func newEntry(full *catalogv1.Product, pictures map[string]picture) *entry {
	details := full.Details
	full.Details = nil
	basic := proto.CloneOf(full)
	full.Details = details
	return &entry{basic, full, pictures}
}

func (e *entry) view(v catalogv1.ProductView) *catalogv1.Product {
	if v == catalogv1.ProductView_PRODUCT_VIEW_FULL {
		return e.full
	}
	return e.basic
}

// snapshot returns all products by id. The slice must not be changed.
func (s *Server) snapshot() []*entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.ordered
}

func (s *Server) lookup(id string) (*entry, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if e := s.byID[id]; e != nil {
		return e, nil
	}
	return nil, problem.NotFound(productKind, id)
}

// change stores in place of a product what edit makes of a copy of it, under a new etag. An etag that is not empty must
// be the current one.
func (s *Server) change(id, etag string, edit func(p *catalogv1.Product, pictures map[string]picture) error) (*catalogv1.Product, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.byID[id]
	if old == nil {
		return nil, problem.NotFound(productKind, id)
	}
	if etag != "" && etag != old.full.GetEtag() {
		return nil, problem.Changed(productKind, id, old.full.GetEtag())
	}
	p, pictures := proto.CloneOf(old.full), make(map[string]picture, len(old.pictures)+1)
	maps.Copy(pictures, old.pictures)
	if err := edit(p, pictures); err != nil {
		return nil, err
	}
	s.put(p, pictures)
	return p, nil
}

// add stores a product that is new. The caller holds the lock.
func (s *Server) add(p *catalogv1.Product) error {
	if s.byID[p.GetId()] != nil {
		return problem.AlreadyExists(productKind, p.GetId())
	}
	if len(s.byID) >= MaxProducts {
		return problem.Full("products", fmt.Sprintf("the catalogue holds %d products at most: delete one first", MaxProducts))
	}
	s.put(p, nil)
	return nil
}

// put stamps p and stores it. The caller holds the lock and gives p away.
func (s *Server) put(p *catalogv1.Product, pictures map[string]picture) {
	p.Etag = s.nextEtag()
	p.UpdateTime = timestamppb.New(time.Now())
	_, known := s.byID[p.GetId()]
	e := newEntry(p, pictures)
	s.byID[p.GetId()] = e
	if known {
		s.ordered = slices.Clone(s.ordered)
		at, _ := s.find(p.GetId())
		s.ordered[at] = e
		return
	}
	at, _ := s.find(p.GetId())
	s.ordered = slices.Insert(slices.Clone(s.ordered), at, e)
}

// remove takes a product out. The caller holds the lock.
func (s *Server) remove(id string) {
	for _, picture := range s.byID[id].pictures {
		s.imageBytes -= len(picture.content)
	}
	delete(s.byID, id)
	at, _ := s.find(id)
	s.ordered = slices.Delete(slices.Clone(s.ordered), at, at+1)
}

func (s *Server) find(id string) (int, bool) {
	return slices.BinarySearchFunc(s.ordered, id, func(e *entry, id string) int { return cmp.Compare(e.full.GetId(), id) })
}

func (s *Server) reorder() {
	s.ordered = make([]*entry, 0, len(s.byID))
	for _, e := range s.byID {
		s.ordered = append(s.ordered, e)
	}
	slices.SortFunc(s.ordered, func(a, b *entry) int { return cmp.Compare(a.full.GetId(), b.full.GetId()) })
}

func (s *Server) nextEtag() string {
	s.revision++
	return "r" + strconv.FormatUint(s.revision, 36)
}
