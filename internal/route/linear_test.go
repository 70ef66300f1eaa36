package route_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
	"github.com/gatehouse-edge/gatehouse/internal/route"
)

// linear is the naive matcher: it tries every route in both readings of a colon, ranks what fits, and keeps the best.
// It shares no code with the trie; the decoding is net/url's.
type linear []registration

type registration struct {
	method   string
	template httprule.Template
}

type answer struct {
	outcome   route.Outcome
	route     int
	values    []string
	headAsGet bool
	allow     []string
}

var dots = regexp.MustCompile(`(?i)^(\.|%2e){1,2}$`)

func (l linear) match(method, path string) answer {
	if path == "" {
		path = "/"
	}
	if !strings.HasPrefix(path, "/") {
		return answer{outcome: route.BadPath}
	}
	if _, err := url.PathUnescape(path); err != nil {
		return answer{outcome: route.BadPath}
	}
	segments := strings.Split(path[1:], "/")
	last := segments[len(segments)-1]
	bare, verb := last, ""
	if i := strings.LastIndex(last, ":"); i >= 0 {
		bare, verb = last[:i], last[i+1:]
	}
	if slices.ContainsFunc(append(slices.Clone(segments), bare), dots.MatchString) {
		return answer{outcome: route.BadPath}
	}
	stripped := append(slices.Clone(segments[:len(segments)-1]), bare)
	if path == "/" {
		segments, stripped = nil, nil
	}

	best, bestRank := answer{outcome: route.NotFound}, []int(nil)
	allow := map[string]bool{}
	for i, r := range l {
		var rank []int
		var values []string
		if r.template.Verb == "" {
			rank, values = bind(r.template, segments, false)
		} else if verb != "" && r.template.Verb == unescape(verb) {
			rank, values = bind(r.template, stripped, true)
		}
		if rank == nil {
			continue
		}
		for _, m := range listed(r.method) {
			allow[m] = true
		}
		fit := 0
		switch {
		case r.method == method:
			fit = 3
		case method == "HEAD" && r.method == "GET":
			fit = 2
		case r.method == "*":
			fit = 1
		}
		if fit == 0 {
			continue
		}
		rank = append(rank, fit)
		if bestRank == nil || slices.Compare(rank, bestRank) > 0 {
			best = answer{outcome: route.Found, route: i, values: values, headAsGet: fit == 2}
			bestRank = rank
		}
	}
	if len(allow) == 0 {
		return best
	}
	allow["OPTIONS"] = true
	for m := range allow {
		best.allow = append(best.allow, m)
	}
	slices.Sort(best.allow)
	if best.outcome == route.NotFound {
		best.outcome = route.MethodNotAllowed
		if method == "OPTIONS" {
			best.outcome = route.Options
		}
	}
	return best
}

func listed(method string) []string {
	switch method {
	case "GET":
		return []string{"GET", "HEAD"}
	case "*":
		return []string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"}
	}
	return []string{method}
}

// bind returns the rank of a template for the segments, larger being better, and its values; or nil.
// For each segment of the path: 4 a literal before a verb, 3 a literal, 2 a star, 1 under **. Then 1 if there is no **
// left over, then 1 for a verb.
func bind(t httprule.Template, segments []string, verb bool) (rank []int, values []string) {
	rank = []int{}
	fixed, tail := len(t.Segments), false
	if fixed > 0 && t.Segments[fixed-1].Kind == httprule.DoubleStar {
		fixed, tail = fixed-1, true
	}
	if len(segments) < fixed || len(segments) > fixed && !tail {
		return nil, nil
	}
	for i, s := range segments {
		switch {
		case i >= fixed:
			rank = append(rank, 1)
		case t.Segments[i].Kind == httprule.Star && s != "":
			rank = append(rank, 2)
		case t.Segments[i].Kind == httprule.Literal && t.Segments[i].Literal == unescape(s):
			rank = append(rank, 3)
			if verb && i == len(segments)-1 {
				rank[i] = 4
			}
		default:
			return nil, nil
		}
	}
	rank = append(rank, number(!tail), number(verb))
	for _, v := range t.Variables {
		end := v.End
		if v.End > fixed {
			end = len(segments)
		}
		value := strings.Join(segments[min(v.Start, end):end], "/")
		if v.Multi {
			values = append(values, unescapeAllButSlash(value))
		} else {
			values = append(values, unescape(value))
		}
	}
	return rank, values
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func unescape(s string) string {
	text, err := url.PathUnescape(s)
	if err != nil {
		panic(err) // the whole path was unescaped before
	}
	return text
}

var slash = regexp.MustCompile(`(?i)%2f`)

func unescapeAllButSlash(s string) string {
	var b strings.Builder
	from := 0
	for _, at := range slash.FindAllStringIndex(s, -1) {
		b.WriteString(unescape(s[from:at[0]]) + s[at[0]:at[1]])
		from = at[1]
	}
	return b.String() + unescape(s[from:])
}
