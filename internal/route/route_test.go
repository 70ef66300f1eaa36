package route_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
	"github.com/gatehouse-edge/gatehouse/internal/route"
)

// build makes a table of routes written as "GET /v1/{id}"; the value of each is that text.
func build(t testing.TB, routes ...string) *route.Table[string] {
	t.Helper()
	b := route.NewBuilder[string]()
	for _, r := range routes {
		add(t, b, r, "owner of "+r)
	}
	table, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func add(t testing.TB, b *route.Builder[string], r, owner string) {
	t.Helper()
	method, text, _ := strings.Cut(r, " ")
	template, err := httprule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Add(method, template, owner, r); err != nil {
		t.Fatal(err)
	}
}

func TestBuildReportsEveryConflictWithBothOwnersInOrder(t *testing.T) {
	t.Parallel()
	b := route.NewBuilder[string]()
	add(t, b, "GET /v1/{a}", "shop.A")
	add(t, b, "GET /v1/a/{y}", "shop.B")
	add(t, b, "POST /v1/{a}", "shop.C")
	add(t, b, "GET /v1/{a}:x", "shop.D")
	add(t, b, "GET /v1/{x=a/*}", "shop.E")
	add(t, b, "GET /v1/{a}", "shop.F")
	add(t, b, "GET /v1/{b=*}:%78", "shop.G")
	add(t, b, "GET /v1/{a=**}", "shop.H")
	table, err := b.Build()
	if table != nil {
		t.Error("there must be no table")
	}
	want := []string{
		"ambiguous routes: GET /v1/a/{y} of shop.B and GET /v1/{x=a/*} of shop.E match",
		"duplicate route: GET /v1/{a} of shop.A and GET /v1/{a} of shop.F: change",
		"ambiguous routes: GET /v1/{a}:x of shop.D and GET /v1/{b}:x of shop.G match",
	}
	lines := strings.Split(fmt.Sprint(err), "\n")
	if len(lines) != len(want) {
		t.Fatalf("got %d conflicts, want %d:\n%v", len(lines), len(want), err)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("conflict %d:\n got %s\nwant %s...", i, line, want[i])
		}
	}
	var conflict *route.ConflictError
	if !errors.As(err, &conflict) || conflict.First.Owner != "shop.B" || conflict.Second.Owner != "shop.E" {
		t.Errorf("the first conflict is %+v", conflict)
	}
}

func TestAddRefusesWhatCanNotBeARoute(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ method, template, want string }{
		"no method":         {"", "/a", "is not an HTTP method"},
		"method with space": {"GET ", "/a", "is not an HTTP method"},
		"too deep":          {"GET", strings.Repeat("/a", route.MaxDepth+1), "33 segments: use 32 at most"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, err := httprule.Parse(c.template)
			if err != nil {
				t.Fatal(err)
			}
			b := route.NewBuilder[int]()
			if err := b.Add(c.method, template, "shop.A", 1); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			table, err := b.Build()
			if err != nil || len(table.Routes()) != 0 {
				t.Errorf("the refused route must not be added: %v, %v", table.Routes(), err)
			}
		})
	}
}

func TestTheDeepestTemplateMatches(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("/a", route.MaxDepth-1)
	table := build(t, "GET "+deep+"/{id}", "GET "+deep+"/**:x")
	for path, want := range map[string]string{
		deep + "/b":            "GET " + deep + "/{id}",
		deep + "/b:x":          "GET " + deep + "/{id}", // a star beats **, with a verb or without
		deep + "/b/c/d/e/f:x":  "GET " + deep + "/**:x",
		deep + ":x":            "GET " + deep + "/**:x",
		deep + "/b/c/d:x/e/fx": "",
	} {
		m, _ := table.Match("GET", path, nil)
		got := ""
		if m.Route != nil {
			got = m.Route.Value
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestRoutesAreListedByTemplateThenMethod(t *testing.T) {
	t.Parallel()
	table := build(t, "POST /b", "GET /c", "GET /b", "GET /a/{x}", "GET /a")
	var got []string
	for _, r := range table.Routes() {
		got = append(got, r.Value)
	}
	if want := []string{"GET /a", "GET /a/{x}", "GET /b", "POST /b", "GET /c"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestValuesAreAppendedToTheCallersSlice(t *testing.T) {
	t.Parallel()
	table := build(t, "GET /{a}/{b}")
	room := make([]string, 0, 8)
	m, _ := table.Match("GET", "/x/y", append(room, "kept"))
	if want := []string{"kept", "x", "y"}; !slices.Equal(m.Values, want) || &m.Values[0] != &room[:1][0] {
		t.Errorf("got %q in another slice or order, want %q", m.Values, want)
	}
	if m, _ = table.Match("GET", "/x", append(room, "kept")); len(m.Values) != 1 {
		t.Errorf("a miss must leave the slice as it was, got %q", m.Values)
	}
}

func TestCheckPathNamesTheOffset(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{
		"*": 0, "a/b": 0, "/a%": 2, "/a/%4": 3, "/a%zz": 2, "/a%25%2": 5, "/.": 1, "/a/..": 3, "/a/%2E./b": 3, "/a/..:b": 3,
	} {
		var refused *route.PathError
		if err := route.CheckPath(path); !errors.As(err, &refused) || refused.Offset != want {
			t.Errorf("CheckPath(%q) = %v, want offset %d", path, err, want)
		}
	}
	for _, path := range []string{"", "/", "/a", "/...", "/.a", "/a..", "/%2e%2e%2e", "/a%2F..", "/..:b/c", "//"} {
		if err := route.CheckPath(path); err != nil {
			t.Errorf("CheckPath(%q) = %v", path, err)
		}
	}
}

// hostile is routes that send the search back as often as can be: a literal and a star at each of ten levels.
func hostile(t *testing.T) *route.Table[string] {
	t.Helper()
	routes := []string{"POST /**:z"}
	for bits := range 1 << 10 {
		var b strings.Builder
		for level := range 10 {
			b.WriteString("/" + []string{"a", "*"}[bits>>level&1])
		}
		routes = append(routes, "GET "+b.String()+"/end")
	}
	return build(t, routes...)
}

func TestNoPathMakesTheSearchEnterANodeTwice(t *testing.T) {
	t.Parallel()
	table := hostile(t)
	nodes := route.Nodes(table)
	worst := 0
	for _, path := range []string{
		strings.Repeat("/a", 10) + "/no", strings.Repeat("/a", 10) + "/end", strings.Repeat("/a", 5000), strings.Repeat("/", 64000),
		strings.Repeat("/a", 9) + "/a:z", strings.Repeat("/%61", 11), "/" + strings.Repeat("a", 64000), strings.Repeat("/a:z", 16000),
	} {
		visits := route.Visits(table, "PUT", path)
		worst = max(worst, visits)
		if visits > nodes {
			t.Errorf("%.20s... of %d bytes: %d visits in a trie of %d nodes", path, len(path), visits, nodes)
		}
	}
	if worst < 1<<10 {
		t.Errorf("the paths make %d visits at most: they are not hostile enough to prove anything", worst)
	}
}

func TestVisitsDoNotGrowWithThePath(t *testing.T) {
	t.Parallel()
	table := hostile(t)
	for _, unit := range []string{"/", "/a", "/a:z", "/%2F"} {
		short, long := strings.Repeat(unit, 20), strings.Repeat(unit, 64000)
		if a, b := route.Visits(table, "GET", short), route.Visits(table, "GET", long); a != b {
			t.Errorf("%q: %d visits when repeated 20 times, %d when repeated 64000 times", unit, a, b)
		}
	}
}

func TestVisitsDoNotGrowWithTheNumberOfRoutes(t *testing.T) {
	t.Parallel()
	var few, many []string
	for i := range 2000 {
		many = append(many, fmt.Sprintf("GET /v1/r%d/{id}", i), fmt.Sprintf("GET /v1/r%d/{id}/sub/*", i))
	}
	few = many[:2]
	for _, path := range []string{"/v1/r0/x", "/v1/r0/x/sub/y", "/v1/none/x", "/v1/r0/x/none"} {
		if a, b := route.Visits(build(t, few...), "GET", path), route.Visits(build(t, many...), "GET", path); a != b {
			t.Errorf("%s: %d visits among 2 routes, %d among 4000", path, a, b)
		}
	}
}

func TestMatchingAllocatesOnlyToDecode(t *testing.T) {
	table := build(t, "GET /v1/{a}/b/{c}", "GET /v1/caf%C3%A9/{d}", "POST /v1/{name=x/**}:go")
	room := make([]string, 0, 4)
	for path, want := range map[string]float64{
		"/v1/x/b/y": 0, "/v1/x/c": 0, "/nothing": 0, "/v1/x/y/z:go": 0, "/v1/caf%C3%A9/y": 0, "/v1/x%20y/b/z": 1,
	} {
		got := testing.AllocsPerRun(100, func() { table.Match("GET", path, room) })
		if got != want {
			t.Errorf("%s: %v allocations, want %v", path, got, want)
		}
	}
}

func TestATableServesManyGoroutines(t *testing.T) {
	t.Parallel()
	table := build(t, "GET /v1/{a}", "POST /v1/{a}:go")
	done := make(chan string)
	for i := range 8 {
		go func() {
			random, failed := rand.New(rand.NewPCG(uint64(i), 0)), ""
			for range 1000 {
				id := fmt.Sprint(random.Uint32())
				if m, outcome := table.Match("POST", "/v1/"+id+":go", nil); outcome != route.Found || m.Values[0] != id {
					failed = id
				}
			}
			done <- failed
		}()
	}
	for range 8 {
		if id := <-done; id != "" {
			t.Errorf("%s was not matched", id)
		}
	}
}
