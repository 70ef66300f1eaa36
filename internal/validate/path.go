package validate

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// step is one step of a path: a field, an element of a list, or an entry of a map.
type step struct {
	field *field
	into  bool   // to an element or an entry, and not to the whole list or map
	index int    // of an element
	raw   uint64 // the key of an entry, if it is a number
	text  []byte // or a string
}

// report tells a violation at a place, the last step to which is given.
func (k *checker) report(f finding, last *step) {
	if len(k.found) >= k.compiler.opts.limit() {
		k.more = true
		return
	}
	var b strings.Builder
	redacted := false
	for i := range k.path {
		redacted = k.path[i].append(&b, redacted)
	}
	last.append(&b, redacted)
	k.found = append(k.found, Violation{Path: b.String(), Rule: f.rule, Text: f.text})
}

// append writes a step. What has to be kept secret may stand in a key too, so keys in and below such a field are left out.
func (s *step) append(b *strings.Builder, redacted bool) bool {
	redacted = redacted || s.field.redacted
	appendName(b, s.field.name)
	switch {
	case !s.into:
	case s.field.card == list:
		b.WriteString("[" + strconv.Itoa(s.index) + "]")
	case s.field.card == mapping && redacted:
		b.WriteString("[…]")
	case s.field.card == mapping:
		b.WriteString("[" + s.key() + "]")
	}
	return redacted
}

func appendName(b *strings.Builder, name string) {
	if b.Len() > 0 {
		b.WriteByte('.')
	}
	b.WriteString(name)
}

// key is the key of an entry as it stands in a path.
func (s *step) key() string {
	switch key := s.field.key; key.kind {
	case protoreflect.StringKind:
		return quote(string(s.text))
	case protoreflect.BoolKind:
		return strconv.FormatBool(s.raw != 0)
	default:
		major := key.major(s.raw)
		if key.zero == signBit {
			return strconv.FormatInt(int64(major^signBit), 10)
		}
		return strconv.FormatUint(major, 10)
	}
}
