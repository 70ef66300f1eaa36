package promotions

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	promotionsv1 "github.com/gatehouse-edge/gatehouse/gen/shop/promotions/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop/seed"
)

func seeded() []*promotionsv1.Promotion {
	from := func(month time.Month, day int) *timestamppb.Timestamp {
		return timestamppb.New(time.Date(2026, month, day, 0, 0, 0, 0, time.UTC))
	}
	always := timestamppb.New(time.Date(2036, time.January, 1, 0, 0, 0, 0, time.UTC))
	return []*promotionsv1.Promotion{
		{
			Id: "free-delivery-week", Title: "Delivery is on us", Description: "On every order, however small.",
			Discount:  &promotionsv1.Promotion_FreeDelivery{FreeDelivery: &emptypb.Empty{}},
			StartTime: from(time.November, 16), EndTime: always, MinSpend: seed.Money(0), Priority: 50,
		},
		{
			Id: "winter-kitchen", Title: "A warm kitchen", Description: "15 % off everything that cooks, cuts or serves.",
			Discount:   &promotionsv1.Promotion_PercentOff{PercentOff: 15},
			Categories: []string{"categories/kitchen"}, StartTime: from(time.October, 1), EndTime: always, Priority: 40,
		},
		{
			Id: "welcome-ten", Title: "Ten euros to begin with", Description: "On a first order of fifty euros or more.",
			Code: proto.String("WELCOME10"), Discount: &promotionsv1.Promotion_AmountOff{AmountOff: seed.Money(1000)},
			StartTime: from(time.January, 5), EndTime: always, MinSpend: seed.Money(5000), Priority: -1,
		},
		{
			Id: "soap-four-for-three", Title: "Four soaps for three", Description: "Mix them as you like.",
			Discount: &promotionsv1.Promotion_BuyAndGet_{
				BuyAndGet: &promotionsv1.Promotion_BuyAndGet{Buy: 3, GetFree: 1},
			},
			Categories: []string{"categories/bath/soap"}, StartTime: from(time.March, 1), EndTime: always, Priority: 20,
		},
		{
			Id: "tuesday-roast", Title: "Tuesday is roasting day", Description: "A tenth off coffee and tea while the drum is hot.",
			Discount:   &promotionsv1.Promotion_PercentOff{PercentOff: 10},
			Categories: []string{"categories/pantry"}, Weekdays: []promotionsv1.Weekday{promotionsv1.Weekday_WEEKDAY_TUESDAY},
			StartTime: from(time.January, 5), EndTime: always, Priority: 10,
		},
		{
			Id: "weekend-outdoors", Title: "Out at the weekend", Description: "7.5 % off packs, tents and bottles on Saturdays and Sundays.",
			Discount: &promotionsv1.Promotion_PercentOff{PercentOff: 7.5}, Categories: []string{"categories/outdoors"},
			Weekdays:  []promotionsv1.Weekday{promotionsv1.Weekday_WEEKDAY_SATURDAY, promotionsv1.Weekday_WEEKDAY_SUNDAY},
			StartTime: from(time.April, 1), EndTime: always, Priority: 15,
		},
		{
			Id: "garden-autumn", Title: "Put the garden to bed", Description: "Twelve euros off a garden order of eighty or more.",
			Discount:   &promotionsv1.Promotion_AmountOff{AmountOff: seed.Money(1200)},
			Categories: []string{"categories/garden"}, StartTime: from(time.September, 1), EndTime: from(time.November, 1),
			MinSpend: seed.Money(8000), Priority: 30,
		},
		{
			Id: "notebook-pair", Title: "One for each pocket", Description: "Buy two notebooks and take a third.",
			Discount: &promotionsv1.Promotion_BuyAndGet_{
				BuyAndGet: &promotionsv1.Promotion_BuyAndGet{Buy: 2, GetFree: 1},
			},
			Categories: []string{"categories/study/notebooks"}, StartTime: from(time.August, 15), EndTime: always, Priority: 12,
		},
	}
}
