package accesslog

import (
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// cut marks the end of a value that was longer.
const cut = "…"

// plain are the bytes that stand for themselves.
var plain = func() (plain [256]bool) {
	for c := byte(' '); c < 0x7f; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

// text is what can be appended.
type text interface{ ~string | ~[]byte }

// appendString appends a JSON string of a text, of which it takes so many bytes at most. Whatever is not printable is
// escaped, and what is no UTF-8 is replaced.
func appendString[T text](b []byte, s T, most int) []byte {
	long := len(s) > most
	if long {
		s = s[:most]
	}
	b = append(b, '"')
	from := 0 // of what needs no escape
	for i := 0; i < len(s); {
		if plain[s[i]] {
			i++
			continue
		}
		r, size := decodeRune(s[i:])
		if r != utf8.RuneError && r >= utf8.RuneSelf && unicode.IsPrint(r) {
			i += size
			continue
		}
		b = append(b, s[from:i]...)
		if long && r == utf8.RuneError && len(s)-i < utf8.UTFMax {
			from = len(s) // the rune that was cut through
			break
		}
		b = appendEscape(b, r)
		i += size
		from = i
	}
	b = append(b, s[from:]...)
	if long {
		b = append(b, cut...)
	}
	return append(b, '"')
}

func decodeRune[T text](s T) (rune, int) {
	var room [utf8.UTFMax]byte
	return utf8.DecodeRune(room[:copy(room[:], s)])
}

func appendEscape(b []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(b, '\\', byte(r))
	case r > 0xffff: // in UTF-16, as two
		r -= 0x10000
		return appendEscape(appendEscape(b, 0xd800+r>>10), 0xdc00+r&0x3ff)
	default:
		const hex = "0123456789abcdef"
		return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
	}
}

// appendMilliseconds appends a duration in milliseconds, to the microsecond.
func appendMilliseconds(b []byte, d time.Duration) []byte {
	us := max(d, 0).Microseconds()
	b = strconv.AppendInt(b, us/1000, 10)
	return append(b, '.', byte('0'+us/100%10), byte('0'+us/10%10), byte('0'+us%10))
}
