package validate

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// scan records what the occurrences of each field in b amount to.
func (k *checker) scan(m *message, b []byte, base int) error {
	slots := k.slots[base:]
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return errTruncated
		}
		f := m.lookup(tag >> 3)
		if f == nil {
			var err error
			if i, err = skip(b, j, tag); err != nil {
				return err
			}
			continue
		}
		end, err := k.take(f, &slots[f.index], b, i, j, tag)
		if err != nil {
			return err
		}
		if end < 0 { // of another type than the field's, which makes it an unknown one
			if end, err = skip(b, j, tag); err != nil {
				return err
			}
		} else if f.oneof > 0 {
			choose(m, f, slots)
		}
		i = end
	}
	return nil
}

// choose makes f the member of its oneof that is set.
func choose(m *message, f *field, slots []slot) {
	o := &slots[len(m.rows)+f.oneof-1]
	if o.n > 0 && o.n != f.index+1 {
		slots[o.n-1] = slot{}
	}
	o.n = f.index + 1
}

// take records an occurrence of f whose tag is b[start:i]. It returns the index behind it, or a negative one if it is of
// another type.
func (k *checker) take(f *field, s *slot, b []byte, start, i int, tag uint64) (end int, err error) {
	switch typ := protowire.Type(tag & 7); {
	case typ == f.wire && f.record == recordNumber:
		s.n = 1
		s.raw, end, err = number(b, i, typ)
		return end, err
	case typ == f.wire && f.record == recordText:
		s.n = 1
		s.start, s.end, err = chunk(b, i)
		return s.end, err
	case typ == f.wire:
		if end, err = skip(b, i, tag); err == nil {
			k.addPiece(s, start, end, 1)
		}
		return end, err
	case f.packable && typ == protowire.BytesType:
		from, to, err := chunk(b, i)
		if err != nil {
			return 0, err
		}
		n, err := countPacked(b[from:to], f.wire)
		if err == nil && n > 0 {
			k.addPiece(s, start, to, n)
		}
		return to, err
	default:
		return -1, nil
	}
}

// addPiece records n more values. Where they follow those before at once, the run of these goes on.
func (k *checker) addPiece(s *slot, start, end, n int) {
	s.n += n
	if s.n > n && k.pieces[s.end].end == start {
		k.pieces[s.end].end = end
		return
	}
	k.pieces = append(k.pieces, piece{start: start, end: end})
	last := len(k.pieces) - 1
	if s.n > n {
		k.pieces[s.end].next = last
	} else {
		s.start = last
	}
	s.end = last
}

// countPacked counts the numbers in a packed list, and makes sure that they are whole.
func countPacked(b []byte, typ protowire.Type) (int, error) {
	switch typ {
	case protowire.Fixed32Type:
		if len(b)%4 != 0 {
			return 0, errTruncated
		}
		return len(b) / 4, nil
	case protowire.Fixed64Type:
		if len(b)%8 != 0 {
			return 0, errTruncated
		}
		return len(b) / 8, nil
	default:
		n := 0
		for _, c := range b {
			if c < 0x80 {
				n++
			}
		}
		if len(b) > 0 && b[len(b)-1] >= 0x80 {
			return 0, errTruncated
		}
		return n, nil
	}
}
