package route_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
	"github.com/gatehouse-edge/gatehouse/internal/route"
)

// published is one row of the tables of cases in docs/routing.md.
type published struct {
	line            int
	routes          []string
	method, path    string
	answer, binding string
}

var quoted = regexp.MustCompile("`([^`]*)`")

func inQuotes(cell string) []string {
	var all []string
	for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
		all = append(all, m[1])
	}
	return all
}

func publishedCases(t *testing.T) []published {
	t.Helper()
	page, err := os.ReadFile("../../docs/routing.md")
	if err != nil {
		t.Fatal(err)
	}
	before, tables, found := strings.Cut(string(page), "\n## Cases\n")
	if !found {
		t.Fatal("docs/routing.md has no section for the cases")
	}
	first := strings.Count(before, "\n") + 3
	var cases []published
	for i, line := range strings.Split(tables, "\n") {
		cells := strings.Split(line, "|")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| routes") || strings.HasPrefix(line, "| ---") {
			continue
		}
		request := ""
		if len(cells) == 6 {
			request = strings.Join(inQuotes(cells[2]), "")
		}
		method, path, ok := strings.Cut(request, " ")
		if !ok {
			t.Fatalf("docs/routing.md:%d: not a row of routes, request, answer and values: %s", first+i, line)
		}
		cases = append(cases, published{
			line: first + i, routes: inQuotes(cells[1]), method: method, path: path,
			answer: strings.Trim(cells[3], " `"), binding: strings.Join(inQuotes(cells[4]), " "),
		})
	}
	return cases
}

func TestThePublishedCasesHold(t *testing.T) {
	t.Parallel()
	cases := publishedCases(t)
	if len(cases) < 80 {
		t.Errorf("only %d cases were found in docs/routing.md", len(cases))
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("line %d %s %s", c.line, c.method, c.path), func(t *testing.T) {
			t.Parallel()
			answer, binding := describe(build(t, c.routes...), c.method, c.path)
			if answer != c.answer || binding != c.binding {
				t.Errorf("docs/routing.md:%d: the table says %s (%s), the router %s (%s)", c.line, c.answer, c.binding, answer, binding)
			}
			if want := c.linearly(t); answer != want {
				t.Errorf("docs/routing.md:%d: the linear matcher says %s, the router %s", c.line, want, answer)
			}
		})
	}
}

// describe answers a request in the words of the page.
func describe(table *route.Table[string], method, path string) (answer, binding string) {
	m, outcome := table.Match(method, path, nil)
	if outcome != route.Found {
		return status(outcome, table.Allow(path)), ""
	}
	var bound []string
	for i, v := range m.Route.Template.Variables {
		bound = append(bound, fmt.Sprintf(`%s="%s"`, v.Name(), m.Values[i]))
	}
	return m.Route.Method + " " + m.Route.Template.String(), strings.Join(bound, " ")
}

func status(outcome route.Outcome, allow []string) string {
	code := map[route.Outcome]string{
		route.BadPath: "400", route.NotFound: "404", route.MethodNotAllowed: "405 ", route.Options: "204 ",
	}[outcome]
	return code + strings.Join(allow, ", ")
}

func (c published) linearly(t *testing.T) string {
	t.Helper()
	var routes linear
	for _, r := range c.routes {
		method, text, _ := strings.Cut(r, " ")
		template, err := httprule.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		routes = append(routes, registration{method, template})
	}
	got := routes.match(c.method, c.path)
	if got.outcome != route.Found {
		return status(got.outcome, got.allow)
	}
	return routes[got.route].method + " " + routes[got.route].template.String()
}
