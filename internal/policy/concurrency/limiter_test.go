package concurrency_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/concurrency"
)

func reason(err error) fault.Reason {
	f, _ := errors.AsType[*fault.Error](err)
	if f == nil {
		return ""
	}
	return f.Reason
}

func loaded(t *testing.T, l *concurrency.Limiter, running, waiting uint32) {
	t.Helper()
	if r, w := l.Load(); r != running || w != waiting {
		t.Errorf("%d are under way and %d wait, want %d and %d", r, w, running, waiting)
	}
}

func TestACallTooManyIsRefused(t *testing.T) {
	t.Parallel()
	l := concurrency.New("the method", concurrency.Settings{Calls: 2})
	for range 2 {
		if err := l.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	err := l.Acquire(t.Context())
	w := httptest.NewRecorder()
	fault.Write(w, fault.From(err), "id-1", fault.Brief)
	if w.Code != 503 || w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), `"reason":"OVERLOADED"`) ||
		!strings.Contains(w.Body.String(), "the method has as many") || !strings.Contains(w.Body.String(), `"retryDelay":"1s"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	loaded(t, l, 2, 0)
	l.Release()
	if err := l.Acquire(t.Context()); err != nil || l.Refused() != 1 {
		t.Errorf("%v, %d refused", err, l.Refused())
	}
}

func TestWithoutALimitEverythingIsLetThrough(t *testing.T) {
	t.Parallel()
	l := concurrency.New("the method", concurrency.Settings{})
	for range 100 {
		if err := l.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	l.Release()
	loaded(t, l, 0, 0)
}

func TestCallsWaitForTheirTurnOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := concurrency.New("the method", concurrency.Settings{Calls: 1, Queue: 3, Wait: time.Second})
		if err := l.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		order := make(chan int, 3)
		for i := range 3 {
			go func() {
				if err := l.Acquire(t.Context()); err != nil {
					t.Error(err)
				}
				order <- i
			}()
			synctest.Wait()
		}
		loaded(t, l, 1, 3)
		if err := l.Acquire(t.Context()); reason(err) != fault.Overloaded {
			t.Errorf("a call beyond the queue: %v", err)
		}
		for want := range 3 {
			l.Release()
			if got := <-order; got != want {
				t.Errorf("it was the turn of %d, want %d", got, want)
			}
		}
		l.Release()
		loaded(t, l, 0, 0)
	})
}

func TestACallDoesNotWaitLongerThanItMay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := concurrency.New("the method", concurrency.Settings{Calls: 1, Queue: 3, Wait: time.Second})
		if err := l.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		gone, leave := context.WithCancel(t.Context())
		hurried, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		time.AfterFunc(200*time.Millisecond, leave)
		var all sync.WaitGroup
		for name, c := range map[string]struct {
			ctx   context.Context
			want  fault.Reason
			after time.Duration
		}{
			"one that has time":             {t.Context(), fault.Overloaded, time.Second},
			"one whose client leaves":       {gone, fault.ClientGone, 200 * time.Millisecond},
			"one whose deadline is earlier": {hurried, fault.Overloaded, 100 * time.Millisecond},
		} {
			all.Go(func() {
				began := time.Now()
				if err := l.Acquire(c.ctx); reason(err) != c.want || time.Since(began) != c.after {
					t.Errorf("%s: %v after %v, want %s after %v", name, err, time.Since(began), c.want, c.after)
				}
			})
		}
		all.Wait()
		loaded(t, l, 1, 0)
		l.Release()
		if err := l.Acquire(t.Context()); err != nil {
			t.Errorf("there is room, but: %v", err)
		}
	})
}

// Calls come, wait, give up and end in every order.
func TestThereAreNeverMoreCallsThanMayBe(t *testing.T) {
	t.Parallel()
	for _, s := range []concurrency.Settings{
		{Calls: 3},
		{Calls: 1, Queue: 1, Wait: time.Microsecond},
		{Calls: 3, Queue: 5, Wait: 20 * time.Microsecond},
		{Calls: 3, Queue: 100, Wait: time.Minute},
	} {
		l := concurrency.New("the method", s)
		var running atomic.Int32
		var all sync.WaitGroup
		for seed := range uint64(16) {
			all.Go(func() {
				r := rand.New(rand.NewPCG(seed, 1))
				for range 2000 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(200))*time.Microsecond)
					if err := l.Acquire(ctx); err == nil {
						if n := running.Add(1); n > int32(s.Calls) {
							t.Errorf("%+v: %d at once", s, n)
						}
						if r.IntN(4) == 0 {
							time.Sleep(time.Duration(r.IntN(20)) * time.Microsecond)
						}
						running.Add(-1)
						l.Release()
					} else if reason(err) != fault.Overloaded {
						t.Errorf("%+v: %v", s, err)
					}
					cancel()
				}
			})
		}
		all.Wait()
		loaded(t, l, 0, 0)
	}
}

func TestNeitherCallsNorRefusalsAllocate(t *testing.T) {
	l := concurrency.New("the method", concurrency.Settings{Calls: 1})
	if allocs := testing.AllocsPerRun(1000, func() {
		if l.Acquire(t.Context()) != nil || l.Acquire(t.Context()) == nil {
			t.Error("one call may be under way")
		}
		l.Release()
	}); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestSettingsAndWhatIsWrongWithThem(t *testing.T) {
	t.Parallel()
	if s := concurrency.SettingsOf(nil, 5); s != (concurrency.Settings{Calls: 5, Wait: time.Second}) {
		t.Errorf("%+v", s)
	}
	for want, cfg := range map[string]*configv1.Concurrency{
		"":              {Queue: 10, Wait: durationpb.New(time.Minute)},
		"queue: 100001": {Queue: 100_001},
		"wait: 0s":      {Queue: 1, Wait: durationpb.New(0)},
		"wait: 1m1s":    {Queue: 1, Wait: durationpb.New(61 * time.Second)},
		"wait: means":   {Wait: durationpb.New(time.Second)},
	} {
		var got []string
		concurrency.Problems(cfg, func(key, format string, args ...any) { got = append(got, key+": "+fmt.Sprintf(format, args...)) })
		if text := strings.Join(got, "\n"); !strings.HasPrefix(text, want) || (text == "") != (want == "") {
			t.Errorf("%v: got %q, want %q", cfg, text, want)
		}
	}
}

func BenchmarkAcquire(b *testing.B) {
	for name, s := range map[string]concurrency.Settings{
		"room":    {Calls: 1000},
		"no room": {Calls: 1},
		"queue":   {Calls: 1, Queue: 1000, Wait: time.Minute},
	} {
		b.Run(name, func(b *testing.B) {
			l := concurrency.New("the method", s)
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if l.Acquire(b.Context()) == nil {
						l.Release()
					}
				}
			})
		})
	}
}
