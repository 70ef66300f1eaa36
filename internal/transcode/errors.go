package transcode

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/gatehouse-edge/gatehouse/internal/spelling"
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

// names are those that fields are known by.
func (m *Message) names(yield func(string) bool) {
	for i := range m.fields {
		if !yield(m.fields[i].name) || !yield(m.fields[i].text) {
			return
		}
	}
}

// unknownField tells which name is not known and which one may have been meant.
func (m *Message) unknownField(name string) string {
	const longest = 64
	if len(name) > longest {
		name = name[:longest] + "…"
	}
	if known, ok := spelling.Nearest(name, m.names); ok {
		return fmt.Sprintf("unknown field %q; did you mean %q?", name, known)
	}
	return fmt.Sprintf("unknown field %q", name)
}
