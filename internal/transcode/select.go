package transcode

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxSelected is how many paths a selection may have.
const maxSelected = 100

// selection is what of a message is wanted.
type selection struct {
	rows  []*selection // by the table's rows; nil for a field that is not wanted
	whole bool         // all of it
}

// selectedParameter names the parameter that selects, in errors.
const selectedParameter = "fields"

// Selectable tells whether [Response.Select] can cut the answer down.
func (r *Response) Selectable() bool {
	m := r.selected()
	return m != nil && m.shape == shapeObject
}

// selected is the message that paths begin in: the answer, or what its only field or the elements of that are.
func (r *Response) selected() *Message {
	if r.field == nil {
		return r.message
	}
	if r.field.card == mapping {
		return nil
	}
	return r.field.message
}

// Select returns the response without what fields leaves out: a list of paths, separated by commas, such as
// id,price.units. Each part of a path is a field's JSON or proto name; a path goes through messages and the elements of
// lists, and ends at any field, which is then wanted whole. An error is an [*Error].
func (r *Response) Select(fields string) (*Response, error) {
	m := r.selected()
	if m == nil || m.shape != shapeObject {
		return nil, parameterError(selectedParameter, "the answer has no fields to select")
	}
	root := new(selection)
	paths := strings.Split(fields, ",")
	if len(paths) > maxSelected {
		return nil, parameterError(selectedParameter, "holds more than %d paths", maxSelected)
	}
	cut := *r
	cut.paths = nil
	for _, path := range paths {
		chosen, err := m.choose(root, path)
		if err != nil {
			return nil, err
		}
		if masked := maskPath(chosen); !slices.Contains(cut.paths, masked) {
			cut.paths = append(cut.paths, masked)
		}
	}
	if r.field == nil {
		cut.pass = root.pass
		return &cut, nil
	}
	cut.message = r.message.only(r.field, root)
	bare := &selection{rows: []*selection{root}}
	cut.pass = func(e *encoder, dst []byte, m *Message, b []byte) ([]byte, error) { return e.pick(dst, m, b, bare) }
	return &cut, nil
}

// pass writes what is wanted of a message.
func (s *selection) pass(e *encoder, dst []byte, m *Message, b []byte) ([]byte, error) {
	return e.pickMessage(dst, m, b, s)
}

// choose adds a path to the selection, and returns its fields.
func (m *Message) choose(s *selection, path string) ([]*field, error) {
	if limit := m.codec.opts.maxDepth(); strings.Count(path, ".") >= limit {
		return nil, parameterError(selectedParameter, "holds a path of more than %d names", limit)
	}
	var fields []*field
	for part := range strings.SplitSeq(path, ".") {
		if m == nil || m.shape != shapeObject {
			return nil, parameterError(selectedParameter, "%q has no fields that can be selected on their own", pathName(fields))
		}
		f := m.byName[part]
		if f == nil {
			return nil, parameterError(selectedParameter, "%q: %s", path, m.unknownField(part))
		}
		fields = append(fields, f)
		if s.rows == nil {
			s.rows = make([]*selection, len(m.fields))
		}
		if s.rows[f.index] == nil {
			s.rows[f.index] = new(selection)
		}
		s = s.rows[f.index]
		m = f.message
		if f.card == mapping {
			m = nil
		}
	}
	s.whole = true
	return fields, nil
}

// maskPath is the path as a google.protobuf.FieldMask may hold it, which does not go through the elements of a list.
func maskPath(fields []*field) string {
	if i := slices.IndexFunc(fields, func(f *field) bool { return f.card == list }); i >= 0 {
		fields = fields[:i+1]
	}
	return pathName(fields)
}

// MaskPaths returns what was selected as a google.protobuf.FieldMask has it: in proto names, and lists whole. Each path
// stands there once. The result must not be changed.
func (r *Response) MaskPaths() []string { return r.paths }

// pickMessage appends the JSON of what is wanted of a message, and a comma.
func (e *encoder) pickMessage(dst []byte, m *Message, b []byte, s *selection) ([]byte, error) {
	if s.whole {
		return e.message(dst, m, b)
	}
	if err := e.enter(); err != nil {
		return dst, err
	}
	dst, err := e.pick(append(dst, '{'), m, b, s)
	if err == nil {
		dst = closed(dst, '}')
	}
	e.depth++
	return append(dst, ','), err
}

// pick is fields for those that are wanted. The others are not looked into.
func (e *encoder) pick(dst []byte, m *Message, b []byte, s *selection) ([]byte, error) {
	seen := make([]uint64, m.words)
	next := 0
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return dst, varintError(b, i)
		}
		f := m.lookup(tag >> 3)
		known := f != nil && f.accepts(protowire.Type(tag&7))
		if known && !f.ordered && mark(seen, f.slot) {
			return dst, errNotCanonical // of a oneof, an unwanted member replaces a wanted one too
		}
		if !known || s.rows[f.index] == nil {
			var err error
			if i, err = skip(b, j, tag, e.depth); err != nil {
				return dst, err
			}
			continue
		}
		if f.ordered {
			if f.index < next {
				return dst, errNotCanonical
			}
			dst = m.fillPicked(dst, next, f.index, s)
			next = f.index + 1
		}
		var err error
		if dst, i, err = e.pickField(dst, f, b, i, j, s.rows[f.index]); err != nil {
			return dst, err
		}
		if len(dst) > e.limit {
			if dst, err = e.flushed(dst); err != nil {
				return dst, err
			}
		}
	}
	return m.fillPicked(dst, next, len(m.fields), s), nil
}

// fillPicked is fill for the fields that are wanted.
func (m *Message) fillPicked(dst []byte, next, end int, s *selection) []byte {
	for ; next < end; next++ {
		if s.rows[next] != nil {
			dst = append(dst, m.fields[next].absent...)
		}
	}
	return dst
}

// pickField appends one field, whose tag is at b[i:] and whose value at b[j:].
func (e *encoder) pickField(dst []byte, f *field, b []byte, i, j int, s *selection) ([]byte, int, error) {
	switch {
	case s.whole && f.card == singular:
		return e.singular(dst, f, b, j)
	case s.whole && f.card == list:
		return e.list(dst, f, b, i)
	case s.whole:
		return e.mapping(dst, f, b, i)
	case f.card == singular:
		return e.pickValue(append(dst, f.key...), f, b, j, s)
	default:
		return e.pickList(dst, f, b, i, s)
	}
}

func (e *encoder) pickValue(dst []byte, f *field, b []byte, i int, s *selection) (_ []byte, end int, err error) {
	var v []byte
	if f.wire == protowire.BytesType {
		v, end, err = chunk(b, i)
	} else {
		v, end, err = group(b, i, f.number, e.depth)
	}
	if err != nil {
		return dst, 0, err
	}
	dst, err = e.pickMessage(dst, f.message, v, s)
	return dst, end, err
}

// pickList is list for the elements of which not all is wanted.
func (e *encoder) pickList(dst []byte, f *field, b []byte, i int, s *selection) ([]byte, int, error) {
	dst = append(append(dst, f.key...), '[')
	for i < len(b) {
		tag, j := uvarint(b, i)
		if j < 0 || tag>>3 != uint64(f.number) || protowire.Type(tag&7) != f.wire {
			break
		}
		var err error
		if dst, i, err = e.pickValue(dst, f, b, j, s); err != nil {
			return dst, i, err
		}
		if len(dst) > e.limit {
			if dst, err = e.flushed(dst); err != nil {
				return dst, i, err
			}
		}
	}
	return append(closed(dst, ']'), ','), i, nil
}

// readMask is the field that tells a method what of its answer is wanted.
const readMask = "read_mask"

// AppendReadMask appends the paths to the wire bytes of a request as its read_mask, if the message has such a field and
// the client has not set it.
func (r *Request) AppendReadMask(wire []byte, paths []string) []byte {
	f := r.message.maskField(readMask)
	if f == nil || r.query.isBound([]*field{f}) || hasField(wire, f) {
		return wire
	}
	return f.appendMask(wire, paths)
}

// maskField returns the field of that name if it is a google.protobuf.FieldMask.
func (m *Message) maskField(name string) *field {
	i := slices.IndexFunc(m.fields, func(f field) bool {
		return f.text == name && f.card == singular && f.message != nil && f.message.shape == shapeFieldMask
	})
	if i < 0 {
		return nil
	}
	return &m.fields[i]
}

func (f *field) appendMask(dst []byte, paths []string) []byte {
	dst = append(dst, f.tag...)
	start := len(dst)
	dst = beginLength(dst, 1)
	for _, path := range paths {
		dst = protowire.AppendString(protowire.AppendTag(dst, 1, protowire.BytesType), path)
	}
	dst, _ = endLength(dst, start, 1)
	return dst
}

// hasField tells whether the field stands in the wire bytes of its message, which are well formed.
func hasField(wire []byte, f *field) bool {
	for len(wire) > 0 {
		num, _, n := protowire.ConsumeField(wire)
		if n < 0 {
			return false
		}
		if num == f.number {
			return true
		}
		wire = wire[n:]
	}
	return false
}
