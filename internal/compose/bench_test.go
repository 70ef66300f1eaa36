package compose_test

import (
	"context"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	homev1 "github.com/gatehouse-edge/gatehouse/gen/shop/home/v1"
	"github.com/gatehouse-edge/gatehouse/internal/compose"
)

// BenchmarkRun answers with the shop's first screen, five parts whose calls take no time.
func BenchmarkRun(b *testing.B) {
	for _, items := range []int{1, 3, 30} {
		plan, caller := homePlan(b), newShop(b, items)
		request, err := proto.Marshal(&homev1.GetHomeRequest{CustomerId: "c-1001"})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("5 parts of %d items", items), func(b *testing.B) {
			b.ReportAllocs()
			var room []byte
			for b.Loop() {
				answer, err := plan.Run(context.Background(), compose.Request{Message: request, Caller: caller, Into: room[:0]})
				if err != nil {
					b.Fatal(err)
				}
				room = answer.Message
			}
			b.ReportMetric(float64(len(room)), "bytes")
		})
	}
}
