package compose

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// letter is what one call is made with. Its memory is used again.
type letter struct {
	request []byte
	key     []byte // what of the request tells one call from another
	found   reader
}

// write writes the request of a call, for an element of the part's list if it has one. It reports whether there is a call to
// make.
func (l *letter) write(r *run, p *part, element value) (bool, error) {
	l.request, l.key = l.request[:0], l.key[:0]
	for i := range p.bindings {
		b := &p.bindings[i]
		before := len(l.request)
		set, err := l.fill(r, b, element)
		if err != nil {
			return false, err
		}
		if !set && b.skip {
			return false, nil
		}
		if p.cache != nil && b.keyed {
			l.key = protowire.AppendBytes(l.key, l.request[before:])
		}
	}
	return true, nil
}

// fill writes the field of a binding. It reports whether there was a value for it.
func (l *letter) fill(r *run, b *binding, element value) (bool, error) {
	l.found.runs, l.found.values = true, l.found.values[:0]
	switch from := &b.from; from.kind {
	case fromConstant:
		l.request = append(l.request, from.constant...)
		return true, nil
	case fromClaim:
		return l.claim(r, b)
	case fromRequest:
		if err := l.found.read(r.Message, from.path); err != nil {
			return false, unreadable(err)
		}
	case fromPart:
		if err := r.readPart(&l.found, from); err != nil {
			return false, err
		}
	case fromElement:
		if from.path == nil {
			l.found.values = append(l.found.values, element)
		} else if err := l.found.read(element.raw, from.path); err != nil {
			return false, malformed(err)
		}
	}
	for _, v := range l.found.values {
		l.request = b.append(l.request, v)
	}
	return len(l.found.values) > 0, nil
}

func (l *letter) claim(r *run, b *binding) (bool, error) {
	text, ok := r.principal.Claim(b.from.claim)
	if !ok && b.skip {
		return false, nil
	}
	if !ok && r.principal == nil {
		return false, fault.New(fault.Unauthenticated, "this needs credentials")
	}
	v, fits := claimed(b.field, text)
	if !ok || !fits {
		return false, fault.New(fault.Forbidden, fmt.Sprintf("this needs the claim %s, as a value of field %s", b.from.claim, b.field.Name()))
	}
	l.request = b.append(l.request, v)
	return true, nil
}

// readPart finds the values of a path in the responses of another part.
func (r *run) readPart(into *reader, from *origin) error {
	for i := range r.states[from.part].results {
		result := &r.states[from.part].results[i]
		if !result.answered {
			continue
		}
		if err := into.read(result.wire, from.path); err != nil {
			return malformed(err)
		}
	}
	return nil
}

// append writes a value as an occurrence of the field, within the messages that it is in.
func (b *binding) append(dst []byte, v value) []byte {
	v = v.as(b.typ)
	dst = b.open(dst, v.size(b.num))
	return b.end(v.append(dst, b.num))
}

// wrap writes occurrences of the field within the messages that it is in.
func (b *binding) wrap(dst, occurrences []byte) []byte {
	return b.end(append(b.open(dst, len(occurrences)), occurrences...))
}

// open writes what is before so many bytes of the field.
func (b *binding) open(dst []byte, size int) []byte {
	var sizes [maxPath]int
	for i := len(b.outer) - 1; i >= 0; i-- {
		sizes[i] = size
		size = value{typ: b.outer[i].typ}.size(b.outer[i].num) + size
		if b.outer[i].typ == protowire.BytesType { // whose length is not that of nothing
			size += protowire.SizeVarint(uint64(sizes[i])) - protowire.SizeVarint(0)
		}
	}
	for i, m := range b.outer {
		dst = protowire.AppendTag(dst, m.num, m.typ)
		if m.typ == protowire.BytesType {
			dst = protowire.AppendVarint(dst, uint64(sizes[i]))
		}
	}
	return dst
}

// end writes what is behind it.
func (b *binding) end(dst []byte) []byte {
	for i := len(b.outer) - 1; i >= 0; i-- {
		if b.outer[i].typ == protowire.StartGroupType {
			dst = protowire.AppendTag(dst, b.outer[i].num, protowire.EndGroupType)
		}
	}
	return dst
}
