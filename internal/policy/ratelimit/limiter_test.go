package ratelimit_test

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
)

var minute = &ratelimit.Limit{Name: "minute", Requests: 100, Window: time.Minute, Burst: 10}

func standing() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func TestACallThatOneLimitRefusesCostsNothingUnderTheOthers(t *testing.T) {
	t.Parallel()
	l := local(t, standing)
	narrow := &ratelimit.Limit{Name: "narrow", Requests: 1, Window: time.Minute}
	both := []ratelimit.Check{{Limit: minute, Key: ratelimit.OfField("a")}, {Limit: narrow, Key: ratelimit.OfField("a")}}
	if d := allowAll(t, l, both...); !d.Allowed || d.Limit != narrow || d.Remaining != 0 || d.RetryAfter != time.Minute {
		t.Errorf("the first call: %+v", d)
	}
	for range 50 {
		if d := allowAll(t, l, both...); d.Allowed || d.Limit != narrow || d.RetryAfter != time.Minute {
			t.Fatalf("a call too many: %+v", d)
		}
	}
	if d := allowAll(t, l, both[0]); !d.Allowed || d.Remaining != 8 {
		t.Errorf("two of ten calls are spent, but %+v", d)
	}
}

func TestNothingLimitsACallWithoutChecks(t *testing.T) {
	t.Parallel()
	if d := allowAll(t, local(t, standing)); d != (ratelimit.Decision{Allowed: true}) {
		t.Errorf("%+v", d)
	}
}

func TestAQuotaOfADayBeginsAnewAtMidnight(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 2, 28, 23, 59, 59, 999_999_999, time.UTC)
	l := local(t, func() time.Time { return now })
	day := &ratelimit.Limit{Name: "day", Requests: 3, Window: 24 * time.Hour, Kind: ratelimit.Quota}
	for want := 2; want >= 0; want-- {
		if d := allow(t, l, day, ratelimit.Key{}); !d.Allowed || int(d.Remaining) != want || d.Reset != 1 {
			t.Errorf("want %d: %+v", want, d)
		}
	}
	if d := allow(t, l, day, ratelimit.Key{}); d.Allowed || d.RetryAfter != 1 {
		t.Errorf("the fourth of three: %+v", d)
	}
	now = now.Add(1)
	if d := allow(t, l, day, ratelimit.Key{}); !d.Allowed || d.Remaining != 2 || d.Reset != 24*time.Hour {
		t.Errorf("the next day: %+v", d)
	}
}

func TestAClockThatIsSetBackShutsNobodyOut(t *testing.T) {
	t.Parallel()
	now := standing()
	l := local(t, func() time.Time { return now })
	for range 100 {
		allow(t, l, minute, ratelimit.Key{})
	}
	now = now.Add(-time.Hour)
	if d := allow(t, l, minute, ratelimit.Key{}); !d.Allowed {
		t.Errorf("%+v", d)
	}
}

func TestALimitOfNothingRefusesEverything(t *testing.T) {
	t.Parallel()
	if d := allow(t, local(t, standing), &ratelimit.Limit{Name: "none", Window: time.Minute}, ratelimit.Key{}); d.Allowed || d.RetryAfter != time.Minute {
		t.Errorf("%+v", d)
	}
}

func TestGoroutinesTogetherGetWhatOneGets(t *testing.T) {
	t.Parallel()
	l := local(t, standing)
	wide := &ratelimit.Limit{Name: "wide", Requests: 1000, Window: time.Minute}
	var allowed atomic.Int64
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 500 {
				// Some checks have locks in common, in another order.
				checks := []ratelimit.Check{{Limit: wide, Key: ratelimit.Key{}}, {Limit: wide, Key: ratelimit.OfField(fmt.Sprint(i % 50))}}
				if g%2 == 0 {
					checks[0], checks[1] = checks[1], checks[0]
				}
				if d, err := l.Allow(t.Context(), checks); err == nil && d.Allowed {
					allowed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if n := allowed.Load(); n != 1000 {
		t.Errorf("%d of 1000 were let through", n)
	}
}

// A flood of keys that were made up fills the smallest table many times over, while one caller keeps calling. Where one call
// at once may be, each of the flood is as much in debt as the offender.
func TestAFloodOfKeysDoesNotMakeAnOffenderForgotten(t *testing.T) {
	t.Parallel()
	for _, burst := range []uint32{10, 1} {
		at, registry := &clock{nanoseconds: standing().UnixNano()}, prometheus.NewRegistry()
		l, err := ratelimit.New(&configv1.RateLimiting{MaxKeys: 64}, ratelimit.Options{Now: at.now, Registerer: registry})
		if err != nil {
			t.Fatal(err)
		}
		limit := &ratelimit.Limit{Name: "hour", Requests: 1, Window: time.Hour, Burst: burst}
		offender, allowed := ratelimit.OfAddress(netip.MustParseAddr("192.0.2.7")), 0
		for i := range 100_000 {
			at.nanoseconds++
			if i%10 == 0 && allow(t, l, limit, offender).Allowed {
				allowed++
			}
			if i > 200 { // before that, the offender is not one
				allow(t, l, limit, ratelimit.OfField(fmt.Sprint(i)))
			}
		}
		if allowed != int(burst) {
			t.Errorf("%d of the offender's 10,000 calls were let through, where %d may be", allowed, burst)
		}
		if n := metric(t, registry, "gatehouse_ratelimit_keys_forgotten_total"); n < 90_000 {
			t.Errorf("%v keys were forgotten, of 100,000 in room for 64", n)
		}
	}
}

// metric sums all series of a name.
func metric(t *testing.T, registry *prometheus.Registry, name string) (sum float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}

func TestLimitersWithOneRegistryCountTogether(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	for range 2 {
		l, err := ratelimit.New(nil, ratelimit.Options{Registerer: registry})
		if err != nil {
			t.Fatal(err)
		}
		allow(t, l, minute, ratelimit.Key{})
	}
	if n := metric(t, registry, "gatehouse_ratelimit_decisions_total"); n != 2 {
		t.Errorf("%v decisions, want 2", n)
	}
}

func TestKeysAreApart(t *testing.T) {
	t.Parallel()
	address := func(a string) ratelimit.Key { return ratelimit.OfAddress(netip.MustParseAddr(a)) }
	somebody := func(issuer, subject string) ratelimit.Key {
		return ratelimit.OfPrincipal(&principal.Principal{Issuer: issuer, Subject: subject})
	}
	for name, c := range map[string]struct {
		a, b ratelimit.Key
		same bool
	}{
		"IPv4 addresses":                        {address("192.0.2.1"), address("192.0.2.2"), false},
		"an IPv4 address in IPv6 is the same":   {address("192.0.2.1"), address("::ffff:192.0.2.1"), true},
		"addresses of one IPv6 network":         {address("2001:db8::1"), address("2001:db8::ffff:1"), true},
		"addresses of two IPv6 networks":        {address("2001:db8::1"), address("2001:db8:0:1::1"), false},
		"IPv4 addresses that were translated":   {address("64:ff9b::192.0.2.1"), address("64:ff9b::192.0.2.2"), false},
		"a zone":                                {address("fe80::1%eth0"), address("fe80::1"), true},
		"an address and a field that says it":   {address("192.0.2.1"), ratelimit.OfField("192.0.2.1"), false},
		"issuer and subject, cut elsewhere":     {somebody("ab", "c"), somebody("a", "bc"), false},
		"issuer and subject, exchanged":         {somebody("a", "b"), somebody("b", "a"), false},
		"everybody and a field without a value": {ratelimit.Key{}, ratelimit.OfField(""), false},
	} {
		l := local(t, standing)
		one := &ratelimit.Limit{Name: "one", Requests: 1, Window: time.Minute}
		allow(t, l, one, c.a)
		if same := !allow(t, l, one, c.b).Allowed; same != c.same {
			t.Errorf("%s: the same is %t, want %t", name, same, c.same)
		}
		if a, b := (&ratelimit.Check{Limit: one, Key: c.a}).Shared("p"), (&ratelimit.Check{Limit: one, Key: c.b}).Shared("p"); (a == b) != c.same {
			t.Errorf("%s: in Redis %s and %s", name, a, b)
		}
	}
}

func TestExemptAddresses(t *testing.T) {
	t.Parallel()
	l, err := ratelimit.New(&configv1.RateLimiting{ExemptAddresses: []string{"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"}}, ratelimit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "192.0.2.7": true, "192.0.2.8": false, "2001:db8::1%eth0": true, "2001:db9::1": false,
	} {
		if got := l.Exempt(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %t, want %t", address, got, want)
		}
	}
	if l.Exempt(netip.Addr{}) {
		t.Error("no address at all is exempt")
	}
}

func TestDecisionsDoNotAllocate(t *testing.T) {
	l := local(t, time.Now)
	checks := []ratelimit.Check{
		{Limit: minute, Key: ratelimit.OfPrincipal(&principal.Principal{Issuer: "https://issuer.example.com", Subject: "somebody"})},
		{Limit: minute, Key: ratelimit.OfAddress(netip.MustParseAddr("2001:db8::1"))},
	}
	for _, n := range []int{1, 2} {
		if allocs := testing.AllocsPerRun(1000, func() { allowAll(t, l, checks[:n]...) }); allocs > 0 {
			t.Errorf("%d checks: %v allocations", n, allocs)
		}
	}
}
