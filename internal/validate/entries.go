package validate

import "bytes"

// mapping judges a map. Of several entries with one key, the last counts.
func (k *checker) mapping(f *field, s slot, b []byte, depth int) error {
	base, merged := len(k.entries), len(k.merged)
	err := k.collect(f, s, b)
	k.seenNumbers, k.seenTexts = emptied(k.seenNumbers), emptied(k.seenTexts)
	if err == nil {
		k.count(f, len(k.entries)-base)
	}
	for i := base; i < len(k.entries) && err == nil; i++ {
		e := k.entries[i]
		at := step{field: f, into: true, raw: e.rawKey, text: e.textKey}
		if err = k.value(f.key, &at, e.rawKey, e.textKey, depth); err == nil {
			err = k.value(&f.value, &at, e.rawValue, e.textValue, depth)
		}
	}
	clear(k.entries[base:])
	k.entries, k.merged = k.entries[:base], k.merged[:merged]
	return err
}

// collect puts the entries that count at the end of k.entries.
func (k *checker) collect(f *field, s slot, b []byte) error {
	base := len(k.entries)
	w := k.values(f, s, b)
	for {
		more, err := w.advance()
		if err != nil || !more {
			return err
		}
		e, err := k.entry(f, w.content)
		if err != nil {
			return err
		}
		if i := k.find(f, &e, base, s.n); i >= 0 {
			k.entries[i] = e
		} else {
			k.entries = append(k.entries, e)
		}
	}
}

// find returns the index of the entry of the same key, of n in all, or -1 after having remembered that the key will be that
// of the next entry.
func (k *checker) find(f *field, e *entry, base, n int) int {
	number := f.key.isNumber()
	major := uint64(0)
	if number {
		major = f.key.major(e.rawKey)
	}
	if n <= few {
		for i := base; i < len(k.entries); i++ {
			other := &k.entries[i]
			if number && f.key.major(other.rawKey) == major || !number && bytes.Equal(other.textKey, e.textKey) {
				return i
			}
		}
		return -1
	}
	if number {
		return indexed(k.seenNumbers, major, len(k.entries))
	}
	return indexed(k.seenTexts, view(e.textKey), len(k.entries))
}

func indexed[K comparable](seen map[K]int, key K, next int) int {
	if i, ok := seen[key]; ok {
		return i
	}
	seen[key] = next
	return -1
}

// entry reads an entry of a map. A message in it may be in pieces too.
func (k *checker) entry(f *field, b []byte) (entry, error) {
	var e entry
	pieces := 0
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return e, errTruncated
		}
		var err error
		switch tag {
		case 1<<3 | uint64(f.key.wire):
			i, err = read(f.key, b, j, &e.rawKey, &e.textKey)
		case 2<<3 | uint64(f.value.wire):
			before := e.textValue
			i, err = read(&f.value, b, j, &e.rawValue, &e.textValue)
			if pieces++; pieces > 1 && err == nil && f.value.isMessage() {
				e.textValue, err = k.join(before, e.textValue)
			}
		default:
			i, err = skip(b, j, tag)
		}
		if err != nil {
			return e, err
		}
	}
	return e, nil
}

// read reads a value that is not a group, into raw if it is a number, else into content.
func read(v *value, b []byte, i int, raw *uint64, content *[]byte) (int, error) {
	if v.isNumber() {
		n, end, err := number(b, i, v.wire)
		*raw = n
		return end, err
	}
	from, to, err := chunk(b, i)
	if err != nil {
		return 0, err
	}
	*content = b[from:to]
	return to, nil
}

// join puts two pieces of a message together.
func (k *checker) join(a, b []byte) ([]byte, error) {
	mark := len(k.merged)
	if err := k.merge(a); err != nil {
		return nil, err
	}
	if err := k.merge(b); err != nil {
		return nil, err
	}
	return k.merged[mark:len(k.merged):len(k.merged)], nil
}
