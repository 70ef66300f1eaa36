package transcode

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// mapEntry is where an entry of a map stands, and what sorts it: a number's key whole, a string's first bytes.
type mapEntry struct {
	rank uint64
	at   int
}

// collect notes the run of entries that begins with the tag at b[i:], in the order of their keys. It returns the index
// behind them. A key that comes twice needs the canonical form.
func (e *encoder) collect(f *field, b []byte, i int) (int, error) {
	start, ascending := len(e.entries), true
	var last []byte // the key before, if it is a string
	for i < len(b) {
		tag, j := uvarint(b, i)
		if j < 0 || tag>>3 != uint64(f.number) || protowire.Type(tag&7) != protowire.BytesType {
			break
		}
		entry, end, err := chunk(b, j)
		if err != nil {
			return i, err
		}
		rank, text, err := f.rank(entry, e.depth)
		if err != nil {
			return i, err
		}
		if n := len(e.entries); n > start {
			before := e.entries[n-1].rank
			ascending = ascending && (before < rank || before == rank && bytes.Compare(last, text) < 0)
		}
		e.entries = append(e.entries, mapEntry{rank, j})
		i, last = end, text
	}
	if ascending {
		return i, nil
	}
	return i, f.sortEntries(e.entries[start:], b, e.depth)
}

// sortEntries sorts entries of b by their keys, of which none may come twice.
func (f *field) sortEntries(entries []mapEntry, b []byte, depth int) error {
	order := func(x, y mapEntry) int {
		if c := cmp.Compare(x.rank, y.rank); c != 0 || f.mapKey.kind != protoreflect.StringKind {
			return c
		}
		return bytes.Compare(f.keyAt(b, x.at, depth), f.keyAt(b, y.at, depth))
	}
	slices.SortFunc(entries, order)
	for k := 1; k < len(entries); k++ {
		if order(entries[k-1], entries[k]) == 0 {
			return errNotCanonical
		}
	}
	return nil
}

// rank is that of an entry's key.
func (f *field) rank(entry []byte, depth int) (rank uint64, text []byte, err error) {
	key, err := f.keyOf(entry, depth)
	if err != nil {
		return 0, nil, err
	}
	return f.mapKey.rankKey(key)
}

// rankKey is greater for a greater key. For strings it is the same if their first bytes are, so that their text has to decide.
func (f *field) rankKey(key []byte) (rank uint64, text []byte, err error) {
	switch f.wire {
	case protowire.BytesType:
		text, _, err = chunk(key, 0)
		if len(text) >= 8 {
			return binary.BigEndian.Uint64(text), text, err
		}
		var first [8]byte
		copy(first[:], text)
		return binary.BigEndian.Uint64(first[:]), text, err
	case protowire.Fixed32Type:
		if len(key) < 4 {
			return 0, nil, errTruncated
		}
		return f.rankOf(uint64(binary.LittleEndian.Uint32(key))), nil, nil
	case protowire.Fixed64Type:
		if len(key) < 8 {
			return 0, nil, errTruncated
		}
		return f.rankOf(binary.LittleEndian.Uint64(key)), nil, nil
	default:
		v, end := uvarint(key, 0)
		if end < 0 {
			return 0, nil, varintError(key, 0)
		}
		return f.rankOf(v), nil, nil
	}
}

// keyOf returns what begins with the key of an entry. An entry with another key behind it is refused by splitEntry.
func (f *field) keyOf(entry []byte, depth int) ([]byte, error) {
	if len(entry) > 0 && uint64(entry[0]) == uint64(1)<<3|uint64(f.mapKey.wire) {
		return entry[1:], nil
	}
	key, _, err := splitEntry(f, entry, depth)
	return key, err
}

// rankOf is greater for a greater number, as the field's kind reads the bits.
func (f *field) rankOf(bits uint64) uint64 {
	const negative = 1 << 63 // comes first
	switch f.kind {
	case protoreflect.BoolKind:
		if bits != 0 {
			return 1
		}
		return 0
	case protoreflect.Int32Kind, protoreflect.Sfixed32Kind:
		return uint64(int64(int32(bits))) ^ negative
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		return bits ^ negative
	case protoreflect.Sint32Kind:
		return uint64(protowire.DecodeZigZag(bits&0xffffffff)) ^ negative
	case protoreflect.Sint64Kind:
		return uint64(protowire.DecodeZigZag(bits)) ^ negative
	case protoreflect.Uint32Kind:
		return uint64(uint32(bits))
	default:
		return bits
	}
}

// keyAt is the string key of the entry at b[i:], which rank has read before.
func (f *field) keyAt(b []byte, i, depth int) []byte {
	entry, _, err := chunk(b, i)
	if err != nil {
		return nil
	}
	key, err := f.keyOf(entry, depth)
	if err != nil {
		return nil
	}
	text, _, err := chunk(key, 0)
	if err != nil {
		return nil
	}
	return text
}
