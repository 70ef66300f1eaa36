package transcode

import (
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// piece is one occurrence of a field: its tag and what stands behind it.
type piece struct {
	field *field
	tag   uint64
	value []byte // raw: a number, a length and its bytes, or a group with its end tag
}

// canonical appends b to dst as a canonical encoder would write what it means: fields in the order of their numbers,
// each singular one once, lists in one run, one member of each oneof, one entry for each key. Fields that the table
// does not have are dropped; what is replaced by something later must be well formed all the same. It costs memory and
// time in proportion to b and the nesting in it.
func (m *Message) canonical(dst, b []byte, depth int) ([]byte, error) {
	if depth == 0 {
		return dst, errTooDeep
	}
	pieces, err := m.collect(b, depth)
	if err != nil {
		return dst, err
	}
	for start, end := 0, 0; start < len(pieces); start = end {
		f := pieces[start].field
		for end < len(pieces) && pieces[end].field == f {
			end++
		}
		if m.shape == shapeAny && f.number == 2 {
			dst, err = m.codec.canonicalAny(dst, pieces[:start], pieces[end-1].value, depth)
		} else {
			dst, err = f.canonical(dst, pieces[start:end], depth)
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// canonical appends what all occurrences of a field amount to.
func (f *field) canonical(dst []byte, found []piece, depth int) (_ []byte, err error) {
	switch {
	case f.card == mapping:
		return f.canonicalMap(dst, found, depth)
	case f.message == nil && f.card == singular:
		return found[len(found)-1].append(dst), nil
	case f.message == nil:
		for _, p := range found {
			dst = p.append(dst)
		}
		return dst, nil
	case f.card == singular:
		return f.canonicalMessage(dst, found, depth)
	}
	for k := range found {
		if dst, err = f.canonicalMessage(dst, found[k:k+1], depth); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (p piece) append(dst []byte) []byte {
	return append(protowire.AppendVarint(dst, p.tag), p.value...)
}

// collect returns the occurrences of fields that count, by the fields' rows. Of a oneof, only the last member's do.
func (m *Message) collect(b []byte, depth int) ([]piece, error) {
	pieces := make([]piece, 0, min(len(m.fields), len(b)/2))
	chosen := map[int]int{} // slot of a oneof -> where the pieces of its last member begin
	replaced, sorted := false, true
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return nil, varintError(b, i)
		}
		end, err := skip(b, j, tag, depth)
		if err != nil {
			return nil, err
		}
		value := b[j:end]
		i = end
		f := m.lookup(tag >> 3)
		if f == nil || !f.accepts(protowire.Type(tag&7)) {
			continue
		}
		if err := f.checkPiece(value, protowire.Type(tag&7)); err != nil {
			return nil, err
		}
		if f.oneof {
			first, ok := chosen[f.slot]
			if other := ok && pieces[first].field != f; other || !ok {
				chosen[f.slot] = len(pieces)
				replaced = replaced || other
			}
		}
		sorted = sorted && (len(pieces) == 0 || pieces[len(pieces)-1].field.index <= f.index)
		pieces = append(pieces, piece{f, tag, value})
	}
	if replaced {
		var err error
		if pieces, err = dropReplaced(pieces, chosen, depth); err != nil {
			return nil, err
		}
	}
	if !sorted {
		slices.SortStableFunc(pieces, func(a, b piece) int { return a.field.index - b.field.index })
	}
	return pieces, nil
}

// dropReplaced keeps, of each oneof, the pieces from the first one of its last member on.
func dropReplaced(pieces []piece, chosen map[int]int, depth int) ([]piece, error) {
	kept := pieces[:0]
	for k, p := range pieces {
		if !p.field.oneof || k >= chosen[p.field.slot] {
			kept = append(kept, p)
		} else if err := p.field.checkReplaced(pieces[k:k+1], depth); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// checkPiece makes sure of what is copied as it stands: that a string is UTF-8, and that a packed list holds values.
func (f *field) checkPiece(value []byte, t protowire.Type) error {
	switch {
	case f.utf8 && !validChunk(value):
		return errNotUTF8
	case t == protowire.BytesType && f.packable():
		return f.checkPacked(value)
	default:
		return nil
	}
}

func (f *field) checkPacked(value []byte) error {
	values, _, err := chunk(value, 0)
	for i := 0; err == nil && i < len(values); {
		i, err = skip(values, i, uint64(f.number)<<3|uint64(f.wire), 0)
	}
	return err
}

// checkReplaced makes sure that a value which does not count would have been one.
func (f *field) checkReplaced(pieces []piece, depth int) error {
	if f.message == nil {
		return nil
	}
	_, err := f.canonicalMessage(nil, pieces, depth)
	return err
}

func validChunk(value []byte) bool {
	_, start := uvarint(value, 0)
	return utf8.Valid(value[start:])
}

// canonicalMessage merges the pieces of one message by concatenation and appends it as one.
func (f *field) canonicalMessage(dst []byte, pieces []piece, depth int) ([]byte, error) {
	merged, err := f.merged(pieces, depth)
	if err != nil {
		return dst, err
	}
	dst = append(dst, f.tag...)
	if f.wire == protowire.StartGroupType {
		dst, err := f.message.canonical(dst, merged, depth-1)
		return protowire.AppendTag(dst, f.number, protowire.EndGroupType), err
	}
	start := len(dst)
	if dst, err = f.message.canonical(beginLength(dst, 1), merged, depth-1); err != nil {
		return dst, err
	}
	dst, _ = endLength(dst, start, 1)
	return dst, nil
}

// merged returns the content of all pieces. Each must be whole: two halves of a field make none.
func (f *field) merged(pieces []piece, depth int) ([]byte, error) {
	if len(pieces) == 1 {
		return f.content(pieces[0].value), nil
	}
	var merged []byte
	for _, p := range pieces {
		content := f.content(p.value)
		if err := checkWhole(content, depth); err != nil {
			return nil, err
		}
		merged = append(merged, content...)
	}
	return merged, nil
}

// checkWhole makes sure that the fields of a message end where it does.
func checkWhole(content []byte, depth int) error {
	for i := 0; i < len(content); {
		tag, j := uvarint(content, i)
		if j < 0 {
			return varintError(content, i)
		}
		end, err := skip(content, j, tag, depth)
		if err != nil {
			return err
		}
		i = end
	}
	return nil
}

// content strips the length or the end tag from a message that skip has found to be whole.
func (f *field) content(value []byte) []byte {
	if f.wire == protowire.StartGroupType {
		return value[:len(value)-protowire.SizeTag(f.number)]
	}
	_, start := uvarint(value, 0)
	return value[start:]
}

// canonicalAny appends the value of an Any, rewritten if its type is known. The last of the pieces before is its URL.
func (c *Codec) canonicalAny(dst []byte, before []piece, value []byte, depth int) ([]byte, error) {
	content, _, err := chunk(value, 0)
	if err != nil {
		return dst, err
	}
	if last := len(before) - 1; last >= 0 {
		url, _, err := chunk(before[last].value, 0)
		if err != nil {
			return dst, err
		}
		if m := c.any(url); m != nil {
			if content, err = m.canonical(nil, content, depth-1); err != nil {
				return dst, err
			}
		}
	}
	dst = protowire.AppendTag(dst, 2, protowire.BytesType)
	return protowire.AppendBytes(dst, content), nil
}
