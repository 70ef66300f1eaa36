package httprule

import "strings"

// Kind tells what a segment matches.
type Kind uint8

const (
	// Literal matches one segment with exactly this text, compared percent-decoded.
	Literal Kind = iota
	// Star, written *, matches any one segment that is not empty.
	Star
	// DoubleStar, written **, matches zero or more segments.
	DoubleStar
)

// Segment is what stands between two slashes of a template, or between a slash and an end.
type Segment struct {
	Kind Kind
	// Literal is the text of a Literal, percent-decoded; it may hold any byte, even a slash. Empty for wildcards.
	Literal string
}

// Variable is a field that a part of the path is bound to.
type Variable struct {
	// FieldPath is the names from the request message down to the field, at least one.
	FieldPath []string
	// Start and End are the first segment bound and the one after the last, as indexes of Template.Segments.
	Start, End int
	// Multi says that the value may span several segments, which changes how it is percent-decoded: in /v1/{name=a/*}
	// and /v1/{name=**} it may, in /v1/{name} and /v1/{name=a} it does not.
	Multi bool
}

// Name is the field path with dots, as it is written in a template.
func (v Variable) Name() string { return strings.Join(v.FieldPath, ".") }

// Template is one parsed path template. The zero value is "/".
type Template struct {
	Segments []Segment
	// Verb is the custom verb without its colon, percent-decoded, or empty.
	Verb string
	// Variables stand in the order of the template and do not overlap.
	Variables []Variable
}

// String returns the canonical spelling: {id} for {id=*}, and percent-encoding only where it is needed.
func (t Template) String() string {
	if len(t.Segments) == 0 {
		return "/"
	}
	var b strings.Builder
	rest := t.Variables
	for i := 0; i < len(t.Segments); {
		b.WriteByte('/')
		if len(rest) > 0 && rest[0].Start == i {
			t.writeVariable(&b, rest[0])
			i, rest = rest[0].End, rest[1:]
			continue
		}
		t.writeSegment(&b, i)
		i++
	}
	if t.Verb != "" {
		b.WriteByte(':')
		writeLiteral(&b, t.Verb, false)
	}
	return b.String()
}

func (t Template) writeVariable(b *strings.Builder, v Variable) {
	b.WriteByte('{')
	b.WriteString(v.Name())
	if v.End-v.Start != 1 || t.Segments[v.Start].Kind != Star {
		for i, separator := v.Start, byte('='); i < v.End; i, separator = i+1, '/' {
			b.WriteByte(separator)
			t.writeSegment(b, i)
		}
	}
	b.WriteByte('}')
}

func (t Template) writeSegment(b *strings.Builder, i int) {
	switch t.Segments[i].Kind {
	case Literal:
		writeLiteral(b, t.Segments[i].Literal, i < len(t.Segments)-1)
	case Star:
		b.WriteByte('*')
	case DoubleStar:
		b.WriteString("**")
	}
}
