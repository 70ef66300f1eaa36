package openapi

import (
	"math/big"
	"slices"
)

const (
	positivePattern    = "^0*[1-9][0-9]*$"
	negativePattern    = "^-0*[1-9][0-9]*$"
	notPositivePattern = "^(?:-[0-9]+|0+)$"
	notZeroPattern     = "^-?0*[1-9][0-9]*$"
	zeroPattern        = "^-?0+$"
)

// digits adds a range to a whole number that is written as text: its signs as a pattern, and all of it in words unless
// that says it all.
func (r *ruling) digits(s *Schema, sp span) {
	lower, upper := sp.lower.whole(1), sp.upper.whole(-1)
	reaches := func(end *big.Int, to int64, sign int) bool {
		return end == nil || end.Cmp(big.NewInt(to))*sign >= 0
	}
	positive := sp.isOutside || reaches(upper, 1, 1)
	negative := sp.isOutside || reaches(lower, -1, -1)
	allPositive := reaches(lower, 1, -1) && (sp.isOutside || upper == nil)
	allNegative := reaches(upper, -1, 1) && (sp.isOutside || lower == nil)
	hasZero := sp.zeroPasses || sp.takes(nought)
	if r.isUnsigned() {
		negative = false
	}
	if !negative && !hasZero && !positive {
		r.wrong("", "no number of its type is %s; change one of the bounds", sp.wordsWith(" and "))
		return
	}
	if pattern := signs(negative, hasZero, positive); pattern != signedPattern && !(pattern == unsignedPattern && r.isUnsigned()) {
		r.pattern(s, pattern)
	}
	if negative && !allNegative || positive && !allPositive || r.place == atKey { // of keys, there is more need for words
		r.say("%s", sp.text())
	}
}

// whole is the last whole number within a bound, in the direction from it to others that are within.
func (e *bound) whole(inward int64) *big.Int {
	if e == nil {
		return nil
	}
	n := new(big.Int).Set(e.exact.Num())
	if e.open {
		n.Add(n, big.NewInt(inward))
	}
	return n
}

func (r *ruling) isUnsigned() bool {
	return slices.Contains([]string{"uint32", "fixed32", "uint64", "fixed64"}, ruleName(r.of, r.place))
}

// signs is the pattern of whole numbers with some signs.
func signs(negative, zero, positive bool) string {
	switch {
	case negative && zero && positive:
		return signedPattern
	case zero && positive:
		return unsignedPattern
	case negative && positive:
		return notZeroPattern
	case negative && zero:
		return notPositivePattern
	case negative:
		return negativePattern
	case positive:
		return positivePattern
	default:
		return zeroPattern
	}
}

// pattern gives a number in text a pattern, instead of that of its type, which says less.
func (r *ruling) pattern(s *Schema, pattern string) {
	if s.Pattern == signedPattern || s.Pattern == unsignedPattern {
		s.Pattern = ""
	}
	r.and(s, &Schema{Pattern: pattern})
}
