package stream

import "bytes"

var (
	// begins are the bytes that a JSON value can begin with.
	begins = set(`{["-0123456789tfn`)
	// structural are the bytes that change what the bytes behind them are.
	structural = set(`{}[]"`)
	// delimiters are the bytes that end a number or a literal.
	delimiters = set(" \t\n\r,:{}[]\"")
)

func set(of string) (s [256]bool) {
	for i := range len(of) {
		s[of[i]] = true
	}
	return s
}

// extent follows one value to its end, however many reads that takes, and looks at every byte once.
type extent struct {
	at     int  // how far it has got
	depth  int  // of brackets that are open
	quoted bool // at stands in a string
	bare   bool // the value is a number or a literal
}

// follow takes all bytes of the value that are known, those of earlier calls included, and returns how many of them
// belong to it and whether they are all of it. The end of the body makes a bare value complete.
func (e *extent) follow(b []byte) (size int, complete bool) {
	if e.at == 0 {
		e.bare = !structural[b[0]]
	}
	if e.bare {
		return e.followBare(b)
	}
	for e.at < len(b) {
		if e.quoted {
			e.closeQuote(b)
		} else {
			e.structure(b)
		}
		if e.depth == 0 && !e.quoted && e.at > 0 {
			return e.at, true
		}
	}
	return len(b), false
}

func (e *extent) followBare(b []byte) (size int, complete bool) {
	for ; e.at < len(b); e.at++ {
		if delimiters[b[e.at]] {
			return e.at, true
		}
	}
	return len(b), false
}

// structure goes behind the next byte that opens or closes something.
func (e *extent) structure(b []byte) {
	i := e.at
	for i < len(b) && !structural[b[i]] {
		i++
	}
	e.at = i
	if i == len(b) {
		return
	}
	switch b[i] {
	case '"':
		e.quoted = true
	case '{', '[':
		e.depth++
	default:
		e.depth--
	}
	e.at++
}

// closeQuote goes behind the next quote, which ends the string unless it is escaped.
func (e *extent) closeQuote(b []byte) {
	n := bytes.IndexByte(b[e.at:], '"')
	if n < 0 {
		e.at = len(b)
		return
	}
	quote := e.at + n
	e.at = quote + 1
	e.quoted = escaped(b[:quote])
}

// escaped reports whether what follows b is escaped: an odd number of backslashes stands before it. A value never begins
// with one, so the count ends within it.
func escaped(b []byte) bool {
	i := len(b)
	for b[i-1] == '\\' {
		i--
	}
	return (len(b)-i)%2 == 1
}
