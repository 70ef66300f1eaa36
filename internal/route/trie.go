package route

import "github.com/gatehouse-edge/gatehouse/internal/httprule"

// node stands for the segments that lead to it from the root.
type node struct {
	literals map[string]*node // by decoded text
	star     *node
	here     leaf // templates that end with this node's segments
	rest     leaf // templates that go on with ** and end
}

// leaf holds the routes of one shape: plain ones, and those of each verb.
type leaf struct {
	plain endpoints
	verbs map[string]endpoints
}

// endpoints are the routes of one shape and verb, one for each method. They are few, so a list is the fastest.
type endpoints []endpoint

type endpoint struct {
	method string
	route  int // index into the table's routes
	// bindings are the template's variables again, small and near, so that a hit does not load the template.
	bindings []binding
}

// AnyMethod is the method of a route that takes whatever method no other route of the same template names.
const AnyMethod = "*"

// pick returns the route for a method: its own, or for HEAD that of GET, or that of any method, or nil.
func (e endpoints) pick(method string) (found *endpoint, headAsGet bool) {
	if found = e.exactly(method); found != nil {
		return found, false
	}
	if method == "HEAD" {
		if found = e.exactly("GET"); found != nil {
			return found, true
		}
	}
	return e.exactly(AnyMethod), false
}

// exactly returns the route registered under this very method, or nil.
func (e endpoints) exactly(method string) *endpoint {
	for i := range e {
		if e[i].method == method {
			return &e[i]
		}
	}
	return nil
}

// leafFor walks to the place of a template, making the nodes that are missing.
func (n *node) leafFor(t httprule.Template) *leaf {
	for _, s := range t.Segments {
		switch s.Kind {
		case httprule.Literal:
			n = n.literal(s.Literal)
		case httprule.Star:
			if n.star == nil {
				n.star = &node{}
			}
			n = n.star
		case httprule.DoubleStar:
			return &n.rest
		}
	}
	return &n.here
}

func (n *node) literal(text string) *node {
	if n.literals == nil {
		n.literals = make(map[string]*node)
	}
	child := n.literals[text]
	if child == nil {
		child = &node{}
		n.literals[text] = child
	}
	return child
}

func (l *leaf) endpoints(verb string) endpoints {
	if verb == "" {
		return l.plain
	}
	return l.verbs[verb]
}

func (l *leaf) add(verb string, e endpoint) {
	if verb == "" {
		l.plain = append(l.plain, e)
		return
	}
	if l.verbs == nil {
		l.verbs = make(map[string]endpoints)
	}
	l.verbs[verb] = append(l.verbs[verb], e)
}
