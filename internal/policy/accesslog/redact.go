package accesslog

import (
	"bytes"
	"strings"
)

const (
	// redacted stands for what is secret.
	redacted = "redacted"
	// tokenBegin is how JSON Web Tokens begin: {" in base64.
	tokenBegin = "eyJ"
)

// split cuts a request's target into its path and the rest, which begins with its delimiter.
func split(target string) (path, query string) {
	if i := strings.IndexAny(target, "?#"); i >= 0 {
		return target[:i], target[i:]
	}
	return target, ""
}

// appendPath appends a path without the user information of a URL in it, the values of secret parameters of its segments,
// as in /a;session=1, and tokens.
func appendPath(b []byte, path string, s secrets) []byte {
	if !strings.ContainsAny(path, "@;") && !strings.Contains(path, tokenBegin) {
		return append(b, path[:min(len(path), maxURL+1)]...) // one more than is logged shows that it was longer
	}
	authority := false // follows, since there are two slashes
	for more := true; more && len(b) <= maxURL; {
		var segment string
		segment, path, more = strings.Cut(path, "/")
		if at := strings.LastIndexByte(segment, '@'); authority && at >= 0 {
			b, segment = append(b, redacted...), segment[at:]
		}
		authority = segment == ""
		name, parameters, ok := strings.Cut(segment, ";")
		b = appendPiece(b, name, s)
		if ok {
			b = appendPiece(append(b, ';'), parameters, s)
		}
		if more {
			b = append(b, '/')
		}
	}
	return b
}

// appendQuery appends what follows the path, without the values of secret parameters.
func appendQuery(b []byte, query string, s secrets) []byte {
	if query == "" {
		return b
	}
	b, query = append(b, query[0]), query[1:]
	for more := true; more && len(b) <= maxURL; {
		var piece string
		piece, query, more = strings.Cut(query, "&")
		b = appendPiece(b, piece, s)
		if more {
			b = append(b, '&')
		}
	}
	return b
}

// appendPiece appends name=value, or what has no name. Only & ends a value: where ; or ? are meant to, they are in it, and
// a secret after them makes the value secret.
func appendPiece(b []byte, piece string, s secrets) []byte {
	name, value, ok := strings.Cut(piece, "=")
	switch {
	case tells(s, name):
		return append(b, redacted...)
	case ok && (isSecret(s, name) || tells(s, value)):
		return append(append(append(b, name...), '='), redacted...)
	default:
		return append(b, piece...)
	}
}

// tells reports whether a text holds a secret: a URL with parameters or a password, a filter or JSON that names one, or a
// token.
func tells(s secrets, text string) bool {
	if !strings.ContainsAny(text, "%=:@") && !strings.Contains(text, tokenBegin) {
		return false
	}
	var room [512]byte
	v := decoded(append(room[:0], text...), 0)
	if i := bytes.Index(v, []byte(tokenBegin)); i >= 0 && bytes.Count(v[i:], []byte(".")) > 1 {
		return true
	}
	if _, rest, ok := bytes.Cut(v, []byte("//")); ok && bytes.IndexByte(rest, '@') >= 0 {
		return true
	}
	const most = 64 // names are looked at
	for range most {
		end := bytes.IndexAny(v, "=:")
		if end < 0 {
			return false
		}
		word := bytes.TrimRight(v[:end], "\"'\\ +!<>~")
		if i := bytes.LastIndexFunc(word, notInName); i >= 0 {
			word = word[i+1:]
		}
		if isSecret(s, word) {
			return true
		}
		v = v[end+1:]
	}
	return true
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-.[]", r)
}
