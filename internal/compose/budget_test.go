package compose_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// fans are compositions of which each calls the next one for every element of a list, four deep.
func fans(options string) string {
	text := gardenOf("rpc Show(Look) returns (Screen)", `
		parts: {field: "plants" call: "garden.Fan2/Show" each: {request: "ids" max: 1000} bind: {to: "ids" request: "ids"} `+options+`}
		parts: {field: "herb" call: "garden.Beds/Pick"}`)
	for level := 2; level <= 4; level++ {
		call := fmt.Sprintf("garden.Fan%d/Show", level+1)
		if level == 4 {
			call = "garden.Beds/Get"
		}
		text += fmt.Sprintf(`service Fan%d { rpc Show(Ask) returns (Plant) { option (gatehouse.v1.compose) = {
			parts: {field: "next" call: "%s" each: {request: "ids" max: 1000} bind: {to: "ids" request: "ids"} %s}
		}; } }
		`, level, call, options)
	}
	return text
}

func TestListsWithinListsDoNotMultiply(t *testing.T) {
	t.Parallel()
	const ids = 50 // to the power of four are six million
	request := strings.Repeat(`ids: "a" `, ids)
	w := compiled(t, fans("optional: true"), compose.Options{})
	w.says("Get", "").says("Pick", `id: "h"`)
	got, partial, err := w.run(t.Context(), request)
	if err != nil || !strings.Contains(got, `herb:{id:"h"}`) || !strings.Contains(got, `reason:"TOO_MANY"`) {
		t.Fatalf("answer: %.200s…, %v", got, err)
	}
	if len(w.calls) >= compose.DefaultMaxCalls || len(partial) > compose.DefaultMaxCalls {
		t.Errorf("%d calls are made, %d are missing", len(w.calls), len(partial))
	}
	for _, p := range partial {
		if p.Code != codes.ResourceExhausted || p.Reason != compose.TooMany {
			t.Fatalf("missing: %v", p)
		}
	}

	w = compiled(t, fans(""), compose.Options{})
	w.says("Get", "").says("Pick", "")
	_, _, err = w.run(t.Context(), request)
	if f := faultOf(t, err); f.Reason != fault.TooMany || f.HTTP != 502 {
		t.Errorf("error: %v", err)
	}
}

func TestOfAnOptionalListAsManyAreCalledForAsCallsAreLeft(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "plants" call: "garden.Beds/Get" each: {request: "ids"} bind: {to: "id" element: "*"} optional: true}
		parts: {field: "name" call: "garden.Beds/List" bind: {to: "ids" part: "plants.name"} take: "next_page" optional: true}`), compose.Options{MaxCalls: 3})
	w.on("Get", named).says("List", `next_page: "n"`)
	w.answers(`ids: ["a", "b"]`, `plants:{name:"a"} plants:{name:"b"} name:"n"`)
	got, partial, err := w.run(t.Context(), `ids: ["a", "b", "c", "d"]`)
	missing := `code:RESOURCE_EXHAUSTED reason:"TOO_MANY"}`
	want := `plants:{name:"a"} plants:{name:"b"} plants:{name:"c"} partial:{field:"plants" ` + missing + ` partial:{field:"name" ` + missing
	if err != nil || got != want || len(partial) != 2 {
		t.Errorf("answer: %v\n got %s\nwant %s", err, got, want)
	}
	w.answers(`ids: ["a", "b"]`, `plants:{name:"a"} plants:{name:"b"} name:"n"`) // the next request has its own
}

func TestAConstantStandsInForACallTooMany(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`
		parts: {field: "herb" call: "garden.Beds/Pick"}
		parts: {field: "name" call: "garden.Beds/List" bind: {to: "id" part: "herb.id"} take: "next_page" fallback: {constant: '{"nextPage": "c"}'}}`), compose.Options{MaxCalls: 1})
	w.says("Pick", "")
	got, partial, err := w.run(context.Background(), "")
	if err != nil || !strings.HasPrefix(got, `name:"c"`) && !strings.Contains(got, ` name:"c"`) || len(partial) != 1 || partial[0].Instead != compose.Constant {
		t.Errorf("answer: %s, %v, %v", got, partial, err)
	}
}

func TestResponsesAreHeldNoLongerWhenTheyAreTooMuch(t *testing.T) {
	t.Parallel()
	w := compiled(t, garden(`parts: {field: "names" call: "garden.Beds/Get" take: "id" each: {request: "ids" at_once: 1} bind: {to: "id" element: "*"} optional: true}`), compose.Options{MaxAnswer: 500})
	w.says("Get", `id: "a" name: "`+strings.Repeat("x", 600)+`"`)
	got, partial, err := w.run(t.Context(), strings.Repeat(`ids: "a" `, 10))
	if err != nil || !strings.HasPrefix(got, strings.Repeat(`names:"a" `, 3)+"partial:") || len(partial) != 7 || partial[6].Reason != "UPSTREAM_BAD_MESSAGE" {
		t.Errorf("answer: %s, %v", got, err)
	}
	if len(w.calls) != 4 {
		t.Errorf("%d calls are made", len(w.calls))
	}
}
