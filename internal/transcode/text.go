package transcode

import (
	"encoding/base64"
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
	"unsafe"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// unfit marks, by the high bit of its byte, the first byte of w (lowest first) that is not ASCII or that a JSON string
// can not hold as it is: a control character, a quote, or a backslash. Marks above the first may be wrong. Inverting
// one bit puts the quote right behind the control characters, so that one comparison finds both.
func unfit(w uint64) uint64 {
	return ((w ^ ('"'^' ')*ones) - (' '+1)*ones) | ((w ^ '\\'*ones) - ones) | w
}

// special is unfit without what is not ASCII, and without the bits that are no marks.
func special(w uint64) uint64 { return unfit(w) & ^w & highs }

// plain returns the index at or behind i of the first byte of b that is special, and whether all before it is ASCII.
func plain(b []byte, i int) (end int, ascii bool) {
	var high uint64
	for ; i+32 <= len(b); i += 32 { // four words at a time, as long as there is nothing special
		c := b[i : i+32 : i+32]
		w, x := binary.LittleEndian.Uint64(c), binary.LittleEndian.Uint64(c[8:])
		y, z := binary.LittleEndian.Uint64(c[16:]), binary.LittleEndian.Uint64(c[24:])
		if special(w)|special(x)|special(y)|special(z) != 0 {
			break
		}
		high |= w | x | y | z
	}
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		if s := special(w); s != 0 {
			n := bits.TrailingZeros64(s) &^ 7
			return i + n>>3, (high|w&(1<<n-1))&highs == 0
		}
		high |= w
	}
	for ; i < len(b); i++ {
		c := b[i]
		if c < ' ' || c == '"' || c == '\\' {
			break
		}
		high |= uint64(c)
	}
	return i, high&highs == 0
}

// isClean tells whether s, of at least eight bytes, is ASCII and can stand in a JSON string as it is. The last word
// overlaps the one before where the words do not divide s evenly.
func isClean(s []byte) bool {
	found := unfit(binary.LittleEndian.Uint64(s[len(s)-8:]))
	for ; len(s) >= 32; s = s[32:] {
		found |= unfit(binary.LittleEndian.Uint64(s)) | unfit(binary.LittleEndian.Uint64(s[8:])) |
			unfit(binary.LittleEndian.Uint64(s[16:])) | unfit(binary.LittleEndian.Uint64(s[24:]))
	}
	for ; len(s) >= 8; s = s[8:] {
		found |= unfit(binary.LittleEndian.Uint64(s))
	}
	return found&highs == 0
}

// appendString appends s as a JSON string. It reports false if s is not UTF-8.
func appendString(dst, s []byte) ([]byte, bool) {
	dst = append(dst, '"')
	switch {
	case len(s) < 8:
		if w := word(s); unfit(w|(' '*ones)<<(8*len(s)))&highs == 0 {
			n := len(dst)
			dst = slices.Grow(dst, 9)[:n+9]
			binary.LittleEndian.PutUint64(dst[n:], w)
			n += len(s)
			dst[n] = '"'
			return dst[:n+1], true
		}
	case isClean(s): // nearly always
		dst = append(dst, s...)
		return append(dst, '"'), true
	}
	end, ascii := plain(s, 0)
	return appendEscaped(dst, s, 0, end, ascii)
}

// word returns the up to seven bytes of s, the first in the lowest. What is read twice is the same.
func word(s []byte) uint64 {
	switch n := len(s); {
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(s)) | uint64(binary.LittleEndian.Uint32(s[n-4:]))<<(8*(n-4))
	case n > 0:
		return uint64(s[0]) | uint64(s[n/2])<<(8*(n/2)) | uint64(s[n-1])<<(8*(n-1))
	default:
		return 0
	}
}

// appendEscaped appends s from i and the closing quote; plain has found that s can stand as it is from i to end.
func appendEscaped(dst, s []byte, i, end int, ascii bool) ([]byte, bool) {
	for {
		if !ascii && !utf8.Valid(s[i:end]) {
			return dst, false
		}
		dst = append(dst, s[i:end]...)
		if end == len(s) {
			return append(dst, '"'), true
		}
		dst = appendEscape(dst, s[end])
		i = end + 1
		end, ascii = plain(s, i)
	}
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	default:
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
}

func appendBase64(dst, b []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}

// appendBytes appends the bytes that base64 text stands for, in either alphabet, padded or not.
func appendBytes(dst, text []byte) ([]byte, bool) {
	enc, url := base64.StdEncoding, false
	for _, c := range text {
		url = url || c == '-' || c == '_'
	}
	switch padded := len(text)%4 == 0; {
	case url && padded:
		enc = base64.URLEncoding
	case url:
		enc = base64.RawURLEncoding
	case !padded:
		enc = base64.RawStdEncoding
	}
	dst, err := enc.AppendDecode(dst, text)
	return dst, err == nil
}

// view is b as a string that shares its memory, for functions that take strings and do not keep them.
func view(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // b outlives every use of the string
}
