package transcode

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// pow10 holds the powers of ten that a float64 represents exactly.
var pow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

const (
	tenTo6 = 1_000_000
	tenTo8 = 100_000_000
	zeros  = 0x3030303030303030 // "00000000"
)

// eightDigits returns the decimal digits of v, which is below 10^8, one in each byte, the first in the lowest. All
// eight come of three divisions, each done to every lane of the word at once.
func eightDigits(v uint64) uint64 {
	v = v/10_000 | v%10_000<<32
	hundreds := v * 10486 >> 20 & 0x7f_0000_007f
	v = hundreds | (v-100*hundreds)<<16
	tens := v * 103 >> 10 & 0x000f_000f_000f_000f
	return tens | (v-10*tens)<<8
}

// appendUint appends v in decimal.
func appendUint(dst []byte, v uint64) []byte {
	if v < 10 {
		return append(dst, '0'+byte(v))
	}
	dst = slices.Grow(dst, 24)
	if v >= tenTo8 {
		dst = appendUint(dst, v/tenTo8)
		n := len(dst)
		binary.LittleEndian.PutUint64(dst[n:n+8], eightDigits(v%tenTo8)|zeros)
		return dst[:n+8]
	}
	digits := eightDigits(v)
	leading := bits.TrailingZeros64(digits) &^ 7 // bits of zeros
	n := len(dst)
	binary.LittleEndian.PutUint64(dst[n:n+8], (digits|zeros)>>leading)
	return dst[:n+8-leading>>3]
}

func appendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return appendUint(append(dst, '-'), -uint64(v))
	}
	return appendUint(dst, uint64(v))
}

// appendDouble appends the shortest JSON number that reads back as v, or the quoted name of what is not a number.
//
// Numbers that people write, of up to 15 digits with at most six behind the point, are quick: such a decimal m/10^6 is
// the only one of its length that is nearest to v, so if dividing gives v again, it is the shortest form.
func appendDouble(dst []byte, v float64) []byte {
	abs := math.Abs(v)
	if abs < 1e15/tenTo6 {
		if m := int64(abs*tenTo6 + 0.5); float64(m)/tenTo6 == abs {
			if math.Signbit(v) {
				dst = append(dst, '-')
			}
			return appendMillionths(dst, uint64(m))
		}
	} else if whole := int64(v); abs < 1e15 && float64(whole) == v {
		return appendInt(dst, whole)
	}
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return appendNotNumber(dst, v)
	}
	return appendShortest(dst, v, 64)
}

// appendMillionths appends m/10^6 without trailing zeros.
func appendMillionths(dst []byte, m uint64) []byte {
	whole, fraction := m/tenTo6, m%tenTo6
	dst = appendUint(dst, whole)
	if fraction%(tenTo6/100) == 0 { // most have at most two digits there
		switch tens, one := byte(fraction/(tenTo6/10)), byte(fraction/(tenTo6/100)%10); {
		case one != 0:
			return append(dst, '.', '0'+tens, '0'+one)
		case tens != 0:
			return append(dst, '.', '0'+tens)
		}
		return dst
	}
	digits := eightDigits(fraction * 100)
	n := len(dst) + 1
	dst = slices.Grow(append(dst, '.'), 8)
	binary.LittleEndian.PutUint64(dst[n:n+8], digits|zeros)
	return dst[:n+8-bits.LeadingZeros64(digits)>>3]
}

// appendFloat is appendDouble for a float32, of which up to six digits are quick.
func appendFloat(dst []byte, v float32) []byte {
	wide := float64(v)
	if abs := math.Abs(wide); abs < 1000 {
		if m := uint32(abs*1000 + 0.5); float32(m)/1000 == float32(abs) {
			if math.Signbit(wide) {
				dst = append(dst, '-')
			}
			return appendMillionths(dst, uint64(m)*(tenTo6/1000))
		}
	}
	if math.IsInf(wide, 0) || math.IsNaN(wide) {
		return appendNotNumber(dst, wide)
	}
	if whole := int64(wide); float64(whole) == wide && whole != 0 && whole < 1<<24 && whole > -1<<24 {
		return appendInt(dst, whole)
	}
	return appendShortest(dst, wide, 32)
}

func appendNotNumber(dst []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, `"NaN"`...)
	case v > 0:
		return append(dst, `"Infinity"`...)
	default:
		return append(dst, `"-Infinity"`...)
	}
}

// appendShortest formats as ECMAScript does: plain digits but for the very small and the very large.
func appendShortest(dst []byte, v float64, size int) []byte {
	abs, format := math.Abs(v), byte('f')
	if abs != 0 {
		if size == 64 && (abs < 1e-6 || abs >= 1e21) || size == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21) {
			format = 'e'
		}
	}
	dst = strconv.AppendFloat(dst, v, format, -1, size)
	if n := len(dst); format == 'e' && dst[n-4] == 'e' && dst[n-2] == '0' { // strconv writes 1e-07
		dst[n-2], dst = dst[n-1], dst[:n-1]
	}
	return dst
}

// decimal is a JSON number taken apart: mantissa * 10^exponent.
type decimal struct {
	text     []byte
	mantissa uint64
	exponent int
	negative bool
	exact    bool // the mantissa holds every digit
}

// maxExact is how many digits always fit into a mantissa.
const maxExact = 19

// scan reads the JSON number at b[i:] and returns the index behind it, or a negative one if there is none.
func (d *decimal) scan(b []byte, i int) int {
	start, first, exponent := i, i, 0
	if i < len(b) && b[i] == '-' {
		i++
		first++
	}
	var m uint64
	for i < len(b) && isDigit(b[i]) {
		m = m*10 + uint64(b[i]-'0')
		i++
	}
	count := i - first
	if count == 0 || b[first] == '0' && count > 1 {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		i++
		point := i
		for i < len(b) && isDigit(b[i]) {
			m = m*10 + uint64(b[i]-'0')
			i++
		}
		if i == point {
			return -1
		}
		exponent = point - i
		count += i - point
	}
	*d = decimal{mantissa: m, exponent: exponent, negative: first > start, exact: true}
	if count > maxExact {
		d.rescan(b[first:i])
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		var e int
		if e, i = scanExponent(b, i+1); i < 0 {
			return -1
		}
		d.exponent += e
	}
	d.text = b[start:i]
	return i
}

// rescan reads digits, and a point among them, that may be too many for the mantissa.
func (d *decimal) rescan(digits []byte) {
	d.mantissa = 0
	for _, c := range digits {
		if c != '.' {
			d.push(c)
		}
	}
}

// push appends a digit to the mantissa. A zero that does not fit any more only moves the point; any other digit that
// does not fit makes the mantissa inexact.
func (d *decimal) push(c byte) {
	high, low := bits.Mul64(d.mantissa, 10)
	sum, carry := bits.Add64(low, uint64(c-'0'), 0)
	switch {
	case high+carry == 0:
		d.mantissa = sum
	case c == '0':
		d.exponent++
	default:
		d.exact = false
	}
}

func scanExponent(b []byte, i int) (int, int) {
	const limit = 1 << 20 // far beyond any float; keeps the sum small
	negative := false
	if i < len(b) && (b[i] == '+' || b[i] == '-') {
		negative = b[i] == '-'
		i++
	}
	first, e := i, 0
	for ; i < len(b) && isDigit(b[i]); i++ {
		if e < limit {
			e = e*10 + int(b[i]-'0')
		}
	}
	if i == first {
		return 0, -1
	}
	if negative {
		e = -e
	}
	return e, i
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// double returns the nearest float64; false if the number is beyond them.
func (d *decimal) double() (float64, bool) {
	if d.exact && d.mantissa < 1<<53 && d.exponent >= -22 && d.exponent <= 22 {
		v := float64(d.mantissa)
		if d.exponent < 0 {
			v /= pow10[-d.exponent]
		} else {
			v *= pow10[d.exponent]
		}
		if d.negative {
			v = -v
		}
		return v, true
	}
	v, err := strconv.ParseFloat(view(d.text), 64)
	return v, err == nil
}

// float returns the nearest float32; false if the number is beyond them.
func (d *decimal) float() (float32, bool) {
	if d.exact && d.mantissa < 1<<24 && d.exponent >= -10 && d.exponent <= 10 {
		v := float32(d.mantissa)
		if d.exponent < 0 {
			v /= float32(pow10[-d.exponent])
		} else {
			v *= float32(pow10[d.exponent])
		}
		if d.negative {
			v = -v
		}
		return v, true
	}
	v, err := strconv.ParseFloat(view(d.text), 32)
	return float32(v), err == nil
}

// magnitude returns the absolute value if it is a whole number of at most 64 bits, however it is written: 1, 1.0 and
// 10e-1 are the same.
func (d *decimal) magnitude() (uint64, bool) {
	m, e := d.mantissa, d.exponent
	if m == 0 {
		return 0, d.exact
	}
	for ; e < 0 && m%10 == 0; e++ {
		m /= 10
	}
	for ; e > 0; e-- {
		high, low := bits.Mul64(m, 10)
		if high != 0 {
			return 0, false
		}
		m = low
	}
	return m, d.exact && e == 0
}

// integer returns the value if it is a whole number of at most that many bits.
func (d *decimal) integer(size int) (int64, bool) {
	m, ok := d.magnitude()
	limit := uint64(1) << (size - 1)
	if d.negative {
		return -int64(m), ok && m <= limit
	}
	return int64(m), ok && m < limit
}

// unsigned returns the value if it is a whole number of at most that many bits and not negative.
func (d *decimal) unsigned(size int) (uint64, bool) {
	m, ok := d.magnitude()
	return m, ok && (!d.negative || m == 0) && m>>(size-1)>>1 == 0
}
