package ratelimit

import (
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// ways is how many keys share a bucket. With as many keys as half the slots, one in 300 finds no free slot.
	ways = 16
	// shards is how many locks there are. A decision holds one for about 30 ns.
	shards = 256
	// shortWhile is how long Redis is not asked again about somebody whom it refuses.
	shortWhile = 1e9
)

// table holds counts in slots of a fixed number, without pointers, so that neither memory nor the collector's work grows with
// the keys. A slot whose count means nothing any more is free.
//
// A key that finds none takes the place of the one in its bucket that has been asked about the least, and of those the one
// that would be free the soonest. So keys that are made up to flood the table, each of which calls once or twice, replace
// each other, while one that calls all the time stays. What is forgotten is a debt: its caller is never refused for it.
type table struct {
	buckets   []bucket
	mask      uint64 // of the bucket's index in an id
	locks     []lock
	forgotten prometheus.Counter
}

// bucket is 25 bytes a key, those that a search reads together.
type bucket struct {
	ids   [ways]uint64
	until [ways]int64
	used  [ways]uint32
	quiet [ways]uint32 // when to ask Redis again, in ticks
	asked [ways]uint8  // how often the key has been looked up, 255 at most
}

// lock has a cache line of its own.
type lock struct {
	sync.Mutex
	_ [56]byte
}

// newTable returns a table for about so many keys.
func newTable(keys int, forgotten prometheus.Counter) *table {
	n := max(1, 1<<bits.Len(uint(max(1, keys)-1)/ways))
	return &table{buckets: make([]bucket, n), mask: uint64(n - 1), locks: make([]lock, min(n, shards)), forgotten: forgotten}
}

func (t *table) bucket(id uint64) *bucket { return &t.buckets[id&t.mask] }

// lock takes the locks of some ids, always in the same order.
func (t *table) lock(ids []uint64) {
	var room [8]uint64
	for _, i := range t.shards(room[:0], ids) {
		t.locks[i].Lock()
	}
}

func (t *table) unlock(ids []uint64) {
	var room [8]uint64
	for _, i := range t.shards(room[:0], ids) {
		t.locks[i].Unlock()
	}
}

func (t *table) shards(room, ids []uint64) []uint64 {
	for _, id := range ids {
		room = append(room, id&uint64(len(t.locks)-1))
	}
	slices.Sort(room)
	return slices.Compact(room)
}

// get returns a key's count, the zero one if there is none. The key's lock is held.
func (t *table) get(id uint64, now int64) count {
	b := t.bucket(id)
	i := slices.Index(b.ids[:], id)
	if i < 0 || b.until[i] <= now {
		return count{}
	}
	if b.asked[i] < math.MaxUint8 {
		b.asked[i]++
	}
	return count{until: b.until[i], used: b.used[i]}
}

// put stores a key's count. The key's lock is held.
func (t *table) put(id uint64, c count, now int64) {
	b := t.bucket(id)
	i := slices.Index(b.ids[:], id)
	if i < 0 {
		i = b.leastUseful(now)
		if b.until[i] > now {
			t.forgotten.Inc()
		}
	}
	if b.ids[i] != id || b.until[i] <= now {
		b.ids[i], b.asked[i], b.quiet[i] = id, 1, 0
	}
	b.until[i], b.used[i] = c.until, c.used
}

func (b *bucket) leastUseful(now int64) int {
	least := 0
	for i := range ways {
		if b.until[i] <= now {
			return i
		}
		if b.asked[i] < b.asked[least] || b.asked[i] == b.asked[least] && b.until[i] < b.until[least] {
			least = i
		}
	}
	return least
}

// hush lets a key's count stand for Redis' answer for a short while. The key's lock is held.
func (t *table) hush(id uint64, retry, now int64) {
	b := t.bucket(id)
	if i := slices.Index(b.ids[:], id); i >= 0 {
		b.quiet[i] = ticks(now + min(retry, shortWhile))
	}
}

// hushed tells whether a key's count stands for Redis' answer. The key's lock is held.
func (t *table) hushed(id uint64, now int64) bool {
	b := t.bucket(id)
	i := slices.Index(b.ids[:], id)
	return i >= 0 && b.until[i] > now && b.quiet[i] != 0 && int32(b.quiet[i]-ticks(now)) > 0
}

// ticks are about milliseconds, modulo 52 days, more than any count lives.
func ticks(at int64) uint32 { return uint32(at >> 20) }
