package compose_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// behaviour is what a service may do.
type behaviour func(ctx context.Context, request string) (string, error)

// slow answers when nobody waits any more.
func slow(ctx context.Context, _ string) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func dead(context.Context, string) (string, error) {
	return "", fault.New(fault.UpstreamAbsent, "the service can not be reached at the moment").Because(errors.New("connection refused"))
}

func refusing(context.Context, string) (string, error) {
	reason, err := anypb.New(&errdetails.ErrorInfo{Reason: "NO_SUCH_PLANT", Domain: "garden.example.com"})
	if err != nil {
		return "", err
	}
	return "", fault.Upstream(&spb.Status{Code: int32(codes.NotFound), Message: "no such plant", Details: []*anypb.Any{reason}})
}

func malformed(context.Context, string) (string, error) { return "raw:\x22\x05ab", nil }

func nestedMalformed(context.Context, string) (string, error) { return "raw:\x22\x02\x0a\x05", nil }

func notText(context.Context, string) (string, error) { return "raw:\x0a\x01\xff", nil }

func panicking(context.Context, string) (string, error) { panic("out of order") }

func strange(context.Context, string) (string, error) { return "", errors.New("no fault at all") }

var behaviours = map[string]struct {
	does   behaviour
	code   codes.Code
	reason string
}{
	"slow":             {slow, codes.DeadlineExceeded, "UPSTREAM_TIMEOUT"},
	"dead":             {dead, codes.Unavailable, "UPSTREAM_UNAVAILABLE"},
	"refusing":         {refusing, codes.NotFound, "NO_SUCH_PLANT"},
	"malformed":        {malformed, codes.Internal, "UPSTREAM_BAD_MESSAGE"},
	"nested malformed": {nestedMalformed, codes.Internal, "UPSTREAM_BAD_MESSAGE"},
	"not text":         {notText, codes.Internal, "UPSTREAM_BAD_MESSAGE"},
	"panicking":        {panicking, codes.Internal, "INTERNAL"},
	"strange":          {strange, codes.Internal, "INTERNAL"},
}

func TestAFailingOptionalPartCostsItsFieldOnly(t *testing.T) {
	t.Parallel()
	for name, b := range behaviours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := compiled(t, garden(`
					parts: {field: "plant" call: "garden.Beds/Get" optional: true timeout: {nanos: 500000000}}
					parts: {field: "herb" call: "garden.Beds/Pick"}
					parts: {field: "names" call: "garden.Beds/List" take: "plants.id" bind: {to: "id" part: "plant.id"} optional: true}`), compose.Options{})
				w.on("Get", b.does).says("Pick", `id: "h"`)
				began := time.Now()
				got, partial, err := w.run(t.Context(), "")
				if err != nil {
					t.Fatal(err)
				}
				missing := fmt.Sprintf(`code:%s reason:"%s"`, strings.ToUpper(snake(b.code.String())), b.reason)
				// What needs the part is missing for the same reason, and not called.
				if want := `herb:{id:"h"} partial:{field:"plant" ` + missing + `} partial:{field:"names" ` + missing + `}`; got != want &&
					got != `partial:{field:"plant" `+missing+`} partial:{field:"names" `+missing+`} herb:{id:"h"}` {
					t.Errorf("answer:\n got %s\nwant %s", got, want)
				}
				if !slices.Equal(partial, []compose.Partial{{Field: "plant", Code: b.code, Reason: b.reason}, {Field: "names", Code: b.code, Reason: b.reason}}) {
					t.Errorf("missing: %v", partial)
				}
				w.asked("Get", "Pick")
				if took := time.Since(began); took > 500*time.Millisecond {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// snake writes DeadlineExceeded as Deadline_Exceeded.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func TestAFailingRequiredPartFailsTheWholeAndCallsTheRestOff(t *testing.T) {
	t.Parallel()
	for name, b := range behaviours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := compiled(t, garden(`
					parts: {field: "plant" call: "garden.Beds/Get" timeout: {nanos: 500000000}}
					parts: {field: "herb" call: "garden.Beds/Pick" optional: true}
					parts: {field: "names" call: "garden.Beds/List" take: "plants.id" bind: {to: "id" part: "herb.id"}}`), compose.Options{})
				var calledOff atomic.Bool
				w.on("Get", b.does).on("Pick", func(ctx context.Context, _ string) (string, error) {
					<-ctx.Done()
					calledOff.Store(errors.Is(ctx.Err(), context.Canceled))
					return "", ctx.Err()
				})
				_, _, err := w.run(t.Context(), "")
				f := faultOf(t, err)
				if codes.Code(f.Status.GetCode()) != b.code {
					t.Errorf("error: %v", err)
				}
				if !calledOff.Load() {
					t.Error("the other call was not called off")
				}
				if !strings.HasPrefix(f.Cause.Error(), "part plant") || strings.Contains(f.Status.GetMessage(), "plant:") {
					t.Errorf("cause %q, message %q", f.Cause, f.Status.GetMessage())
				}
				w.asked("Get", "Pick") // and not List
			})
		})
	}
}

func TestAConstantStandsInForAFailedPart(t *testing.T) {
	t.Parallel()
	for name, b := range behaviours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := compiled(t, garden(`
					parts: {field: "plant" call: "garden.Beds/Get" timeout: {nanos: 500000000} fallback: {constant: '{"id": "none"}'}}
					parts: {field: "herb" call: "garden.Beds/Pick" bind: {to: "id" part: "plant.id"}}`), compose.Options{})
				w.on("Get", b.does).says("Pick", "")
				got, partial, err := w.run(t.Context(), "")
				if err != nil {
					t.Fatal(err)
				}
				if !strings.HasPrefix(got, `plant:{id:"none"} partial:{field:"plant" code:`) || !strings.HasSuffix(got, `instead:INSTEAD_CONSTANT} herb:{}`) {
					t.Errorf("answer: %s", got)
				}
				if len(partial) != 1 || partial[0].Instead != compose.Constant || partial[0].Code != b.code {
					t.Errorf("missing: %v", partial)
				}
				w.asked("Get", `Pick id:"none"`)
			})
		})
	}
}

func TestTheLastGoodAnswerStandsInUntilItIsTooOld(t *testing.T) {
	t.Parallel()
	for name, b := range behaviours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := compiled(t, garden(`
					parts: {field: "plant" call: "garden.Beds/Get" bind: {to: "id" request: "id"} timeout: {nanos: 500000000}
						fallback: {last_good: {seconds: 60}} optional: true}`), compose.Options{})
				w.says("Get", `name: "good"`)
				w.answers(`id: "a"`, `plant:{name:"good"}`)
				w.on("Get", b.does)
				time.Sleep(59 * time.Second)
				// What a service says of the call itself, it says now.
				want, instead := `plant:{name:"good"} partial:`, compose.LastGood
				if b.code == codes.NotFound {
					want, instead = "partial:", compose.Nothing
				}
				got, partial, err := w.run(t.Context(), `id: "a"`)
				if err != nil || !strings.HasPrefix(got, want) || len(partial) != 1 || partial[0].Instead != instead {
					t.Errorf("before: %s, %v, %v", got, partial, err)
				}
				got, _, err = w.run(t.Context(), `id: "b"`)
				if err != nil || !strings.HasPrefix(got, "partial:") {
					t.Errorf("of another: %s, %v", got, err)
				}
				time.Sleep(time.Second)
				got, partial, err = w.run(t.Context(), `id: "a"`)
				if err != nil || !strings.HasPrefix(got, "partial:") || len(partial) != 1 || partial[0].Instead != compose.Nothing {
					t.Errorf("after: %s, %v, %v", got, partial, err)
				}
			})
		})
	}
}

func TestTheConstantStandsInWhereThereIsNoLastGoodAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(`
			parts: {field: "plant" call: "garden.Beds/Get" fallback: {last_good: {seconds: 60} constant: '{"name": "constant"}'}}`), compose.Options{})
		w.on("Get", dead)
		got, _, err := w.run(t.Context(), "")
		if err != nil || !strings.Contains(got, `plant:{name:"constant"}`) {
			t.Errorf("answer: %s, %v", got, err)
		}
		w.says("Get", `name: "good"`)
		w.answers("", `plant:{name:"good"}`)
		w.on("Get", dead)
		got, _, err = w.run(t.Context(), "")
		if err != nil || !strings.Contains(got, `plant:{name:"good"}`) {
			t.Errorf("answer: %s, %v", got, err)
		}
	})
}

func TestAtTheDeadlineTheAnswerHasWhatIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(plantOf("optional: true")+`parts: {field: "herb" call: "garden.Beds/Pick"}`), compose.Options{})
		w.on("Get", slow).says("Pick", "")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got, partial, err := w.run(ctx, "")
		if err != nil || !strings.Contains(got, "herb:{}") || len(partial) != 1 || partial[0].Reason != "UPSTREAM_TIMEOUT" {
			t.Errorf("answer: %s, %v, %v", got, partial, err)
		}
	})
}

func TestAClientThatLeavesEndsAllCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(plantOf(`optional: true fallback: {constant: "{}"}`)+`parts: {field: "plants" call: "garden.Beds/List" take: "plants" optional: true}
			parts: {field: "names" call: "garden.Beds/Get" each: {request: "ids" at_once: 2} take: "name" optional: true}`), compose.Options{})
		var ended atomic.Int32
		waits := func(ctx context.Context, request string) (string, error) {
			defer ended.Add(1)
			return slow(ctx, request)
		}
		w.on("Get", waits).on("List", waits)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, _, err := w.run(ctx, `ids: ["a", "b", "c", "d"]`)
		if f := faultOf(t, err); f.Reason != fault.ClientGone {
			t.Errorf("error: %v", err)
		}
		if ended.Load() < 4 {
			t.Errorf("%d calls have ended", ended.Load())
		}
	})
}

// odd fails for odd ids.
func odd(_ context.Context, request string) (string, error) {
	if strings.ContainsAny(request, "13579") {
		return dead(context.Background(), request)
	}
	return strings.ReplaceAll(request, "id:", "name:"), nil
}

func TestAFailingElementOfAnOptionalListCostsItself(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`parts: {field: "plants" call: "garden.Beds/Get" each: {request: "ids"} bind: {to: "id" element: "*"} optional: true}
		parts: {field: "names" call: "garden.Beds/List" bind: {to: "ids" part: "plants.name"} take: "plants.id"}`), compose.Options{ProtoNames: true})
	w.on("Get", odd).says("List", "")
	got, partial, err := w.run(t.Context(), `ids: ["p0", "p1", "p2", "p3"]`)
	if err != nil {
		t.Fatal(err)
	}
	missing := `code:UNAVAILABLE reason:"UPSTREAM_UNAVAILABLE"}`
	if want := `plants:{name:"p0"} plants:{name:"p2"} partial:{field:"plants[1]" ` + missing + ` partial:{field:"plants[3]" ` + missing; got != want || len(partial) != 2 {
		t.Errorf("answer:\n got %s\nwant %s", got, want)
	}
	w.asked(`Get id:"p0"`, `Get id:"p1"`, `Get id:"p2"`, `Get id:"p3"`, `List ids:"p0" ids:"p2"`)

	got, partial, err = w.run(t.Context(), `ids: ["p1", "p3"]`)
	if err == nil || len(partial) > 0 {
		t.Errorf("all elements fail, and names, which is required, has %s", got)
	}
}

func TestAFailingElementOfARequiredListFailsTheWhole(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`parts: {field: "plants" call: "garden.Beds/Get" each: {request: "ids" at_once: 1} bind: {to: "id" element: "*"}}`), compose.Options{})
	w.on("Get", odd)
	_, _, err := w.run(t.Context(), `ids: ["p0", "p1", "p2", "p4"]`)
	if f := faultOf(t, err); f.Reason != fault.UpstreamAbsent {
		t.Errorf("error: %v", err)
	}
}

func TestAListThatIsTooLongIsNotCalledForInFull(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		each, want string
	}{
		"optional":                 {`{request: "ids" max: 2} optional: true`, `plants:{name:"0"} plants:{name:"2"} partial:{field:"plants" code:RESOURCE_EXHAUSTED reason:"TOO_MANY"}`},
		"of the request":           {`{request: "ids" max: 2}`, "BAD_REQUEST ids: may have 2 elements"},
		"of a list in the request": {`{request: "plants.tags" max: 2}`, "BAD_REQUEST plants.tags: may have 2 elements"},
		"of a part":                {`{part: "list.plants.id" max: 2}`, "UPSTREAM_BAD_MESSAGE the service's answer is longer than is let through"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := compiled(t, garden(`parts: {field: "plants" call: "garden.Beds/Get" bind: {to: "id" element: "*"} each: `+c.each+`}
				parts: {field: "other" name: "list" call: "garden.Beds/List" take: "best"}`), compose.Options{})
			w.on("Get", odd).says("List", `plants {id: "2"} plants {id: "4"} plants {id: "6"}`)
			got, _, err := w.run(t.Context(), `ids: ["0", "2", "4"] plants {tags: ["0", "2", "4"]}`)
			if err != nil {
				f := faultOf(t, err)
				got = string(f.Reason) + " " + f.Status.GetMessage()
			}
			if got != c.want {
				t.Errorf("answer:\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAnAnswerThatIsTooLargeLosesOptionalPartsOnly(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	w := compiled(t, garden(plantOf("optional: true")+`parts: {field: "herb" call: "garden.Beds/Pick"}`), compose.Options{MaxAnswer: 500})
	w.says("Get", "name: '"+long+"'").says("Pick", `id: "h"`)
	got, partial, err := w.run(t.Context(), "")
	if want := `partial:{field:"plant" code:RESOURCE_EXHAUSTED reason:"TOO_LARGE"} herb:{id:"h"}`; err != nil || got != want || len(partial) != 1 {
		t.Errorf("answer: %s, %v, %v", got, partial, err)
	}
	w.says("Pick", "name: '"+long+"'")
	_, _, err = w.run(t.Context(), "")
	if f := faultOf(t, err); f.Reason != fault.UpstreamBadMessage {
		t.Errorf("error: %v", err)
	}
}

func TestMessagesThatNestTooDeeplyAreMalformed(t *testing.T) {
	t.Parallel()
	deep := func(levels int) string {
		return strings.Repeat("next {", levels) + strings.Repeat("}", levels)
	}
	w := compiled(t, garden(plantOf("optional: true")), compose.Options{MaxDepth: 20})
	w.says("Get", deep(17))
	if _, partial, err := w.run(t.Context(), ""); err != nil || len(partial) > 0 {
		t.Errorf("missing: %v, %v", partial, err)
	}
	w.says("Get", deep(25))
	if _, partial, err := w.run(t.Context(), ""); err != nil || len(partial) != 1 {
		t.Errorf("missing: %v, %v", partial, err)
	}
}

func TestARequestThatCanNotBeReadIsTheClientsFault(t *testing.T) {
	t.Parallel()
	for _, parts := range []string{
		plantOf(`bind: {to: "id" request: "id"}`), plantOf(`if: "parts"`), `parts: {field: "plants" call: "garden.Beds/Get" each: {request: "ids"}}`,
	} {
		w := compiled(t, garden(parts), compose.Options{})
		w.says("Get", "")
		_, err := w.plan.Run(t.Context(), compose.Request{Message: []byte("\x0a\x05a"), Caller: w})
		if f := faultOf(t, err); f.Reason != fault.BadRequest {
			t.Errorf("error: %v", err)
		}
	}
}

func TestAConstantStandsInForAPartThatWaitedInVain(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "plant" call: "garden.Beds/Get" optional: true}
		parts: {field: "herb" call: "garden.Beds/Pick" bind: {to: "id" part: "plant.id"} fallback: {constant: '{"id": "h"}'}}
		parts: {field: "soils" call: "garden.Beds/Get" take: "soil" each: {part: "plant.next"} optional: true fallback: {constant: '{"soil": {}}'}}`), compose.Options{})
	w.on("Get", dead)
	got, partial, err := w.run(t.Context(), "")
	if err != nil || len(partial) != 3 || !strings.HasSuffix(got, `herb:{id:"h"}`) || strings.Contains(got, "soils:{}") {
		t.Errorf("answer: %s, %v, %v", got, partial, err)
	}
	w.asked("Get")
}

// startled is an observer that does not bear what it sees.
type startled struct{ part string }

func (s startled) Begin(ctx context.Context, _ string) context.Context { return ctx }

func (s startled) End(_ context.Context, o compose.Outcome) {
	if o.Part == s.part {
		panic("seen " + s.part)
	}
}

func TestAnObserverThatPanicsFailsTheRequestAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"plant", "herb", "name"} {
		w := compiled(t, garden(plantOf("optional: true")+`parts: {field: "herb" call: "garden.Beds/Pick"}
			parts: {field: "name" call: "garden.Beds/List" bind: {to: "id" part: "plant.id"} take: "next_page"}`), compose.Options{})
		w.says("Get", "").says("Pick", "").says("List", "")
		w.request.Observer = startled{part}
		_, _, err := w.run(t.Context(), "")
		if f := faultOf(t, err); f.Reason != fault.Internal || !strings.Contains(f.Cause.Error(), "seen "+part) {
			t.Errorf("%s: %v", part, err)
		}
	}
}
