package transcode

import "fmt"

// Check tells why a message has no JSON form, nil if it has one. It may nest so deep, but no deeper than the codec lets any. To
// check it costs as much as to write it.
func (m *Message) Check(wire []byte, depth int) error {
	if m.required {
		if err := m.checkRequired(wire); err != nil {
			return err
		}
	}
	depth = min(depth, m.codec.opts.maxDepth())
	wire, err := m.canonical(nil, wire, depth)
	if err == nil {
		err = m.checkCanonical(wire, depth)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	return nil
}

func (m *Message) checkCanonical(wire []byte, depth int) error {
	e := newEncoder(m.codec)
	defer e.free()
	e.depth = depth
	e.flush, e.limit = func([]byte) error { return nil }, chunkSize
	_, err := e.message(nil, m, wire)
	return err
}
