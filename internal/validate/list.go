package validate

import (
	"bytes"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// few is up to how many values are compared with one another; more are hashed.
const few = 16

var repeated = finding{"repeated.unique", "must not be the same as an earlier item"}

// list judges a list.
func (k *checker) list(f *field, s slot, b []byte, depth int) error {
	k.count(f, s.n)
	if f.value.form == formNone && !f.unique {
		return nil
	}
	numbers, texts := len(k.numbers), len(k.texts)
	w := k.values(f, s, b)
	for at := (step{field: f, into: true}); ; at.index++ {
		more, err := w.advance()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if f.unique && k.repeats(&w, s.n, numbers, texts) {
			k.report(repeated, &at)
		}
		if err := k.value(&f.value, &at, w.raw, w.content, depth); err != nil {
			return err
		}
	}
	if f.unique {
		k.forget(numbers, texts)
	}
	return nil
}

// count judges how many elements or entries there are.
func (k *checker) count(f *field, n int) {
	for i := range f.counts {
		if t := &f.counts[i]; !t.number(point{major: uint64(n)}) {
			k.report(t.finding, &step{field: f})
		}
	}
}

// repeats tells whether a value was among those before it, of n in all, and remembers it. What is remembered begins at the
// marks.
func (k *checker) repeats(w *values, n, numbers, texts int) bool {
	v := &w.field.value
	switch major := v.major(w.raw); {
	case v.isNumber() && major == pointOfNaN && v.isFloat():
		return false // it equals nothing
	case v.isNumber() && n <= few:
		seen := slices.Contains(k.numbers[numbers:], major)
		k.numbers = append(k.numbers, major)
		return seen
	case v.isNumber():
		_, seen := k.seenNumbers[major]
		k.seenNumbers[major] = 0
		return seen
	case n <= few:
		seen := slices.ContainsFunc(k.texts[texts:], func(b []byte) bool { return bytes.Equal(b, w.content) })
		k.texts = append(k.texts, w.content)
		return seen
	default:
		_, seen := k.seenTexts[view(w.content)]
		k.seenTexts[view(w.content)] = 0
		return seen
	}
}

// forget ends a comparison.
func (k *checker) forget(numbers, texts int) {
	k.numbers = k.numbers[:numbers]
	clear(k.texts[texts:])
	k.texts = k.texts[:texts]
	k.seenNumbers, k.seenTexts = emptied(k.seenNumbers), emptied(k.seenTexts)
}

// emptied returns m without anything in it, or another one if it is large: emptying takes time by how large it ever was.
func emptied[K comparable](m map[K]int) map[K]int {
	const most = 1 << 10
	if len(m) > most {
		return map[K]int{}
	}
	clear(m)
	return m
}

// values goes through the values in the pieces of a field.
type values struct {
	k     *checker
	field *field
	b     []byte

	i, end int // in the piece
	next   int // the piece that follows, or 0
	packed int // where the packed list ends that i is in; or before i

	raw     uint64 // the number
	content []byte // or what else the value is
}

func (k *checker) values(f *field, s slot, b []byte) values {
	first := k.pieces[s.start]
	return values{k: k, field: f, b: b, i: first.start, end: first.end, next: first.next}
}

// advance goes to the next value, and reports whether there is one.
func (w *values) advance() (more bool, err error) {
	for {
		if w.packed > w.i {
			w.raw, w.i, err = number(w.b[:w.packed], w.i, w.field.wire)
			return true, err
		}
		if w.i == w.end {
			if w.next == 0 {
				return false, nil
			}
			p := w.k.pieces[w.next]
			w.i, w.end, w.next = p.start, p.end, p.next
		}
		tag, j := uvarint(w.b, w.i)
		if j < 0 {
			return false, errTruncated
		}
		var from, to int
		switch typ := protowire.Type(tag & 7); {
		case typ == protowire.StartGroupType:
			if from, to, w.i, err = group(w.b, j, w.field.number); err != nil {
				return false, err
			}
		case typ != protowire.BytesType:
			w.raw, w.i, err = number(w.b, j, typ)
			return true, err
		default:
			if from, to, err = chunk(w.b, j); err != nil {
				return false, err
			}
			w.i = to
		}
		if w.field.packable {
			w.i, w.packed = from, to
			continue
		}
		w.content = w.b[from:to]
		return true, nil
	}
}
