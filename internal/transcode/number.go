package transcode

import (
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

const digitPairs = "00010203040506070809" +
	"10111213141516171819" +
	"20212223242526272829" +
	"30313233343536373839" +
	"40414243444546474849" +
	"50515253545556575859" +
	"60616263646566676869" +
	"70717273747576777879" +
	"80818283848586878889" +
	"90919293949596979899"

// wholePow10 holds the powers of ten of 64 bits, for counting digits.
var wholePow10 = [...]uint64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// countDigits returns how many decimal digits v, which is not 0, has. Its bits give the count or one less: 1233/4096 is
// a little more than the decimal logarithm of 2.
func countDigits(v uint64) int {
	n := bits.Len64(v) * 1233 >> 12
	if v >= wholePow10[n] {
		n++
	}
	return n
}

// appendUint appends v in decimal, writing pairs of digits straight to where they belong.
func appendUint(dst []byte, v uint64) []byte {
	if v < 10 {
		return append(dst, '0'+byte(v))
	}
	n := len(dst) + countDigits(v)
	dst = slices.Grow(dst, maxExact+1)[:n]
	i := n
	for v >= 100 {
		pair := v % 100 * 2
		v /= 100
		i -= 2
		dst[i], dst[i+1] = digitPairs[pair], digitPairs[pair+1]
	}
	if v >= 10 {
		dst[i-2], dst[i-1] = digitPairs[v*2], digitPairs[v*2+1]
	} else {
		dst[i-1] = '0' + byte(v)
	}
	return dst
}

func appendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return appendUint(append(dst, '-'), -uint64(v))
	}
	return appendUint(dst, uint64(v))
}

// appendDouble appends the shortest JSON number that reads back as v, or the quoted name of what is not a number.
func appendDouble(dst []byte, v float64) []byte {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return appendNotNumber(dst, v)
	}
	if short, ok := appendShortDecimal(dst, v); ok {
		return short
	}
	return appendShortest(dst, v, 64)
}

func appendFloat(dst []byte, v float32) []byte {
	wide := float64(v)
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

// appendShortDecimal handles numbers that people write: up to 15 digits, at most six of them fractional. Such a decimal
// m/10^k is the only one of its length that is nearest to v, so if dividing gives v again, it is the shortest form.
func appendShortDecimal(dst []byte, v float64) ([]byte, bool) {
	const digits15 = 1e15
	abs := math.Abs(v)
	if abs < 1e-6 || abs >= digits15/1e6 {
		if whole := int64(v); abs >= 1 && abs < digits15 && float64(whole) == v {
			return appendInt(dst, whole), true
		}
		return dst, false
	}
	whole := uint64(abs)
	if float64(whole) == abs {
		return appendInt(dst, int64(v)), true
	}
	m := uint64(abs*1e6 + 0.5)
	if float64(m)/1e6 != abs {
		return dst, false
	}
	if v < 0 {
		dst = append(dst, '-')
	}
	dst = appendUint(dst, m/1e6)
	return appendFraction(append(dst, '.'), m%1e6), true
}

// appendFraction appends millionths as a decimal fraction without trailing zeros.
func appendFraction(dst []byte, millionths uint64) []byte {
	high, low := millionths/1000, millionths%1000
	dst = append(dst, '0'+byte(high/100), '0'+byte(high/10%10), '0'+byte(high%10),
		'0'+byte(low/100), '0'+byte(low/10%10), '0'+byte(low%10))
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
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
