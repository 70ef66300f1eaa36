package openapi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// use is what a message is sent for. One message may have up to three schemas.
type use uint8

const (
	output use = iota // an answer: what is always written is required
	input             // a request: what has to be given is required
	patch             // a PATCH: nothing is, and null clears
)

// scope is what the schema of a message depends on beside the message.
type scope struct {
	use     use
	dialect *Dialect
}

type entryKey struct {
	name protoreflect.FullName
	scope
}

// entry is a schema among the components.
type entry struct {
	descriptor protoreflect.Descriptor
	scope      scope
	schema     *Schema
	refs       []*Schema // to other entries, in the order of the schema
	class      int       // entries of one descriptor and one class are one component
	name       string
}

// ref returns a reference to the schema of a message or an enum.
func (b *builder) ref(d protoreflect.Descriptor, sc scope) *Schema {
	if _, isEnum := d.(protoreflect.EnumDescriptor); isEnum {
		sc.use = output // an enum is written as it is read
	}
	key := entryKey{d.FullName(), sc}
	e := b.entries[key]
	if e == nil {
		e = &entry{descriptor: d, scope: sc}
		b.entries[key] = e
		b.order = append(b.order, e)
	}
	s := &Schema{target: e}
	b.refs = append(b.refs, s)
	return s
}

// finishSchemas makes the schemas that were asked for, and those that these ask for, and gives them their names.
func (b *builder) finishSchemas() {
	for i := 0; i < len(b.order); i++ { // grows on the way
		e := b.order[i]
		before := len(b.refs)
		switch d := e.descriptor.(type) {
		case protoreflect.EnumDescriptor:
			e.schema = b.enum(d, e.scope)
		case protoreflect.MessageDescriptor:
			e.schema = b.object(d, e.scope)
		}
		e.refs = b.refs[before:len(b.refs):len(b.refs)]
	}
	slices.SortFunc(b.order, func(x, y *entry) int {
		return cmp.Or(
			cmp.Compare(x.descriptor.FullName(), y.descriptor.FullName()),
			cmp.Compare(x.scope.dialect.Label, y.scope.dialect.Label), cmp.Compare(x.scope.use, y.scope.use),
		)
	})
	b.classify()
	b.nameComponents()
	for _, e := range b.order {
		if _, known := b.doc.Components.Schemas.Get(e.name); !known {
			b.doc.Components.Schemas.Set(e.name, e.schema)
		}
	}
	for _, s := range b.refs {
		s.Ref = "#/components/schemas/" + s.target.name
	}
}

// classify puts those entries of a message into one class whose schemas say the same. It begins with what stands in the
// schemas themselves, and parts what refers to different classes, until nothing changes.
func (b *builder) classify() {
	texts := make([]string, len(b.order))
	for i, e := range b.order {
		text, err := marshal(e.schema)
		if err != nil {
			b.problem(b.api.Set.Position(e.descriptor), "%s: %v", e.descriptor.FullName(), err)
		}
		texts[i] = string(text)
	}
	next := make([]int, len(b.order))
	for classes := 0; ; {
		seen := map[string]int{}
		for i, e := range b.order {
			sign := e.sign(texts[i])
			if _, known := seen[sign]; !known {
				seen[sign] = len(seen)
			}
			next[i] = seen[sign]
		}
		for i, e := range b.order {
			e.class = next[i]
		}
		if len(seen) == classes {
			return
		}
		classes = len(seen)
	}
}

// sign is the same for entries that, by what is known so far, say the same.
func (e *entry) sign(text string) string {
	var sign strings.Builder
	fmt.Fprintf(&sign, "%s %d %s", e.descriptor.FullName(), e.class, text)
	for _, ref := range e.refs {
		fmt.Fprintf(&sign, " %d", ref.target.class)
	}
	return sign.String()
}

// reserved are the names of schemas that are the edge's own.
var reserved = []string{errorSchema, problemSchema}

// nameComponents names the schemas: after the message, without its package where no other has that name, and with what it
// is for behind it where the message has other schemas too.
func (b *builder) nameComponents() {
	qualified := map[protoreflect.FullName]bool{}
	separator := ""
	for {
		owners := map[string]*entry{}
		clash := false
		for i, e := range b.order {
			e.name = b.candidate(i, qualified[e.descriptor.FullName()], separator)
			other := owners[e.name]
			switch {
			case slices.Contains(reserved, e.name):
				clash, qualified[e.descriptor.FullName()] = true, true
			case other == nil:
				owners[e.name] = e
			case other.class != e.class:
				clash = true
				if qualified[e.descriptor.FullName()] && qualified[other.descriptor.FullName()] {
					separator = "-" // which no name of a message holds
				}
				qualified[e.descriptor.FullName()], qualified[other.descriptor.FullName()] = true, true
			}
		}
		if !clash {
			return
		}
	}
}

// candidate is the name of an entry. The entries of a message stand one behind the other.
func (b *builder) candidate(i int, qualified bool, separator string) string {
	e, first := b.order[i], i
	for first > 0 && b.order[first-1].descriptor.FullName() == e.descriptor.FullName() {
		first--
	}
	name := string(e.descriptor.FullName())
	if pkg := string(e.descriptor.ParentFile().Package()); !qualified && pkg != "" {
		name = strings.TrimPrefix(name, pkg+".")
	}
	for b.order[first].class != e.class {
		first++
	}
	same := b.order[first] // the first entry that says the same names the component
	if first == 0 || b.order[first-1].descriptor.FullName() != e.descriptor.FullName() {
		return name
	}
	name += separator + [...]string{output: "Output", input: "Input", patch: "Patch"}[same.scope.use]
	if same.scope.dialect.Label != "" {
		name += "-" + same.scope.dialect.Label
	}
	return name
}
