package compose

import (
	"slices"
	"strings"
)

// sort finds an order in which each part is behind those that it needs, and reports parts that wait for each other.
func (c *compiler) sort() {
	s := sorter{plan: c.plan, state: make([]visit, len(c.plan.parts))}
	for i := range c.plan.parts {
		s.visit(i)
	}
	if s.circle == nil {
		return
	}
	var names []string
	for _, i := range s.circle {
		names = append(names, c.plan.parts[i].name)
	}
	c.complain(s.circle[0], nil, "waits for itself: %s", strings.Join(names, " -> "))
}

// sorter visits parts, those first that a part needs.
type sorter struct {
	plan   *Plan
	state  []visit
	under  []int // the parts that are being visited
	circle []int // the first that was found
}

type visit uint8

const (
	unseen visit = iota
	underWay
	seen
)

func (s *sorter) visit(i int) {
	switch s.state[i] {
	case seen:
		return
	case underWay:
		if s.circle == nil {
			s.circle = append(slices.Clone(s.under[slices.Index(s.under, i):]), i)
		}
		return
	case unseen:
	}
	s.state[i] = underWay
	s.under = append(s.under, i)
	for _, needed := range s.plan.parts[i].needs {
		s.visit(needed)
	}
	s.under = s.under[:len(s.under)-1]
	s.state[i] = seen
	s.plan.order = append(s.plan.order, i)
	for _, needed := range s.plan.parts[i].needs {
		from := s.plan.parts[needed]
		from.feeds = append(from.feeds, i)
	}
}

// checkUse reports parts that nobody has anything of.
func (c *compiler) checkUse() {
	for i, p := range c.plan.parts {
		if p.field == nil && !p.splice.whole && c.said[i].GetField() == "" && len(p.feeds) == 0 {
			c.complain(i, nil, "has no field, and no other part binds from it")
		}
	}
}
