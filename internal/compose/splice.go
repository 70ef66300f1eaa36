package compose

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// splicer makes a field of the answer of a response.
type splicer struct {
	take  []step // to what is taken; none for the whole response
	num   protowire.Number
	typ   protowire.Type
	list  bool
	unset []byte // an element of the list for a response that has none

	whole bool   // it is the answer itself
	known *shape // whose fields are added to the answer; nil for all that are there
}

// append writes what the answer has of a response. It is sound.
func (s *splicer) append(dst, response []byte, found *reader) ([]byte, error) {
	if s.take == nil {
		return s.put(dst, value{protowire.BytesType, response})
	}
	found.runs, found.values = true, found.values[:0]
	if err := found.read(response, s.take); err != nil {
		return dst, err
	}
	if len(found.values) == 0 {
		return append(dst, s.unset...), nil
	}
	for _, v := range found.values {
		var err error
		if dst, err = s.put(dst, v); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (s *splicer) put(dst []byte, v value) ([]byte, error) {
	switch {
	case !s.whole:
		return v.as(s.typ).append(dst, s.num), nil
	case s.known == nil:
		return append(dst, v.raw...), nil
	}
	// What the part's message does not know may mean something in the answer.
	for b := v.raw; len(b) > 0; {
		num, _, rest, err := next(b)
		if err != nil {
			return dst, err
		}
		if s.known.cell(num) != nil {
			dst = append(dst, b[:len(b)-len(rest)]...)
		}
		b = rest
	}
	return dst, nil
}

// unset is the element of a list that stands for a field that is not set.
func unset(list protoreflect.FieldDescriptor, path schema.FieldPath) ([]byte, error) {
	m := dynamicpb.NewMessage(list.ContainingMessage())
	elements := m.Mutable(list).List()
	switch md := list.Message(); {
	case md == nil:
		elements.Append(path[len(path)-1].Default())
	case formOf(md) == valueForm:
		null := elements.AppendMutable().Message()
		null.Set(md.Fields().ByName("null_value"), protoreflect.ValueOfEnum(0))
	default:
		if err := proto.CheckInitialized(elements.AppendMutable().Message().Interface()); err != nil {
			return nil, err
		}
	}
	return proto.MarshalOptions{AllowPartial: true}.Marshal(m)
}
