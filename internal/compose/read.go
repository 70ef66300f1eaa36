package compose

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// step is one field of a path.
type step struct {
	member
	list     bool
	packable bool
	message  bool
	implicit bool     // it has no presence: a value that is zero is none
	narrow   bool     // of a number, 32 bits count
	rivals   []member // the other members of its oneof
}

// member is a field as its occurrences show it.
type member struct {
	num protowire.Number
	typ protowire.Type
}

// is tells whether an occurrence is one of the field. One of another wire type is unknown.
func (m *member) is(num protowire.Number, v value) bool { return num == m.num && v.typ == m.typ }

func stepOf(fd protoreflect.FieldDescriptor) step {
	s := step{
		member: memberOf(fd), list: isList(fd), message: fd.Message() != nil,
		implicit: !isList(fd) && !fd.HasPresence(),
	}
	switch fd.Kind() {
	case protoreflect.Int32Kind, protoreflect.Uint32Kind, protoreflect.Sint32Kind, protoreflect.EnumKind:
		s.narrow = true
	}
	s.packable = s.list && s.typ != protowire.BytesType && s.typ != protowire.StartGroupType
	if o := fd.ContainingOneof(); o != nil {
		for i := range o.Fields().Len() {
			if rival := o.Fields().Get(i); rival != fd {
				s.rivals = append(s.rivals, memberOf(rival))
			}
		}
	}
	return s
}

func memberOf(fd protoreflect.FieldDescriptor) member {
	return member{num: fd.Number(), typ: wireType(fd.Kind())}
}

// reader finds the values of a path in messages.
type reader struct {
	runs   bool // leave packed lists as they are, each a value of the type of bytes
	values []value
}

// read adds the values in a message: one at most where the path has no list, all elements in their order where it has.
func (r *reader) read(b []byte, path []step) error {
	s := &path[0]
	var held value
	var set, merged bool
	for len(b) > 0 {
		num, v, rest, err := next(b)
		if err != nil {
			return err
		}
		b = rest
		switch {
		case !s.is(num, v):
			if num == s.num && s.packable && v.typ == protowire.BytesType {
				err = r.unpack(v, s)
			}
			set = set && !slices.ContainsFunc(s.rivals, func(m member) bool { return m.is(num, v) })
		case s.list:
			err = r.found(v, path)
		case s.message && set && merged:
			held.raw = append(held.raw, v.raw...)
		case s.message && set: // a message in pieces
			held.raw, merged = slices.Concat(held.raw, v.raw), true
		default:
			held, set, merged = v, true, false
		}
		if err != nil {
			return err
		}
	}
	if !set || s.implicit && s.isZero(held) {
		return nil
	}
	return r.found(held, path)
}

// isZero tells whether a value is that of a field that is not set.
func (s *step) isZero(v value) bool {
	switch v.typ {
	case protowire.VarintType:
		n, _ := protowire.ConsumeVarint(v.raw)
		return n == 0 || s.narrow && uint32(n) == 0
	case protowire.BytesType:
		return len(v.raw) == 0
	default:
		return !slices.ContainsFunc(v.raw, func(c byte) bool { return c != 0 })
	}
}

// found goes on with the rest of the path.
func (r *reader) found(v value, path []step) error {
	if len(path) > 1 {
		return r.read(v.raw, path[1:])
	}
	r.values = append(r.values, v)
	return nil
}

// unpack adds the elements of a packed list.
func (r *reader) unpack(v value, s *step) error {
	if r.runs {
		if len(v.raw) > 0 {
			r.values = append(r.values, v)
		}
		return nil
	}
	for b := v.raw; len(b) > 0; {
		element, rest, err := number(b, s.typ)
		if err != nil {
			return err
		}
		r.values = append(r.values, element)
		b = rest
	}
	return nil
}
