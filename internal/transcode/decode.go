package transcode

import (
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// decoder is the state of one pass from JSON to wire.
type decoder struct {
	scanner
	codec *Codec
	sets  []uint64 // as in encoder
	keys  keySets
	inAny bool // the object that comes next is the content of an Any and holds an @type
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

func newDecoder(c *Codec, in []byte) *decoder {
	d := decoders.Get().(*decoder)
	d.codec, d.in, d.pos, d.depth = c, in, 0, c.opts.maxDepth()
	d.inAny = false
	return d
}

func (d *decoder) free() {
	d.in, d.num, d.sets = nil, decimal{}, d.sets[:0]
	d.keys.reset()
	const keep = 64 << 10
	if cap(d.scratch) > keep {
		d.scratch = nil
	}
	decoders.Put(d)
}

// message takes the JSON of one message and appends its fields.
func (d *decoder) message(dst []byte, m *Message) ([]byte, error) {
	if m.shape == shapeObject {
		return d.object(dst, m)
	}
	return d.known(dst, m)
}

// object takes an object and appends its members as fields of m.
func (d *decoder) object(dst []byte, m *Message) ([]byte, error) {
	var few [2]uint64
	seen := few[:]
	words := m.words + (len(m.fields)+63)/64 // slots, then rows
	if words > len(few) {
		start := len(d.sets)
		d.sets = append(d.sets, make([]uint64, words)...)
		seen = d.sets[start:]
		defer func() { d.sets = d.sets[:start] }()
	}
	rows := seen[m.words:]
	inAny := d.inAny
	d.inAny = false

	if err := d.open('{', "an object"); err != nil {
		return dst, err
	}
	next := 0 // the row of the field that is likely to come next
	for first := true; ; first = false {
		more, err := d.more('}', first)
		if err != nil || !more {
			return dst, err
		}
		start := d.pos
		f, err := d.key(m, next, inAny)
		if err != nil {
			return dst, err
		}
		if f == nil {
			continue
		}
		next = f.index + 1
		if mark(rows, f.index) {
			return dst, at(d.fail(start, "the field is given twice"), "."+f.name)
		}
		if d.peek() == 'n' && !(f.nullable && f.card == singular) && d.literal("null") {
			continue
		}
		if f.oneof && mark(seen, f.slot) {
			return dst, at(d.fail(start, "another field of the same oneof is given too"), "."+f.name)
		}
		if dst, err = d.field(dst, f); err != nil {
			return dst, at(err, "."+f.name)
		}
	}
}

// mark sets a bit and reports whether it was set before.
func mark(set []uint64, i int) bool {
	word, bit := &set[i>>6], uint64(1)<<(i&63)
	was := *word&bit != 0
	*word |= bit
	return was
}

// key takes a field's name and the colon. It returns nil for a member that is passed over, value and all.
func (d *decoder) key(m *Message, next int, inAny bool) (*field, error) {
	d.peek()
	if next < len(m.fields) {
		if f := &m.fields[next]; d.literal(f.quoted) {
			return f, d.colon()
		}
	}
	start := d.pos
	name, err := d.str("a field name")
	if err != nil {
		return nil, err
	}
	f := m.byName[string(name)]
	if f == nil && !(inAny && string(name) == "@type") && d.codec.opts.Unknown == RejectUnknown {
		return nil, d.fail(start, "%s", m.unknownField(string(name)))
	}
	if err := d.colon(); err != nil {
		return nil, err
	}
	if f == nil {
		return nil, d.skip()
	}
	return f, nil
}

// field takes the value of a field and appends it, tags and all.
func (d *decoder) field(dst []byte, f *field) ([]byte, error) {
	switch {
	case f.card == list && f.packed:
		return d.packedList(dst, f)
	case f.card == list:
		return d.list(dst, f)
	case f.card == mapping:
		return d.mapping(dst, f)
	case f.message != nil:
		dst, _, err := d.submessage(dst, f, 1)
		return dst, err
	case f.implicit:
		return d.implicit(dst, f)
	default:
		dst, _, err := d.scalar(append(dst, f.tag...), f, len(dst))
		return dst, err
	}
}

// implicit appends a field without presence, unless its value is the one that means unset.
func (d *decoder) implicit(dst []byte, f *field) ([]byte, error) {
	start := len(dst)
	dst = append(dst, f.tag...)
	value := len(dst)
	dst, some, err := d.scalar(dst, f, start)
	if err == nil && some && f.isZero(dst[value:]) {
		dst = dst[:start]
	}
	return dst, err
}

// submessage takes one message and appends it. For its length it leaves size bytes of room, and returns how many it
// took.
func (d *decoder) submessage(dst []byte, f *field, size int) ([]byte, int, error) {
	dst = append(dst, f.tag...)
	if f.kind == protoreflect.GroupKind {
		dst, err := d.message(dst, f.message)
		return protowire.AppendTag(dst, f.number, protowire.EndGroupType), 0, err
	}
	start := len(dst)
	dst, err := d.message(beginLength(dst, size), f.message)
	if err != nil {
		return dst, 0, err
	}
	dst, size = endLength(dst, start, size)
	return dst, size, nil
}

func (d *decoder) list(dst []byte, f *field) ([]byte, error) {
	if err := d.open('[', "a list"); err != nil {
		return dst, err
	}
	size := 1
	for i := 0; ; i++ {
		more, err := d.more(']', i == 0)
		if err != nil || !more {
			return dst, err
		}
		if f.message != nil {
			dst, size, err = d.submessage(dst, f, size)
		} else {
			dst, _, err = d.scalar(append(dst, f.tag...), f, len(dst))
		}
		if err != nil {
			return dst, atIndex(err, i)
		}
	}
}

func (d *decoder) packedList(dst []byte, f *field) ([]byte, error) {
	if err := d.open('[', "a list"); err != nil {
		return dst, err
	}
	tag := len(dst)
	dst = append(dst, f.tag...)
	start := len(dst)
	dst = beginLength(dst, 1)
	for i := 0; ; i++ {
		more, err := d.more(']', i == 0)
		if err != nil {
			return dst, err
		}
		if !more {
			break
		}
		if dst, _, err = d.scalar(dst, f, len(dst)); err != nil {
			return dst, atIndex(err, i)
		}
	}
	if len(dst) == start+1 {
		return dst[:tag], nil
	}
	dst, _ = endLength(dst, start, 1)
	return dst, nil
}
