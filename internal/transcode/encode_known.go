package transcode

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	minTimestamp = -62135596800 // 0001-01-01T00:00:00Z
	maxTimestamp = 253402300799 // 9999-12-31T23:59:59Z
	maxDuration  = 315576000000 // 10,000 years in seconds
	nanosPerSec  = 1_000_000_000

	secondsPerDay = 24 * 60 * 60
)

var (
	errEmptyValue = errors.New("google.protobuf.Value holds none of its kinds")
	errValueNaN   = errors.New("google.protobuf.Value holds a number that JSON has none for")
)

// known appends the JSON of a well-known type. In the tables of wrappers, Struct, ListValue and Value, fields have no
// key, so that writing the fields writes the bare value.
func (e *encoder) known(dst []byte, m *Message, b []byte) ([]byte, error) {
	switch m.shape {
	case shapeTimestamp:
		return appendTimestamp(dst, b)
	case shapeDuration:
		return appendDuration(dst, b)
	case shapeFieldMask:
		return appendFieldMask(dst, b)
	case shapeAny:
		return e.any(dst, b)
	case shapeValue:
		e.depth++ // it is no level of nesting itself; enter has counted one
		dst, err := e.dynamic(dst, m, b)
		e.depth--
		return dst, err
	case shapeMessageSet:
		return dst, errMessageSet
	default:
		return e.bare(dst, m, b)
	}
}

func (e *encoder) bare(dst []byte, m *Message, b []byte) ([]byte, error) {
	dst, err := e.fields(dst, m, b)
	if err != nil {
		return dst, err
	}
	return dst[:len(dst)-1], nil
}

// numberValueTag is that of google.protobuf.Value.number_value.
const numberValueTag = 2<<3 | byte(protowire.Fixed64Type)

func (e *encoder) dynamic(dst []byte, m *Message, b []byte) ([]byte, error) {
	start := len(dst)
	dst, err := e.fields(dst, m, b)
	switch {
	case err != nil:
		return dst, err
	case len(dst) == start:
		return dst, errEmptyValue
	case b[0] == numberValueTag && dst[start] == '"':
		return dst, errValueNaN
	}
	return dst[:len(dst)-1], nil
}

func (e *encoder) any(dst, b []byte) ([]byte, error) {
	url, value, err := splitAny(b, e.depth)
	if err != nil {
		return dst, err
	}
	if len(url) == 0 {
		if len(value) > 0 {
			return dst, errors.New("google.protobuf.Any holds a value without a type")
		}
		return append(dst, "{}"...), nil
	}
	dst, ok := appendString(append(dst, `{"@type":`...), url)
	if !ok {
		return dst, errNotUTF8
	}
	dst = append(dst, ',')
	inner := e.codec.any(url)
	switch {
	case inner == nil && e.codec.opts.OpaqueAny:
		return append(appendBase64(append(dst, `"value":`...), value), '}'), nil
	case inner == nil:
		return dst, fmt.Errorf("google.protobuf.Any holds a message of unknown type %q", url)
	case inner.shape == shapeObject:
		dst, err = e.fields(dst, inner, value)
	default:
		dst, err = e.message(append(dst, `"value":`...), inner, value)
	}
	return closed(dst, '}'), err
}

// splitAny returns the two fields of a google.protobuf.Any.
func splitAny(b []byte, depth int) (url, value []byte, err error) {
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return nil, nil, varintError(b, i)
		}
		switch tag {
		case 1<<3 | uint64(protowire.BytesType):
			url, i, err = chunk(b, j)
		case 2<<3 | uint64(protowire.BytesType):
			value, i, err = chunk(b, j)
		default:
			i, err = skip(b, j, tag, depth)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return url, value, nil
}

// secondsAndNanos reads the fields of a Timestamp or a Duration.
func secondsAndNanos(b []byte) (seconds, nanos int64, err error) {
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return 0, 0, varintError(b, i)
		}
		var v uint64
		switch tag {
		case 1 << 3:
			v, i = uvarint(b, j)
			seconds = int64(v)
		case 2 << 3:
			v, i = uvarint(b, j)
			nanos = int64(int32(v))
		default:
			if i, err = skip(b, j, tag, DefaultMaxDepth); err != nil {
				return 0, 0, err
			}
		}
		if i < 0 {
			return 0, 0, varintError(b, j)
		}
	}
	return seconds, nanos, nil
}

func appendTimestamp(dst, b []byte) ([]byte, error) {
	seconds, nanos, err := secondsAndNanos(b)
	if err != nil {
		return dst, err
	}
	if seconds < minTimestamp || seconds > maxTimestamp || nanos < 0 || nanos >= nanosPerSec {
		return dst, fmt.Errorf("google.protobuf.Timestamp of %d s and %d ns is not between the years 1 and 9999", seconds, nanos)
	}
	year, month, day := time.Unix(seconds, 0).UTC().Date()
	clock := uint64(seconds-minTimestamp) % secondsPerDay
	hour, minute, second := clock/3600, clock/60%60, clock%60
	n := len(dst)
	dst = slices.Grow(dst, timestampRoom)
	text := dst[n : n+timestampRoom]
	text[0] = '"'
	binary.LittleEndian.PutUint64(text[1:], eightDigits(uint64(year*10_000+int(month)*10))|yearAndMonth)
	binary.LittleEndian.PutUint64(text[9:], eightDigits(uint64(day)*1_000_000+hour*1000+minute)|dayToMinute)
	text[17], text[18], text[19] = ':', '0'+byte(second/10), '0'+byte(second%10)
	return append(appendNanos(dst[:n+20], nanos), 'Z', '"'), nil
}

// Of a timestamp's text, words of eight characters whose digits are zeros, the first character in the lowest byte.
const (
	yearAndMonth = '0' | '0'<<8 | '0'<<16 | '0'<<24 | '-'<<32 | '0'<<40 | '0'<<48 | '-'<<56
	dayToMinute  = '0' | '0'<<8 | 'T'<<16 | '0'<<24 | '0'<<32 | ':'<<40 | '0'<<48 | '0'<<56

	timestampRoom = len(`"2006-01-02T15:04:05.999999999Z"`)
)

// appendNanos appends a fraction of a second in 0, 3, 6 or 9 digits.
func appendNanos(dst []byte, nanos int64) []byte {
	if nanos == 0 {
		return dst
	}
	digits := 9
	for nanos%1000 == 0 {
		nanos /= 1000
		digits -= 3
	}
	const zeros = "000000000"
	dst = append(append(dst, '.'), zeros[:digits]...)
	for i := len(dst) - 1; nanos > 0; i-- {
		dst[i] = '0' + byte(nanos%10)
		nanos /= 10
	}
	return dst
}

func appendDuration(dst, b []byte) ([]byte, error) {
	seconds, nanos, err := secondsAndNanos(b)
	if err != nil {
		return dst, err
	}
	if seconds < -maxDuration || seconds > maxDuration || nanos <= -nanosPerSec || nanos >= nanosPerSec ||
		seconds > 0 && nanos < 0 || seconds < 0 && nanos > 0 {
		return dst, fmt.Errorf("google.protobuf.Duration of %d s and %d ns is out of range", seconds, nanos)
	}
	dst = append(dst, '"')
	if seconds < 0 || nanos < 0 {
		seconds, nanos = -seconds, -nanos
		dst = append(dst, '-')
	}
	dst = appendInt(dst, seconds)
	return append(appendNanos(dst, nanos), 's', '"'), nil
}

func appendFieldMask(dst, b []byte) ([]byte, error) {
	dst = append(dst, '"')
	separate := false
	for i := 0; i < len(b); {
		tag, j := uvarint(b, i)
		if j < 0 {
			return dst, varintError(b, i)
		}
		var path []byte
		var err error
		if tag != 1<<3|uint64(protowire.BytesType) {
			if i, err = skip(b, j, tag, DefaultMaxDepth); err != nil {
				return dst, err
			}
			continue
		}
		if path, i, err = chunk(b, j); err != nil {
			return dst, err
		}
		if separate {
			dst = append(dst, ',')
		}
		separate = true
		var ok bool
		if dst, ok = appendCamelPath(dst, path); !ok {
			return dst, fmt.Errorf("google.protobuf.FieldMask path %q has no JSON form", path)
		}
	}
	return append(dst, '"'), nil
}

// appendCamelPath appends a field mask's path with lowerCamelCase names. It reports false if the path is none, or would
// not come back the same.
func appendCamelPath(dst, path []byte) ([]byte, bool) {
	if !protoreflect.FullName(view(path)).IsValid() {
		return dst, false
	}
	for i := 0; i < len(path); i++ {
		c := path[i]
		switch {
		case c >= 'A' && c <= 'Z':
			return dst, false
		case c != '_':
			dst = append(dst, c)
		case i+1 == len(path) || path[i+1] < 'a' || path[i+1] > 'z':
			return dst, false
		default:
			i++
			dst = append(dst, path[i]-'a'+'A')
		}
	}
	return dst, true
}
