package ratelimit_test

import (
	"math"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
)

// replicas are edges with one Redis. Their clocks are hours apart.
func replicas(t *testing.T, n int, cfg *configv1.RateLimiting) []*edge {
	t.Helper()
	edges := make([]*edge, n)
	for i := range edges {
		edges[i] = newEdge(t, cfg, func() time.Time { return time.Now().Add(time.Duration(i-n/2) * 5 * time.Hour) })
	}
	return edges
}

// press calls through all edges at once until told otherwise, and returns how many calls were let through.
func press(t *testing.T, edges []*edge, limit *ratelimit.Limit, enough func(edge, calls int) bool) int {
	t.Helper()
	var allowed atomic.Int64
	var all sync.WaitGroup
	for i, e := range edges {
		for range 2 {
			all.Go(func() {
				for calls := 0; !enough(i, calls); calls++ {
					d, err := e.Allow(t.Context(), []ratelimit.Check{{Limit: limit, Key: ratelimit.OfField("somebody")}})
					if err != nil {
						t.Error(err)
						return
					}
					if d.Allowed {
						allowed.Add(1)
					}
				}
			})
		}
	}
	all.Wait()
	return int(allowed.Load())
}

func TestReplicasTogetherLetThroughWhatOneLimitSays(t *testing.T) {
	t.Parallel()
	edges := replicas(t, 8, start(t).config())
	// The burst is large, so that none of it is lost if this machine stands still for seconds.
	limit := &ratelimit.Limit{Name: "shared", Requests: 200, Window: time.Second, Burst: 2000}

	// How much has come back is known by the time that has passed: no more than this, and no less than that.
	before := time.Now()
	allow(t, edges[0].Limiter, limit, ratelimit.OfField("somebody"))
	begun := time.Now()
	allowed := 1 + press(t, edges, limit, func(int, int) bool { return time.Since(begun) > 3*time.Second })
	ending := time.Now()
	for calls, refused := 0, 0; refused < 10 && calls < 100_000; calls++ { // what has come back since
		if allow(t, edges[0].Limiter, limit, ratelimit.OfField("somebody")).Allowed {
			allowed++
			continue
		}
		refused++
		time.Sleep(10 * time.Millisecond) // longer than an edge takes the refusal for the answer to the next call
	}
	most := 2000 + 200*time.Since(before).Seconds()
	least := 2000 + 200*ending.Sub(begun).Seconds()
	t.Logf("%d were let through, between %.0f and %.0f were to be", allowed, least, most)
	if n := float64(allowed); n > most*1.01+1 || n < least*0.99-1 {
		t.Errorf("%d were let through, between %.0f and %.0f were to be", allowed, least, most)
	}
}

func TestReplicasTogetherLetThroughAQuota(t *testing.T) {
	t.Parallel()
	edges := replicas(t, 8, start(t).config())
	// Two days may have to do with it, if midnight comes in between.
	quota := &ratelimit.Limit{Name: "day", Requests: 1000, Window: 24 * time.Hour, Kind: ratelimit.Quota}
	today := time.Now().UTC().YearDay()
	if n := press(t, edges, quota, func(_, calls int) bool { return calls == 500 }); n != 1000 && today == time.Now().UTC().YearDay() {
		t.Errorf("%d of 1000 were let through", n)
	}
}

// A machine fails: Redis is killed under load, stays away, and comes back.
func TestRedisMayFailUnderLoadAndCallersNoticeNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	edges := replicas(t, 4, s.config())
	free := &ratelimit.Limit{Name: "free", Requests: 1_000_000, Window: time.Minute}
	var enough atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		press(t, edges, free, func(int, int) bool { // an error fails the test
			time.Sleep(100 * time.Microsecond)
			return enough.Load()
		})
	}()
	each := func(is func(e *edge) bool) func() bool {
		return func() bool {
			for _, e := range edges {
				if !is(e) {
					return false
				}
			}
			return true
		}
	}
	up := func(want float64) func() bool {
		return each(func(e *edge) bool { return metric(t, e.registry, "gatehouse_ratelimit_redis_up") == want })
	}

	for range 2 {
		until(t, "all ask Redis", up(1))
		s.kill(t)
		until(t, "all know that Redis is away", up(0))
		s.restart(t)
		until(t, "all ask Redis again", up(1))
	}
	enough.Store(true)
	<-ended

	limit := &ratelimit.Limit{Name: "afterwards", Requests: 500, Window: 24 * time.Hour}
	if n := press(t, edges, limit, func(_, calls int) bool { return calls == 200 }); n != 500 {
		t.Errorf("after the outages, %d of 500 were let through", n)
	}
	for i, e := range edges {
		if away, back := e.log.count("does not answer"), e.log.count("answers again"); away != 2 || back != 2 {
			t.Errorf("edge %d has logged two outages %d times, and their ends %d times", i, away, back)
		}
	}
}

// Redis hangs: nothing says that it is away.
func TestCallsDoNotWaitForARedisThatHangs(t *testing.T) {
	t.Parallel()
	s := start(t)
	cfg := s.config()
	cfg.Redis.Timeout = durationpb.New(time.Second)
	e := newEdge(t, cfg, nil)
	limit := &ratelimit.Limit{Name: "limit", Requests: 300, Window: 24 * time.Hour}
	for range 100 {
		allow(t, e.Limiter, limit, ratelimit.Key{})
	}
	if err := s.process.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	began, allowed := time.Now(), 0
	for range 1000 {
		if allow(t, e.Limiter, limit, ratelimit.Key{}).Allowed {
			allowed++
		}
	}
	if took := time.Since(began); took > 100*time.Second {
		t.Errorf("1000 calls took %v", took)
	}
	// Three, unless this machine stands still. Each may have been counted in another place than the calls after it.
	waited := int(metric(t, e.registry, "gatehouse_ratelimit_redis_failures_total"))
	if waited < 3 || waited > 20 {
		t.Errorf("%d calls waited, want 3", waited)
	}
	if allowed < 200-waited || allowed > 200+waited {
		t.Errorf("the edge goes on from where Redis was with %d calls, want 200", allowed)
	}
	if err := s.process.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	until(t, "Redis is asked again", func() bool { return e.log.count("answers again") == 1 })
}

func TestFailClosedRefusesWith503WhileRedisIsAway(t *testing.T) {
	t.Parallel()
	s := start(t)
	cfg := s.config()
	cfg.OnFailure = configv1.RateLimiting_FAIL_CLOSED
	e := newEdge(t, cfg, nil)
	allow(t, e.Limiter, minute, ratelimit.Key{})
	s.kill(t)
	for range 10 {
		_, err := e.Allow(t.Context(), []ratelimit.Check{{Limit: minute}})
		if f := fault.From(err); err == nil || f.Reason != fault.Overloaded || f.HTTP != 503 || f.Header.Get("Retry-After") != "1" || f.Cause != nil {
			t.Fatal(err)
		}
	}
	if d := allowAll(t, e.Limiter); !d.Allowed {
		t.Error("a call that nothing limits is refused")
	}
	s.restart(t)
	until(t, "Redis is asked again", func() bool {
		d, err := e.Allow(t.Context(), []ratelimit.Check{{Limit: minute}})
		return err == nil && d.Allowed
	})
}

func TestAnEdgeStartsWithoutItsRedis(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.kill(t)
	e := newEdge(t, s.config(), nil)
	for i := range 20 {
		if d := allow(t, e.Limiter, minute, ratelimit.Key{}); d.Allowed != (i < 10) {
			t.Errorf("call %d: %+v", i, d)
		}
	}
}

func TestAQuotaOutlivesRedisIfThatKeepsWhatItHolds(t *testing.T) {
	t.Parallel()
	s := start(t, "--appendonly", "yes", "--appendfsync", "always")
	day := &ratelimit.Limit{Name: "day", Requests: math.MaxUint32, Window: 24 * time.Hour, Kind: ratelimit.Quota}
	e := newEdge(t, s.config(), nil)
	for range 10 {
		allow(t, e.Limiter, day, ratelimit.Key{})
	}
	s.kill(t)
	s.restart(t)
	fresh := newEdge(t, s.config(), nil)
	until(t, "Redis has read what it held", func() bool {
		allow(t, fresh.Limiter, day, ratelimit.Key{})
		return fresh.asked(t) > 0
	})
	if d := allow(t, fresh.Limiter, day, ratelimit.Key{}); d.Remaining > math.MaxUint32-11 {
		t.Errorf("ten calls are forgotten: %+v", d)
	}
}
