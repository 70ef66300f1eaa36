package validate

import (
	"bytes"
	"math"
	"slices"
	"time"
	"unicode/utf8"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// operation is what a test does.
type operation uint8

const (
	// Of numbers, counts, durations and times.
	opInside operation = iota
	opOutside
	opIn
	opNotIn

	// Of times.
	opPast
	opFuture
	opNear

	// Of strings and bytes.
	opLength // in code points
	opSize   // in bytes
	opTextIn
	opTextNotIn
	opPrefix
	opSuffix
	opContains
	opNotContains
	opPattern
	opFormat
)

// test is one rule, or two that make a range.
type test struct {
	op      operation
	nan     bool // a NaN passes
	from    bound
	to      bound
	points  []uint64            // what opIn and opNotIn look for, sorted
	texts   map[string]struct{} // what opTextIn and opTextNotIn look for
	text    []byte
	within  time.Duration
	pattern *pattern
	format  func([]byte) bool
	finding finding
}

// bound is an end of a range.
type bound struct {
	at    point
	open  bool // the point is not within
	unset bool
}

// point is a number, a duration or a time, so that they are ordered as their points are.
type point struct {
	major uint64
	minor uint32 // the nanoseconds of a time
}

func (p point) compare(other point) int {
	switch {
	case p.major < other.major || p.major == other.major && p.minor < other.minor:
		return -1
	case p == other:
		return 0
	default:
		return 1
	}
}

const (
	signBit = 1 << 63
	// pointOfNaN is greater than any number's.
	pointOfNaN = math.MaxUint64
)

func signed(n int64) uint64 { return uint64(n) ^ signBit }

// floating keeps the order of floating-point numbers. Both zeros are the same.
func floating(f float64) uint64 {
	switch bits := math.Float64bits(f); {
	case f != f:
		return pointOfNaN
	case f == 0:
		return signBit
	case bits >= signBit:
		return ^bits
	default:
		return bits | signBit
	}
}

// major returns the point of a number as it stands on the wire.
func (v *value) major(raw uint64) uint64 {
	switch v.kind {
	case protoreflect.BoolKind:
		if raw != 0 {
			return 1
		}
		return 0
	case protoreflect.Int32Kind, protoreflect.EnumKind, protoreflect.Sfixed32Kind:
		return signed(int64(int32(raw)))
	case protoreflect.Sint32Kind:
		return signed(int64(int32(protowire.DecodeZigZag(raw & math.MaxUint32))))
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		return signed(int64(raw))
	case protoreflect.Sint64Kind:
		return signed(protowire.DecodeZigZag(raw))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return uint64(uint32(raw))
	case protoreflect.FloatKind:
		return floating(float64(math.Float32frombits(uint32(raw))))
	case protoreflect.DoubleKind:
		return floating(math.Float64frombits(raw))
	default:
		return raw
	}
}

// number tells whether a point passes.
func (t *test) number(p point) bool {
	switch t.op {
	case opInside:
		return t.from.below(p) && t.to.above(p) || t.nan && p.major == pointOfNaN
	case opOutside:
		return t.from.below(p) || t.to.above(p) || t.nan && p.major == pointOfNaN
	case opIn:
		return contains(t.points, p.major)
	case opNotIn:
		return !contains(t.points, p.major)
	default:
		return true
	}
}

func (b *bound) below(p point) bool {
	if b.unset {
		return true
	}
	order := b.at.compare(p)
	return order < 0 || order == 0 && !b.open
}

func (b *bound) above(p point) bool {
	if b.unset {
		return true
	}
	order := b.at.compare(p)
	return order > 0 || order == 0 && !b.open
}

func contains(points []uint64, p uint64) bool {
	const few = 8
	if len(points) <= few {
		return slices.Contains(points, p)
	}
	_, found := slices.BinarySearch(points, p)
	return found
}

// time tells whether a time passes.
func (t *test) time(at, now time.Time) bool {
	switch t.op {
	case opPast:
		return at.Before(now) && (t.within == 0 || !at.Before(now.Add(-t.within)))
	case opFuture:
		return at.After(now) && (t.within == 0 || !at.After(now.Add(t.within)))
	case opNear:
		return at.Before(now.Add(t.within)) && at.After(now.Add(-t.within))
	default:
		return t.number(pointOfTime(at))
	}
}

func pointOfTime(at time.Time) point {
	return point{major: signed(at.Unix()), minor: uint32(at.Nanosecond())}
}

// content tells whether a string or bytes pass.
func (t *test) content(b []byte) bool {
	switch t.op {
	case opLength:
		return t.length(b)
	case opSize:
		n := point{major: uint64(len(b))}
		return t.from.below(n) && t.to.above(n)
	case opTextIn:
		_, ok := t.texts[string(b)]
		return ok
	case opTextNotIn:
		_, ok := t.texts[string(b)]
		return !ok
	case opPrefix:
		return bytes.HasPrefix(b, t.text)
	case opSuffix:
		return bytes.HasSuffix(b, t.text)
	case opContains:
		return bytes.Contains(b, t.text)
	case opNotContains:
		return !bytes.Contains(b, t.text)
	case opPattern:
		return t.pattern.match(b)
	case opFormat:
		return t.format(b)
	default:
		return true
	}
}

// length counts code points only where the number of bytes, of which each has one to four, does not decide.
func (t *test) length(b []byte) bool {
	most, least := uint64(len(b)), uint64(len(b)+utf8.UTFMax-1)/utf8.UTFMax
	if (t.from.unset || least >= t.from.at.major) && (t.to.unset || most <= t.to.at.major) {
		return true
	}
	n := point{major: uint64(utf8.RuneCount(b))}
	return t.from.below(n) && t.to.above(n)
}

// view is b as a string that shares its memory, for functions that take strings and do not keep them.
func view(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // b outlives every use of the string
}
