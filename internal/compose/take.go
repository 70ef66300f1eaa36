package compose

import "github.com/gatehouse-edge/gatehouse/internal/schema"

// take compiles what becomes of a part's response.
func (c *compiler) take(i int) {
	p, name := c.plan.parts[i], c.said[i].GetTake()
	md := p.target.Method
	var path schema.FieldPath
	taken, list := kindOfMessage(md.Output()), p.each != nil
	if name != "" {
		var problem string
		if path, problem = follow(md.Output(), name); problem != "" {
			c.complain(i, []int32{atTake}, "take: %s", problem)
			return
		}
		last := path[len(path)-1]
		taken, list = kindOf(last), list || hasList(path)
		p.splice.take = stepsOf(path)
	}
	switch {
	case p.splice.whole:
		c.takeAnswer(i, taken, list)
	case p.field != nil:
		c.takeField(i, path, taken, list)
	}
	c.checkReveal(i, path)
}

// takeAnswer checks what is to be the answer itself.
func (c *compiler) takeAnswer(i int, taken kind, list bool) {
	p, output := c.plan.parts[i], c.method.Output()
	if list || taken.message == nil {
		c.complain(i, []int32{atField}, "field: the answer is one message; %s can not be it", described(taken, list))
		return
	}
	if problem := extends(taken.message, output); problem != "" {
		c.complain(i, []int32{atField}, "field: %s", problem)
		return
	}
	if taken.message.FullName() != output.FullName() {
		p.splice.known = c.shapes.of(taken.message)
	}
}

// takeField checks what is to be a field of the answer.
func (c *compiler) takeField(i int, path schema.FieldPath, taken kind, list bool) {
	p := c.plan.parts[i]
	fd := p.field
	isMap := len(path) > 0 && path[len(path)-1].IsMap()
	switch {
	case isMap != fd.IsMap():
		c.complain(i, []int32{atField}, "field: %s is %s, and %s is none", fd.FullName(), described(kindOf(fd), isList(fd)), described(taken, list))
		return
	case isList(fd) && !list:
		c.complain(i, []int32{atField}, "field: %s is a list, and %s is one value; take a list, or say each", fd.FullName(), taken)
		return
	case list && !isList(fd):
		c.complain(i, []int32{atField}, "field: %s holds one value, and %s is a list", fd.FullName(), described(taken, list))
		return
	}
	if problem := fits(taken, kindOf(fd)); problem != "" {
		c.complain(i, []int32{atField}, "field %s: %s", fd.FullName(), problem)
		return
	}
	p.splice.num, p.splice.typ, p.splice.list = fd.Number(), wireType(fd.Kind()), isList(fd)
	if p.each == nil || len(path) == 0 || hasList(path) {
		return
	}
	var err error
	if p.splice.unset, err = unset(fd, path); err != nil {
		c.complain(i, []int32{atTake}, "take: %v", err)
	}
}

func described(k kind, list bool) string {
	if list && (k.message == nil || !k.message.IsMapEntry()) {
		return "a list of " + k.String()
	}
	return k.String()
}
