package server_test

import (
	"context"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	profilev1 "github.com/gatehouse-edge/gatehouse/gen/shop/profile/v1"
	promotionsv1 "github.com/gatehouse-edge/gatehouse/gen/shop/promotions/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
)

// TestTheShopAnswersAsBehindGRPCGateway asks the whole shop through both. The labels make hidden fields visible, as
// grpc-gateway does not hide any.
func TestTheShopAnswersAsBehindGRPCGateway(t *testing.T) {
	t.Parallel()
	running, err := shop.Start(t.Context(), shop.Config{OnePort: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	target := running.Targets()[shop.FullName("catalog")]
	cfg := edgetest.InFrontOf(target)
	cfg.Dialect = &configv1.Dialect{Preset: configv1.Dialect_PRESET_GRPC_GATEWAY}
	cfg.VisibilityLabels = []string{"INTERNAL", "PARTNER"}
	r := &referee{backend: edgetest.StartBackend(t), explained: explanations(t)}
	_, r.edge = edgetest.Edge(t, cfg)
	r.gateway = edgetest.Gateway(t, target, registerShop...)

	get := func(path string) exchange { return exchange{method: "GET", path: path} }
	send := func(method, path, body string) exchange {
		return exchange{method: method, path: path, body: body}
	}
	for _, x := range []exchange{
		get("/v1/products?pageSize=3"), get("/v1/products?page_size=2&category=categories/study/pens"), get("/v1/products?pageSize=0"), get("/v1/products?pageSize=-1"), get("/v1/products?pageSize=100000"),
		get("/v1/products?pageToken=nonsense"), get("/v1/products?filter=nonsense+%3D%3D"), get("/v1/products?orderBy=nothing"), get("/v1/products?tags=writing&tags=graphite&pageSize=2"),
		get("/v1/products/copper-saucepan"), get("/v1/products/no-such-thing"), get("/v1/products/NOT-AN-ID"), get("/v1/products/copper-saucepan/similar"), get("/v1/products:batchGet?ids=copper-saucepan&ids=anodised-brush-pen"),
		get("/v1/products:batchGet?ids=nothing"), {method: "GET", path: "/v1/categories", differs: "precedence"}, get("/v1/categories/study"), get("/v1/categories/study/pens"), get("/v1/categories/study/products?pageSize=2"), get("/v1/categories/study/pens/products?pageSize=2"),
		get("/v1/products/copper-saucepan/images/main"), get("/v1/products/copper-saucepan/images/none"),
		send("POST", "/v1/products", `{"nonsense":1}`), send("POST", "/v1/products", `{"name":""}`), send("POST", "/v1/products", `[`), send("DELETE", "/v1/products/no-such-thing", ""), send("PUT", "/v1/nowhere", "{}"),
		send("POST", "/v1/products/no-such-thing:discontinue", `{}`),
		get("/v1/carts/c-1001"), get("/v1/carts/new"), send("POST", "/v1/carts/c-1/items", `{"productId":"no-such-thing","quantity":1}`), send("POST", "/v1/carts/c-1/items", `{"quantity":-1}`), send("DELETE", "/v1/carts/c-1/items/none", ""),
		send("POST", "/v1/carts/empty:checkout", `{}`),
		get("/v1/orders?pageSize=2"), get("/v1/orders?customerId=c-1001"), get("/v1/customers/c-1001/orders"), get("/v1/orders/o-100049"), get("/v1/orders/o-1"), get("/v1/orders/x"), send("POST", "/v1/orders/o-100049:cancel", `{}`), send("POST", "/v1/orders/o-1:cancel", `{}`),
		get("/v1/promotions"), get("/v1/promotions/free-delivery-week"), get("/v1/promotions/none"),
		get("/v1/profiles/c-1001"), get("/v1/profiles/c-1"), get("/v1/profiles/x"),
	} {
		r.compare(t, x)
	}
}

type handlers = func(*runtime.ServeMux, *grpc.ClientConn) error

var registerShop = []handlers{
	generated(catalogv1.RegisterCatalogServiceHandler), generated(cartv1.RegisterCartServiceHandler), generated(ordersv1.RegisterOrdersServiceHandler),
	generated(profilev1.RegisterProfileServiceHandler), generated(promotionsv1.RegisterPromotionsServiceHandler),
}

// generated makes one of grpc-gateway's register functions one of ours.
func generated(register func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error) handlers {
	return func(mux *runtime.ServeMux, conn *grpc.ClientConn) error {
		return register(context.Background(), mux, conn)
	}
}
