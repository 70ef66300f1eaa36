package stream

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// ReaderOptions are the settings of a [Reader].
type ReaderOptions struct {
	// Max is the most bytes that one value may have. Default 4 MiB.
	Max int
	// Array takes a body whose first value is an array as the list of the values that are meant.
	Array bool
}

// BodyError is what is wrong with a body.
type BodyError struct {
	// Offset is the byte of the body at which the trouble begins, counted from 0.
	Offset int64
	// Problem is what is wrong, for people.
	Problem string
	// TooLarge tells a value that is larger than it may be, which may be well formed, from a body that is not.
	TooLarge bool
}

func (e *BodyError) Error() string { return fmt.Sprintf("body offset %d: %s", e.Offset, e.Problem) }

// Reader takes the body of a request apart into JSON values (RFC 8259). They stand one behind the other, with or without
// white space between, such as the line breaks of NDJSON; or they are the elements of one array.
//
// It finds where values begin and end and looks no closer: brackets that do not match, a number with two points and a
// literal that is none are for those to refuse who read the value. It is for one goroutine.
type Reader struct {
	buffer
	array bool
	place place
	err   error
}

// place is what stands before the next value.
type place uint8

const (
	atStart place = iota
	inSequence
	inArray // behind an element
)

// NewReader returns a reader of the body. It reads no more than it needs for the next value, and what comes with that.
func NewReader(body io.Reader, o ReaderOptions) *Reader {
	if o.Max <= 0 {
		o.Max = 4 << 20
	}
	return &Reader{buffer: buffer{body: body, max: o.Max}, array: o.Array}
}

// Next returns the next value, valid until the next call. A value is returned as soon as it is there in full: at its
// closing bracket or quote, or at the byte behind a number or a literal. io.EOF means that the body was complete.
// Otherwise the error is a [*BodyError], or wraps what reading the body failed with. An error is returned again by every
// further call.
func (r *Reader) Next() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	value, err := r.next()
	r.err = err
	return value, err
}

func (r *Reader) next() ([]byte, error) {
	if err := r.separator(); err != nil {
		return nil, err
	}
	c, more, err := r.peek()
	switch {
	case err != nil:
		return nil, err
	case !more && r.place == inArray:
		return nil, r.notClosed()
	case !more:
		return nil, io.EOF
	case !begins[c]:
		return nil, r.unexpected(c)
	}
	return r.value()
}

// separator takes what stands before a value: nothing, or what an array has there. It returns io.EOF behind an array.
func (r *Reader) separator() error {
	if r.place == inSequence {
		return nil
	}
	c, more, err := r.peek()
	switch {
	case err != nil:
		return err
	case r.place == atStart && (!r.array || c != '['):
		r.place = inSequence
		return nil
	case r.place == atStart:
		r.pos++
		r.place = inArray
		if c, more, err = r.peek(); err == nil && more && c == ']' {
			return r.arrayEnd()
		}
		return err
	case !more:
		return r.notClosed()
	case c == ',':
		r.pos++
		return nil
	case c == ']':
		return r.arrayEnd()
	}
	return r.malformed("expected a comma or the end of the array, found " + describe(c))
}

// arrayEnd takes the bracket that closes the array, and sees to it that nothing follows.
func (r *Reader) arrayEnd() error {
	r.pos++
	switch c, more, err := r.peek(); {
	case err != nil:
		return err
	case more:
		return r.malformed("expected nothing behind the array, found " + describe(c))
	}
	return io.EOF
}

// value takes the value that begins here.
func (r *Reader) value() ([]byte, error) {
	var e extent
	for {
		size, complete := e.follow(r.unread())
		if size > r.max {
			err := r.malformed(fmt.Sprintf("the value that begins here is larger than %d bytes", r.max))
			err.TooLarge = true
			return nil, err
		}
		if !complete {
			more, err := r.fill()
			switch {
			case err != nil:
				return nil, err
			case more:
				continue
			case !e.bare:
				return nil, r.malformed("the body ends before the value that begins here does")
			}
		}
		return r.take(size), nil
	}
}

// peek returns the next byte that is not white space, without taking it; false at the end of the body.
func (r *Reader) peek() (byte, bool, error) {
	for {
		for ; r.pos < len(r.buf); r.pos++ {
			switch c := r.buf[r.pos]; c {
			case ' ', '\t', '\n', '\r':
			default:
				return c, true, nil
			}
		}
		if more, err := r.fill(); err != nil || !more {
			return 0, false, err
		}
	}
}

// unexpected is the error of a byte that no value begins with.
func (r *Reader) unexpected(c byte) *BodyError {
	if r.offset() == 0 && r.begin("\uFEFF") {
		return r.malformed("expected a JSON value, found a byte order mark; send UTF-8 without it")
	}
	return r.malformed("expected a JSON value, found " + describe(c))
}

// begin reports whether the bytes that follow are those of the text.
func (r *Reader) begin(text string) bool {
	for len(r.unread()) < len(text) {
		if more, err := r.fill(); err != nil || !more {
			return false
		}
	}
	return bytes.HasPrefix(r.unread(), []byte(text))
}

func (r *Reader) notClosed() *BodyError { return r.malformed("the body ends before its array does") }

func (r *Reader) malformed(problem string) *BodyError {
	return &BodyError{Offset: r.offset(), Problem: problem}
}

// describe names a byte, for people.
func describe(c byte) string {
	if c < utf8.RuneSelf {
		return strconv.QuoteRune(rune(c))
	}
	return fmt.Sprintf("the byte 0x%X", c)
}
