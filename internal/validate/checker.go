package validate

import (
	"slices"
	"sync"
	"time"
)

// checker is one run of checks, and the room that it takes. Nested messages share the room: each takes a part at the end and
// gives it back.
type checker struct {
	compiler *Compiler
	now      time.Time

	slots   []slot
	pieces  []piece
	entries []entry
	merged  []byte
	numbers []uint64
	texts   [][]byte

	seenNumbers map[uint64]int
	seenTexts   map[string]int

	path  []step
	found []Violation
	more  bool
}

// slot is what the occurrences of a field amount to so far. The slot of a oneof holds the field that is set.
type slot struct {
	n     int    // how many there are: elements of a list, pieces of a message, entries of a map
	raw   uint64 // the number
	start int    // where the string or bytes begin, or the first of the pieces
	end   int    // where they end, or the last of the pieces
}

// piece is a run of occurrences of one field, with their tags.
type piece struct {
	start, end int
	next       int // the next one of the same field, or 0
}

// entry is an entry of a map.
type entry struct {
	rawKey, rawValue   uint64
	textKey, textValue []byte
}

var checkers = sync.Pool{New: func() any {
	return &checker{seenNumbers: map[uint64]int{}, seenTexts: map[string]int{}}
}}

func (k *checker) begin(c *Compiler, now time.Time) {
	k.compiler, k.now = c, now
}

// violations returns what was found.
func (k *checker) violations() []Violation {
	if k.more {
		k.found = append(k.found, Violation{Text: "there is more that is wrong than is told here"})
	}
	return k.found
}

// free gives the room back, without what it holds and without what a large message took. A message that turned out to be
// none, half-way, has left more behind.
func (k *checker) free() {
	const most = 1 << 14
	k.compiler, k.found, k.more = nil, nil, false
	k.seenNumbers, k.seenTexts = emptied(k.seenNumbers), emptied(k.seenTexts)
	clear(k.texts)
	clear(k.entries)
	k.slots, k.pieces, k.entries = reuse(k.slots, most), reuse(k.pieces, most), reuse(k.entries, most)
	k.merged, k.numbers = reuse(k.merged, 16*most), reuse(k.numbers, most)
	k.texts, k.path = reuse(k.texts, most), reuse(k.path, most)
	checkers.Put(k)
}

// reuse returns the room of s, unless it is large. Whoever took a part of it has cleared what points elsewhere.
func reuse[T any](s []T, most int) []T {
	if cap(s) > most {
		return nil
	}
	return s[:0]
}

// run judges a message by its table, and by the rules of protovalidate.
func (k *checker) run(c *Checks, wire []byte, depth int) error {
	if c.table.holdsAny {
		return k.contents(wire, depth)
	}
	if c.table.busy {
		if err := k.message(c.table, wire, depth); err != nil {
			return err
		}
	}
	if c.library != nil {
		return k.askLibrary(c.library, wire, depth)
	}
	return nil
}

// message judges one message.
func (k *checker) message(m *message, b []byte, depth int) error {
	if depth <= 0 {
		return errTooDeep
	}
	base, pieces := len(k.slots), len(k.pieces)
	k.slots = slices.Grow(k.slots, len(m.rows)+len(m.oneofs))[:base+len(m.rows)+len(m.oneofs)]
	clear(k.slots[base:])
	err := k.scan(m, b, base)
	if err == nil {
		err = k.judge(m, b, base, depth)
	}
	k.slots, k.pieces = k.slots[:base], k.pieces[:pieces]
	return err
}

// within judges a message that stands at a step of a path.
func (k *checker) within(at *step, m *message, b []byte, depth int) error {
	k.path = append(k.path, *at)
	err := k.message(m, b, depth)
	k.leave()
	return err
}

func (k *checker) leave() {
	last := len(k.path) - 1
	k.path[last] = step{}
	k.path = k.path[:last]
}
