package transcode

import (
	"encoding/binary"
	"errors"
	"math"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// errNotCanonical stops a pass over wire bytes that a canonical encoder would not have written.
var errNotCanonical = errors.New("message is not in canonical form")

// encoder is the state of one pass from wire to JSON. What it appends for every value ends in a comma, which the
// bracket that closes the surrounding list or object then replaces.
type encoder struct {
	codec *Codec
	depth int
	sets  []uint64 // slots seen in the messages that are open, where these are too many for a local

	entries []mapEntry // of the maps that are open

	// flush takes what has been written so far, all but the last byte, once there is more than limit of it.
	flush func([]byte) error
	limit int
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

func newEncoder(c *Codec) *encoder {
	e := encoders.Get().(*encoder)
	e.codec, e.depth, e.limit = c, c.opts.maxDepth(), math.MaxInt
	return e
}

func (e *encoder) free() {
	e.sets, e.entries, e.flush = e.sets[:0], e.entries[:0], nil
	encoders.Put(e)
}

// enter counts one level of nesting; every caller leaves again with e.depth++.
func (e *encoder) enter() error {
	if e.depth == 0 {
		return errTooDeep
	}
	e.depth--
	return nil
}

// closed ends the list or object whose last value ended in a comma, if it has one.
func closed(dst []byte, bracket byte) []byte {
	if last := len(dst) - 1; dst[last] == ',' {
		dst[last] = bracket
		return dst
	}
	return append(dst, bracket)
}

// message appends the JSON of one message and a comma.
func (e *encoder) message(dst []byte, m *Message, b []byte) ([]byte, error) {
	if err := e.enter(); err != nil {
		return dst, err
	}
	var err error
	if m.shape == shapeObject {
		dst = append(dst, '{')
		if dst, err = e.fields(dst, m, b); err == nil {
			dst = closed(dst, '}')
		}
	} else {
		dst, err = e.known(dst, m, b)
	}
	e.depth++
	return append(dst, ','), err
}

// fields appends `"name":value,` for all fields of a message. Fields come in the order of their numbers, as canonical
// encoders write them; where some are missing, their absent forms take their place. Only members of oneofs and
// extensions may stand anywhere.
func (e *encoder) fields(dst []byte, m *Message, b []byte) ([]byte, error) {
	var few [2]uint64
	seen := few[:]
	if m.words > len(few) {
		start := len(e.sets)
		e.sets = append(e.sets, make([]uint64, m.words)...)
		seen = e.sets[start:]
		defer func() { e.sets = e.sets[:start] }()
	}
	next := 0 // the first field that may yet come in order
	for i := 0; i < len(b); {
		tag, j := uint64(b[i]), i+1
		if tag >= 0x80 {
			if tag, j = uvarintLong(b, i); j < 0 {
				return dst, varintError(b, i)
			}
		}
		f := m.lookup(tag >> 3)
		if f == nil || !f.accepts(protowire.Type(tag&7)) {
			var err error
			if i, err = skip(b, j, tag, e.depth); err != nil {
				return dst, err
			}
			continue
		}
		switch {
		case f.ordered:
			if f.index < next {
				return dst, errNotCanonical
			}
			if next < f.index {
				dst = m.fill(dst, next, f.index)
			}
			next = f.index + 1
		case mark(seen, f.slot):
			return dst, errNotCanonical
		}

		var err error
		switch {
		case f.card == singular:
			dst, i, err = e.singular(dst, f, b, j)
		case f.card == list:
			dst, i, err = e.list(dst, f, b, i)
		default:
			dst, i, err = e.mapping(dst, f, b, i)
		}
		if err != nil {
			return dst, err
		}
		if len(dst) > e.limit {
			if dst, err = e.flushed(dst); err != nil {
				return dst, err
			}
		}
	}
	return m.fill(dst, next, len(m.fields)), nil
}

// fill appends the absent forms of the fields from next to end.
func (m *Message) fill(dst []byte, next, end int) []byte {
	return append(dst, m.absent[m.absentAt[next]:m.absentAt[end]]...)
}

// accepts tells whether a value of this wire type belongs to the field. Others are unknown fields.
func (f *field) accepts(t protowire.Type) bool {
	return t == f.wire || t == protowire.BytesType && f.packable()
}

// singular appends `"name":value,` from the value at b[i:], unless that means that the field is unset.
func (e *encoder) singular(dst []byte, f *field, b []byte, i int) ([]byte, int, error) {
	start := len(dst)
	dst, end, err := e.value(f.appendKey(dst), f, b, i)
	if f.implicit && f.absent == "" && err == nil && f.isZero(b[i:end]) {
		return dst[:start], end, nil
	}
	return dst, end, err
}

// appendKey appends `"name":`. A short one is copied with as many bytes as any short one has, which needs no call.
func (f *field) appendKey(dst []byte) []byte {
	n := len(dst)
	if cap(dst)-n < len(f.keyRoom) || len(f.key) > len(f.keyRoom) {
		return append(dst, f.key...)
	}
	*(*[16]byte)(dst[n : n+16]) = f.keyRoom
	return dst[:n+len(f.key)]
}

// isZero tells whether the value b of a field without presence means that it is unset.
func (f *field) isZero(b []byte) bool {
	switch f.wire {
	case protowire.VarintType:
		v, _ := uvarint(b, 0)
		switch f.kind {
		case protoreflect.Int32Kind, protoreflect.Uint32Kind, protoreflect.Sint32Kind, protoreflect.EnumKind:
			return uint32(v) == 0
		}
		return v == 0
	case protowire.BytesType:
		return b[len(b)-1] == 0 && len(b) < 10 && zeroLength(b)
	default:
		for _, c := range b {
			if c != 0 {
				return false
			}
		}
		return true
	}
}

func zeroLength(b []byte) bool {
	n, end := uvarint(b, 0)
	return n == 0 && end == len(b)
}

// list appends `"name":[…],` from the run of values that begins with the tag at b[i:].
func (e *encoder) list(dst []byte, f *field, b []byte, i int) ([]byte, int, error) {
	start := len(dst)
	dst = append(append(dst, f.key...), '[')
	first := len(dst)
	var err error
	for i < len(b) {
		tag, j := uint64(b[i]), i+1
		if tag >= 0x80 {
			tag, j = uvarintLong(b, i)
		}
		if j < 0 || tag>>3 != uint64(f.number) || !f.accepts(protowire.Type(tag&7)) {
			break
		}
		if protowire.Type(tag&7) == f.wire {
			dst, i, err = e.value(dst, f, b, j)
		} else {
			dst, i, err = e.packed(dst, f, b, j)
		}
		if err != nil {
			return dst, i, err
		}
		if len(dst) > e.limit {
			if dst, err = e.flushed(dst); err != nil {
				return dst, i, err
			}
			start, first = 0, 0
		}
	}
	if len(dst) == first && f.absent == "" && start != first {
		return dst[:start], i, nil // packed and empty
	}
	return append(closed(dst, ']'), ','), i, nil
}

// packed appends the values of a packed list. The loops over the kinds that fill long lists ask for the kind once.
func (e *encoder) packed(dst []byte, f *field, b []byte, i int) ([]byte, int, error) {
	values, end, err := chunk(b, i)
	if err != nil {
		return dst, 0, err
	}
	k := 0
	switch f.kind {
	case protoreflect.DoubleKind:
		for ; k+8 <= len(values); k += 8 {
			dst = append(appendDouble(dst, math.Float64frombits(binary.LittleEndian.Uint64(values[k:]))), ',')
		}
	case protoreflect.Int32Kind:
		for v, j := uint64(0), 0; k < len(values); k = j {
			if v, j = uvarint(values, k); j < 0 {
				return dst, 0, varintError(values, k)
			}
			dst = append(appendInt(dst, int64(int32(v))), ',')
		}
	case protoreflect.Int64Kind:
		for v, j := uint64(0), 0; k < len(values); k = j {
			if v, j = uvarint(values, k); j < 0 {
				return dst, 0, varintError(values, k)
			}
			dst = append(appendInt(append(dst, '"'), int64(v)), '"', ',')
		}
	}
	for err == nil && k < len(values) {
		dst, k, err = e.value(dst, f, values, k)
	}
	return dst, end, err
}

// flushed hands on all but the last byte, which a closing bracket may yet replace.
func (e *encoder) flushed(dst []byte) ([]byte, error) {
	last := len(dst) - 1
	if err := e.flush(dst[:last]); err != nil {
		return dst, err
	}
	dst[0] = dst[last]
	return dst[:1], nil
}
