package compose_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	homev1 "github.com/gatehouse-edge/gatehouse/gen/shop/home/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	profilev1 "github.com/gatehouse-edge/gatehouse/gen/shop/profile/v1"
	promotionsv1 "github.com/gatehouse-edge/gatehouse/gen/shop/promotions/v1"
	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// shop answers the calls that the shop's first screen is made of.
type shop struct {
	responses map[string][]byte
	down      string // the one that is away
}

func newShop(t testing.TB, items int) *shop {
	t.Helper()
	var products []*catalogv1.Product
	var orders []*ordersv1.Order
	var promotions []*promotionsv1.Promotion
	cart := &cartv1.Cart{Id: "c-1001"}
	for i := range items {
		products = append(products, &catalogv1.Product{Id: fmt.Sprint("p-", i), Name: "A lamp of oak and brass", Summary: "It lights what is below it."})
		orders = append(orders, &ordersv1.Order{Id: fmt.Sprint("o-", i), CustomerId: "c-1001", CreateTime: &timestamppb.Timestamp{Seconds: 1_700_000_000}})
		promotions = append(promotions, &promotionsv1.Promotion{Id: fmt.Sprint("spring-", i), Title: "Spring in the kitchen"})
		cart.Items = append(cart.Items, &cartv1.CartItem{ProductId: fmt.Sprint("p-", i), Quantity: 2, Name: "A lamp of oak and brass"})
	}
	s := &shop{responses: map[string][]byte{}}
	for method, response := range map[string]proto.Message{
		"GetProfile":     &profilev1.Profile{Id: "c-1001", DisplayName: "Ada", Email: "ada@example.com"},
		"GetCart":        cart,
		"ListOrders":     &ordersv1.ListOrdersResponse{Orders: orders, NextPageToken: "n"},
		"ListProducts":   &catalogv1.ListProductsResponse{Products: products, TotalSize: 90},
		"ListPromotions": &promotionsv1.ListPromotionsResponse{Promotions: promotions},
	} {
		wire, err := proto.Marshal(response)
		if err != nil {
			t.Fatal(err)
		}
		s.responses[method] = wire
	}
	return s
}

// Call implements compose.Caller.
func (s *shop) Call(_ context.Context, target *compose.Target, _ []byte) ([]byte, error) {
	name := target.Upstream.(string)
	if name == s.down {
		return nil, fault.New(fault.UpstreamAbsent, "the service can not be reached at the moment")
	}
	return s.responses[name], nil
}

func homePlan(t testing.TB) *compose.Plan {
	t.Helper()
	set, err := source.Linked(t.Context(), "shop.home.v1.HomeService", "shop.profile.v1.ProfileService", "shop.cart.v1.CartService",
		"shop.orders.v1.OrdersService", "shop.catalog.v1.CatalogService", "shop.promotions.v1.PromotionsService")
	if err != nil {
		t.Fatal(err)
	}
	plan, problems := compose.Compile(set, method(t, set, "shop.home.v1.HomeService.GetHome"), compose.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, target := range plan.Targets() {
		target.Upstream = string(target.Method.Name())
	}
	return plan
}

func homeOf(t testing.TB, plan *compose.Plan, caller compose.Caller, request *homev1.GetHomeRequest) *homev1.Home {
	t.Helper()
	wire, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := plan.Run(t.Context(), compose.Request{Message: wire, Caller: caller})
	if err != nil {
		t.Fatal(err)
	}
	home := new(homev1.Home)
	if err := proto.Unmarshal(answer.Message, home); err != nil {
		t.Fatal(err)
	}
	return home
}

func TestTheShopsFirstScreenIsOneAnswer(t *testing.T) {
	t.Parallel()
	plan := homePlan(t)
	home := homeOf(t, plan, newShop(t, 3), &homev1.GetHomeRequest{CustomerId: "c-1001"})
	if home.GetProfile().GetDisplayName() != "Ada" || len(home.GetCart().GetItems()) != 3 || len(home.GetOrders()) != 3 ||
		len(home.GetRecommendations()) != 3 || len(home.GetPromotions()) != 3 || len(home.GetPartial()) != 0 {
		t.Errorf("the screen is %v", home)
	}
}

func TestADeadServiceCostsItsPlaceOnTheScreen(t *testing.T) {
	t.Parallel()
	shop := newShop(t, 3)
	shop.down = "ListPromotions"
	home := homeOf(t, homePlan(t), shop, &homev1.GetHomeRequest{CustomerId: "c-1001"})
	if len(home.GetPromotions()) != 0 || len(home.GetOrders()) != 3 || len(home.GetPartial()) != 1 || home.GetPartial()[0].GetField() != "promotions" {
		t.Errorf("the screen is %v", home)
	}
}

func TestOnlyThePlacesThatAreAskedForAreOnTheScreen(t *testing.T) {
	t.Parallel()
	home := homeOf(t, homePlan(t), newShop(t, 3), &homev1.GetHomeRequest{
		CustomerId: "c-1001", Parts: &fieldmaskpb.FieldMask{Paths: []string{"cart", "orders.id"}},
	})
	var set []string
	home.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		set = append(set, string(fd.Name()))
		return true
	})
	slices.Sort(set)
	if !slices.Equal(set, []string{"cart", "orders"}) {
		t.Errorf("on the screen are %v", set)
	}
}
