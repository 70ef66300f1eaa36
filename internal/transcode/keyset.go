package transcode

import (
	"hash/maphash"
	"math/bits"
)

var keySeed = maphash.MakeSeed()

// keySets holds, for each map that is open, the hashes of the keys seen in it, so that a key that comes twice is
// noticed.
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
