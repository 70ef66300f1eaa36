package httprule

import "fmt"

// SyntaxError says why a text is not a path template.
type SyntaxError struct {
	// Template is the whole text.
	Template string
	// Offset is the byte of Template at which the trouble begins, counted from 0.
	Offset int
	// Problem is what is wrong, for people.
	Problem string
	// Remedy is what would be right, for people.
	Remedy string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("path template %q: offset %d: %s; %s", e.Template, e.Offset, e.Problem, e.Remedy)
}
