package profile

import (
	"crypto/sha256"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	profilev1 "github.com/gatehouse-edge/gatehouse/gen/shop/profile/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

func seeded() ([]*profilev1.Profile, error) {
	var all []*profilev1.Profile
	for i, c := range seed.Customers() {
		p, err := profile(i, c)
		if err != nil {
			return nil, fmt.Errorf("seed customer %s: %w", c.ID, err)
		}
		all = append(all, p)
	}
	return all, nil
}

func profile(i int, c seed.Customer) (*profilev1.Profile, error) {
	hash := sha256.Sum256([]byte("password of " + c.ID))
	debug, err := structpb.NewStruct(map[string]any{
		"shard": i % 4, "last_login_ip": fmt.Sprintf("192.0.2.%d", 10+i), "flags": []any{"new-checkout", "dark-mode"},
	})
	if err != nil {
		return nil, fmt.Errorf("debug info: %w", err)
	}
	state, err := structpb.NewValue(map[string]any{"last_shelf": "categories/kitchen/knives", "scroll": 0.4, "tour_done": i%2 == 0})
	if err != nil {
		return nil, fmt.Errorf("app state: %w", err)
	}
	searches, err := structpb.NewList([]any{"walnut", "gift under 30", 2000000000000 + i})
	if err != nil {
		return nil, fmt.Errorf("recent searches: %w", err)
	}
	p := &profilev1.Profile{
		Id:            c.ID,
		DisplayName:   c.Name,
		Email:         c.Email,
		EmailVerified: i%3 != 2,
		Addresses:     []*ordersv1.Address{c.Address},
		Preferences:   preferences(i, c),
		Consents: map[string]profilev1.Consent{
			"newsletter": profilev1.Consent_CONSENT_GIVEN, "surveys": profilev1.Consent_CONSENT_REFUSED,
		},
		Settings: map[string]*structpb.Value{
			"theme": structpb.NewStringValue("dark"), "columns": structpb.NewNumberValue(3),
			"sound": structpb.NewBoolValue(false), "nickname": structpb.NewNullValue(),
		},
		RecentSearches:     searches,
		AppState:           state,
		CreditMinor:        int64(i*450) - 900,
		CreditChangesMinor: []int64{int64(i * 450), -900},
		LastPointsChange:   int64(40 - i*9),
		CreateTime:         timestamppb.New(seed.Opened.Add(time.Duration(i*31) * time.Hour)),
		PasswordHash:       hash[:],
		FraudScore:         float64(i%5) / 20,
		DebugInfo:          debug,
	}
	for month := range 12 {
		p.PointsByMonth = append(p.PointsByMonth, int64((i*17+month*23)%120))
	}
	if i%2 == 0 {
		p.Contact = &profilev1.Profile_Phone{Phone: fmt.Sprintf("+4930555%04d", 100+i)}
	} else {
		p.Contact = &profilev1.Profile_PostInEnglish{PostInEnglish: true}
	}
	return p, nil
}

func preferences(i int, c seed.Customer) *profilev1.Preferences {
	portrait := sha256.Sum256([]byte("portrait of " + c.ID))
	p := &profilev1.Preferences{
		Greeting:         wrapperspb.String(c.Name),
		PricesWithTax:    wrapperspb.Bool(true),
		UtcOffsetMinutes: wrapperspb.Int32(60),
		ProductsPerPage:  wrapperspb.UInt32(24),
		LoyaltyCard:      wrapperspb.UInt64(9_007_199_254_741_000 + uint64(i)),
		PortraitSha256:   wrapperspb.Bytes(portrait[:]),
	}
	if i%2 == 0 {
		p.OrderLimitMinor = wrapperspb.Int64(25_000)
		p.TextScale = wrapperspb.Float(1.25)
		p.DonationPercent = wrapperspb.Double(0.5)
	}
	return p
}
