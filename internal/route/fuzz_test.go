package route_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
	"github.com/gatehouse-edge/gatehouse/internal/route"
)

// chooser draws from the fuzzer's bytes, then zeros.
type chooser struct{ data []byte }

func (c *chooser) next(n int) int {
	if len(c.data) == 0 {
		return 0
	}
	b := c.data[0]
	c.data = c.data[1:]
	return int(b) % n
}

var (
	methods  = []string{"GET", "POST", "HEAD", "OPTIONS", "*", "PURGE"}
	pieces   = []string{"a", "b", "*", "{}", "a%3Ab", "%2f", "**", "{=a/*}", "{=**}", "{=*/b}", "{=a/**}", "{=b}"}
	verbs    = []string{"", "", "a", "b"}
	segments = []string{"a", "b", "%61", "", "a:b", "b:a", ":a", "a%3Ab", "%2F", "a%2Fb", ".", "%2e%2E", "a+%20", "a:", "..:a", "a:%62",
		"%4", "a:b:a", "é", "%C3%A9"}
)

func (c *chooser) template() string {
	n := c.next(5)
	if n == 0 {
		return "/"
	}
	var b strings.Builder
	for i := range n {
		piece := pieces[c.next(len(pieces))]
		b.WriteString("/" + strings.Replace(piece, "{", "{v"+string(rune('0'+i)), 1))
		if strings.Contains(piece, "**") {
			break
		}
	}
	if verb := verbs[c.next(len(verbs))]; verb != "" {
		b.WriteString(":" + verb)
	}
	return b.String()
}

func (c *chooser) path() string {
	var b strings.Builder
	for range c.next(6) {
		b.WriteString("/" + segments[c.next(len(segments))])
	}
	return b.String()
}

// table makes a random table and the linear matcher of the same routes.
func (c *chooser) table(t *testing.T) (*route.Table[int], linear) {
	var routes linear
	b := route.NewBuilder[int]()
	seen := map[string]bool{}
	for range 1 + c.next(12) {
		text := c.template()
		template, err := httprule.Parse(text)
		if err != nil {
			t.Fatalf("Parse(%q): %v", text, err)
		}
		method := methods[c.next(len(methods))]
		if key := method + shape(template); seen[key] {
			continue
		} else {
			seen[key] = true
		}
		if err := b.Add(method, template, text, len(routes)); err != nil {
			t.Fatal(err)
		}
		routes = append(routes, registration{method, template})
	}
	table, err := b.Build()
	if err != nil {
		t.Fatalf("different shapes must not conflict: %v", err)
	}
	return table, routes
}

// shape is the template without its variables.
func shape(t httprule.Template) string {
	return httprule.Template{Segments: t.Segments, Verb: t.Verb}.String()
}

func checkAgainstLinear(t *testing.T, data []byte) {
	t.Helper()
	c := &chooser{data}
	table, routes := c.table(t)
	for range 4 {
		method, path := methods[c.next(len(methods))], c.path()
		want := routes.match(method, path)
		got, outcome := table.Match(method, path, nil)
		if outcome != want.outcome {
			t.Fatalf("%s %s on %v: outcome %d, want %d", method, path, routes, outcome, want.outcome)
		}
		if refused := route.CheckPath(path) != nil; refused != (outcome == route.BadPath) {
			t.Fatalf("CheckPath(%q) and Match disagree", path)
		}
		if allow := table.Allow(path); !slices.Equal(allow, want.allow) {
			t.Fatalf("Allow(%q) on %v = %v, want %v", path, routes, allow, want.allow)
		}
		if outcome != route.Found {
			continue
		}
		if got.Route.Value != want.route || !slices.Equal(got.Values, want.values) || got.HeadAsGet != want.headAsGet {
			t.Fatalf("%s %s: %s %s %q, want %s %s %q", method, path, got.Route.Method, got.Route.Template, got.Values,
				routes[want.route].method, routes[want.route].template, want.values)
		}
	}
}

func FuzzMatch(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 16 {
		f.Add(randomBytes(random))
	}
	f.Fuzz(checkAgainstLinear)
}

func TestTheTrieAgreesWithTheLinearMatcherOnRandomTables(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		checkAgainstLinear(t, randomBytes(random))
	}
}

func randomBytes(random *rand.Rand) []byte {
	data := make([]byte, 96)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	return data
}
