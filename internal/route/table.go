package route

import (
	"cmp"
	"slices"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
)

// Route is one registered route.
type Route[T any] struct {
	Method   string
	Template httprule.Template
	Owner    string
	Value    T
}

func (r *Route[T]) label() Label {
	return Label{Method: r.Method, Template: r.Template.String(), Owner: r.Owner}
}

// Outcome is the answer to whether a request has a route.
type Outcome uint8

const (
	// NotFound: no template matches the path. 404.
	NotFound Outcome = iota
	// Found: a route was found.
	Found
	// MethodNotAllowed: templates match the path, none under this method. 405, with [Table.Allow].
	MethodNotAllowed
	// Options: the method is OPTIONS, templates match the path, and none takes OPTIONS itself. 204, with [Table.Allow].
	Options
	// BadPath: the path can not be a path, or must not be one. 400; [CheckPath] says why.
	BadPath
)

// Match is what a request was matched to.
type Match[T any] struct {
	// Route is nil unless the outcome is Found. It belongs to the table: read it only.
	Route *Route[T]
	// Values are the variables' values in the order of Route.Template.Variables, behind what the caller's slice held.
	Values []string
	// HeadAsGet says that the request is HEAD and the route found is for GET.
	HeadAsGet bool
}

// Table is an immutable set of routes, safe for concurrent use.
type Table[T any] struct {
	routes []Route[T]
	trie   trie
}

func newTable[T any](b *Builder[T]) *Table[T] {
	return &Table[T]{
		routes: b.routes,
		trie:   trie{root: b.root, depth: b.depth, longest: b.longest},
	}
}

// Match finds the best route for a method and a path as it was sent, percent-encoded (net/url's URL.EscapedPath). An
// empty path is "/". Values are appended to the slice values, which may be nil; pass an empty one with room for the
// variables and nothing is allocated but what percent-decoding needs.
//
// A value of one segment is decoded fully; in a value of several, %2F and %2f stay as they are. A plus is a plus.
// Decoded values are bytes as sent, not checked to be UTF-8.
func (t *Table[T]) Match(method, path string, values []string) (Match[T], Outcome) {
	s := search{trie: &t.trie, method: method}
	if s.path = orRoot(path); !isSafe(s.path) {
		return Match[T]{Values: values}, BadPath
	}
	s.split()
	if !s.run() {
		return Match[T]{Values: values}, s.missed()
	}
	return Match[T]{Route: &t.routes[s.found.route], Values: s.capture(values), HeadAsGet: s.headAsGet}, Found
}

// Allow lists the methods that a path takes, sorted, for the Allow header: those of all routes that match it, HEAD where
// there is GET, and OPTIONS. A route for [AnyMethod] counts as DELETE, GET, HEAD, PATCH, POST and PUT. The list is nil
// if no route matches.
func (t *Table[T]) Allow(path string) []string {
	s := search{trie: &t.trie, collect: true}
	if s.path = orRoot(path); !isSafe(s.path) {
		return nil
	}
	s.split()
	s.run()
	if !s.known {
		return nil
	}
	methods := []string{"OPTIONS"}
	for _, m := range s.methods {
		switch m {
		case "GET":
			methods = append(methods, "GET", "HEAD")
		case AnyMethod:
			methods = append(methods, "DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
		default:
			methods = append(methods, m)
		}
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// Routes lists all routes, sorted by template, then by method.
func (t *Table[T]) Routes() []Route[T] {
	labels := make([]Label, len(t.routes))
	order := make([]int, len(t.routes))
	for i := range t.routes {
		labels[i], order[i] = t.routes[i].label(), i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(labels[a].Template, labels[b].Template), cmp.Compare(labels[a].Method, labels[b].Method))
	})
	sorted := make([]Route[T], len(order))
	for i, r := range order {
		sorted[i] = t.routes[r]
	}
	return sorted
}
