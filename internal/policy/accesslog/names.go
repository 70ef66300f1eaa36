package accesslog

import (
	"bytes"
	"unicode/utf8"
)

const (
	// maxName is the longest name that is looked at. One that is longer is secret, to be on the safe side.
	maxName = 256
	// maxSegments is how many parts a name may have, likewise.
	maxSegments = 16
)

// Names are the names of parameters, in all their spellings: upper and lower case, with underscores or without, as
// user.password or user[password]. It is not changed once it is made. Nil is none.
type Names struct{ set map[string]struct{} }

// NewNames returns a set of names, of fields or of parameters, with the names of messages before them where that is needed:
// card.number. What is below a name is secret with it.
func NewNames(names ...string) *Names {
	n := &Names{set: make(map[string]struct{}, len(names))}
	for _, name := range names {
		n.set[string(normalized(nil, name))] = struct{}{}
	}
	return n
}

// has tells whether a name that is normalized has one of the set in it, as a whole or as some of its parts.
func (n *Names) has(name []byte) bool {
	if n == nil || len(n.set) == 0 {
		return false
	}
	for from := 0; ; {
		for to := from; to <= len(name); to++ {
			if to < len(name) && name[to] != '.' {
				continue
			}
			if _, ok := n.set[string(name[from:to])]; ok {
				return true
			}
		}
		dot := bytes.IndexByte(name[from:], '.')
		if dot < 0 {
			return false
		}
		from += dot + 1
	}
}

// alike are what is secret whatever else is in the name: new_password, client_secret, X-Amz-Signature.
var alike = [][]byte{
	[]byte("accesskey"), []byte("apikey"), []byte("credential"), []byte("passphrase"), []byte("passwd"), []byte("password"),
	[]byte("privatekey"), []byte("secret"), []byte("signature"), []byte("token"),
}

// usual are what is secret as a name, or as a part of one.
var usual = NewNames(
	"assertion", "auth", "authorization", "bearer", "code", "code_verifier", "cvc", "cvv", "jsessionid", "jwt", "key", "otp", "pass",
	"passcode", "phpsessid", "pin", "pwd", "saml_response", "sas", "session", "session_id", "sid", "sig", "ticket",
)

// pageToken is no secret: it says where a list goes on, and without it nobody sees which page was slow.
var pageToken = []byte("pagetoken")

// secrets are the names that are secret beside the usual ones: the configuration's and the method's.
type secrets [2]*Names

// isSecret tells whether a parameter's values are secret.
func isSecret[T text](s secrets, name T) bool {
	if len(name) > maxName {
		return true
	}
	var room [maxName]byte
	n := normalized(room[:0], name)
	if bytes.Count(n, []byte(".")) >= maxSegments {
		return true
	}
	if usual.has(n) || s[0].has(n) || s[1].has(n) {
		return true
	}
	n = bytes.TrimSuffix(n, pageToken)
	for _, word := range alike {
		if bytes.Contains(n, word) {
			return true
		}
	}
	return false
}

// normalized appends a name in its one spelling: decoded, in lower case, without _ and -, and with a dot between its parts.
func normalized[T text](b []byte, name T) []byte {
	begin := len(b)
	b = decoded(append(b, name...), begin)
	n := b[:begin]
	for _, c := range b[begin:] {
		switch {
		case c >= 'A' && c <= 'Z':
			n = append(n, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= utf8.RuneSelf:
			n = append(n, c)
		case c == '_' || c == '-' || c == ' ' || c == '+':
		case len(n) > begin && n[len(n)-1] != '.':
			n = append(n, '.')
		}
	}
	if len(n) > begin && n[len(n)-1] == '.' {
		n = n[:len(n)-1]
	}
	return n
}

// decoded decodes what follows the first bytes, in place, as often as somebody may have encoded it.
func decoded(b []byte, from int) []byte {
	const most = 3
	for range most {
		if bytes.IndexByte(b[from:], '%') < 0 {
			break
		}
		b = unescaped(b, from)
	}
	return b
}

func unescaped(b []byte, from int) []byte {
	n := b[:from]
	for i := from; i < len(b); i++ {
		c := b[i]
		if c == '%' && i+2 < len(b) {
			high, low := digit(b[i+1]), digit(b[i+2])
			if high >= 0 && low >= 0 {
				c = byte(high<<4 | low)
				i += 2
			}
		}
		n = append(n, c)
	}
	return n
}

// digit is the value of one that is hexadecimal, -1 for none.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		return int(c|0x20-'a') + 10
	default:
		return -1
	}
}
