package seed

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	commonv1 "github.com/gatehouse-edge/gatehouse/gen/shop/common/v1"
)

// Currency is the one currency of the sample shop.
const Currency = "EUR"

// Opened is the day the shop opened; every seeded time is counted from it, never from now.
var Opened = time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC)

// Product is a seeded product and its picture.
type Product struct {
	*catalogv1.Product
	Drawing []byte // SVG
}

// Products returns every seeded product in the full view, in the order of the shelves. The caller owns them.
func Products() ([]Product, error) {
	var all []Product
	for _, r := range rooms() {
		for _, s := range r.shelves {
			for _, n := range s.nouns {
				for _, f := range s.finishes {
					p, err := s.product("categories/"+r.slug+"/"+s.slug, n, f, len(all))
					if err != nil {
						return nil, fmt.Errorf("seed product %q: %w", f.word+" "+n.name, err)
					}
					all = append(all, p)
				}
			}
		}
	}
	return all, nil
}

// product makes the product of one noun in one finish. What the lists do not fix is drawn from a generator seeded by its id.
func (s shelf) product(category string, n noun, f finish, index int) (Product, error) {
	name := f.word + " " + n.name
	id := Slug(name)
	rnd := generator(id)
	cents := tidyPrice(float64(n.cents) * f.factor)
	p := &catalogv1.Product{
		Id:             id,
		Sku:            fmt.Sprintf("%s-%04d", s.sku, 1000+index*7),
		Name:           name,
		Summary:        fmt.Sprintf("%s in %s, %s.", article(n.name), f.phrase, n.purpose),
		Category:       category,
		Status:         catalogv1.ProductStatus_PRODUCT_STATUS_ACTIVE,
		Price:          Money(cents),
		WholesalePrice: Money(cents * 58 / 100),
		Tags:           append([]string{Slug(f.colour)}, s.tags...),
		UpdateTime:     timestamppb.New(Opened.Add(time.Duration(200*24+index) * time.Hour)),
	}
	switch {
	case rnd.IntN(25) == 0:
		p.Status = catalogv1.ProductStatus_PRODUCT_STATUS_COMING_SOON
	case rnd.IntN(18) == 0:
		p.Status = catalogv1.ProductStatus_PRODUCT_STATUS_DISCONTINUED
	}
	if rnd.IntN(10) == 0 {
		p.Featured = proto.Bool(true)
	}
	details, err := s.details(n, f, cents, rnd)
	if err != nil {
		return Product{}, err
	}
	p.Details = details
	review(p, rnd)
	stockUp(p, rnd)
	drawing := draw(s.motif, f.rgb, rnd)
	p.Details.Images = []*catalogv1.Image{NewImage("main", "image/svg+xml", "A drawing of the "+strings.ToLower(name), drawing)}
	return Product{p, drawing}, nil
}

func (s shelf) details(n noun, f finish, cents int64, rnd *rand.Rand) (*catalogv1.ProductDetails, error) {
	attributes, err := structpb.NewStruct(s.attributes)
	if err != nil {
		return nil, fmt.Errorf("attributes of shelf %q: %w", s.slug, err)
	}
	d := &catalogv1.ProductDetails{
		Description: fmt.Sprintf("%s in %s, %s.\n\n%s\n\n%s", article(n.name), f.phrase, n.purpose, f.remark, s.description),
		Gtin:        barcode(rnd),
		Dimensions: &catalogv1.ProductDetails_Dimensions{
			WidthCm: n.width, HeightCm: n.height, DepthCm: n.depth, WeightKg: n.weight,
		},
		Swatches: []*catalogv1.ProductDetails_Swatch{{Name: f.colour, Rgb: f.rgb}},
		Palette:  palette(f.rgb),
		Storage:  s.storage,
		Specifications: map[string]string{
			"Finish":  f.phrase,
			"Colour":  f.colour,
			"Size":    fmt.Sprintf("%g × %g × %g cm", n.width, n.height, n.depth),
			"Weight":  fmt.Sprintf("%g kg", n.weight),
			"Made in": []string{"Portugal", "Denmark", "Slovenia", "Scotland", "Austria"}[rnd.IntN(5)],
		},
		PriceFromQuantity: map[uint32]*commonv1.Money{6: Money(cents * 95 / 100), 24: Money(cents * 88 / 100)},
		PackSizes:         []int32{1, 2, 6},
		ShippingClasses:   []catalogv1.ShippingClass{s.shipping, catalogv1.ShippingClass_SHIPPING_CLASS_PICKUP},
		Attributes:        attributes,
		FeatureVector:     features(s, f, cents),
		CreateTime:        timestamppb.New(Opened.Add(time.Duration(rnd.IntN(150*24)) * time.Hour)),
	}
	if rnd.IntN(3) == 0 {
		d.AlternateGtins = []uint64{barcode(rnd)}
	}
	if s.warrantyYears > 0 {
		d.Warranty = durationpb.New(time.Duration(s.warrantyYears) * 365 * 24 * time.Hour)
	}
	for month := range 12 {
		d.InSeason = append(d.InSeason, s.storage == nil || month < 5 || month > 7)
	}
	for range rnd.IntN(4) {
		d.PriceChangesMinor = append(d.PriceChangesMinor, int64(rnd.IntN(13)-4)*50)
	}
	return d, nil
}

// review gives p a histogram of reviews, and the figures that follow from it.
func review(p *catalogv1.Product, rnd *rand.Rand) {
	reviews := 4 + rnd.IntN(420)
	liking := 0.55 + 0.4*rnd.Float64()
	histogram := make([]uint32, 5)
	sum := 0
	for range reviews {
		stars := 5
		for stars > 1 && rnd.Float64() > liking {
			stars--
		}
		histogram[stars-1]++
		sum += stars
	}
	p.ReviewCount = uint32(reviews)
	p.Rating = tenths(float64(sum) / float64(reviews))
	d := p.GetDetails()
	d.RatingHistogram = histogram
	bought := p.GetReviewCount() * uint32(70+rnd.IntN(25)) / 100
	d.ReviewsByPurchase = map[bool]uint32{true: bought, false: p.GetReviewCount() - bought}
	for range 12 {
		d.MonthlyRatings = append(d.MonthlyRatings, tenths(min(5, p.GetRating()+rnd.Float64()*0.6-0.3)))
	}
}

// stockUp spreads a stock over the warehouses; one product in twelve is sold out.
func stockUp(p *catalogv1.Product, rnd *rand.Rand) {
	d := p.GetDetails()
	d.StockByWarehouse = make(map[string]int32)
	soldOut := rnd.IntN(12) == 0
	for _, warehouse := range []string{"north", "river", "old-mill"} {
		pieces := int32(rnd.IntN(80))
		if soldOut {
			pieces = 0
		}
		d.StockByWarehouse[warehouse] = pieces
		p.Stock += pieces
	}
	for day := range 14 {
		change := -int32(rnd.IntN(7))
		if day%7 == 2 {
			change += 20
		}
		d.DailyStockChanges = append(d.DailyStockChanges, change)
	}
}

// features places a product by its shelf, its colour and its price, so that near products look and cost alike.
func features(s shelf, f finish, cents int64) []float32 {
	at := fnv.New32a()
	at.Write([]byte(s.slug))
	angle := float64(at.Sum32()%360) * math.Pi / 180
	return []float32{
		float32(2 * math.Cos(angle)), float32(2 * math.Sin(angle)), float32(s.motif) / 8,
		float32(f.rgb>>16&0xff) / 255, float32(f.rgb>>8&0xff) / 255, float32(f.rgb&0xff) / 255,
		float32(math.Log10(float64(cents))),
	}
}

// Money returns cents as an amount of the shop's currency.
func Money(cents int64) *commonv1.Money {
	return &commonv1.Money{CurrencyCode: Currency, Units: cents / 100, Nanos: int32(cents%100) * 10_000_000}
}

// Cents returns the amount in hundredths of a unit; what is finer is cut off.
func Cents(m *commonv1.Money) int64 {
	return m.GetUnits()*100 + int64(m.GetNanos()/10_000_000)
}

// tidyPrice rounds cents to what a price tag would say: full units above a hundred, else ten cents below a full unit.
func tidyPrice(cents float64) int64 {
	units := int64(math.Round(cents / 100))
	if units >= 100 {
		return units * 100
	}
	return units*100 - 10
}

// barcode returns a GTIN-13 from the range that is set aside for use inside a shop, with its check digit.
func barcode(rnd *rand.Rand) uint64 {
	digits := 200_000_000_000 + rnd.Uint64N(90_000_000_000)
	sum, weight := uint64(0), uint64(3)
	for rest := digits; rest > 0; rest /= 10 {
		sum += rest % 10 * weight
		weight = 4 - weight
	}
	return digits*10 + (10-sum%10)%10
}

func article(name string) string {
	if strings.ContainsRune("AEIOU", rune(name[0])) {
		return "An " + strings.ToLower(name)
	}
	return "A " + strings.ToLower(name)
}

// Slug returns name as an identifier: small letters and digits, with a hyphen for what lies between.
func Slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(name, "'", "")), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}

func generator(id string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(id))
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

func tenths(x float64) float64 { return math.Round(x*10) / 10 }
