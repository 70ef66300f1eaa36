package compose

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// condition is a field of the request that says which parts are wanted.
type condition struct {
	kind  conditionKind
	shown string // what clients call the field
	path  []step
	// fields are those that a mask may name, by their names in the .proto file.
	fields map[string]bool
}

type conditionKind uint8

const (
	ifTrue   conditionKind = iota // a bool
	ifListed                      // names of parts
	ifMasked                      // paths of fields of the answer
)

const fieldMask = "google.protobuf.FieldMask"

// condition compiles what a part says under `if`, once for all parts that say it. It returns its place in the plan.
func (c *compiler) condition(i int, name string) int {
	at, known := c.conditions[name]
	if !known {
		cond, problem := c.conditionOf(name)
		if problem != "" {
			c.complain(i, []int32{atIf}, "if: %s", problem)
			return -1
		}
		at = len(c.plan.wants)
		c.plan.wants = append(c.plan.wants, cond)
		c.conditions[name] = at
	}
	if p := c.plan.parts[i]; c.plan.wants[at].kind == ifMasked && p.field == nil && p.splice.whole {
		c.complain(i, []int32{atIf}, "if: a mask names fields, and the part is the whole answer; use a bool or a list of names")
	}
	return at
}

// conditionOf compiles a condition. It returns the problem if there is one.
func (c *compiler) conditionOf(name string) (condition, string) {
	path, problem := follow(c.method.Input(), name)
	if problem != "" {
		return condition{}, problem
	}
	last := path[len(path)-1]
	cond := condition{shown: c.shownPath(path), path: stepsOf(path)}
	switch {
	case hasList(path[:len(path)-1]):
		return cond, name + " leads through a list; one value has to decide"
	case last.Kind() == protoreflect.BoolKind && !isList(last):
		cond.kind = ifTrue
	case last.Kind() == protoreflect.StringKind && last.IsList():
		cond.kind = ifListed
	case last.Message() != nil && last.Message().FullName() == fieldMask && !isList(last):
		cond.kind = ifMasked
		cond.path = append(cond.path, stepOf(last.Message().Fields().ByNumber(1)))
		cond.fields = c.fields()
	default:
		return cond, fmt.Sprintf("field %s is neither a bool nor a repeated string nor a FieldMask", last.FullName())
	}
	return cond, ""
}

// fields are the names that a mask of the answer may begin with.
func (c *compiler) fields() map[string]bool {
	names := map[string]bool{"*": true}
	fields := c.method.Output().Fields()
	for i := range fields.Len() {
		if fd := fields.Get(i); c.visible(fd) {
			names[string(fd.Name())] = true
		}
	}
	return names
}

// read returns what the request says.
func (c *condition) read(request []byte) ([]value, error) {
	var r reader
	if err := r.read(request, c.path); err != nil {
		return nil, unreadable(err)
	}
	if c.kind != ifMasked {
		return r.values, nil
	}
	for _, v := range r.values {
		if !c.fields[head(v.raw)] {
			return nil, fault.Field(c.shown, fmt.Sprintf("%q is no field of the answer", v.raw))
		}
	}
	return r.values, nil
}

// holds tells whether a part is wanted, of what the request says.
func (c *condition) holds(p *part, said []value) bool {
	if c.kind == ifTrue {
		if len(said) == 0 {
			return false
		}
		n, _ := protowire.ConsumeVarint(said[0].raw)
		return n != 0
	}
	for _, v := range said {
		switch {
		case c.kind == ifListed && (string(v.raw) == p.name || string(v.raw) == p.shown):
			return true
		case c.kind == ifMasked && (string(v.raw) == "*" || head(v.raw) == string(p.field.Name())):
			return true
		}
	}
	return len(said) == 0
}

// head is the first field of a path.
func head(path []byte) string {
	first, _, _ := strings.Cut(string(path), ".")
	return first
}
