package transcode

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// mapping appends `"name":{…},` from the run of entries that begins with the tag at b[i:]. The entries are sorted by their
// keys: services write them in any order, and equal messages shall have equal JSON, and so one entity tag.
func (e *encoder) mapping(dst []byte, f *field, b []byte, i int) ([]byte, int, error) {
	start := len(e.entries)
	defer func() { e.entries = e.entries[:start] }()
	end, err := e.collect(f, b, i)
	if err != nil {
		return dst, i, err
	}
	dst = append(append(dst, f.key...), '{')
	for k, last := start, len(e.entries); k < last; k++ {
		entry, _, err := chunk(b, e.entries[k].at)
		if err != nil {
			return dst, i, err
		}
		if dst, err = e.entry(dst, f, entry); err != nil {
			return dst, i, err
		}
		if len(dst) > e.limit {
			if dst, err = e.flushed(dst); err != nil {
				return dst, i, err
			}
		}
	}
	return append(closed(dst, '}'), ','), end, nil
}

// entry appends `"key":value,`. Either may be missing and stands for its default then.
func (e *encoder) entry(dst []byte, f *field, b []byte) ([]byte, error) {
	key, val, err := splitEntry(f, b, e.depth)
	if err != nil {
		return dst, err
	}
	if f.mapKey.kind == protoreflect.StringKind {
		text, _, err := chunk(key, 0)
		if err != nil {
			return dst, err
		}
		var ok bool
		if dst, ok = appendString(dst, text); !ok {
			return dst, errNotUTF8
		}
	} else {
		start := len(dst)
		if dst, _, err = e.value(append(dst, '"'), f.mapKey, key, 0); err != nil {
			return dst, err
		}
		dst = quotedKey(dst, start)
	}
	dst, _, err = e.value(append(dst, ':'), f.mapVal, val, 0)
	return dst, err
}

// quotedKey makes an object key of the `"value,` at dst[start:], where the value may have quotes of its own.
func quotedKey(dst []byte, start int) []byte {
	dst = dst[:len(dst)-1]
	if dst[start+1] == '"' {
		return append(dst[:start], dst[start+1:]...)
	}
	return append(dst, '"')
}

// zeroValue is what an entry that lacks its key or value holds: as a varint, a fixed number, or a length, zero.
var zeroValue [8]byte

// splitEntry returns what stands behind the tags of an entry's key and value.
func splitEntry(f *field, b []byte, depth int) (key, val []byte, err error) {
	keyTag := uint64(1)<<3 | uint64(f.mapKey.wire)
	valTag := uint64(2)<<3 | uint64(f.mapVal.wire)
	if len(b) > 0 && uint64(b[0]) == keyTag { // as all encoders write it: the key, the value, and nothing else
		end, err := skip(b, 1, keyTag, depth)
		if err == nil && end < len(b) && uint64(b[end]) == valTag {
			if last, err := skip(b, end+1, valTag, depth); err == nil && last == len(b) {
				return b[1:end], b[end+1:], nil
			}
		}
	}
	key, val = zeroValue[:], zeroValue[:]
	hasKey, hasVal := false, false
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return nil, nil, varintError(b, i)
		}
		end, err := skip(b, j, tag, depth)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case tag == keyTag:
			if hasKey {
				return nil, nil, errNotCanonical // it was sorted by the first
			}
			key, hasKey = b[j:end], true
		case tag == valTag:
			if hasVal && f.mapVal.message != nil {
				return nil, nil, errNotCanonical // the two have to be merged
			}
			val, hasVal = b[j:end], true
		}
		i = end
	}
	if !hasVal && f.mapVal.wire == protowire.StartGroupType {
		val = emptyGroup
	}
	return key, val, nil
}

var emptyGroup = protowire.AppendTag(nil, 2, protowire.EndGroupType)
