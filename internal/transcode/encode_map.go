package transcode

import (
	"hash/maphash"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// mapping appends `"name":{…},` from the run of entries that begins with the tag at b[i:].
func (e *encoder) mapping(dst []byte, f *field, b []byte, i int) ([]byte, int, error) {
	dst = append(append(dst, f.key...), '{')
	e.keys.push()
	for i < len(b) {
		tag, j := uvarint(b, i)
		if j < 0 || tag>>3 != uint64(f.number) || protowire.Type(tag&7) != protowire.BytesType {
			break
		}
		entry, end, err := chunk(b, j)
		if err != nil {
			return dst, i, err
		}
		if dst, err = e.entry(dst, f, entry); err != nil {
			return dst, i, err
		}
		i = end
		if len(dst) > e.limit {
			if dst, err = e.flushed(dst); err != nil {
				return dst, i, err
			}
		}
	}
	e.keys.pop()
	return append(closed(dst, '}'), ','), i, nil
}

// entry appends `"key":value,`. Either may be missing and stands for its default then.
func (e *encoder) entry(dst []byte, f *field, b []byte) ([]byte, error) {
	key, val, err := splitEntry(f, b, e.depth)
	if err != nil {
		return dst, err
	}
	if f.mapKey.kind == protoreflect.StringKind {
		text, _, err := chunk(key, 0)
		if err != nil {
			return dst, err
		}
		if !e.keys.add(maphash.Bytes(keySeed, text)) && !e.rewritten {
			return dst, errNotCanonical
		}
		var ok bool
		if dst, ok = appendString(dst, text); !ok {
			return dst, errNotUTF8
		}
	} else {
		start := len(dst)
		if dst, _, err = e.value(append(dst, '"'), f.mapKey, key, 0); err != nil {
			return dst, err
		}
		dst = quotedKey(dst, start)
		if !e.keys.add(maphash.Bytes(keySeed, dst[start:])) && !e.rewritten {
			return dst, errNotCanonical
		}
	}
	dst, _, err = e.value(append(dst, ':'), f.mapVal, val, 0)
	return dst, err
}

// quotedKey makes an object key of the `"value,` at dst[start:], where the value may have quotes of its own.
func quotedKey(dst []byte, start int) []byte {
	dst = dst[:len(dst)-1]
	if dst[start+1] == '"' {
		return append(dst[:start], dst[start+1:]...)
	}
	return append(dst, '"')
}

// zeroValue is what an entry that lacks its key or value holds: as a varint, a fixed number, or a length, zero.
var zeroValue [8]byte

// splitEntry returns what stands behind the tags of an entry's key and value.
func splitEntry(f *field, b []byte, depth int) (key, val []byte, err error) {
	keyTag := uint64(1)<<3 | uint64(f.mapKey.wire)
	valTag := uint64(2)<<3 | uint64(f.mapVal.wire)
	if len(b) > 0 && uint64(b[0]) == keyTag { // as all encoders write it: the key, the value, and nothing else
		end, err := skip(b, 1, keyTag, depth)
		if err == nil && end < len(b) && uint64(b[end]) == valTag {
			if last, err := skip(b, end+1, valTag, depth); err == nil && last == len(b) {
				return b[1:end], b[end+1:], nil
			}
		}
	}
	key, val = zeroValue[:], zeroValue[:]
	hasVal := false
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return nil, nil, varintError(b, i)
		}
		end, err := skip(b, j, tag, depth)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case tag == keyTag:
			key = b[j:end]
		case tag == valTag:
			if hasVal && f.mapVal.message != nil {
				return nil, nil, errNotCanonical // the two have to be merged
			}
			val, hasVal = b[j:end], true
		}
		i = end
	}
	if !hasVal && f.mapVal.wire == protowire.StartGroupType {
		val = emptyGroup
	}
	return key, val, nil
}

var emptyGroup = protowire.AppendTag(nil, 2, protowire.EndGroupType)

var keySeed = maphash.MakeSeed()

// keySets holds, for each map that is open, the hashes of the keys seen in it, so that a key that comes twice is
// noticed. Two keys of one hash are taken for the same: that only costs the canonical rewriting, which compares keys.
type keySets struct {
	slots []uint64 // hash tables, the innermost map's last; 0 is an empty slot
	sets  []keySet
}

type keySet struct{ start, count int }

const firstKeys = 16 // slots for the keys of a map; doubled when half full

func (k *keySets) reset() { k.slots, k.sets = k.slots[:0], k.sets[:0] }

func (k *keySets) push() {
	k.sets = append(k.sets, keySet{start: len(k.slots)})
}

func (k *keySets) pop() {
	last := len(k.sets) - 1
	k.slots = k.slots[:k.sets[last].start]
	k.sets = k.sets[:last]
}

// add reports false if the innermost map has the key already.
func (k *keySets) add(hash uint64) bool {
	set := &k.sets[len(k.sets)-1]
	if size := len(k.slots) - set.start; size <= 2*set.count {
		k.grow(set.start, max(firstKeys, 2*size))
	}
	set.count++
	return insertKey(k.slots[set.start:], hash|1)
}

func (k *keySets) grow(start, size int) {
	old := len(k.slots)
	k.slots = append(k.slots, make([]uint64, size)...)
	for _, hash := range k.slots[start:old] {
		if hash != 0 {
			insertKey(k.slots[old:], hash)
		}
	}
	copy(k.slots[start:], k.slots[old:])
	k.slots = k.slots[:start+size]
}

func insertKey(slots []uint64, hash uint64) bool {
	mask := len(slots) - 1
	for i := int(hash >> (64 - bits.Len(uint(mask)))); ; i++ {
		switch slots[i&mask] {
		case 0:
			slots[i&mask] = hash
			return true
		case hash:
			return false
		}
	}
}
