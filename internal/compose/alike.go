package compose

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// kind is what one value is.
type kind struct {
	kind    protoreflect.Kind
	message protoreflect.MessageDescriptor // nil for none
	enum    protoreflect.EnumDescriptor    // nil for none
}

func kindOf(fd protoreflect.FieldDescriptor) kind {
	k := kind{kind: fd.Kind(), message: fd.Message(), enum: fd.Enum()}
	if k.message != nil {
		k.kind = protoreflect.MessageKind // as a group or not
	}
	return k
}

func kindOfMessage(md protoreflect.MessageDescriptor) kind {
	return kind{kind: protoreflect.MessageKind, message: md}
}

func (k kind) String() string {
	switch {
	case k.message != nil && k.message.IsMapEntry():
		return "a map"
	case k.message != nil:
		return string(k.message.FullName())
	case k.enum != nil:
		return string(k.enum.FullName())
	default:
		return k.kind.String()
	}
}

// fits tells why what is of one kind can not be written where another is read, "" if it can. Messages and enums of
// different names have to be declared alike.
func fits(from, to kind) string {
	if from.kind != to.kind || (from.enum == nil) != (to.enum == nil) {
		return fmt.Sprintf("%s is no %s", from, to)
	}
	c := comparison{}
	var differs string
	switch {
	case from.message != nil:
		differs = c.messages(from.message, to.message, false)
	case from.enum != nil:
		differs = c.enums(from.enum, to.enum)
	}
	if differs == "" {
		return ""
	}
	return fmt.Sprintf("%s is no %s: %s", from, to, differs)
}

// extends tells why a message that has all fields of another one can not be read from its bytes, "" if it can.
func extends(from, to protoreflect.MessageDescriptor) string {
	differs := comparison{}.messages(from, to, true)
	if differs == "" {
		return ""
	}
	return fmt.Sprintf("%s does not have all of %s: %s", to.FullName(), from.FullName(), differs)
}

// comparison holds the pairs of messages that are compared already, or are being compared.
type comparison map[[2]protoreflect.FullName]bool

// messages tells where messages differ. With more, the second may have fields that the first has not.
func (c comparison) messages(a, b protoreflect.MessageDescriptor, more bool) string {
	pair := [2]protoreflect.FullName{a.FullName(), b.FullName()}
	if a.FullName() == b.FullName() || c[pair] {
		return ""
	}
	c[pair] = true
	if formOf(b) != plainForm && !b.IsMapEntry() || b.ExtensionRanges().Len() > 0 {
		return fmt.Sprintf("only a %s can be one, as bytes that are one may still have no JSON form", b.FullName())
	}
	for i := range a.Fields().Len() {
		fd := a.Fields().Get(i)
		other := b.Fields().ByNumber(fd.Number())
		if other == nil {
			return fmt.Sprintf("%s has no field %d, as %s has", b.FullName(), fd.Number(), a.FullName())
		}
		if differs := c.fields(fd, other); differs != "" {
			return differs
		}
	}
	if !more && b.Fields().Len() > a.Fields().Len() {
		return fmt.Sprintf("%s has fields that %s has not", b.FullName(), a.FullName())
	}
	return ""
}

func (c comparison) fields(a, b protoreflect.FieldDescriptor) string {
	switch {
	case a.Name() != b.Name() || isList(a) != isList(b) || a.IsMap() != b.IsMap() || a.Kind() != b.Kind() ||
		(a.Enum() == nil) != (b.Enum() == nil) || oneofName(a) != oneofName(b):
		return fmt.Sprintf("field %s is declared otherwise than %s", b.FullName(), a.FullName())
	case restriction(a) != restriction(b):
		return fmt.Sprintf("field %s is not restricted as %s is", b.FullName(), a.FullName())
	case a.Message() != nil:
		return c.messages(a.Message(), b.Message(), false)
	case a.Enum() != nil:
		return c.enums(a.Enum(), b.Enum())
	default:
		return ""
	}
}

func oneofName(fd protoreflect.FieldDescriptor) protoreflect.Name {
	if o := fd.ContainingOneof(); o != nil {
		return o.Name()
	}
	return ""
}

func (c comparison) enums(a, b protoreflect.EnumDescriptor) string {
	if a.FullName() == b.FullName() {
		return ""
	}
	same := a.IsClosed() == b.IsClosed() && a.Values().Len() == b.Values().Len()
	for i := 0; same && i < a.Values().Len(); i++ {
		v := a.Values().Get(i)
		other := b.Values().ByNumber(v.Number())
		same = other != nil && other.Name() == v.Name() && restriction(v) == restriction(other)
	}
	if same {
		return ""
	}
	return fmt.Sprintf("enum %s does not have the values of %s", b.FullName(), a.FullName())
}
