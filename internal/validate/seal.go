package validate

import (
	"slices"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// seal finds out which new messages have something to check, somewhere within, and leaves in their tables only what that
// takes. Messages may hold themselves, so the answer spreads until nothing changes.
func (c *Compiler) seal() {
	for changed := true; changed; {
		changed = false
		for _, m := range c.fresh {
			if !m.busy && m.hasWork() {
				m.busy, changed = true, true
			}
		}
	}
	for _, m := range c.fresh {
		m.prune()
	}
	for _, m := range c.fresh {
		m.link()
	}
	c.fresh = c.fresh[:0]
}

func (m *message) hasWork() bool {
	return slices.ContainsFunc(m.oneofs, func(o oneof) bool { return o.required }) ||
		slices.ContainsFunc(m.rows, func(f field) bool { return f.hasWork() })
}

func (f *field) hasWork() bool {
	return len(f.counts) > 0 || f.unique || len(f.absent) > 0 || f.value.hasWork() || f.key != nil && f.key.hasWork()
}

func (v *value) hasWork() bool {
	if v.form == formMessage {
		return v.message.busy
	}
	return v.form != formNone
}

// prune drops the fields that have nothing to check. Of a oneof, none is dropped if one has: each replaces the others.
func (m *message) prune() {
	for i := range m.rows {
		f := &m.rows[i]
		if !f.value.hasWork() {
			f.value.form = formNone
		}
		if f.oneof > 0 && f.hasWork() {
			m.oneofs[f.oneof-1].members++
		}
	}
	m.rows = slices.DeleteFunc(m.rows, func(f field) bool {
		if f.oneof > 0 {
			o := m.oneofs[f.oneof-1]
			return o.members == 0 && !o.required
		}
		return !f.hasWork()
	})
	m.rows = slices.Clip(m.rows)
}

// link makes the rows findable by number.
func (m *message) link() {
	const densest = 1024
	for i := range m.rows {
		f := &m.rows[i]
		f.index = i
		if f.number >= densest {
			if m.sparse == nil {
				m.sparse = map[uint64]*field{}
			}
			m.sparse[uint64(f.number)] = f
			continue
		}
		if missing := int(f.number) + 1 - len(m.dense); missing > 0 {
			m.dense = append(m.dense, make([]*field, missing)...)
		}
		m.dense[f.number] = f
	}
}

// allProblems returns the problems of a message and of all it refers to.
func (m *message) allProblems() []source.Problem {
	var problems []source.Problem
	seen := map[*message]bool{}
	var visit func(*message)
	visit = func(m *message) {
		if m == nil || seen[m] {
			return
		}
		seen[m] = true
		problems = append(problems, m.problems...)
		for _, within := range m.refers {
			visit(within)
		}
	}
	visit(m)
	return problems
}
