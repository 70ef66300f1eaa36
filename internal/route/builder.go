package route

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
)

// MaxDepth is the most segments a template may have. It bounds what a search remembers of a path.
const MaxDepth = 32

// Builder collects routes for one table. It is not for concurrent use.
type Builder[T any] struct {
	root      node
	routes    []Route[T]
	conflicts []error
	depth     int
	longest   int
}

// NewBuilder returns a builder without routes.
func NewBuilder[T any]() *Builder[T] { return &Builder[T]{} }

// Add registers value under a method and a template. The method is an HTTP method, compared exactly, or [AnyMethod].
// The owner is whom a conflict is reported to: an RPC, a file and line.
//
// The error tells of a method that is not a token of RFC 9110 or of a template deeper than [MaxDepth]; the route is
// then not added. Conflicts between routes wait for [Builder.Build].
func (b *Builder[T]) Add(method string, template httprule.Template, owner string, value T) error {
	if !isToken(method) {
		return fmt.Errorf("route %s %s (%s): %q is not an HTTP method: use letters, digits and hyphens, or * for any method",
			method, template, owner, method)
	}
	if n := len(template.Segments); n > MaxDepth {
		return fmt.Errorf("route %s %s (%s): %d segments: use %d at most, or end in **", method, template, owner, n, MaxDepth)
	}
	added := Route[T]{Method: method, Template: template, Owner: owner, Value: value}
	at := b.root.leafFor(template)
	if taken := at.endpoints(template.Verb).exactly(method); taken != nil {
		b.conflicts = append(b.conflicts, &ConflictError{First: b.routes[taken.route].label(), Second: added.label()})
		return nil
	}
	at.add(template.Verb, endpoint{method: method, route: len(b.routes), bindings: bindings(template)})
	b.routes = append(b.routes, added)
	b.measure(template)
	return nil
}

func (b *Builder[T]) measure(t httprule.Template) {
	b.depth = max(b.depth, len(t.Segments))
	for _, s := range t.Segments {
		b.longest = max(b.longest, len(s.Literal))
	}
}

// Build returns the table of all routes added, or every [*ConflictError] joined, in the order of the calls to Add.
// The builder must not be used afterwards.
func (b *Builder[T]) Build() (*Table[T], error) {
	if len(b.conflicts) > 0 {
		return nil, errors.Join(b.conflicts...)
	}
	return newTable(b), nil
}

// Label names a route in a report.
type Label struct {
	Method, Template, Owner string
}

func (l Label) String() string { return l.Method + " " + l.Template + " of " + l.Owner }

// ConflictError tells of two routes of which no request could ever choose one: under the same method their templates
// match the same paths at the same rank.
type ConflictError struct {
	// First was added before Second.
	First, Second Label
}

func (e *ConflictError) Error() string {
	if e.First.Template == e.Second.Template {
		return fmt.Sprintf("duplicate route: %s and %s: change the method or the template of one", e.First, e.Second)
	}
	return fmt.Sprintf("ambiguous routes: %s and %s match the same paths, for the names of variables do not tell them apart:"+
		" change the method, a literal or the verb of one", e.First, e.Second)
}

// isToken holds for the methods that RFC 9110 allows, the star being one of its characters.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}
