package compose_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// named answers with a plant of the name that was asked for.
func named(_ context.Context, request string) (string, error) {
	return strings.ReplaceAll(request, "id:", "name:"), nil
}

func TestPartsFillTheFieldsOfTheAnswer(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "plant" call: "garden.Beds/Get" bind: {to: "id" request: "id"}}
		parts: {field: "plants" call: "garden.Beds.List" take: "plants"}
		parts: {field: "soil" call: "/garden.Beds/Get" take: "soil"}
		parts: {field: "name" name: "title" call: "garden.Beds/Get" take: "soil.type"}
		parts: {field: "names" call: "garden.Beds/List" take: "plants.tags" name: "all_tags"}
		parts: {field: "notes" call: "garden.Beds/Get" take: "notes"}
		parts: {field: "counts" call: "garden.Beds/Get" take: "counts"}
		parts: {field: "kind" call: "garden.Beds/Get" take: "kind"}
		parts: {field: "soils" call: "garden.Beds/List" take: "plants.soil"}
		parts: {field: "herb" call: "garden.Beds/Pick"}
		parts: {field: "second" call: "garden.Beds/List" take: "best.rests.type"}`), compose.Options{})
	w.says("Get", `id: "a" soil {type: "loam"} notes {key: "k" value: 1} counts: [1, 2, 3] kind: KIND_TREE`)
	w.says("List", `plants {id: "b" tags: ["x", "y"] soil {acid: 5}} plants {id: "c" tags: "z"} best {rests {type: "sand"}}`)
	w.says("Pick", `id: "h"`)
	w.answers(`id: "7"`, `plant:{id:"a" soil:{type:"loam"} counts:1 counts:2 counts:3 notes:{key:"k" value:1} kind:KIND_TREE} `+
		`plants:{id:"b" soil:{acid:5} tags:"x" tags:"y"} plants:{id:"c" tags:"z"} name:"loam" names:"x" names:"y" names:"z" `+
		`soil:{type:"loam"} notes:{key:"k" value:1} counts:1 counts:2 counts:3 second:"sand" kind:KIND_TREE soils:{acid:5} herb:{id:"h"}`)
}

func TestBindingsFillTheRequestOfACall(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "plant" call: "garden.Beds/Get"
			bind: {to: "id" request: "plant.soil.type"}
			bind: {to: "ids" request: "plants.tags"}
			bind: {to: "kind" constant: "KIND_TREE"}
			bind: {to: "limit" claim: "limit"}
			bind: {to: "where.place.bed" request: "id"}
			bind: {to: "where.place.row" constant: "7"}
			bind: {to: "deep" constant: "true"}
			bind: {to: "raw" constant: "aGk="}
			bind: {to: "since" constant: "90s"}
			bind: {to: "near" claim: "sub"}
			bind: {to: "kinds" request: "kind"}
			bind: {to: "notes" request: "notes"}
			bind: {to: "plant" request: "plant"}
			bind: {to: "big" constant: "18446744073709551615"}
			bind: {to: "low" claim: "low"}
			bind: {to: "share" constant: "0.5"}
		}`), compose.Options{})
	w.says("Get", "")
	ctx := principal.NewContext(t.Context(), &principal.Principal{Subject: "c-1", Claims: map[string]any{"limit": 5.0, "low": "-3"}})
	_, _, err := w.run(ctx, `id: "b-1" plant {soil {type: "loam"}} plants {tags: ["x", "y"]} plants {tags: "z"} kind: KIND_TREE notes {key: "n" value: 2}`)
	if err != nil {
		t.Fatal(err)
	}
	w.asked(`Get id:"loam" ids:"x" ids:"y" ids:"z" kind:KIND_TREE limit:5 where:{place:{bed:"b-1" row:"7"}} deep:true raw:"hi" ` +
		`since:{seconds:90} near:"c-1" kinds:KIND_TREE notes:{key:"n" value:2} plant:{soil:{type:"loam"}} big:18446744073709551615 low:-3 share:0.5`)
}

func TestWhatIsNotSetIsNotBound(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "plant" call: "garden.Beds/Get"
			bind: {to: "id" request: "id"} bind: {to: "near" request: "maybe"} bind: {to: "where.place.bed" part: "other.best.soil.type"}}
		parts: {field: "other" call: "garden.Beds/List" take: "best"}`), compose.Options{})
	w.says("Get", "").says("List", "best {}")
	w.answers("", "plant:{} other:{}")
	w.asked("Get", "List")
	w.answers(`maybe: ""`, "plant:{} other:{}")
	w.asked(`Get near:""`, "List")
}

func TestACallIsLeftOutForWantOfAValue(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "plant" call: "garden.Beds/Get" bind: {to: "id" request: "id" skip_if_unset: true}}
		parts: {field: "plants" call: "garden.Beds/List" take: "plants" bind: {to: "ids" request: "ids" skip_if_unset: true}}
		parts: {field: "other" call: "garden.Beds/Get" bind: {to: "near" request: "maybe" skip_if_unset: true}}
		parts: {field: "name" call: "garden.Beds/Get" take: "name" bind: {to: "id" claim: "sub" skip_if_unset: true}}
		`), compose.Options{})
	w.says("Get", "").says("List", "")
	w.answers("", "")
	w.asked()
	w.answers(`id: "a" ids: "" maybe: ""`, `plant:{} other:{}`)
	w.asked(`Get id:"a"`, `Get near:""`, `List ids:""`)
}

func TestAPartBeginsWhenWhatItNeedsIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(`
			parts: {field: "plants" call: "garden.Beds/List" take: "plants" bind: {to: "ids" part: "plant.tags"} bind: {to: "id" part: "other.id"}}
			parts: {field: "plant" call: "garden.Beds/Get"}
			parts: {field: "other" call: "garden.Beds/Get" bind: {to: "id" constant: "o"}}
			parts: {field: "herb" call: "garden.Beds/Pick"}`), compose.Options{})
		takes := func(d time.Duration, answer string) func(context.Context, string) (string, error) {
			return func(context.Context, string) (string, error) { time.Sleep(d); return answer, nil }
		}
		w.on("Get", func(ctx context.Context, request string) (string, error) {
			if request == "" {
				return takes(150*time.Millisecond, `tags: ["x", "y"]`)(ctx, request)
			}
			return takes(100*time.Millisecond, `id: "o"`)(ctx, request)
		})
		w.on("Pick", takes(180*time.Millisecond, ""))
		w.on("List", takes(50*time.Millisecond, `plants {id: "p"}`))
		began := time.Now()
		w.answers("", `plant:{tags:"x" tags:"y"} plants:{id:"p"} other:{id:"o"} herb:{}`)
		// Time stands still but for what the calls take: two after each other, 150 and 50, and others beside them.
		if took := time.Since(began); took != 200*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		w.asked("Get", `Get id:"o"`, "Pick", `List id:"o" ids:"x" ids:"y"`)
	})
}

func TestAListIsCalledForInOrderAndNotAllAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(`
			parts: {field: "plants" call: "garden.Beds/Get" each: {request: "ids" max: 30 at_once: 3} bind: {to: "id" element: "*"}}`), compose.Options{})
		var under, most atomic.Int32
		w.on("Get", func(ctx context.Context, request string) (string, error) {
			most.Store(max(most.Load(), under.Add(1)))
			defer under.Add(-1)
			time.Sleep(time.Duration(len(request)%5+int(request[4])) * time.Millisecond) // they end in another order
			return named(ctx, request)
		})
		var request, want []string
		for i := range 30 {
			request = append(request, fmt.Sprintf(`ids: "p%d"`, 100-i*3))
			want = append(want, fmt.Sprintf(`plants:{name:"p%d"}`, 100-i*3))
		}
		w.answers(strings.Join(request, " "), strings.Join(want, " "))
		if most.Load() != 3 {
			t.Errorf("%d calls were made at once", most.Load())
		}
	})
}

func TestAListMayBeThatOfAnotherPart(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {name: "list" call: "garden.Beds/List" bind: {to: "id" request: "id"}}
		parts: {field: "plants" call: "garden.Beds/Get" each: {part: "list.plants.next"} bind: {to: "id" element: "id"} bind: {to: "where.place.bed" element: "soil.type"} bind: {to: "near" request: "id"}}
		parts: {field: "soils" call: "garden.Beds/Get" take: "soil" each: {part: "plants.name"} bind: {to: "id" element: "*"}}
		parts: {field: "names" call: "garden.Beds/Get" take: "name" each: {part: "plants.name"} bind: {to: "near" element: "*"}}
		parts: {field: "kinds" call: "garden.Beds/Get" take: "kind" each: {part: "plants.name"} bind: {to: "near" element: "*"}}
		parts: {field: "counts" call: "garden.Beds/Get" take: "counts" each: {request: "ids"}}
		`), compose.Options{})
	w.says("List", `plants {next {id: "a" soil {type: "s"}} next {id: "b"}} plants {} plants {next {id: "c"}}`)
	w.on("Get", func(_ context.Context, request string) (string, error) {
		switch {
		case strings.Contains(request, `near:"r"`):
			return "name: " + strings.Fields(request)[0][3:], nil
		case request == `id:"b"`:
			return `soil {type: "clay"}`, nil
		case request == `near:"c"`:
			return `name: "see" kind: KIND_TREE`, nil
		default:
			return "counts: [4, 5]", nil
		}
	})
	// A list keeps its places: what is not set is there as such.
	w.answers(`id: "r" ids: ["1", "2"]`, `plants:{name:"a"} plants:{name:"b"} plants:{name:"c"} `+
		strings.Repeat(`names:"" `, 2)+`names:"see" `+
		`counts:4 counts:5 counts:4 counts:5 soils:{} soils:{type:"clay"} soils:{} `+
		strings.Repeat(`kinds:KIND_UNSPECIFIED `, 2)+`kinds:KIND_TREE`)
}

func TestOnlyThePartsThatAreAskedForAreCalled(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "plant" call: "garden.Beds/Get" if: "with_plant"}
		parts: {field: "plants" name: "row" call: "garden.Beds/List" take: "plants" if: "parts"}
		parts: {field: "herb" call: "garden.Beds/Pick" if: "mask"}
		parts: {field: "other" call: "garden.Beds/Get" bind: {to: "id" part: "row.next_page"} if: "mask"}
		`), compose.Options{})
	w.on("Get", named).says("List", `next_page: "n" plants {id: "p"}`).says("Pick", "")
	for request, want := range map[string][]string{
		``:                                              {`plants:{id:"p"} other:{name:"n"} herb:{}`, "List", `Get id:"n"`, "Pick"},
		`with_plant: true`:                              {`plant:{} plants:{id:"p"} other:{name:"n"} herb:{}`, "Get", "List", `Get id:"n"`, "Pick"},
		`parts: "none" mask {paths: "herb"}`:            {`herb:{}`, "Pick"},
		`parts: "row" mask {paths: "herb.id"}`:          {`plants:{id:"p"} herb:{}`, "List", "Pick"},
		`parts: "plants" mask {paths: "plant"}`:         {`plants:{id:"p"}`, "List"},
		`parts: ["a", "row"] mask {paths: "*"}`:         {`plants:{id:"p"} other:{name:"n"} herb:{}`, "List", "Pick", `Get id:"n"`},
		`parts: "none" mask {paths: ["other", "name"]}`: {`other:{name:"n"}`, "List", `Get id:"n"`}, // needs what is not asked for
	} {
		w.answers(request, want[0])
		w.asked(want[1:]...)
	}
	_, _, err := w.run(t.Context(), `mask {paths: "hrb"}`)
	if f := faultOf(t, err); f.Reason != fault.BadRequest || f.Status.GetMessage() != `mask: "hrb" is no field of the answer` {
		t.Errorf("error: %v", err)
	}
}

func TestFieldsThatNobodyWantsOrSeesAreNotCalledFor(t *testing.T) {
	t.Parallel()
	visible := func(d protoreflect.Descriptor) bool { return d.Name() != "other" }
	w := compiled(t, garden(`
		parts: {field: "plant" call: "garden.Beds/Get"}
		parts: {field: "other" call: "garden.Beds/List" take: "best"}
		parts: {field: "herb" call: "garden.Beds/Pick" bind: {to: "id" part: "plant.id"} if: "mask"}
		`), compose.Options{Visible: visible})
	w.says("Get", `id: "a"`).says("Pick", `id: "h"`)
	w.answers("", `plant:{id:"a"} herb:{id:"h"}`)
	w.request.Wants = func(fd protoreflect.FieldDescriptor) bool { return fd.Name() != "plant" }
	w.answers("", `herb:{id:"h"}`)
	w.asked("Get", `Pick id:"a"`, "Get", `Pick id:"a"`)
	if _, _, err := w.run(t.Context(), `mask {paths: "other"}`); err == nil {
		t.Error("a mask may name a field that is hidden")
	}
}

func TestAnAnswerCanBeAPartWithMoreInIt(t *testing.T) {
	t.Parallel()
	text := gardenOf("rpc Show(Look) returns (Plant)", `
		parts: {field: "*" call: "garden.Beds/Pick" bind: {to: "id" request: "id"}}
		parts: {field: "soil" call: "garden.Beds/Get" take: "soil" bind: {to: "id" part: "*.id"}}`)
	w := compiled(t, text, compose.Options{})
	w.says("Get", `id: "other" soil {acid: 1}`)
	// 3 is the height of a plant, and nothing in a herb.
	w.says("Pick", "raw:\x0a\x01h\x18\x07\x12\x04Herb")
	w.answers(`id: "h"`, `id:"h" name:"Herb" soil:{acid:1}`)
	w.asked(`Pick id:"h"`, `Get id:"h"`)
}

func TestAPartMayBeComposedItself(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "plants" call: "garden.Inner/Show" each: {request: "ids"} bind: {to: "id" element: "*"} optional: true}
		parts: {field: "plant" call: "garden.Inner/Show"}
		parts: {field: "name" name: "soil_type" call: "garden.Inner/Show" take: "soil.type"}`)+`
		service Inner { rpc Show(Ask) returns (Plant) { option (gatehouse.v1.compose) = {
			parts: {field: "*" call: "garden.Beds/Get" bind: {to: "id" request: "id"}}
			parts: {field: "soil" call: "garden.Beds/List" bind: {to: "id" request: "id"} take: "best.soil" optional: true}
		}; } }`, compose.Options{})
	w.on("Get", named)
	w.on("List", func(_ context.Context, request string) (string, error) {
		if request == `id:"a"` {
			return `best {soil {type: "loam"}}`, nil
		}
		return "", fault.New(fault.UpstreamAbsent, "away")
	})
	var targets []string
	for _, target := range w.plan.Targets() {
		targets = append(targets, target.Path)
	}
	if want := strings.Repeat("/garden.Beds/Get /garden.Beds/List ", 3); strings.Join(targets, " ")+" " != want {
		t.Errorf("targets: %v", targets)
	}
	got, partial, err := w.run(t.Context(), `ids: ["a", "b"]`)
	if err != nil {
		t.Fatal(err)
	}
	report := func(field string) string {
		return `partial:{field:"` + field + `" code:UNAVAILABLE reason:"UPSTREAM_UNAVAILABLE"}`
	}
	want := `plant:{} plants:{name:"a" soil:{type:"loam"}} plants:{name:"b"} ` + report("plants[1].soil") + " " + report("plant.soil") + " " + report("name")
	if got != want || len(partial) != 3 {
		t.Errorf("answer:\n got %s\nwant %s", got, want)
	}
}

// watcher notes what it is told.
type watcher struct {
	mu   sync.Mutex
	seen []string
}

type watched struct{}

func (w *watcher) Begin(ctx context.Context, part string) context.Context {
	return context.WithValue(ctx, watched{}, part)
}

func (w *watcher) End(ctx context.Context, o compose.Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	cause := ""
	if o.Err != nil {
		cause = " failed"
	}
	w.seen = append(w.seen, fmt.Sprintf("%s of %v: %v %v, %d calls, %d cached, %v%s", o.Part, ctx.Value(watched{}), o.Took, o.Code, o.Calls, o.Cached, o.Instead, cause))
}

func TestAnObserverIsToldOfEachPart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := compiled(t, garden(`
			parts: {field: "plant" call: "garden.Inner/Show"}
			parts: {field: "herb" call: "garden.Beds/Pick" optional: true fallback: {constant: "{}"}}
			parts: {field: "other" call: "garden.Beds/Get" if: "with_plant"}
			parts: {field: "plants" call: "garden.Beds/Get" each: {request: "ids" at_once: 1} cache: {age: {seconds: 1}}}`)+`
			service Inner { rpc Show(Ask) returns (Plant) { option (gatehouse.v1.compose) = {
				parts: {field: "soil" call: "garden.Beds/List" take: "best.soil"}
			}; } }`, compose.Options{})
		o := new(watcher)
		w.request.Observer = o
		w.on("List", func(ctx context.Context, _ string) (string, error) {
			if ctx.Value(watched{}) != "plant.soil" {
				t.Errorf("a call is made for %v", ctx.Value(watched{}))
			}
			time.Sleep(20 * time.Millisecond)
			return "", nil
		}).says("Get", "")
		if _, _, err := w.run(t.Context(), `ids: ["a", "b"]`); err != nil {
			t.Fatal(err)
		}
		slices.Sort(o.seen)
		want := []string{
			"herb of herb: 0s Internal, 1 calls, 0 cached, INSTEAD_CONSTANT failed",
			"plant of plant: 20ms OK, 1 calls, 0 cached, INSTEAD_UNSPECIFIED",
			"plant.soil of plant.soil: 20ms OK, 1 calls, 0 cached, INSTEAD_UNSPECIFIED",
			"plants of plants: 0s OK, 2 calls, 1 cached, INSTEAD_UNSPECIFIED",
		}
		if !slices.Equal(o.seen, want) {
			t.Errorf("told of\n%s\nwant\n%s", strings.Join(o.seen, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestACallerWithoutTheClaimDoesNotGetThePart(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "plant" call: "garden.Beds/Get" bind: {to: "kind" claim: "kind"} optional: true}
		parts: {field: "other" call: "garden.Beds/Get" bind: {to: "limit" claim: "limit" skip_if_unset: true} optional: true}`), compose.Options{})
	w.says("Get", "")
	for name, c := range map[string]struct {
		caller *principal.Principal
		want   codes.Code
	}{
		"nobody":       {nil, codes.Unauthenticated},
		"without it":   {&principal.Principal{Subject: "c-1"}, codes.PermissionDenied},
		"of no use":    {&principal.Principal{Claims: map[string]any{"kind": "KIND_BUSH"}}, codes.PermissionDenied},
		"of some use":  {&principal.Principal{Claims: map[string]any{"kind": "KIND_TREE"}}, codes.OK},
		"of both uses": {&principal.Principal{Claims: map[string]any{"kind": "KIND_TREE", "limit": "7"}}, codes.OK},
	} {
		_, partial, err := w.run(principal.NewContext(t.Context(), c.caller), "")
		if err != nil {
			t.Fatal(err)
		}
		got := codes.OK
		if len(partial) > 0 {
			got = partial[0].Code
		}
		if got != c.want || len(partial) > 1 {
			t.Errorf("%s: missing %v", name, partial)
		}
	}
}

func TestAnswersAreAppendedToTheMemoryGiven(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(plantOf("")), compose.Options{})
	w.says("Get", `id: "a"`)
	answer, err := w.plan.Run(t.Context(), compose.Request{Caller: w, Into: []byte("before")})
	if err != nil || string(answer.Message) != "before\x0a\x03\x0a\x01a" {
		t.Errorf("answer %q, %v", answer.Message, err)
	}
}

func TestAListOfNumbersIsCalledForPackedOrNot(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "plants" call: "garden.Beds/Get" each: {request: "sizes"} bind: {to: "limit" element: "*"}}
		parts: {field: "soils" call: "garden.Beds/Get" take: "soil" each: {request: "shares"} bind: {to: "id" constant: "s"}}`), compose.Options{})
	w.on("Get", func(_ context.Context, request string) (string, error) {
		return strings.Replace(request, "limit", "height", 1), nil
	})
	message := slices.Concat(
		[]byte{0x62, 0x03, 0x01, 0x96, 0x01}, // sizes: 1, 150
		[]byte{0x60, 0x07},                   // sizes: 7
		wire(t, w.method.Input(), "shares: 1"),
	)
	answer, err := w.plan.Run(t.Context(), compose.Request{Message: message, Caller: w})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := text(t, w.method.Output(), answer.Message), "plants:{height:1} plants:{height:150} plants:{height:7} soils:{}"; got != want {
		t.Errorf("answer:\n got %s\nwant %s", got, want)
	}
}

func TestAClaimIsWrittenAsItsFieldIs(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"id": `id:"1"`, "kind": "", "limit": "limit:1", "deep": "deep:true", "far": "far:1", "big": "big:1", "low": "low:1", "where.place.row": `where:{place:{row:"1"}}`,
	} {
		w := compiled(t, garden(`parts: {field: "plant" call: "garden.Beds/Get" bind: {to: "`+field+`" claim: "n"} optional: true}`), compose.Options{})
		w.says("Get", "")
		if _, _, err := w.run(principal.NewContext(t.Context(), &principal.Principal{Claims: map[string]any{"n": "1"}}), ""); err != nil {
			t.Fatal(err)
		}
		if want == "" { // no name of a value
			w.asked()
			continue
		}
		w.asked("Get " + want)
	}
}
