package shop

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/grpc"

	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	orderingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/ordering/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	profilev1 "github.com/gatehouse-edge/gatehouse/gen/shop/profile/v1"
	promotionsv1 "github.com/gatehouse-edge/gatehouse/gen/shop/promotions/v1"
	shippingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/shipping/v1"
	supportv1 "github.com/gatehouse-edge/gatehouse/gen/shop/support/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/cart"
	"github.com/gatehouse-edge/gatehouse/internal/shop/catalog"
	"github.com/gatehouse-edge/gatehouse/internal/shop/ordering"
	"github.com/gatehouse-edge/gatehouse/internal/shop/orders"
	"github.com/gatehouse-edge/gatehouse/internal/shop/profile"
	"github.com/gatehouse-edge/gatehouse/internal/shop/promotions"
	"github.com/gatehouse-edge/gatehouse/internal/shop/shipping"
	"github.com/gatehouse-edge/gatehouse/internal/shop/support"
)

// service is a row of the table: a short name, the full name, and how it is made and registered.
type service struct {
	name, fullName string
	register       func(*grpc.Server, backends) error
}

// backends is what a service may need of the others and of the configuration.
type backends struct {
	config   Config
	catalog  grpc.ClientConnInterface // nil where none is configured
	orders   cart.Orders
	shipping grpc.ClientConnInterface
}

var table = []service{
	{"catalog", catalogv1.CatalogService_ServiceDesc.ServiceName, func(g *grpc.Server, _ backends) error {
		s, err := catalog.New()
		if err == nil {
			catalogv1.RegisterCatalogServiceServer(g, s)
		}
		return err
	}},
	{"cart", cartv1.CartService_ServiceDesc.ServiceName, func(g *grpc.Server, b backends) error {
		prices, err := catalogueOf(b)
		if err == nil {
			cartv1.RegisterCartServiceServer(g, cart.New(prices, b.orders))
		}
		return err
	}},
	{"orders", ordersv1.OrdersService_ServiceDesc.ServiceName, func(g *grpc.Server, b backends) error {
		s, err := orders.New(b.config.OrderStep)
		if err == nil {
			ordersv1.RegisterOrdersServiceServer(g, s)
		}
		return err
	}},
	{"promotions", promotionsv1.PromotionsService_ServiceDesc.ServiceName, func(g *grpc.Server, _ backends) error {
		promotionsv1.RegisterPromotionsServiceServer(g, promotions.New())
		return nil
	}},
	{"profile", profilev1.ProfileService_ServiceDesc.ServiceName, func(g *grpc.Server, _ backends) error {
		s, err := profile.New()
		if err == nil {
			profilev1.RegisterProfileServiceServer(g, s)
		}
		return err
	}},
	{"support", supportv1.SupportService_ServiceDesc.ServiceName, func(g *grpc.Server, _ backends) error {
		s, err := support.New()
		if err == nil {
			supportv1.RegisterSupportServiceServer(g, s)
		}
		return err
	}},
}

// successors take the place of the orders service, where they are named: what it is split into.
var successors = []service{
	{"ordering", orderingv1.OrderingService_ServiceDesc.ServiceName, func(g *grpc.Server, b backends) error {
		s, err := ordering.New(b.config.OrderStep, remoteShipments{shippingv1.NewShippingServiceClient(b.shipping)})
		if err == nil {
			orderingv1.RegisterOrderingServiceServer(g, s)
		}
		return err
	}},
	{"shipping", shippingv1.ShippingService_ServiceDesc.ServiceName, func(g *grpc.Server, _ backends) error {
		s, err := shipping.New()
		if err == nil {
			shippingv1.RegisterShippingServiceServer(g, s)
		}
		return err
	}},
}

// Services returns the short names of the shop's services, in the order they are listed everywhere.
func Services() []string { return namesOf(table) }

// Successors returns the short names of the services that the orders service is split into: its second version. They run
// only where they are named.
func Successors() []string { return namesOf(successors) }

func namesOf(services []service) []string {
	var names []string
	for _, s := range services {
		names = append(names, s.name)
	}
	return names
}

// FullName returns the gRPC name of a service, such as shop.cart.v1.CartService, or "" if there is none of this name.
func FullName(name string) string {
	s, _ := find(name)
	return s.fullName
}

func find(name string) (service, error) {
	all := slices.Concat(table, successors)
	at := slices.IndexFunc(all, func(s service) bool { return s.name == name })
	if at < 0 {
		return service{}, fmt.Errorf("there is no service %q: use one of %v", name, namesOf(all))
	}
	return all[at], nil
}

// catalogueOf returns the catalogue service, or the seeded products where none is configured.
func catalogueOf(b backends) (cart.Catalogue, error) {
	if b.catalog != nil {
		return remoteCatalogue{catalogv1.NewCatalogServiceClient(b.catalog)}, nil
	}
	seeded, err := catalog.New()
	return localCatalogue{seeded}, err
}

type remoteCatalogue struct {
	client catalogv1.CatalogServiceClient
}

func (c remoteCatalogue) Product(ctx context.Context, id string) (*catalogv1.Product, error) {
	return c.client.GetProduct(ctx, &catalogv1.GetProductRequest{Id: id, View: catalogv1.ProductView_PRODUCT_VIEW_BASIC})
}

type localCatalogue struct{ server *catalog.Server }

func (c localCatalogue) Product(ctx context.Context, id string) (*catalogv1.Product, error) {
	return c.server.GetProduct(ctx, &catalogv1.GetProductRequest{Id: id, View: catalogv1.ProductView_PRODUCT_VIEW_BASIC})
}

type remoteShipments struct {
	client shippingv1.ShippingServiceClient
}

func (s remoteShipments) GetShipment(ctx context.Context, req *shippingv1.GetShipmentRequest) (*shippingv1.Shipment, error) {
	return s.client.GetShipment(ctx, req)
}

func (s remoteShipments) CreateShipment(ctx context.Context, req *shippingv1.CreateShipmentRequest) (*shippingv1.Shipment, error) {
	return s.client.CreateShipment(ctx, req)
}
