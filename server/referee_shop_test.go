package server_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	profilev1 "github.com/gatehouse-edge/gatehouse/gen/shop/profile/v1"
	promotionsv1 "github.com/gatehouse-edge/gatehouse/gen/shop/promotions/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
)

// startShop runs the sample shop behind one port until the test ends, and returns its target.
func startShop(t *testing.T) string {
	t.Helper()
	running, err := shop.Start(t.Context(), shop.Config{OnePort: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running.Targets()[shop.FullName("catalog")]
}

// newShopReferee compares in front of the sample shop. The edge serves what the labels open; grpc-gateway hides nothing.
// The shop changes with what it is asked, so that the edge's calls are answered from a tape of grpc-gateway's.
func newShopReferee(t *testing.T, labels ...string) *referee {
	t.Helper()
	return refereeOfShop(t, &gatehousev1.Policy{SkipValidation: true}, labels...)
}

func refereeOfShop(t *testing.T, policy *gatehousev1.Policy, labels ...string) *referee {
	t.Helper()
	target := startShop(t)
	tape := edgetest.StartTape(t, target)
	r := &referee{backend: tape, tape: tape, explained: explanations(t), shown: map[string]bool{}}
	cfg := inPreset(edgetest.InFrontOf(tape.Target))
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Reflection{Reflection: target}}}
	cfg.VisibilityLabels, cfg.DefaultPolicy = labels, policy
	_, r.edge = edgetest.Edge(t, cfg)
	r.gateway = edgetest.Gateway(t, tape.Target,
		generated(catalogv1.RegisterCatalogServiceHandler), generated(cartv1.RegisterCartServiceHandler),
		generated(ordersv1.RegisterOrdersServiceHandler), generated(profilev1.RegisterProfileServiceHandler),
		generated(promotionsv1.RegisterPromotionsServiceHandler))
	return r
}

type handlers = func(*runtime.ServeMux, *grpc.ClientConn) error

// generated makes one of grpc-gateway's register functions one of ours.
func generated(register func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error) handlers {
	return func(mux *runtime.ServeMux, conn *grpc.ClientConn) error {
		return register(context.Background(), mux, conn)
	}
}

// shopCorpus is what both fronts of the shop are asked, in this order.
func shopCorpus() []exchange {
	return under("/v1", slices.Concat(browsing(), buying(), keeping())...)
}

// browsing changes nothing.
func browsing() []exchange {
	list := []exchange{get("/categories").unlike("precedence"), get("/categories/"), get("/categories?nothing=1").unlike("precedence")}
	for _, path := range []string{
		"/categories/study", "/categories/study/pens", "/categories/nowhere/at/all", "/categories/a%20b",
		"/products", "/products?pageSize=2", "/products?page_size=2&view=PRODUCT_VIEW_FULL", "/products?pageSize=0", "/products?pageSize=-1", "/products?pageSize=201", "/products?pageSize=100000", "/products?pageSize=x",
		"/products?pageToken=nonsense", "/products?filter=stock+%3E%3D+10&pageSize=3", "/products?filter=((", "/products?filter=nonsense+%3D%3D", "/products?orderBy=price+desc&pageSize=3", "/products?orderBy=smell",
		"/products?price.min.currencyCode=EUR&price.min.units=10&price.max.currency_code=EUR&price.max.units=50&pageSize=3", "/products?price.min.units=x",
		"/products?tags=writing&tags=graphite&pageSize=2", "/products?tags=", "/products?statuses=PRODUCT_STATUS_ACTIVE&statuses=2&pageSize=2", "/products?statuses=0", "/products?statuses=NO", "/products?minRating=4.5&inStock=true&pageSize=2", "/products?minRating=6", "/products?minRating=a", "/products?inStock=maybe",
		"/products?updatedAfter=2020-01-01T00:00:00Z&pageSize=2", "/products?updatedAfter=then", "/products?view=9", "/products?category=categories/study/pens&pageSize=2", "/products?nonsense=1&pageSize=1",
		"/categories/study/products?pageSize=2", "/categories/study/pens/products?pageSize=2", "/categories/study/products?category=categories/other&pageSize=2", "/categories/Nowhere/products",
		"/products/copper-saucepan", "/products/copper-saucepan?view=PRODUCT_VIEW_FULL", "/products/no-such-thing", "/products/NOT-AN-ID", "/products/copper-saucepan:discontinue",
		"/products:batchGet", "/products:batchGet?ids=a&ids=a", "/products:batchGet?ids=copper-saucepan&ids=anodised-brush-pen", "/products:batchGet?ids=nothing",
		"/products/copper-saucepan/similar", "/products/copper-saucepan/similar?limit=2", "/products/copper-saucepan/similar?limit=0", "/products/copper-saucepan/similar?limit=-1", "/products/no-such-thing/similar",
		"/products/copper-saucepan/images/main", "/products/copper-saucepan/images/none", "/products:export?category=!", "/products:export?category=categories/study/pens", "/products:export",
		"/carts/mine", "/carts/-", "/carts/a%20b", "/orders", "/orders?pageSize=1", "/orders?statuses=1&statuses=ORDER_STATUS_PAID", "/orders?pageSize=1000", "/orders?customerId=c-1001", "/customers/c-1001/orders", "/customers/c-1001/orders?customerId=c-1002",
		"/orders/o-100049", "/orders/o-1", "/orders/x", "/orders/o-999999999:watch", "/orders/x:watch", "/orders/o-100001:watch", "/orders/o-100001:watch?maxWait=-1s", "/orders/o-100001:watch?maxWait=0.01s&afterSequence=2",
		"/promotions", "/promotions?pageSize=1", "/promotions?at=2026-06-01T00:00:00Z", "/promotions?at=never", "/promotions?category=categories/kitchen", "/promotions/free-delivery-week", "/promotions/none",
		"/profiles/c-1001", "/profiles/c-1002", "/profiles/x", "/profiles/c-999999",
	} {
		list = append(list, get(path))
	}
	return list
}

// buying fills carts and empties them.
func buying() []exchange {
	address := `"shipTo":{"recipient":"Mira","lines":["Lindenweg 3"],"city":"Berlin","countryCode":"DE"}`
	remove := func(path string) exchange { return exchange{method: http.MethodDelete, path: path} }
	return []exchange{
		post("/carts/c-1/items", `{"productId":"no-such-thing","quantity":1}`), post("/carts/c-1/items", `{"quantity":-1}`), post("/carts/c-1/items", `{"productId":5}`), post("/carts/c-1/items", `[]`),
		post("/carts/c-1/items", `{"productId":"copper-saucepan","quantity":2}`), post("/carts/c-1/items?cartId=c-2", `{"product_id":"anodised-brush-pen","quantity":"1","giftNote":"Für Mira"}`), get("/carts/c-1"), get("/carts/c-2"),
		patch("/carts/c-1/items/copper-saucepan", `{"quantity":3}`), patch("/carts/c-1/items/copper-saucepan", `{"quantity":0}`), patch("/carts/c-1/items/copper-saucepan", `{"cartId":"c-2","productId":"x","giftNote":""}`), patch("/carts/c-1/items/none", `{"quantity":1}`), patch("/carts/c-1/items/copper-saucepan", `{}`),
		remove("/carts/c-1/items/anodised-brush-pen"), remove("/carts/c-1/items/none"), remove("/carts/c%2F1/items/none").unlike("encoded-slash"),
		post("/carts/empty:checkout", `{}`), post("/carts/c-1:checkout", `{"customerId":"c-1001",`+address+`}`), post("/carts/c-1:checkout", `{"customerId":"c-1001","giftCard":"0",`+address+`}`),
		post("/carts/c-1:checkout", `{"customerId":"c-1001","giftCard":"42","invoice":{},`+address+`}`), post("/carts/c-1:checkout", `{"customerId":"c-1001","invoice":{},"deliveryDays":null,`+address+`}`), post("/carts/c-1:checkout", `{"customerId":"c-1001","cardToken":"tok_1234",`+address+`}`),
		get("/carts/c-1"), get("/customers/c-1001/orders?pageSize=1"), post("/orders/o-100049:cancel", `{}`), post("/orders/o-1:cancel", `{"reason":"late"}`), post("/orders/o-100061:cancel", `{"id":"o-1","reason":"changed my mind"}`), post("/orders/o-100061:cancel", ``), get("/orders/o-100061:cancel"),
	}
}

// keeping changes what the shop sells and knows.
func keeping() []exchange {
	remove := func(path string) exchange { return exchange{method: http.MethodDelete, path: path} }
	put := func(path, body string) exchange {
		return exchange{method: http.MethodPut, path: path, body: body}
	}
	product := `{"id":"paper-lamp","sku":"LAM-1234","name":"Paper Lamp","category":"categories/study/pens","price":{"currencyCode":"EUR","units":"19","nanos":900000000},"stock":3,"tags":["light"]}`
	return []exchange{
		post("/products", `{"nonsense":1}`), post("/products", `{"name":""}`), post("/products", `[`), post("/products", product).unlike("success"), post("/products", product), get("/products/paper-lamp"), post("/products", `{"name":"a","category":"b"}`),
		patch("/products/paper-lamp?updateMask=stock,price.units", `{"stock":7,"price":{"currencyCode":"EUR","units":21}}`), patch("/products/paper-lamp?updateMask=nonsense", `{"stock":7}`).unlike("mask-path"), patch("/products/paper-lamp?updateMask=stock", `{"id":"other","stock":8}`), patch("/products/paper-lamp?update_mask=stock", `{"stock":-1}`), patch("/products/paper-lamp", `{"stock":9}`),
		put("/products/paper-lamp", `{"stock":1}`), put("/products/paper-lamp", `{"id":"other","name":"Paper Lamp","category":"categories/study/pens","price":{"currencyCode":"EUR","units":"20"}}`),
		post("/products/paper-lamp:discontinue", `{"reason":"sold out","successorId":"copper-saucepan"}`), post("/products/paper-lamp:discontinue", `{"id":"copper-saucepan"}`), post("/products/no-such-thing:discontinue", `{}`), post("/products/paper-lamp:paint", `{}`), post("/products:import", `{"product":`+product+`}`),
		post("/products/copper-saucepan/images?alt=a+pot", "not a picture").with("Content-Type", "image/png").unlike("raw-upload"),
		remove("/products/paper-lamp?etag=wrong"), remove("/products/paper-lamp").unlike("success"), remove("/products/paper-lamp"), remove("/products/no-such-thing"), remove("/products"), put("/nowhere", `{}`),
		patch("/profiles/c-1001?updateMask=displayName", `{"displayName":"Mira M."}`).unlike("mask-in-query"), patch("/profiles/c-1001?updateMask=display_name,preferences.text_scale", `{"displayName":"Mira M.","preferences":{"textScale":1.5}}`), patch("/profiles/c-1001?updateMask=display_name", `{"displayName":5}`), patch("/profiles/c-999999?updateMask=display_name", `{}`), patch("/profiles/x?updateMask=display_name", `{}`), patch("/profiles/c-1001?updateMask=password_hash", `{"passwordHash":"AQ=="}`),
	}
}
