package compose_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// counting answers with plants that are numbered.
func counting() behaviour {
	var n atomic.Int32
	return func(context.Context, string) (string, error) { return fmt.Sprintf("height: %d", n.Add(1)), nil }
}

// as is a context of a caller.
func as(t *testing.T, issuer, subject string, scopes ...string) context.Context {
	return principal.NewContext(t.Context(), &principal.Principal{Issuer: issuer, Subject: subject, Scopes: scopes})
}

// saw checks an answer.
func (w *world) saw(ctx context.Context, request, want string) {
	w.t.Helper()
	got, _, err := w.run(ctx, request)
	if err != nil {
		w.t.Fatal(err)
	}
	if got != want {
		w.t.Errorf("answer to %q: %s, want %s", request, got, want)
	}
}

func TestAResponseIsKeptForItsAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(plantOf(`bind: {to: "id" request: "id"} cache: {age: {seconds: 10}}`)), compose.Options{})
		w.on("Get", counting())
		w.saw(t.Context(), `id: "a"`, "plant:{height:1}")
		time.Sleep(9 * time.Second)
		w.saw(t.Context(), `id: "a"`, "plant:{height:1}")
		w.saw(t.Context(), `id: "b"`, "plant:{height:2}")
		time.Sleep(time.Second)
		w.saw(t.Context(), `id: "a"`, "plant:{height:3}")
	})
}

func TestFailuresAreNotKept(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(plantOf(`optional: true cache: {age: {seconds: 1000}}`)), compose.Options{})
	w.on("Get", dead)
	if _, partial, err := w.run(t.Context(), ""); err != nil || len(partial) != 1 {
		t.Errorf("missing: %v, %v", partial, err)
	}
	w.says("Get", "height: 1")
	w.saw(t.Context(), "", "plant:{height:1}")
}

func TestACallerSeesNobodyElsesResponses(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(plantOf(`cache: {age: {seconds: 1000}}`)), compose.Options{})
	w.on("Get", counting())
	w.saw(t.Context(), "", "plant:{height:1}")
	for i, caller := range []context.Context{
		as(t, "i", "ab"), as(t, "ia", "b"), as(t, "", "iab"), as(t, "i", "ab", "admin"), as(t, "i", "ab", "ad", "min"), as(t, "", ""),
	} {
		want := fmt.Sprintf("plant:{height:%d}", i+2)
		w.saw(caller, "", want)
		w.saw(caller, "", want)
	}
	w.request.Vary = "de"
	w.saw(t.Context(), "", "plant:{height:8}")
}

func TestCallersShareResponsesWhereThatIsSaid(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(plantOf(`bind: {to: "id" request: "id"} cache: {age: {seconds: 1000} shared: true}`)), compose.Options{})
	w.on("Get", counting())
	w.saw(as(t, "i", "a"), `id: "a"`, "plant:{height:1}")
	w.saw(as(t, "i", "b"), `id: "a"`, "plant:{height:1}")
	w.saw(t.Context(), `id: "a"`, "plant:{height:1}")
	w.saw(t.Context(), `id: "b"`, "plant:{height:2}")
	w.request.Vary = "de"
	w.saw(t.Context(), `id: "b"`, "plant:{height:3}")
}

func TestAKeyIsWhatItsBindingsSay(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(plantOf(`bind: {to: "id" request: "id"} bind: {to: "near" request: "maybe"} bind: {to: "limit" request: "limit"} cache: {age: {seconds: 1000} key: ["id", "near"]}`)), compose.Options{})
	w.on("Get", counting())
	w.saw(t.Context(), `id: "a" limit: 1`, "plant:{height:1}")
	w.saw(t.Context(), `id: "a" limit: 2`, "plant:{height:1}")
	w.saw(t.Context(), `id: "b" limit: 1`, "plant:{height:2}")
	w.saw(t.Context(), `id: "b" maybe: "b"`, "plant:{height:3}")
}

func TestAStoreOutlivesItsPlans(t *testing.T) {
	t.Parallel()
	store := compose.NewStore(0, 0)
	text := garden(plantOf(`cache: {age: {seconds: 1000}}`))
	w := compiled(t, text, compose.Options{Store: store})
	w.on("Get", counting())
	w.saw(t.Context(), "", "plant:{height:1}")
	reloaded := compiled(t, text, compose.Options{Store: store})
	reloaded.saw(t.Context(), "", "plant:{height:1}")
	changed := compiled(t, strings.Replace(text, `"garden.Beds/Get"`, `"garden.Beds/List" take: "best"`, 1), compose.Options{Store: store})
	changed.says("List", "best {height: 9}")
	changed.saw(t.Context(), "", "plant:{height:9}")
}

func TestAStoreForgetsWhatWasNotAskedForTheLongest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ entries, bytes int }{"by number": {32, 0}, "by size": {0, 16 * 2000}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := compose.NewStore(c.entries, c.bytes)
			w := compiled(t, garden(plantOf(`bind: {to: "id" request: "id"} cache: {age: {seconds: 1000}}`)), compose.Options{Store: store})
			w.says("Get", "name: '"+strings.Repeat("x", 300)+"'")
			for i := range 1000 {
				w.run(t.Context(), `id: "often"`)              //nolint:errcheck // what comes of it is counted below
				w.run(t.Context(), fmt.Sprintf(`id: "%d"`, i)) //nolint:errcheck // the same
			}
			entries, bytes := store.Kept()
			if entries == 0 || c.entries > 0 && entries > c.entries || c.bytes > 0 && bytes > c.bytes {
				t.Errorf("%d responses are kept, of %d bytes", entries, bytes)
			}
			w.mu.Lock()
			often := strings.Count(strings.Join(w.calls, "\n"), "often")
			w.mu.Unlock()
			if often != 1 {
				t.Errorf("what was asked for all the time was called for %d times", often)
			}
		})
	}
}

func TestAResponseThatIsTooLargeIsNotKept(t *testing.T) {
	t.Parallel()
	store := compose.NewStore(0, 16*1000)
	w := compiled(t, garden(plantOf(`cache: {age: {seconds: 1000}}`)), compose.Options{Store: store})
	w.says("Get", "name: '"+strings.Repeat("x", 2000)+"'")
	for range 2 {
		if _, _, err := w.run(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	w.asked("Get", "Get")
	if entries, bytes := store.Kept(); entries != 0 || bytes != 0 {
		t.Errorf("%d responses are kept, of %d bytes", entries, bytes)
	}
}

func TestCallsThatAreTheSameAreMadeOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(plantOf(`cache: {} timeout: {seconds: 1} optional: true`)), compose.Options{})
		count := counting()
		w.on("Get", func(ctx context.Context, request string) (string, error) {
			time.Sleep(100 * time.Millisecond)
			return count(ctx, request)
		})
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { w.saw(t.Context(), "", "plant:{height:1}") })
		}
		time.Sleep(50 * time.Millisecond)
		w.saw(as(t, "i", "other"), "", "plant:{height:2}")
		all.Wait()
		w.asked("Get", "Get")
		w.saw(t.Context(), "", "plant:{height:3}") // nothing is kept
	})
}

func TestACallIsMadeAgainIfItsMakerLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(plantOf(`cache: {age: {seconds: 10}}`)), compose.Options{})
		var first atomic.Bool
		w.on("Get", func(ctx context.Context, request string) (string, error) {
			if first.CompareAndSwap(false, true) {
				return slow(ctx, request)
			}
			return "height: 2", nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if _, _, err := w.run(ctx, ""); err == nil {
				t.Error("the one who left has an answer")
			}
		})
		synctest.Wait()
		for range 5 {
			all.Go(func() { w.saw(t.Context(), "", "plant:{height:2}") })
		}
		synctest.Wait()
		cancel()
		all.Wait()
		w.asked("Get", "Get")
	})
}

func TestOneWhoWaitsForTheCallOfAnotherLeavesWhenHeWants(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(plantOf(`cache: {}`)), compose.Options{})
		w.on("Get", func(context.Context, string) (string, error) {
			time.Sleep(time.Minute)
			return "", nil
		})
		var all sync.WaitGroup
		all.Go(func() { w.saw(t.Context(), "", "plant:{}") })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, _, err := w.run(ctx, ""); faultOf(t, err).Reason != "UPSTREAM_TIMEOUT" || time.Since(began) != time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		all.Wait()
	})
}

func TestAPanicOfOneIsAFailureOfAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(plantOf(`cache: {age: {seconds: 1}} optional: true`)), compose.Options{})
		w.on("Get", func(context.Context, string) (string, error) {
			time.Sleep(time.Second)
			panic("out of order")
		})
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, partial, err := w.run(t.Context(), ""); err != nil || len(partial) != 1 {
					t.Errorf("missing: %v, %v", partial, err)
				}
			})
		}
		all.Wait()
		w.asked("Get")
	})
}

func TestAStoreHoldsUnderManyHands(t *testing.T) {
	t.Parallel()
	store := compose.NewStore(64, 1<<20)
	w := compiled(t, garden(plantOf(`bind: {to: "id" request: "id"} cache: {age: {nanos: 100000}} fallback: {last_good: {seconds: 1}}`)), compose.Options{Store: store})
	w.on("Get", named)
	var all sync.WaitGroup
	for hand := range 8 {
		all.Go(func() {
			for i := range 300 {
				id := fmt.Sprint((i*7 + hand) % 90)
				w.saw(t.Context(), `id: "`+id+`"`, `plant:{name:"`+id+`"}`)
			}
		})
	}
	all.Wait()
}

// One element of a required list ends the calls for the others, which somebody else may be waiting for.
func TestAnElementThatFailsEndsNobodyElsesCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(`parts: {field: "plants" call: "garden.Beds/Get" each: {request: "ids"} bind: {to: "id" element: "*"} cache: {}}`), compose.Options{})
		var calls atomic.Int32
		w.on("Get", func(ctx context.Context, request string) (string, error) {
			switch {
			case strings.Contains(request, "bad"):
				time.Sleep(time.Second)
				return dead(ctx, request)
			case calls.Add(1) == 1:
				return slow(ctx, request)
			default:
				return `name: "good"`, nil
			}
		})
		var all sync.WaitGroup
		all.Go(func() {
			if _, _, err := w.run(t.Context(), `ids: ["good", "bad"]`); faultOf(t, err).Reason != fault.UpstreamAbsent {
				t.Errorf("error: %v", err)
			}
		})
		synctest.Wait()
		all.Go(func() { w.saw(t.Context(), `ids: "good"`, `plants:{name:"good"}`) })
		all.Wait()
	})
}

func TestWhatIsKeptIsLookedAtWithTheEyesOfWhoTakesIt(t *testing.T) {
	t.Parallel()
	store := compose.NewStore(0, 0)
	text := garden(plantOf(`cache: {age: {seconds: 1000}} fallback: {last_good: {seconds: 1000}} optional: true`))
	deep := strings.Repeat("next {", 15) + strings.Repeat("}", 15)
	w := compiled(t, text, compose.Options{Store: store})
	w.says("Get", deep)
	if _, partial, err := w.run(t.Context(), ""); err != nil || len(partial) > 0 {
		t.Fatalf("missing: %v, %v", partial, err)
	}
	strict := compiled(t, text, compose.Options{Store: store, MaxDepth: 10})
	strict.on("Get", dead)
	if got, partial, err := strict.run(t.Context(), ""); err != nil || strings.Contains(got, "next") || len(partial) != 1 || partial[0].Instead != compose.Nothing {
		t.Errorf("answer: %s, %v, %v", got, partial, err)
	}
	strict.says("Get", `name: "shallow"`)
	strict.saw(t.Context(), "", `plant:{name:"shallow"}`)
	strict.saw(t.Context(), "", `plant:{name:"shallow"}`)
	strict.asked("Get", "Get") // and the second time from what is kept
	if len(w.calls) != 1 {
		t.Errorf("calls: %q", w.calls)
	}
}

func TestCallersWhomTheEdgeDoesNotKnowAreToldApart(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{"": "plant:{height:2}", "shared: true": "plant:{height:1}"} {
		w := compiled(t, garden(`parts: {field: "plant" call: "garden.Inner/Show"}`)+`
			service Inner { rpc Show(Ask) returns (Plant) { option (gatehouse.v1.compose) = {
				parts: {field: "*" call: "garden.Beds/Get" cache: {age: {seconds: 1000} `+options+`}}
			}; } }`, compose.Options{})
		w.on("Get", counting())
		w.request.Whose = func() string { return "one" }
		w.saw(t.Context(), "", "plant:{height:1}")
		w.saw(t.Context(), "", "plant:{height:1}")
		w.request.Whose = func() string { return "another" }
		w.saw(t.Context(), "", want)
	}
}

// One whose calls are used up gets a part that is not whole, which somebody else need not be content with.
func TestACallThatOneCanNotAffordIsMadeAgainForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(`
			parts: {field: "plants" call: "garden.Beds/Get" each: {request: "ids"} bind: {to: "id" element: "*"}}
			parts: {field: "plant" call: "garden.Inner/Show" bind: {to: "ids" part: "plants.name"} bind: {to: "id" request: "id"} cache: {key: "id"}}`)+`
			service Inner { rpc Show(Ask) returns (Plant) { option (gatehouse.v1.compose) = {
				parts: {field: "name" call: "garden.Beds/Pick" take: "id"}
				parts: {field: "soil" call: "garden.Beds/List" bind: {to: "id" part: "name.id"} take: "best.soil" optional: true}
			}; } }`, compose.Options{MaxCalls: 4})
		w.on("Get", named).says("List", `best {soil {type: "loam"}}`)
		w.on("Pick", func(context.Context, string) (string, error) {
			time.Sleep(time.Second)
			return `id: "a"`, nil
		})
		var all sync.WaitGroup
		all.Go(func() {
			w.saw(t.Context(), `ids: ["x", "y"]`, `plant:{name:"a"} plants:{name:"x"} plants:{name:"y"} partial:{field:"plant.soil" code:RESOURCE_EXHAUSTED reason:"TOO_MANY"}`)
		})
		synctest.Wait()
		all.Go(func() { w.saw(t.Context(), "", `plant:{name:"a" soil:{type:"loam"}}`) })
		all.Wait()
	})
}
