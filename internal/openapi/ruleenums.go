package openapi

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// enums adds the rules of enums. Their schema lists the names already, and so defined_only adds nothing.
func (r *ruling) enums(s *Schema) {
	r.isSet("defined_only")
	allowed, denied := r.enumNumbers()
	examples, _ := r.numbersOf("example")
	if s.target == nil { // NullValue, which has one value and says it
		return
	}
	isByNumber := s.target.scope.dialect.EnumNumbers
	if names := r.enumNames(allowed, true, isByNumber); len(names) > 0 {
		r.only(s, names)
	}
	r.not(s, r.enumNames(denied, false, isByNumber))
	for _, n := range examples {
		if allowed != nil && !slices.Contains(allowed, n) || slices.Contains(denied, n) {
			r.wrong("example", "%d breaks the rules; change one of them", n)
		}
	}
	s.Examples = unique(append(s.Examples, r.enumNames(examples, true, isByNumber)...))
}

// enumNumbers are the numbers that rules allow, nil for all, and those that they exclude.
func (r *ruling) enumNumbers() (allowed, denied []protoreflect.EnumNumber) {
	one, hasOne := r.numbersOf("const")
	allowed, hasMore := r.numbersOf("in")
	denied, _ = r.numbersOf("not_in")
	if hasOne {
		if hasMore && !slices.Contains(allowed, one[0]) {
			r.wrong("in", "%d, which const asks for, is not among them; make them agree", one[0])
		}
		allowed = one
	}
	if r.zeroPasses {
		if allowed != nil {
			allowed = append(allowed, 0)
		}
		denied = slices.DeleteFunc(denied, func(n protoreflect.EnumNumber) bool { return n == 0 })
	}
	return allowed, denied
}

// numbersOf are the numbers that a rule lists.
func (r *ruling) numbersOf(rule protoreflect.Name) (list []protoreflect.EnumNumber, ok bool) {
	v, ok := r.take(rule)
	switch {
	case !ok:
	case rule == "const":
		list = append(list, protoreflect.EnumNumber(v.Int()))
	default:
		for i := range v.List().Len() {
			list = append(list, protoreflect.EnumNumber(v.List().Get(i).Int()))
		}
	}
	return list, ok
}

// takesNumber tells whether the rules of an enum allow a number.
func (r *ruling) takesNumber(n protoreflect.EnumNumber) bool {
	allowed, denied := r.enumNumbers()
	return (allowed == nil || slices.Contains(allowed, n)) && !slices.Contains(denied, n)
}

// enumNames are the names that the audience sees of numbers, or the numbers where they stand for themselves. A number
// without a name can not be given, and so a rule that asks for it is wrong.
func (r *ruling) enumNames(numbers []protoreflect.EnumNumber, asking, isByNumber bool) []any {
	var names []any
	values := r.of.Enum().Values()
	for _, n := range numbers {
		if asking && values.ByNumber(n) == nil {
			r.wrong("", "%s has no value %d; name one that it has", r.of.Enum().FullName(), n)
		}
		for i := range values.Len() {
			switch v := values.Get(i); {
			case v.Number() != n || !r.opts.Visible(v):
			case isByNumber:
				names = append(names, int32(n))
			default:
				names = append(names, string(v.Name()))
			}
		}
	}
	return names
}
