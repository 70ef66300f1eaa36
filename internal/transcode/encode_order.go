package transcode

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// sortKey is the key of an entry in a form that is quick to compare: a number, or a string's first bytes and the string.
type sortKey struct {
	rank uint64
	text []byte
}

func (k sortKey) compare(other sortKey) int {
	if k.rank != other.rank {
		return cmp.Compare(k.rank, other.rank)
	}
	return bytes.Compare(k.text, other.text)
}

// mapEntry is where an entry of a map stands, and the rank of its key.
type mapEntry struct {
	rank uint64
	at   int
}

// collect notes the run of entries that begins with the tag at b[i:], in the order of their keys. It returns the index
// behind them. A key that comes twice needs the canonical form.
func (e *encoder) collect(f *field, b []byte, i int) (int, error) {
	start, ascending := len(e.entries), true
	var before sortKey
	for i < len(b) {
		tag, j := uvarint(b, i)
		if j < 0 || tag>>3 != uint64(f.number) || protowire.Type(tag&7) != protowire.BytesType {
			break
		}
		entry, end, err := chunk(b, j)
		if err != nil {
			return i, err
		}
		key, err := f.keyOf(entry, e.depth)
		if err != nil {
			return i, err
		}
		this, err := f.mapKey.sortKey(key)
		if err != nil {
			return i, err
		}
		ascending = ascending && (len(e.entries) == start || before.compare(this) < 0)
		e.entries = append(e.entries, mapEntry{this.rank, j})
		before, i = this, end
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

// sortKey reads the key of an entry, which begins with what stands behind its tag.
func (f *field) sortKey(key []byte) (sortKey, error) {
	switch f.wire {
	case protowire.BytesType:
		text, _, err := chunk(key, 0)
		if len(text) >= 8 {
			return sortKey{binary.BigEndian.Uint64(text), text}, err
		}
		return sortKey{bits.ReverseBytes64(word(text)), text}, err
	case protowire.Fixed32Type:
		if len(key) < 4 {
			return sortKey{}, errTruncated
		}
		return sortKey{rank: f.rankOf(uint64(binary.LittleEndian.Uint32(key)))}, nil
	case protowire.Fixed64Type:
		if len(key) < 8 {
			return sortKey{}, errTruncated
		}
		return sortKey{rank: f.rankOf(binary.LittleEndian.Uint64(key))}, nil
	default:
		v, end := uvarint(key, 0)
		if end < 0 {
			return sortKey{}, varintError(key, 0)
		}
		return sortKey{rank: f.rankOf(v)}, nil
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
