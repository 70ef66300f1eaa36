package compose

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// binding fills a field of a call's request.
type binding struct {
	from  origin
	field protoreflect.FieldDescriptor
	outer []member // the messages that the field is in, from the outside
	num   protowire.Number
	typ   protowire.Type
	skip  bool // make no call without a value
	keyed bool // it tells one call from another
}

// origin is where values are from.
type origin struct {
	kind     originKind
	name     string // for people
	part     int
	path     []step // none for the element itself
	claim    string
	constant []byte // occurrences of the field, with what they are in
}

type originKind uint8

const (
	fromRequest originKind = iota
	fromPart
	fromElement
	fromClaim
	fromConstant
)

// sourced is an origin and what its values are.
type sourced struct {
	origin
	kind    kind
	list    bool
	fields  schema.FieldPath // none for the element itself
	problem string
}

// last is the field that holds the values, nil for none.
func (s *sourced) last() protoreflect.FieldDescriptor {
	if len(s.fields) == 0 {
		return nil
	}
	return s.fields[len(s.fields)-1]
}

// isMap tells whether the values are the entries of a map.
func (s *sourced) isMap() bool { return s.last() != nil && s.last().IsMap() }

func (c *compiler) fromRequest(name string) sourced {
	return through(fromRequest, c.method.Input(), name)
}

// through follows a path from a message.
func through(from originKind, md protoreflect.MessageDescriptor, name string) sourced {
	path, problem := follow(md, name)
	if problem != "" {
		return sourced{problem: problem}
	}
	last := path[len(path)-1]
	return sourced{
		origin: origin{kind: from, name: name, path: stepsOf(path)},
		kind:   kindOf(last), list: hasList(path), fields: path,
	}
}

// fromPart follows a path whose first name is that of another part, which the part then needs.
func (c *compiler) fromPart(i int, name string) sourced {
	first, rest, _ := strings.Cut(name, ".")
	at := slices.IndexFunc(c.plan.parts, func(p *part) bool { return p.name == first })
	switch {
	case at < 0:
		var names []string
		for _, p := range c.plan.parts {
			names = append(names, p.name)
		}
		return sourced{problem: fmt.Sprintf("there is no part %s; there are %s", first, some(names))}
	case c.plan.parts[at].target == nil:
		return sourced{problem: fmt.Sprintf("of part %s it is not known what it calls", first)}
	case rest == "":
		return sourced{problem: fmt.Sprintf("%s is a part; name a field of its response, such as %s.%s", first, first,
			firstField(c.plan.parts[at].target.Method.Output()))}
	}
	s := through(fromPart, c.plan.parts[at].target.Method.Output(), rest)
	if s.problem != "" {
		return s
	}
	s.part, s.name = at, name
	s.list = s.list || c.said[at].GetEach() != nil
	if p := c.plan.parts[i]; !slices.Contains(p.needs, at) {
		p.needs = append(p.needs, at)
	}
	return s
}

func firstField(md protoreflect.MessageDescriptor) string {
	if md.Fields().Len() == 0 {
		return "field"
	}
	return string(md.Fields().Get(0).Name())
}

// fromElementOf follows a path from an element of the part's list.
func fromElementOf(element *kind, name string) sourced {
	if name == wholeAnswer {
		return sourced{origin: origin{kind: fromElement, name: name}, kind: *element}
	}
	if element.message == nil {
		return sourced{problem: fmt.Sprintf("elements are %s and have no fields; write %q", element, wholeAnswer)}
	}
	return through(fromElement, element.message, name)
}

// bind compiles the bindings of a part. element is what its list is made of, nil for none.
func (c *compiler) bind(i int, element *kind) {
	p, said := c.plan.parts[i], c.said[i].GetBind()
	paths := make([]schema.FieldPath, len(said))
	p.bindings = make([]binding, len(said))
	for j, b := range said {
		complain := func(format string, args ...any) {
			c.complain(i, []int32{atBind, int32(j)}, "bind %s: %s", b.GetTo(), fmt.Sprintf(format, args...))
		}
		path, problem := follow(p.target.Method.Input(), b.GetTo())
		if problem == "" && hasList(path[:len(path)-1]) {
			problem = "leads through a list, of which no element is named"
		}
		if problem != "" {
			complain("%s", problem)
			continue
		}
		for k, other := range paths[:j] {
			if problem := collide(other, path); problem != "" {
				complain("%s %s", said[k].GetTo(), problem)
			}
		}
		paths[j] = path
		p.bindings[j] = bindingOf(path, b.GetSkipIfUnset())
		if problem := c.source(i, &p.bindings[j], b, path, element); problem != "" {
			complain("%s", problem)
		}
	}
}

func bindingOf(path schema.FieldPath, skip bool) binding {
	last := path[len(path)-1]
	b := binding{field: last, num: last.Number(), typ: wireType(last.Kind()), skip: skip}
	for _, fd := range path[:len(path)-1] {
		b.outer = append(b.outer, memberOf(fd))
	}
	return b
}

// collide tells why two fields can not both be bound, "" if they can.
func collide(a, b schema.FieldPath) string {
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			continue
		}
		if o := a[i].ContainingOneof(); o != nil && o == b[i].ContainingOneof() {
			return fmt.Sprintf("is bound too, and the oneof %s holds one of them", o.Name())
		}
		return ""
	}
	if len(a) == 0 {
		return "" // it is wrong itself
	}
	return "is bound already"
}

// source finds out where the values of a binding are from. It returns the problem if there is one.
func (c *compiler) source(i int, b *binding, said *gatehousev1.PartBinding, path schema.FieldPath, element *kind) string {
	last := path[len(path)-1]
	var s sourced
	switch from := said.GetFrom().(type) {
	case *gatehousev1.PartBinding_Request:
		s = c.fromRequest(from.Request)
	case *gatehousev1.PartBinding_Part:
		s = c.fromPart(i, from.Part)
	case *gatehousev1.PartBinding_Element:
		switch {
		case c.said[i].GetEach() == nil:
			return "there are elements with each only"
		case element == nil:
			return "" // what is wrong with the list is told already
		}
		s = fromElementOf(element, from.Element)
	case *gatehousev1.PartBinding_Claim:
		b.from = origin{kind: fromClaim, claim: from.Claim}
		switch {
		case from.Claim == "":
			return "names no claim"
		case !claimable(last):
			return fmt.Sprintf("field %s can not hold a claim, which is a string, an integer, a boolean or an enum", last.FullName())
		}
		return ""
	case *gatehousev1.PartBinding_Constant:
		if b.skip {
			return "a constant is never unset; leave skip_if_unset out"
		}
		wire, err := constant(c.set.Types(), last, from.Constant)
		if err != nil {
			return err.Error()
		}
		b.from = origin{kind: fromConstant, constant: b.wrap(nil, wire)}
		return ""
	case nil:
		return "says not where the value is from; give request, part, element, claim or constant"
	}
	b.from = s.origin
	switch {
	case s.problem != "":
		return s.problem
	case last.IsMap() != s.isMap():
		return fmt.Sprintf("%s is %s, and field %s is %s", s.name, described(s.kind, s.list), last.FullName(), described(kindOf(last), isList(last)))
	case s.list && !isList(last):
		return fmt.Sprintf("%s is a list, and field %s holds one value; say each, and bind from the element", s.name, last.FullName())
	default:
		return fits(s.kind, kindOf(last))
	}
}
