package transcode

import (
	"encoding/binary"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// piece is one occurrence of a field: its tag and what stands behind it.
type piece struct {
	tag   uint64
	value []byte // raw: a number, a length and its bytes, or a group with its end tag
}

// canonical appends b to dst as a canonical encoder would write what it means: fields in the order of their numbers,
// each singular one once, lists in one run, one member of each oneof, one entry for each key. Fields that the table
// does not have are dropped. It costs memory and time in proportion to b and the nesting in it.
func (m *Message) canonical(dst, b []byte, depth int) ([]byte, error) {
	if depth == 0 {
		return dst, errTooDeep
	}
	pieces, err := m.collect(b, depth)
	if err != nil {
		return dst, err
	}
	for i := range m.fields {
		f := &m.fields[i]
		switch found := pieces[i]; {
		case len(found) == 0:
		case m.shape == shapeAny && f.number == 2:
			dst, err = m.codec.canonicalAny(dst, pieces, found[len(found)-1].value, depth)
		case f.card == mapping:
			dst, err = f.canonicalMap(dst, found, depth)
		case f.message == nil && f.card == singular:
			dst = found[len(found)-1].append(dst)
		case f.message == nil:
			for _, p := range found {
				dst = p.append(dst)
			}
		case f.card == singular:
			dst, err = f.canonicalMessage(dst, found, depth)
		default:
			for k := range found {
				if dst, err = f.canonicalMessage(dst, found[k:k+1], depth); err != nil {
					return dst, err
				}
			}
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (p piece) append(dst []byte) []byte {
	return append(protowire.AppendVarint(dst, p.tag), p.value...)
}

// collect sorts the occurrences of fields by the fields' rows. Of a oneof, only the last member's are kept.
func (m *Message) collect(b []byte, depth int) ([][]piece, error) {
	pieces := make([][]piece, len(m.fields))
	chosen := map[int]int{} // slot of a oneof -> row of its member
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return nil, varintError(b, i)
		}
		end, err := skip(b, j, tag, depth)
		if err != nil {
			return nil, err
		}
		i = end
		f := m.lookup(tag >> 3)
		if f == nil || !f.accepts(protowire.Type(tag&7)) {
			continue
		}
		if f.utf8 && !validChunk(b[j:end]) {
			return nil, errNotUTF8
		}
		if f.oneof {
			if row, ok := chosen[f.slot]; ok && row != f.index {
				pieces[row] = nil
			}
			chosen[f.slot] = f.index
		}
		pieces[f.index] = append(pieces[f.index], piece{tag, b[j:end]})
	}
	return pieces, nil
}

func validChunk(value []byte) bool {
	_, start := uvarint(value, 0)
	return utf8.Valid(value[start:])
}

// canonicalMessage merges the pieces of one message by concatenation and appends it as one.
func (f *field) canonicalMessage(dst []byte, pieces []piece, depth int) ([]byte, error) {
	merged := f.content(pieces[0].value)
	for _, p := range pieces[1:] {
		merged = append(merged[:len(merged):len(merged)], f.content(p.value)...)
	}
	dst = append(dst, f.tag...)
	if f.wire == protowire.StartGroupType {
		dst, err := f.message.canonical(dst, merged, depth-1)
		return protowire.AppendTag(dst, f.number, protowire.EndGroupType), err
	}
	start := len(dst)
	dst, err := f.message.canonical(beginLength(dst, 1), merged, depth-1)
	if err != nil {
		return dst, err
	}
	dst, _ = endLength(dst, start, 1)
	return dst, nil
}

// content strips the length or the end tag from a message that skip has found to be whole.
func (f *field) content(value []byte) []byte {
	if f.wire == protowire.StartGroupType {
		return value[:len(value)-protowire.SizeTag(f.number)]
	}
	_, start := uvarint(value, 0)
	return value[start:]
}

// canonicalMap writes one entry for each key, with the last value given for it.
func (f *field) canonicalMap(dst []byte, pieces []piece, depth int) ([]byte, error) {
	type entry struct{ key, val piece }
	var entries []entry
	rows := map[string]int{}
	for _, p := range pieces {
		_, start := uvarint(p.value, 0)
		key, val, err := f.mergeEntry(p.value[start:], depth)
		if err != nil {
			return dst, err
		}
		name, err := f.mapKey.identity(key.value)
		if err != nil {
			return dst, err
		}
		if row, known := rows[name]; known {
			entries[row] = entry{key, val}
			continue
		}
		rows[name] = len(entries)
		entries = append(entries, entry{key, val})
	}
	for _, e := range entries {
		dst = append(dst, f.tag...)
		start := len(dst)
		dst = e.key.append(beginLength(dst, 1))
		if f.mapVal.message == nil {
			dst = e.val.append(dst)
		} else {
			var err error
			if dst, err = f.mapVal.canonicalMessage(dst, []piece{e.val}, depth); err != nil {
				return dst, err
			}
		}
		dst, _ = endLength(dst, start, 1)
	}
	return dst, nil
}

// mergeEntry reads an entry as the message that it is: the last key, and the last value or, of messages, all merged.
func (f *field) mergeEntry(b []byte, depth int) (key, val piece, err error) {
	keyTag := uint64(1)<<3 | uint64(f.mapKey.wire)
	valTag := uint64(2)<<3 | uint64(f.mapVal.wire)
	key, val = piece{keyTag, f.mapKey.zeroBytes()}, piece{valTag, f.mapVal.zeroBytes()}
	var parts []byte
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return key, val, varintError(b, i)
		}
		end, err := skip(b, j, tag, depth)
		if err != nil {
			return key, val, err
		}
		switch {
		case tag == keyTag && f.mapKey.utf8 && !validChunk(b[j:end]), tag == valTag && f.mapVal.utf8 && !validChunk(b[j:end]):
			return key, val, errNotUTF8
		case tag == keyTag:
			key.value = b[j:end]
		case tag != valTag:
		case f.mapVal.message == nil:
			val.value = b[j:end]
		default:
			parts = append(parts, f.mapVal.content(b[j:end])...)
			val.value = f.mapVal.wrap(parts)
		}
		i = end
	}
	return key, val, nil
}

func (f *field) wrap(content []byte) []byte {
	if f.wire == protowire.StartGroupType {
		return protowire.AppendTag(content[:len(content):len(content)], f.number, protowire.EndGroupType)
	}
	return protowire.AppendBytes(nil, content)
}

func (f *field) zeroBytes() []byte {
	switch f.wire {
	case protowire.Fixed32Type:
		return zeroValue[:4]
	case protowire.Fixed64Type:
		return zeroValue[:]
	case protowire.StartGroupType:
		return emptyGroup
	default:
		return zeroValue[:1]
	}
}

// identity is the same for two keys that are equal, however they are written.
func (f *field) identity(value []byte) (string, error) {
	switch f.wire {
	case protowire.BytesType:
		text, _, err := chunk(value, 0)
		return string(text), err
	case protowire.Fixed32Type:
		return strconv.FormatUint(uint64(binary.LittleEndian.Uint32(value)), 10), nil
	case protowire.Fixed64Type:
		return strconv.FormatUint(binary.LittleEndian.Uint64(value), 10), nil
	}
	v, _ := uvarint(value, 0)
	switch f.kind {
	case protoreflect.BoolKind:
		return strconv.FormatBool(v != 0), nil
	case protoreflect.Int32Kind, protoreflect.Uint32Kind, protoreflect.Sint32Kind:
		v = uint64(uint32(v))
	}
	return strconv.FormatUint(v, 10), nil
}

// canonicalAny appends the value of an Any, rewritten if its type is known.
func (c *Codec) canonicalAny(dst []byte, pieces [][]piece, value []byte, depth int) ([]byte, error) {
	content, _, err := chunk(value, 0)
	if err != nil {
		return dst, err
	}
	if urls := pieces[0]; len(urls) > 0 {
		url, _, err := chunk(urls[len(urls)-1].value, 0)
		if err != nil {
			return dst, err
		}
		if m := c.any(url); m != nil {
			if content, err = m.canonical(nil, content, depth-1); err != nil {
				return dst, err
			}
		}
	}
	dst = protowire.AppendTag(dst, 2, protowire.BytesType)
	return protowire.AppendBytes(dst, content), nil
}
