package compose

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
)

const (
	defaultMax    = 20
	mostElements  = 1000
	defaultAtOnce = 8
	mostAtOnce    = 100
)

// wholeAnswer is the field of a part that is the answer itself.
const wholeAnswer = "*"

// declare finds a part's name, the method it calls and the field it fills.
func (c *compiler) declare(i int) {
	said := c.said[i]
	p := &part{name: said.GetName(), wanted: -1, optional: said.GetOptional(), mark: new(mark)}
	c.plan.parts = append(c.plan.parts, p)
	if p.name == "" {
		p.name = said.GetField()
	}
	for _, other := range c.plan.parts[:i] {
		if other.name == p.name {
			c.complain(i, []int32{atName}, "another part has the same name; give one of them another name")
		}
	}
	p.shown = p.name
	switch {
	case p.name == "":
		p.name = said.GetCall()
		c.complain(i, nil, "has neither a field nor a name")
	case p.name != wholeAnswer && !protoreflect.Name(p.name).IsValid():
		c.complain(i, []int32{atName}, "%q is no name; use letters, digits and underscores", p.name)
	}
	c.fill(i)
	md, problem := c.find(said.GetCall())
	if problem == "" {
		p.target, problem = c.target(md)
	}
	if problem != "" {
		c.complain(i, []int32{atCall}, "call: %s", problem)
	}
}

// fill finds the field that a part fills.
func (c *compiler) fill(i int) {
	p, name := c.plan.parts[i], c.said[i].GetField()
	switch name {
	case "":
		return
	case wholeAnswer:
		p.visible, p.splice.whole = true, true
		return
	}
	fd := c.method.Output().Fields().ByTextName(name)
	switch {
	case fd == nil:
		c.complain(i, []int32{atField}, "field: %s", noField(c.method.Output(), name))
		return
	case isPartial(fd):
		c.complain(i, []int32{atField}, "field: %s tells what is missing; no part fills it", fd.FullName())
		return
	}
	for _, other := range c.plan.parts[:i] {
		switch o := fd.ContainingOneof(); {
		case other.field == fd:
			c.complain(i, []int32{atField}, "field: part %s fills %s already", other.name, fd.FullName())
		case o != nil && other.field != nil && other.field.ContainingOneof() == o:
			c.complain(i, []int32{atField}, "field: %s and %s are of the oneof %s, which holds one of them", other.field.Name(), fd.Name(), o.Name())
		}
	}
	p.field, p.shown, p.visible = fd, c.shown(fd), c.visible(fd)
}

func isPartial(fd protoreflect.FieldDescriptor) bool {
	name := (*gatehousev1.PartialResult)(nil).ProtoReflect().Descriptor().FullName()
	return fd.Message() != nil && fd.Message().FullName() == name
}

// part compiles all else that a part says.
func (c *compiler) part(i int) {
	p, said := c.plan.parts[i], c.said[i]
	md := p.target.Method
	p.response = c.shapes.of(md.Output())
	if c.opts.Form != nil {
		p.form = c.opts.Form(md.Output())
	}
	p.timeout = c.duration(i, []int32{atTimeout}, "timeout", said.GetTimeout())
	if said.GetIf() != "" {
		if said.GetField() == "" {
			c.complain(i, []int32{atIf}, "if: a part without a field is called when others need it")
		}
		p.wanted = c.condition(i, said.GetIf())
	}
	var element *kind
	if said.GetEach() != nil {
		element = c.each(i)
	}
	c.bind(i, element)
	c.take(i)
	c.fallback(i)
	c.keep(i)
}

// duration reads one that is not negative.
func (c *compiler) duration(i int, at []int32, name string, said *durationpb.Duration) time.Duration {
	if said == nil {
		return 0
	}
	d := said.AsDuration()
	if said.CheckValid() != nil || d <= 0 {
		c.complain(i, at, "%s: has to be longer than nothing", name)
	}
	return d
}

// each compiles the list of a part of many calls. It returns what an element is, nil if that is not known.
func (c *compiler) each(i int) *kind {
	p, said := c.plan.parts[i], c.said[i].GetEach()
	p.each = &each{max: int(said.GetMax()), atOnce: int(said.GetAtOnce())}
	if p.each.max == 0 {
		p.each.max = defaultMax
	}
	if p.each.atOnce == 0 {
		p.each.atOnce = defaultAtOnce
	}
	if p.each.max > mostElements {
		c.complain(i, []int32{atEach, atMax}, "each.max: %d are too many; %d at most", p.each.max, mostElements)
	}
	if p.each.atOnce > mostAtOnce {
		c.complain(i, []int32{atEach, atAtOnce}, "each.at_once: %d are too many; %d at most", p.each.atOnce, mostAtOnce)
	}
	var s sourced
	switch in := said.GetIn().(type) {
	case *gatehousev1.PartEach_Request:
		s = c.fromRequest(in.Request)
	case *gatehousev1.PartEach_Part:
		s = c.fromPart(i, in.Part)
	case nil:
		s.problem = "names no list"
	}
	switch {
	case s.problem != "":
	case !s.list:
		s.problem = s.name + " is no list"
	case s.isMap():
		s.problem = s.name + " is a map, whose entries have no order"
	}
	if s.problem != "" {
		c.complain(i, []int32{atEach}, "each: %s", s.problem)
		return nil
	}
	p.each.list, p.each.shown = s.origin, c.shownPath(s.fields)
	return &s.kind
}

// fallback compiles what stands in for a response.
func (c *compiler) fallback(i int) {
	p, said := c.plan.parts[i], c.said[i].GetFallback()
	p.lastGood = c.duration(i, []int32{atFallback, atLastGood}, "fallback.last_good", said.GetLastGood())
	if said.GetConstant() == "" {
		return
	}
	wire, err := message(c.set.Types(), p.target.Method.Output(), said.GetConstant())
	if err != nil {
		c.complain(i, []int32{atFallback, atConstant}, "fallback.constant: is no %s: %v", p.target.Method.Output().FullName(), err)
	}
	if err := c.plan.check(p, wire); err != nil {
		c.complain(i, []int32{atFallback, atConstant}, "fallback.constant: %v", err)
	}
	p.constant = append([]byte{}, wire...) // there is one, if it is empty too
}

// keep compiles what is remembered of a part.
func (c *compiler) keep(i int) {
	p, said := c.plan.parts[i], c.said[i]
	if said.GetCache() == nil && p.lastGood == 0 {
		return
	}
	c.plan.keeps = true
	// What is kept for a part is not to be found by one that says something else.
	option, err := proto.MarshalOptions{Deterministic: true}.Marshal(said)
	if err != nil {
		c.complain(i, nil, "%v", err)
	}
	p.cache = &keeping{
		id:     string(appendSized(nil, string(c.method.FullName()), p.name, p.target.Path, string(option))),
		age:    c.duration(i, []int32{atCache, atAge}, "cache.age", said.GetCache().GetAge()),
		shared: said.GetCache().GetShared(), flight: said.GetCache() != nil,
	}
	for k, name := range said.GetCache().GetKey() {
		found := false
		for j, b := range said.GetBind() {
			if b.GetTo() == name && j < len(p.bindings) {
				p.bindings[j].keyed, found = true, true
			}
		}
		if !found {
			c.complain(i, []int32{atCache, atKey, int32(k)}, "cache.key: %q is bound by no binding", name)
		}
	}
	if len(said.GetCache().GetKey()) == 0 {
		for j := range p.bindings {
			p.bindings[j].keyed = true
		}
	}
}
