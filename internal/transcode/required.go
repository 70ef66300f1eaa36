package transcode

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// checkRequired makes sure that the message and all within it have their required fields. What an Any holds is not
// looked into. It is called only for types that have required fields somewhere, which proto3 has not.
func (m *Message) checkRequired(wire []byte) error {
	canonical, err := m.canonical(nil, wire, m.codec.opts.maxDepth())
	if err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	return m.missing(canonical)
}

// missing returns an error that names the first required field that a canonical message lacks.
func (m *Message) missing(b []byte) error {
	found := make([]bool, len(m.fields))
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		end, err := skip(b, j, tag, m.codec.opts.maxDepth())
		if err != nil {
			return err
		}
		f := m.lookup(tag >> 3)
		found[f.index] = true
		if err := f.missingWithin(b[j:end]); err != nil {
			return at(err, "."+f.name)
		}
		i = end
	}
	for i := range m.fields {
		if f := &m.fields[i]; f.required && !found[i] {
			return &Error{Path: "." + f.name, Reason: "the field is required"}
		}
	}
	return nil
}

func (f *field) missingWithin(value []byte) error {
	switch {
	case f.card == mapping && f.mapVal.message != nil && f.mapVal.message.required:
		_, start := uvarint(value, 0)
		_, val, err := splitEntry(f, value[start:], DefaultMaxDepth)
		if err != nil {
			return err
		}
		return f.mapVal.message.missing(f.mapVal.content(val))
	case f.message != nil && f.message.required && f.wire != protowire.StartGroupType:
		_, start := uvarint(value, 0)
		return f.message.missing(value[start:])
	case f.message != nil && f.message.required:
		return f.message.missing(f.content(value))
	default:
		return nil
	}
}
