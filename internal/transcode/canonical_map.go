package transcode

import (
	"encoding/binary"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// entry is one entry of a map: its key, and its value in as many pieces as a message has.
type entry struct {
	key  piece
	vals []piece

	order sortKey
}

// canonicalMap writes one entry for each key, with the last value given for it, in the order of keys.
func (f *field) canonicalMap(dst []byte, pieces []piece, depth int) ([]byte, error) {
	var entries []entry
	rows := map[string]int{}
	for _, p := range pieces {
		_, start := uvarint(p.value, 0)
		e, err := f.readEntry(p.value[start:], depth)
		if err != nil {
			return dst, err
		}
		name, err := f.mapKey.identity(e.key.value)
		if err != nil {
			return dst, err
		}
		if e.order, err = f.mapKey.sortKey(e.key.value); err != nil {
			return dst, err
		}
		row, known := rows[name]
		if !known {
			rows[name] = len(entries)
			entries = append(entries, e)
			continue
		}
		if err := f.mapVal.checkReplaced(entries[row].vals, depth); err != nil {
			return dst, err
		}
		entries[row] = e
	}
	slices.SortFunc(entries, func(x, y entry) int { return x.order.compare(y.order) })
	var err error
	for _, e := range entries {
		if dst, err = f.appendEntry(dst, e, depth); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (f *field) appendEntry(dst []byte, e entry, depth int) ([]byte, error) {
	dst = append(dst, f.tag...)
	start := len(dst)
	dst = e.key.append(beginLength(dst, 1))
	if f.mapVal.message == nil {
		dst = e.vals[0].append(dst)
	} else {
		var err error
		if dst, err = f.mapVal.canonicalMessage(dst, e.vals, depth); err != nil {
			return dst, err
		}
	}
	dst, _ = endLength(dst, start, 1)
	return dst, nil
}

// readEntry reads an entry as the message that it is: the last key, and the last value or, of messages, all pieces.
func (f *field) readEntry(b []byte, depth int) (entry, error) {
	keyTag := uint64(1)<<3 | uint64(f.mapKey.wire)
	valTag := uint64(2)<<3 | uint64(f.mapVal.wire)
	e := entry{key: piece{f.mapKey, keyTag, f.mapKey.zeroBytes()}}
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return e, varintError(b, i)
		}
		end, err := skip(b, j, tag, depth)
		if err != nil {
			return e, err
		}
		switch {
		case tag == keyTag && f.mapKey.utf8 && !validChunk(b[j:end]), tag == valTag && f.mapVal.utf8 && !validChunk(b[j:end]):
			return e, errNotUTF8
		case tag == keyTag:
			e.key.value = b[j:end]
		case tag != valTag:
		case f.mapVal.message == nil:
			e.vals = append(e.vals[:0], piece{f.mapVal, valTag, b[j:end]})
		default:
			e.vals = append(e.vals, piece{f.mapVal, valTag, b[j:end]})
		}
		i = end
	}
	if len(e.vals) == 0 {
		e.vals = append(e.vals, piece{f.mapVal, valTag, f.mapVal.zeroBytes()})
	}
	return e, nil
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
