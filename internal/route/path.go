package route

import (
	"fmt"
	"strings"
)

// PathError says why a request's path is refused before any route is looked for.
type PathError struct {
	// Offset is the byte of the escaped path at which the trouble begins, counted from 0.
	Offset int
	// Problem is what is wrong, for people. It repeats nothing of the path.
	Problem string
}

func (e *PathError) Error() string { return fmt.Sprintf("path offset %d: %s", e.Offset, e.Problem) }

// CheckPath explains [BadPath]; it returns nil or a [*PathError]. An escaped path is refused if it
//
//   - does not begin with a slash (so is the "*" of OPTIONS *, which is the server's to answer),
//   - has a percent sign without two hexadecimal digits behind it,
//   - has a segment "." or "..", its dots encoded or not. Clients and proxies resolve such segments before they send,
//     so what still arrives was put there by hand; bound to ** it would lead an upstream out of the place that the
//     template, and every policy on it, names. In the last segment that holds with and without what may be a verb.
func CheckPath(path string) error {
	path = orRoot(path)
	if path[0] != '/' {
		return &PathError{Offset: 0, Problem: `the path must begin with "/"`}
	}
	if i := badEscape(path); i >= 0 {
		return &PathError{Offset: i, Problem: "a percent sign must be followed by two hexadecimal digits"}
	}
	if i := dotSegment(path); i >= 0 {
		return &PathError{Offset: i, Problem: `the segments "." and ".." are not accepted, encoded or not`}
	}
	return nil
}

// isSafe is CheckPath for the many: it looks closer only where there is a percent sign or a dot after a slash.
func isSafe(path string) bool {
	if path[0] != '/' {
		return false
	}
	if strings.IndexByte(path, '%') < 0 && !strings.Contains(path, "/.") {
		return true
	}
	return badEscape(path) < 0 && dotSegment(path) < 0
}

func orRoot(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

func badEscape(path string) int {
	for i := 0; i < len(path); i++ {
		if path[i] != '%' {
			continue
		}
		if i+2 >= len(path) || !isHex(path[i+1]) || !isHex(path[i+2]) {
			return i
		}
		i += 2
	}
	return -1
}

// dotSegment returns the offset of the first dot segment, or -1. The path's escapes are well formed.
func dotSegment(path string) int {
	for start := 1; start <= len(path); {
		segment, _, found := strings.Cut(path[start:], "/")
		if isDots(segment) {
			return start
		}
		if colon := strings.LastIndexByte(segment, ':'); !found && colon >= 0 && isDots(segment[:colon]) {
			return start
		}
		start += len(segment) + 1
	}
	return -1
}

// isDots reports whether a segment decodes to one dot or two.
func isDots(segment string) bool {
	dots := 0
	for segment != "" {
		switch {
		case segment[0] == '.':
			segment = segment[1:]
		case len(segment) >= 3 && (segment[:3] == "%2e" || segment[:3] == "%2E"):
			segment = segment[3:]
		default:
			return false
		}
		dots++
	}
	return dots == 1 || dots == 2
}

// split finds the ends of as many segments as the deepest template has, and the colon of the last one.
func (s *search) split() {
	if len(s.path) == 1 {
		s.colon = -1
		return
	}
	for at := 1; ; at = s.ends[s.count-1] + 1 {
		if s.count == s.trie.depth {
			s.more = true
			break
		}
		length := strings.IndexByte(s.path[at:], '/')
		if length < 0 {
			s.ends[s.count] = len(s.path)
			s.count++
			break
		}
		s.ends[s.count] = at + length
		s.count++
	}
	s.findVerb()
}

// findVerb looks for the last colon of the last segment. An encoded colon is none, and neither is one at the very end.
func (s *search) findVerb() {
	s.colon = len(s.path) - 1
	for s.path[s.colon] != ':' {
		if s.path[s.colon] == '/' {
			s.colon = -1
			return
		}
		s.colon--
	}
	if s.verb = decoded(s.path[s.colon+1:], false); s.verb == "" {
		s.colon = -1
	}
}

// start is the offset of segment i. Behind the last segment that is one past the end of the path.
func (s *search) start(i int) int {
	if i == 0 {
		return 1
	}
	return s.ends[i-1] + 1
}
