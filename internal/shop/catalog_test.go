package shop_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	commonv1 "github.com/gatehouse-edge/gatehouse/gen/shop/common/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
)

func TestPagesCoverEveryProductOnceInEveryOrder(t *testing.T) {
	t.Parallel()
	catalog := catalogv1.NewCatalogServiceClient(open(t, shop.Config{}))
	for _, order := range []string{"", "id desc", "name", "price", "price desc", "rating desc", "stock", "update_time"} {
		seen, token := make(map[string]bool), ""
		var total int32
		for {
			got := must(catalog.ListProducts(t.Context(), &catalogv1.ListProductsRequest{PageSize: 17, PageToken: token, OrderBy: order}))(t)
			for _, p := range got.GetProducts() {
				if seen[p.GetId()] {
					t.Errorf("order %q: %s came twice", order, p.GetId())
				}
				seen[p.GetId()] = true
			}
			total = got.GetTotalSize()
			if token = got.GetNextPageToken(); token == "" {
				break
			}
		}
		if len(seen) != 300 || total != 300 {
			t.Errorf("order %q: saw %d products, total_size %d, want the 300 seeded ones", order, len(seen), total)
		}
	}
}

func TestAPageTokenOfAnotherQuestionIsRefused(t *testing.T) {
	t.Parallel()
	catalog := catalogv1.NewCatalogServiceClient(open(t, shop.Config{}))
	token := must(catalog.ListProducts(t.Context(), &catalogv1.ListProductsRequest{}))(t).GetNextPageToken()
	for name, req := range map[string]*catalogv1.ListProductsRequest{
		"another order": {PageToken: token, OrderBy: "price"},
		"not a token":   {PageToken: "nonsense"},
	} {
		_, err := catalog.ListProducts(t.Context(), req)
		wantCode(t, err, codes.InvalidArgument)
		if got := detail[*errdetails.BadRequest](t, err).GetFieldViolations()[0].GetField(); got != "page_token" {
			t.Errorf("%s: field %q", name, got)
		}
	}
}

func TestAFilterKeepsExactlyWhatItSays(t *testing.T) {
	t.Parallel()
	catalog := catalogv1.NewCatalogServiceClient(open(t, shop.Config{}))
	list := func(filter string) []*catalogv1.Product {
		return must(catalog.ListProducts(t.Context(), &catalogv1.ListProductsRequest{Filter: filter, PageSize: 200}))(t).GetProducts()
	}
	all := append(list(`price < 50`), list(`price >= 50`)...)
	for filter, holds := range map[string]func(*catalogv1.Product) bool{
		`price < 50 AND rating >= 4`: func(p *catalogv1.Product) bool { return p.GetPrice().GetUnits() < 50 && p.GetRating() >= 4 },
		`name : "OAK"`:               func(p *catalogv1.Product) bool { return strings.Contains(strings.ToLower(p.GetName()), "oak") },
		`status = discontinued`: func(p *catalogv1.Product) bool {
			return p.GetStatus() == catalogv1.ProductStatus_PRODUCT_STATUS_DISCONTINUED
		},
		`featured = true`: func(p *catalogv1.Product) bool { return p.GetFeatured() },
	} {
		want := 0
		for _, p := range all {
			if holds(p) {
				want++
			}
		}
		got := list(filter)
		for _, p := range got {
			if !holds(p) {
				t.Errorf("%s: %v does not belong here", filter, p)
			}
		}
		if len(got) != want || want == 0 || want == len(all) {
			t.Errorf("%s: %d products, want %d of %d", filter, len(got), want, len(all))
		}
	}
}

func TestABadFilterNamesThePosition(t *testing.T) {
	t.Parallel()
	catalog := catalogv1.NewCatalogServiceClient(open(t, shop.Config{}))
	for filter, want := range map[string]string{
		`colour = red`:         "at offset 0:",
		`price < cheap`:        "at offset 8:",
		`price ~ 3`:            "at offset 6:",
		`price < 3 OR a = b`:   "at offset 10:",
		`name : "oak`:          "at offset 7:",
		`price < 3 AND`:        "at offset 13:",
		`price <`:              "at offset 7:",
		`stock > 1 AND name >`: "at offset 20:",
	} {
		_, err := catalog.ListProducts(t.Context(), &catalogv1.ListProductsRequest{Filter: filter})
		wantCode(t, err, codes.InvalidArgument)
		v := detail[*errdetails.BadRequest](t, err).GetFieldViolations()[0]
		if v.GetField() != "filter" || !strings.HasPrefix(v.GetDescription(), want) {
			t.Errorf("%s: %v, want %s", filter, v, want)
		}
	}
}

func TestAnUpdateChangesOnlyWhatTheMaskNames(t *testing.T) {
	t.Parallel()
	catalog := catalogv1.NewCatalogServiceClient(open(t, shop.Config{}))
	const id = "copper-saucepan"
	before := must(catalog.GetProduct(t.Context(), &catalogv1.GetProductRequest{Id: id}))(t)
	update := func(p *catalogv1.Product, paths ...string) (*catalogv1.Product, error) {
		p.Id = id
		return catalog.UpdateProduct(t.Context(), &catalogv1.UpdateProductRequest{
			Product: p, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
		})
	}
	after := must(update(&catalogv1.Product{
		Summary: "New.", Name: "Ignored", Rating: 5,
		Details: &catalogv1.ProductDetails{Dimensions: &catalogv1.ProductDetails_Dimensions{WidthCm: 1}},
	}, "summary", "rating", "details.dimensions.width_cm"))(t)
	if after.GetSummary() != "New." || after.GetDetails().GetDimensions().GetWidthCm() != 1 {
		t.Errorf("not changed: %v", after)
	}
	if after.GetName() != before.GetName() || after.GetRating() != before.GetRating() ||
		after.GetDetails().GetDimensions().GetHeightCm() != before.GetDetails().GetDimensions().GetHeightCm() {
		t.Errorf("changed too much: %v", after)
	}
	_, err := update(&catalogv1.Product{Etag: before.GetEtag()}, "summary")
	wantCode(t, err, codes.Aborted)
	_, err = update(&catalogv1.Product{}, "colour")
	wantCode(t, err, codes.InvalidArgument)
	_, err = update(&catalogv1.Product{}, "name")
	wantCode(t, err, codes.InvalidArgument)
}

// Whoever does not see a field can not have meant to clear it.
func TestAReplacementThatDoesNotGiveAHiddenFieldKeepsIt(t *testing.T) {
	t.Parallel()
	catalog := catalogv1.NewCatalogServiceClient(open(t, shop.Config{}))
	before := must(catalog.GetProduct(t.Context(), &catalogv1.GetProductRequest{Id: "copper-saucepan"}))(t)
	if w := before.GetWholesalePrice(); w.GetCurrencyCode() != "EUR" || w.GetUnits() <= 0 || w.GetUnits() >= before.GetPrice().GetUnits() {
		t.Errorf("wholesale %v of %v", w, before.GetPrice())
	}
	public := func() *catalogv1.Product {
		p := proto.CloneOf(before)
		p.WholesalePrice, p.Details.FeatureVector, p.Etag = nil, nil, ""
		return p
	}
	put := must(catalog.UpdateProduct(t.Context(), &catalogv1.UpdateProductRequest{Product: public()}))(t)
	stream := must(catalog.ImportProducts(t.Context()))(t)
	if err := stream.Send(&catalogv1.ImportProductsRequest{Product: public(), Replace: true}); err != nil {
		t.Fatal(err)
	}
	if got := must(stream.CloseAndRecv())(t); got.GetReplacedCount() != 1 {
		t.Fatalf("%v", got)
	}
	imported := must(catalog.GetProduct(t.Context(), &catalogv1.GetProductRequest{Id: "copper-saucepan"}))(t)
	for name, after := range map[string]*catalogv1.Product{"put": put, "imported": imported} {
		if !proto.Equal(after.GetWholesalePrice(), before.GetWholesalePrice()) || !slices.Equal(after.GetDetails().GetFeatureVector(), before.GetDetails().GetFeatureVector()) {
			t.Errorf("%s: %v", name, after)
		}
	}
	given := public()
	given.WholesalePrice = &commonv1.Money{CurrencyCode: "EUR", Units: 3}
	if got := must(catalog.UpdateProduct(t.Context(), &catalogv1.UpdateProductRequest{Product: given}))(t); got.GetWholesalePrice().GetUnits() != 3 {
		t.Errorf("not changed: %v", got)
	}
}

func TestAnImportReportsWhatBecameOfEachProduct(t *testing.T) {
	t.Parallel()
	catalog := catalogv1.NewCatalogServiceClient(open(t, shop.Config{}))
	stream := must(catalog.ImportProducts(t.Context()))(t)
	product := func(name string) *catalogv1.Product {
		return &catalogv1.Product{Name: name, Category: "categories/play/toys", Price: &commonv1.Money{CurrencyCode: "EUR", Units: 9}}
	}
	for _, req := range []*catalogv1.ImportProductsRequest{
		{Product: product("Wooden Duck")},
		{Product: product("Copper Saucepan")},
		{Product: product("Copper Saucepan"), Replace: true},
		{Product: &catalogv1.Product{Name: "No Price", Category: "categories/play/toys"}},
	} {
		if err := stream.Send(req); err != nil {
			t.Fatal(err)
		}
	}
	got := must(stream.CloseAndRecv())(t)
	if got.GetCreatedCount() != 1 || got.GetReplacedCount() != 1 || got.GetFailedCount() != 2 {
		t.Fatalf("%v", got)
	}
	for i, want := range []struct {
		index uint32
		code  codes.Code
	}{{1, codes.AlreadyExists}, {3, codes.InvalidArgument}} {
		if f := got.GetFailures()[i]; f.GetIndex() != want.index || codes.Code(f.GetStatus().GetCode()) != want.code {
			t.Errorf("failure %d is %v, want %v", i, f, want)
		}
	}
	must(catalog.GetProduct(t.Context(), &catalogv1.GetProductRequest{Id: "wooden-duck"}))(t)
}

func TestAPictureComesBackAsItWasSent(t *testing.T) {
	t.Parallel()
	catalog := catalogv1.NewCatalogServiceClient(open(t, shop.Config{}))
	sent := []byte("\x89PNG\r\n\x1a\n\x00\xff")
	image := must(catalog.UploadProductImage(t.Context(), &catalogv1.UploadProductImageRequest{
		ProductId: "copper-saucepan", Content: &httpbody.HttpBody{ContentType: "image/png", Data: sent},
	}))(t)
	got := must(catalog.DownloadProductImage(t.Context(), &catalogv1.DownloadProductImageRequest{
		ProductId: "copper-saucepan", ImageId: image.GetId(),
	}))(t)
	if !bytes.Equal(got.GetData(), sent) || got.GetContentType() != "image/png" {
		t.Errorf("got %v", got)
	}
	if sum := sha256.Sum256(sent); !bytes.Equal(image.GetSha256(), sum[:]) {
		t.Error("the digest is of something else")
	}
	_, err := catalog.UploadProductImage(t.Context(), &catalogv1.UploadProductImageRequest{
		ProductId: "copper-saucepan", Content: &httpbody.HttpBody{ContentType: "text/html", Data: sent},
	})
	wantCode(t, err, codes.InvalidArgument)
}

func TestWhatIsDeletedIsNotFound(t *testing.T) {
	t.Parallel()
	catalog := catalogv1.NewCatalogServiceClient(open(t, shop.Config{}))
	must(catalog.DeleteProduct(t.Context(), &catalogv1.DeleteProductRequest{Id: "copper-saucepan"}))(t)
	_, err := catalog.GetProduct(t.Context(), &catalogv1.GetProductRequest{Id: "copper-saucepan"})
	wantCode(t, err, codes.NotFound)
	if d := detail[*errdetails.ResourceInfo](t, err); d.GetResourceName() != "copper-saucepan" {
		t.Errorf("detail %v", d)
	}
}
