package shop_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	orderingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/ordering/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	shippingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/shipping/v1"
	supportv1 "github.com/gatehouse-edge/gatehouse/gen/shop/support/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
)

// open starts a shop in memory, all services behind one listener, and connects to it.
func open(t *testing.T, c shop.Config) *grpc.ClientConn {
	t.Helper()
	pipe := bufconn.Listen(1 << 20)
	dialer := grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return pipe.DialContext(ctx) })
	c.OnePort = true
	c.Listen = func(string) (net.Listener, string, error) { return pipe, "passthrough:///shop", nil }
	c.DialOptions = []grpc.DialOption{dialer}
	running, err := shop.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient("passthrough:///shop", dialer, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		running.Stop()
	})
	return conn
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if got := status.Code(err); got != want {
		t.Fatalf("code %v (%v), want %v", got, err, want)
	}
}

// detail returns the first detail of type D.
func detail[D any](t *testing.T, err error) D {
	t.Helper()
	for _, detail := range status.Convert(err).Details() {
		if d, ok := detail.(D); ok {
			return d
		}
	}
	var none D
	t.Fatalf("%v has no %T", err, none)
	return none
}

func fillCart(t *testing.T, conn *grpc.ClientConn, id string) *cartv1.Cart {
	t.Helper()
	products := must(catalogv1.NewCatalogServiceClient(conn).ListProducts(t.Context(), &catalogv1.ListProductsRequest{
		Filter: `status = ACTIVE AND stock >= 10`, PageSize: 2,
	}))(t).GetProducts()
	var c *cartv1.Cart
	for _, p := range products {
		c = must(cartv1.NewCartServiceClient(conn).AddItem(t.Context(), &cartv1.AddItemRequest{
			CartId: id, Item: &cartv1.CartItem{ProductId: p.GetId(), Quantity: 2},
		}))(t)
	}
	return c
}

func checkout(id string) *cartv1.CheckoutRequest {
	return &cartv1.CheckoutRequest{
		CartId: id, CustomerId: "c-1001", Payment: &cartv1.CheckoutRequest_GiftCard{GiftCard: 42},
		ShipTo: &ordersv1.Address{Recipient: "Mira", Lines: []string{"Lindenweg 3"}, City: "Berlin", CountryCode: "DE"},
	}
}

func TestCheckoutPlacesAnOrderThatAWatchFollowsUntilItIsDelivered(t *testing.T) {
	t.Parallel()
	conn := open(t, shop.Config{OrderStep: time.Millisecond})
	carts, orders := cartv1.NewCartServiceClient(conn), ordersv1.NewOrdersServiceClient(conn)
	filled := fillCart(t, conn, "mine")
	order := must(carts.Checkout(t.Context(), checkout("mine")))(t).GetOrder()
	if got, want := len(order.GetItems()), len(filled.GetItems()); got != want || want != 2 {
		t.Fatalf("the order has %d items and the cart %d, want 2", got, want)
	}
	if got := must(carts.GetCart(t.Context(), &cartv1.GetCartRequest{Id: "mine"}))(t); len(got.GetItems()) != 0 {
		t.Errorf("the cart still holds %v", got.GetItems())
	}
	must(orders.GetOrder(t.Context(), &ordersv1.GetOrderRequest{Id: order.GetId()}))(t)

	watch := must(orders.WatchOrder(t.Context(), &ordersv1.WatchOrderRequest{Id: order.GetId(), AfterSequence: 1}))(t)
	var seen []ordersv1.OrderStatus
	for {
		change, err := watch.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, change.GetOrder().GetStatus())
		if change.GetSequence() != uint64(len(seen)+1) || change.GetDetail() == nil {
			t.Errorf("change %d has sequence %d, detail %v", len(seen), change.GetSequence(), change.GetDetail())
		}
	}
	want := []ordersv1.OrderStatus{
		ordersv1.OrderStatus_ORDER_STATUS_PAID, ordersv1.OrderStatus_ORDER_STATUS_PACKED,
		ordersv1.OrderStatus_ORDER_STATUS_SHIPPED, ordersv1.OrderStatus_ORDER_STATUS_DELIVERED,
	}
	if !slices.Equal(seen, want) {
		t.Errorf("saw %v, want %v", seen, want)
	}
	resumed := metadata.AppendToOutgoingContext(t.Context(), "last-event-id", "4")
	again := must(orders.WatchOrder(resumed, &ordersv1.WatchOrderRequest{Id: order.GetId()}))(t)
	if change, err := again.Recv(); err != nil || change.GetSequence() != 5 {
		t.Errorf("behind event 4 comes %v, %v", change, err)
	}
	_, err := orders.CancelOrder(t.Context(), &ordersv1.CancelOrderRequest{Id: order.GetId()})
	wantCode(t, err, codes.FailedPrecondition)
}

func TestCancellingEndsAWatch(t *testing.T) {
	t.Parallel()
	conn := open(t, shop.Config{OrderStep: time.Hour})
	orders := ordersv1.NewOrdersServiceClient(conn)
	fillCart(t, conn, "mine")
	order := must(cartv1.NewCartServiceClient(conn).Checkout(t.Context(), checkout("mine")))(t).GetOrder()
	watch := must(orders.WatchOrder(t.Context(), &ordersv1.WatchOrderRequest{Id: order.GetId()}))(t)
	if now := must(watch.Recv())(t); now.GetOrder().GetStatus() != ordersv1.OrderStatus_ORDER_STATUS_PLACED {
		t.Errorf("began with %v", now)
	}
	must(orders.CancelOrder(t.Context(), &ordersv1.CancelOrderRequest{Id: order.GetId(), Reason: "changed my mind"}))(t)
	if last := must(watch.Recv())(t); last.GetOrder().GetStatus() != ordersv1.OrderStatus_ORDER_STATUS_CANCELLED {
		t.Errorf("ended with %v", last)
	}
	if _, err := watch.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("the watch goes on: %v", err)
	}
}

func TestAnEmptyCartIsNotBought(t *testing.T) {
	t.Parallel()
	conn := open(t, shop.Config{})
	_, err := cartv1.NewCartServiceClient(conn).Checkout(t.Context(), checkout("nobodys"))
	wantCode(t, err, codes.FailedPrecondition)
	if d := detail[*errdetails.PreconditionFailure](t, err); d.GetViolations()[0].GetType() != "CART_EMPTY" {
		t.Errorf("detail %v", d)
	}
}

func TestOrderPagesCoverEveryOrderOnce(t *testing.T) {
	t.Parallel()
	orders := ordersv1.NewOrdersServiceClient(open(t, shop.Config{}))
	seen := make(map[string]bool)
	for token := ""; ; {
		got := must(orders.ListOrders(t.Context(), &ordersv1.ListOrdersRequest{PageSize: 7, PageToken: token}))(t)
		for _, o := range got.GetOrders() {
			if seen[o.GetId()] {
				t.Errorf("%s came twice", o.GetId())
			}
			seen[o.GetId()] = true
		}
		if token = got.GetNextPageToken(); token == "" {
			break
		}
	}
	if len(seen) != 60 {
		t.Errorf("saw %d orders, want the 60 seeded ones", len(seen))
	}
}

func TestTheAssistantGreetsAnswersAndSaysGoodBye(t *testing.T) {
	t.Parallel()
	chat := must(supportv1.NewSupportServiceClient(open(t, shop.Config{})).Chat(t.Context()))(t)
	must(chat.Recv())(t)
	for _, c := range []struct {
		say    string
		card   string
		closed bool
	}{
		{"I am looking for a copper saucepan", "shop.support.v1.ProductCard", false},
		{"Where is my order o-100003?", "shop.support.v1.OrderCard", false},
		{"How do I return it?", "", false},
		{"Thanks, bye!", "", true},
	} {
		if err := chat.Send(&supportv1.ChatRequest{Content: &supportv1.ChatRequest_Text{Text: c.say}}); err != nil {
			t.Fatal(err)
		}
		got := must(chat.Recv())(t)
		if name := string(got.GetCard().MessageName()); name != c.card || got.GetClosed() != c.closed || got.GetText() == "" {
			t.Errorf("to %q the answer is %v", c.say, got)
		}
	}
	if _, err := chat.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("after good-bye: %v", err)
	}
}

func TestRequestsThatBreakARuleAreRefusedByField(t *testing.T) {
	t.Parallel()
	conn := open(t, shop.Config{})
	_, err := catalogv1.NewCatalogServiceClient(conn).ListProducts(t.Context(), &catalogv1.ListProductsRequest{PageSize: 201})
	wantCode(t, err, codes.InvalidArgument)
	if got := detail[*errdetails.BadRequest](t, err).GetFieldViolations()[0].GetField(); got != "page_size" {
		t.Errorf("field %q", got)
	}
	_, err = cartv1.NewCartServiceClient(conn).AddItem(t.Context(), &cartv1.AddItemRequest{
		CartId: "a", Item: &cartv1.CartItem{ProductId: "x", Quantity: 100},
	})
	wantCode(t, err, codes.InvalidArgument)
	if got := detail[*errdetails.BadRequest](t, err).GetFieldViolations()[0].GetField(); got != "item.quantity" {
		t.Errorf("field %q", got)
	}
}

func TestConditionsFailCallsAndStreamsButNotHealth(t *testing.T) {
	t.Parallel()
	conn := open(t, shop.Config{Conditions: shop.Conditions{ErrorRate: 1}})
	_, err := catalogv1.NewCatalogServiceClient(conn).ListProducts(t.Context(), &catalogv1.ListProductsRequest{})
	wantCode(t, err, codes.Unavailable)
	if detail[*errdetails.RetryInfo](t, err).GetRetryDelay().AsDuration() <= 0 {
		t.Error("no time to retry after")
	}
	_, err = must(supportv1.NewSupportServiceClient(conn).Chat(t.Context()))(t).Recv()
	wantCode(t, err, codes.Unavailable)
	must(healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{}))(t)
}

func TestLatencyIsWaitedForAndEndsWithTheCall(t *testing.T) {
	t.Parallel()
	conn := open(t, shop.Config{Conditions: shop.Conditions{Latency: time.Hour}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := catalogv1.NewCatalogServiceClient(conn).ListProducts(ctx, &catalogv1.ListProductsRequest{})
	wantCode(t, err, codes.DeadlineExceeded)
}

func TestHealthAndReflectionNameEveryService(t *testing.T) {
	t.Parallel()
	conn := open(t, shop.Config{})
	stream := must(reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context()))(t)
	if err := stream.Send(&reflectionv1.ServerReflectionRequest{
		MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{},
	}); err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, s := range must(stream.Recv())(t).GetListServicesResponse().GetService() {
		listed = append(listed, s.GetName())
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	for _, name := range shop.Services() {
		full := shop.FullName(name)
		got := must(healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{Service: full}))(t)
		if got.GetStatus() != healthv1.HealthCheckResponse_SERVING || !slices.Contains(listed, full) {
			t.Errorf("%s: health %v, reflection lists %v", full, got.GetStatus(), listed)
		}
	}
}

func TestEachServiceHasAListenerOfItsOwnUnlessAskedOtherwise(t *testing.T) {
	t.Parallel()
	running := must(shop.Start(t.Context(), shop.Config{}))(t)
	defer running.Stop()
	targets := make(map[string]bool)
	for _, target := range running.Targets() {
		targets[target] = true
	}
	if len(targets) != len(shop.Services()) {
		t.Errorf("targets %v", running.Targets())
	}
}

func TestWhatCanNotRunDoesNotStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]shop.Config{
		"a cart without orders":            {Services: []string{"cart"}},
		"a cart with orders at two places": {Services: []string{"cart"}, OrdersTarget: "127.0.0.1:1", OrderingTarget: "127.0.0.1:2"},
		"ordering without shipping":        {Services: []string{"ordering"}},
		"a service that does not exist":    {Services: []string{"bakery"}},
	} {
		if _, err := shop.Start(t.Context(), c); err == nil {
			t.Errorf("%s started", name)
		}
	}
}

func TestTheServicesThatOrdersIsSplitIntoRunWhereTheyAreNamed(t *testing.T) {
	t.Parallel()
	for _, name := range shop.Successors() {
		if slices.Contains(shop.Services(), name) {
			t.Errorf("%s runs where all do", name)
		}
	}
	conn := open(t, shop.Config{Services: []string{"catalog", "cart", "ordering", "shipping"}, OrderStep: time.Hour})
	fillCart(t, conn, "mine")
	placed := must(cartv1.NewCartServiceClient(conn).Checkout(t.Context(), checkout("mine")))(t).GetOrder()
	if placed.GetShipTo().GetCity() != "Berlin" || placed.GetStatus() != ordersv1.OrderStatus_ORDER_STATUS_PLACED {
		t.Errorf("placed %v", placed)
	}
	again := must(orderingv1.NewOrderingServiceClient(conn).GetOrder(t.Context(), &ordersv1.GetOrderRequest{Id: placed.GetId()}))(t)
	shipment := must(shippingv1.NewShippingServiceClient(conn).GetShipment(t.Context(), &shippingv1.GetShipmentRequest{
		OrderId: placed.GetId(), StatusTimes: again.GetStatusTimes(),
	}))(t)
	if !proto.Equal(shipment.GetShipTo(), placed.GetShipTo()) || len(shipment.GetParcels()) > 0 || !proto.Equal(again.GetTotal(), placed.GetTotal()) {
		t.Errorf("placed %v, then %v and %v", placed, again, shipment)
	}
	_, err := ordersv1.NewOrdersServiceClient(conn).GetOrder(t.Context(), &ordersv1.GetOrderRequest{Id: placed.GetId()})
	wantCode(t, err, codes.Unimplemented)
}
