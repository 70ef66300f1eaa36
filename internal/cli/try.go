package cli

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
	"github.com/gatehouse-edge/gatehouse/server"
)

// calls are those to try: a product of the sample shop, and a customer's cart; or else the GET that needs the least.
func (c *serveCommand) calls(routes []server.RouteInfo, d *demo) [][2]string {
	if c.Demo {
		calls := [][2]string{{"", "/v1/products/copper-saucepan"}}
		if d.issuer != nil {
			calls = append(calls, [2]string{fmt.Sprintf("-H \"Authorization: Bearer $(curl -s %s/customer)\" ", d.url), "/v1/carts/c-1001"})
		}
		return calls
	}
	best, fewest := "", 0
	for _, r := range routes {
		if r.Method != http.MethodGet || r.Stream != "" || !r.Public {
			continue
		}
		path, blanks := samplePath(r.Template)
		if best == "" || blanks < fewest || blanks == fewest && len(path) < len(best) {
			best, fewest = path, blanks
		}
	}
	if best == "" {
		return nil
	}
	return [][2]string{{"", best}}
}

// samplePath is a path that the template matches, and how many names in capitals it has where a caller puts a value.
func samplePath(template string) (path string, blanks int) {
	t, err := httprule.Parse(template)
	if err != nil {
		return template, 0
	}
	for i, segment := range t.Segments {
		if segment.Kind == httprule.Literal {
			path += "/" + url.PathEscape(segment.Literal)
			continue
		}
		path += "/" + nameAt(t.Variables, i)
		blanks++
	}
	if t.Verb != "" {
		path += ":" + url.PathEscape(t.Verb)
	}
	return cmp.Or(path, "/"), blanks
}

// nameAt is what a segment stands for, in capitals.
func nameAt(variables []httprule.Variable, segment int) string {
	for _, v := range variables {
		if v.Start <= segment && segment < v.End {
			return strings.ToUpper(v.Name())
		}
	}
	return "ANY"
}
