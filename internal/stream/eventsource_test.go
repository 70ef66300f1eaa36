package stream_test

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
)

// message is an event as a browser dispatches it.
type message struct{ id, kind, data string }

// eventSource interprets an event stream by the steps of the HTML standard, 9.2.6.
type eventSource struct {
	in       *bufio.Reader
	cr       bool // the last byte was a carriage return
	retry    int
	lastID   string
	comments int
	data     strings.Builder
	kind     string
}

func newEventSource(r io.Reader) *eventSource { return &eventSource{in: bufio.NewReader(r)} }

// line reads up to a line feed, a carriage return, or both.
func (s *eventSource) line() (string, error) {
	var b strings.Builder
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			return "", err // an incomplete line, like an incomplete event, counts for nothing
		}
		half := s.cr && c == '\n'
		s.cr = c == '\r'
		switch {
		case half:
		case c == '\r' || c == '\n':
			return b.String(), nil
		default:
			b.WriteByte(c)
		}
	}
}

// next returns the next event that has data.
func (s *eventSource) next() (message, error) {
	for {
		line, err := s.line()
		if err != nil {
			return message{}, err
		}
		if line != "" {
			s.field(line)
			continue
		}
		data, kind := s.data.String(), s.kind
		s.data.Reset()
		s.kind = ""
		if data == "" {
			continue
		}
		if kind == "" {
			kind = "message"
		}
		return message{s.lastID, kind, strings.TrimSuffix(data, "\n")}, nil
	}
}

func (s *eventSource) field(line string) {
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	switch name {
	case "":
		s.comments++
	case "event":
		s.kind = value
	case "data":
		s.data.WriteString(value + "\n")
	case "id":
		if !strings.Contains(value, "\x00") {
			s.lastID = value
		}
	case "retry":
		if ms, err := strconv.Atoi(value); err == nil {
			s.retry = ms
		}
	}
}

// all returns the events of a stream that has ended.
func (s *eventSource) all(t *testing.T) []message {
	t.Helper()
	var all []message
	for {
		m, err := s.next()
		if errors.Is(err, io.EOF) {
			return all
		}
		do(t, err)
		all = append(all, m)
	}
}
