package validate_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	cartv1 "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	commonv1 "github.com/gatehouse-edge/gatehouse/gen/shop/common/v1"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// workload is a request without fault.
type workload struct {
	name    string
	message proto.Message
	behind  proto.Message // what path and query add
}

func (w workload) wire(tb testing.TB) []byte {
	tb.Helper()
	wire, err := proto.Marshal(w.message)
	if err != nil {
		tb.Fatal(err)
	}
	if w.behind == nil {
		return wire
	}
	if wire, err = (proto.MarshalOptions{}).MarshalAppend(wire, w.behind); err != nil {
		tb.Fatal(err)
	}
	return wire
}

func workloads() []workload {
	return []workload{
		{name: "AddItem", message: &cartv1.AddItemRequest{
			CartId: "cart-7f3a", Item: &cartv1.CartItem{ProductId: "walnut-serving-board", Quantity: 2, GiftNote: proto.String("For you")},
		}},
		{name: "CreateProduct", message: &catalogv1.CreateProductRequest{Product: product()}},
		// A PATCH: the path names the product that the body describes.
		{
			name: "UpdateProduct", message: &catalogv1.UpdateProductRequest{Product: product()},
			behind: &catalogv1.UpdateProductRequest{Product: &catalogv1.Product{Id: "walnut-serving-board"}},
		},
	}
}

func product() *catalogv1.Product {
	return &catalogv1.Product{
		Id: "walnut-serving-board", Sku: "WSB-10234", Name: "Walnut serving board", Summary: "A board that is too good to cut on.",
		Category: "categories/kitchen/boards", Status: catalogv1.ProductStatus_PRODUCT_STATUS_ACTIVE,
		Price: &commonv1.Money{CurrencyCode: "EUR", Units: 49, Nanos: 900_000_000}, Stock: 120,
		Tags: []string{"wood", "kitchen", "gift"},
		Details: &catalogv1.ProductDetails{
			Description: "Solid walnut, oiled by hand.", Gtin: 4006381333931,
			Dimensions:     &catalogv1.ProductDetails_Dimensions{WidthCm: 40, HeightCm: 2, DepthCm: 25, WeightKg: 1.5},
			Specifications: map[string]string{"Wood": "Walnut", "Finish": "Oil"},
			PackSizes:      []int32{1, 4}, Warranty: durationpb.New(48 * time.Hour),
		},
	}
}

func BenchmarkChecks(b *testing.B) {
	compiler := validate.NewCompiler(linked(b), validate.Options{})
	for _, w := range workloads() {
		wire := w.wire(b)
		checks, err := compiler.Message(w.message.ProtoReflect().Descriptor())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(w.name+"/wire", func(b *testing.B) {
			b.ReportAllocs()
			now := time.Now()
			for b.Loop() {
				if found, err := checks.Check(wire, now); err != nil || found != nil {
					b.Fatal(found, err)
				}
			}
		})
		b.Run(w.name+"/generated", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := w.message.(validator).ValidateAll(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(w.name+"/generated+unmarshal", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m := w.message.ProtoReflect().New().Interface()
				if err := proto.Unmarshal(wire, m); err != nil {
					b.Fatal(err)
				}
				if err := m.(validator).ValidateAll(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// validator is what protoc-gen-validate gives every message.
type validator interface{ ValidateAll() error }
