package validate

import (
	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// list compiles the rules of a list.
func (p place) list(f *field, fd protoreflect.FieldDescriptor, rules *pgv.FieldRules) {
	about := rules.GetRepeated()
	if about == nil {
		if rules.GetType() != nil || rules.GetMessage() != nil {
			p.problem("a list takes repeated rules, with items for its elements")
		}
		about = &pgv.RepeatedRules{}
	}
	p = p.in(rules.ProtoReflect(), "repeated")
	if about.GetUnique() && fd.Message() != nil {
		p.in(about.ProtoReflect(), "unique").problem("unique is for scalars; the elements are of type %s", typeName(fd))
	}
	f.unique = about.GetUnique() && fd.Message() == nil
	f.value = p.in(about.ProtoReflect(), "items").value(fd, about.GetItems())
	p.refuseLengths("", "min_items", "max_items", nil, about.MinItems, about.MaxItems)
	f.counts = p.counts(units{one: "item", many: "items", min: "repeated.min_items", max: "repeated.max_items"}, about.MinItems, about.MaxItems)
	f.whenEmpty(about.GetIgnoreEmpty())
}

// mapping compiles the rules of a map.
func (p place) mapping(f *field, fd protoreflect.FieldDescriptor, rules *pgv.FieldRules) {
	about := rules.GetMap()
	if about == nil {
		if rules.GetType() != nil || rules.GetMessage() != nil {
			p.problem("a map takes map rules, with keys and values for its entries")
		}
		about = &pgv.MapRules{}
	}
	p = p.in(rules.ProtoReflect(), "map")
	if about.GetNoSparse() && fd.MapValue().Message() == nil {
		p.in(about.ProtoReflect(), "no_sparse").problem("no_sparse is for maps of messages; the values are of type %s", typeName(fd.MapValue()))
	}
	keys := p.in(about.ProtoReflect(), "keys")
	keys.key = true
	key := keys.value(fd.MapKey(), about.GetKeys())
	f.key = &key
	// No_sparse asks for nothing more: an entry without a value has the empty one.
	f.value = p.in(about.ProtoReflect(), "values").value(fd.MapValue(), about.GetValues())
	p.refuseLengths("", "min_pairs", "max_pairs", nil, about.MinPairs, about.MaxPairs)
	f.counts = p.counts(units{one: "entry", many: "entries", min: "map.min_pairs", max: "map.max_pairs"}, about.MinPairs, about.MaxPairs)
	f.whenEmpty(about.GetIgnoreEmpty())
}

// counts makes tests of how many elements or entries there are.
func (p place) counts(u units, least, most *uint64) []test {
	at := func(n uint64) bound { return bound{at: point{major: n}} }
	var tests []test
	exactly := least != nil && most != nil && *least == *most
	if least != nil && *least > 0 {
		f := p.finding(u.min, "must have at least "+plural(*least, u.one, u.many))
		if exactly {
			f.text = "must have exactly " + plural(*least, u.one, u.many)
		}
		tests = append(tests, test{op: opInside, from: at(*least), to: bound{unset: true}, finding: f})
	}
	if most != nil {
		f := p.finding(u.max, "must have at most "+plural(*most, u.one, u.many))
		switch {
		case *most == 0:
			f.text = "must be empty"
		case exactly:
			f.text = "must have exactly " + plural(*most, u.one, u.many)
		}
		tests = append(tests, test{op: opInside, from: bound{unset: true}, to: at(*most), finding: f})
	}
	return tests
}

// whenEmpty finds out what is wrong if there are no elements or entries.
func (f *field) whenEmpty(ignored bool) {
	for i := range f.counts {
		if t := &f.counts[i]; !ignored && !t.number(point{}) {
			f.absent = append(f.absent, t.finding)
		}
	}
}
