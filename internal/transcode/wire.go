package transcode

import (
	"encoding/binary"
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

var (
	errTruncated  = errors.New("message ends in the middle of a field")
	errBadTag     = errors.New("message holds an invalid field tag")
	errBadVarint  = errors.New("message holds a number of more than 64 bits")
	errBadGroup   = errors.New("message holds a group that is not closed")
	errTooDeep    = errors.New("message is nested too deeply")
	errNotUTF8    = errors.New("message holds a string that is not UTF-8")
	errMessageSet = errors.New("message sets have no JSON form")
)

// uvarint reads the varint at b[i:]. It returns the index behind it, or a negative one if there is none.
func uvarint(b []byte, i int) (v uint64, end int) {
	if i >= len(b) {
		return 0, -1
	}
	if v = uint64(b[i]); v < 0x80 {
		return v, i + 1
	}
	return uvarintLong(b, i)
}

// uvarintLong is uvarint for more than one byte. i must be within b.
func uvarintLong(b []byte, i int) (uint64, int) {
	if i+1 >= len(b) {
		return 0, -1
	}
	if c := b[i+1]; c < 0x80 { // two bytes: most tags of high numbers, most lengths, many numbers
		return uint64(b[i]&0x7f) | uint64(c)<<7, i + 2
	}
	v, n := protowire.ConsumeVarint(b[i:])
	if n < 0 {
		return 0, -1
	}
	return v, i + n
}

// varintError tells why uvarint found none at b[i:].
func varintError(b []byte, i int) error {
	if len(b)-i >= binary.MaxVarintLen64 {
		return errBadVarint
	}
	return errTruncated
}

// chunk reads the length-delimited value at b[i:] and returns it with the index behind it.
func chunk(b []byte, i int) ([]byte, int, error) {
	if i < len(b) && b[i] < 0x80 { // most are short
		start := i + 1
		if end := start + int(b[i]); end <= len(b) {
			return b[start:end], end, nil
		}
		return nil, 0, errTruncated
	}
	n, j := uvarint(b, i)
	if j < 0 {
		return nil, 0, varintError(b, i)
	}
	if n > uint64(len(b)-j) {
		return nil, 0, errTruncated
	}
	end := j + int(n)
	return b[j:end], end, nil
}

// group reads the body of a group whose start tag was just read, and returns the index behind its end tag.
func group(b []byte, i int, num protowire.Number, depth int) ([]byte, int, error) {
	for start := i; ; {
		tag, j := uvarint(b, i)
		if j < 0 {
			return nil, 0, errBadGroup
		}
		if tag == uint64(num)<<3|uint64(protowire.EndGroupType) {
			return b[start:i], j, nil
		}
		var err error
		if i, err = skip(b, j, tag, depth-1); err != nil {
			return nil, 0, err
		}
	}
}

// skip passes over the value of the tag that was just read and returns the index behind it.
func skip(b []byte, i int, tag uint64, depth int) (int, error) {
	if depth < 0 {
		return 0, errTooDeep
	}
	num := tag >> 3
	if num < uint64(protowire.MinValidNumber) || num > uint64(protowire.MaxValidNumber) {
		return 0, errBadTag
	}
	switch protowire.Type(tag & 7) {
	case protowire.VarintType:
		_, j := uvarint(b, i)
		if j < 0 {
			return 0, varintError(b, i)
		}
		return j, nil
	case protowire.Fixed32Type:
		return within(b, i+4)
	case protowire.Fixed64Type:
		return within(b, i+8)
	case protowire.BytesType:
		_, j, err := chunk(b, i)
		return j, err
	case protowire.StartGroupType:
		_, j, err := group(b, i, protowire.Number(num), depth)
		return j, err
	case protowire.EndGroupType:
		return 0, errBadGroup
	default:
		return 0, errBadTag
	}
}

func within(b []byte, end int) (int, error) {
	if end > len(b) {
		return 0, errTruncated
	}
	return end, nil
}

// beginLength leaves room for a length prefix of size bytes; endLength fills it in.
func beginLength(dst []byte, size int) []byte {
	const room = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	return append(dst, room[:size]...)
}

// endLength writes the length of dst[start+size:] into the size bytes of room at dst[start:], moving the value when the
// length needs more or fewer bytes than were left for it. It returns how many it needed.
func endLength(dst []byte, start, size int) ([]byte, int) {
	n := len(dst) - start - size
	need := protowire.SizeVarint(uint64(n))
	switch {
	case need > size:
		dst = beginLength(dst, need-size)
		copy(dst[start+need:], dst[start+size:start+size+n])
	case need < size:
		copy(dst[start+need:], dst[start+size:])
		dst = dst[:start+need+n]
	}
	binary.PutUvarint(dst[start:start+need], uint64(n))
	return dst, need
}
