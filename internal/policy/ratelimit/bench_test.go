package ratelimit_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
)

// someCallers have a check each by who they are, and one by where they call from.
func someCallers(n int) [][]ratelimit.Check {
	limit := &ratelimit.Limit{Name: "/shop.orders.v1.OrderService/ListOrders", Requests: 100_000, Window: time.Second, Burst: 1_000_000_000}
	callers := make([][]ratelimit.Check, n)
	for i := range callers {
		subject := fmt.Sprintf("%08d-0000-4000-8000-000000000000", i)
		address := binary.BigEndian.AppendUint32(nil, uint32(i))
		callers[i] = []ratelimit.Check{
			{Limit: limit, Key: ratelimit.OfPrincipal(&principal.Principal{Issuer: "https://login.example.com", Subject: subject})},
			{Limit: limit, Key: ratelimit.OfAddress(netip.AddrFrom4([4]byte(address)))},
		}
	}
	return callers
}

func BenchmarkAllow(b *testing.B) {
	for _, checks := range []int{1, 2} {
		for _, callers := range []int{1, 100_000} {
			all := someCallers(callers)
			b.Run(fmt.Sprintf("%d checks of %d callers", checks, callers), func(b *testing.B) {
				l := local(b, time.Now)
				b.ReportAllocs()
				for i := range b.N {
					l.Allow(b.Context(), all[i%callers][:checks]) //nolint:errcheck // there is none without Redis
				}
			})
		}
	}
}

func BenchmarkAllowParallel(b *testing.B) {
	const callers = 100_000
	all, l := someCallers(callers), local(b, time.Now)
	var begin atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := int(begin.Add(callers / 7)); pb.Next(); i++ {
			l.Allow(b.Context(), all[i%callers]) //nolint:errcheck // there is none without Redis
		}
	})
}

// Each call is of a key that nobody has seen, and the table is full.
func BenchmarkFlood(b *testing.B) {
	l := local(b, standing)
	limit := &ratelimit.Limit{Name: "limit", Requests: 100, Window: time.Minute}
	at := uint32(0)
	call := func() {
		at++
		l.Allow(b.Context(), []ratelimit.Check{{ //nolint:errcheck // there is none without Redis
			Limit: limit, Key: ratelimit.OfAddress(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, at)))),
		}})
	}
	for range 1 << 21 {
		call()
	}
	for b.Loop() {
		call()
	}
}

func BenchmarkRedis(b *testing.B) {
	s := start(b)
	for _, checks := range []int{1, 2} {
		b.Run(fmt.Sprintf("%d checks", checks), func(b *testing.B) {
			e, all := newEdge(b, s.config(), nil), someCallers(1000)
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if d, err := e.Allow(b.Context(), all[i%1000][:checks]); err != nil || d.Remaining == math.MaxUint32 {
						b.Error(err)
					}
				}
			})
		})
	}
}
