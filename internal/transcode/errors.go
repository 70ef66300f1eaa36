package transcode

import (
	"errors"
	"fmt"
	"strconv"
)

// Error is what is wrong with a request: where, what was expected, and what stood there.
type Error struct {
	// Path names the place: a JSON path such as $.items[3].price.units in a body, the name of a parameter otherwise.
	Path string
	// Offset is the byte in the body at which the trouble begins, or -1 outside of bodies.
	Offset int
	// Reason is what was expected and what stood there, for people.
	Reason string
}

func (e *Error) Error() string {
	if e.Offset < 0 {
		return e.Path + ": " + e.Reason
	}
	return fmt.Sprintf("%s (offset %d): %s", e.Path, e.Offset, e.Reason)
}

// at puts a step in front of the path of an error that comes up from within.
func at(err error, step string) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Path = step + e.Path
	}
	return err
}

func atIndex(err error, i int) error { return at(err, "["+strconv.Itoa(i)+"]") }

// rooted completes the path of an error that has come up to the top of a body.
func rooted(err error) error {
	if err == nil {
		return nil
	}
	return at(err, "$")
}

func parameterError(name, format string, args ...any) error {
	return &Error{Path: name, Offset: -1, Reason: fmt.Sprintf(format, args...)}
}

// nearest returns the field whose name is most like name, if one is like it at all.
func (m *Message) nearest(name string) (string, bool) {
	best, distance := "", min(len(name)/2, 3)+1
	for i := range m.fields {
		for _, known := range []string{m.fields[i].name, m.fields[i].text} {
			if d := editDistance(name, known, distance); d < distance {
				best, distance = known, d
			}
		}
	}
	return best, best != ""
}

// unknownField tells which name is not known and which one may have been meant.
func (m *Message) unknownField(name string) string {
	const longest = 64
	if len(name) > longest {
		name = name[:longest] + "…"
	}
	if known, ok := m.nearest(name); ok {
		return fmt.Sprintf("unknown field %q; did you mean %q?", name, known)
	}
	return fmt.Sprintf("unknown field %q", name)
}

// editDistance is the number of letters to insert, delete, replace or swap with their neighbour to get from a to b;
// anything from limit on is given as limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if lower(a[i-1]) == lower(b[j-1]) {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
