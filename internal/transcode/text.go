package transcode

import (
	"encoding/base64"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
	"unsafe"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks, by the high bit of its byte, the first byte of w (lowest first) that a JSON string can not hold as it
// is: a control character, a quote, or a backslash. Marks above the first may be wrong.
func special(w uint64) uint64 {
	quote := w ^ '"'*ones
	slash := w ^ '\\'*ones
	return ((w - ' '*ones) | (quote - ones) | (slash - ones)) & ^w & highs
}

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

// appendString appends s as a JSON string. It reports false if s is not UTF-8.
func appendString(dst, s []byte) ([]byte, bool) {
	end, ascii := plain(s, 0)
	if end == len(s) && ascii { // nearly always
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"'), true
	}
	return appendEscaped(append(dst, '"'), s, 0, end, ascii)
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
