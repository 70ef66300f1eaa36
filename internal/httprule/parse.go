package httprule

import (
	"fmt"
	"slices"
	"strings"
)

// Parse reads a path template. The error is a [*SyntaxError] and names the first trouble in s.
func Parse(s string) (Template, error) {
	p := parser{src: s, tail: -1}
	if err := p.template(); err != nil {
		return Template{}, err
	}
	return p.out, nil
}

type parser struct {
	src string
	pos int
	// tail is the offset of the ** that has been read, or -1.
	tail int
	out  Template
}

func (p *parser) template() error {
	if !strings.HasPrefix(p.src, "/") {
		return p.fail(0, "no leading slash", `begin with "/"`)
	}
	if p.src == "/" {
		return nil
	}
	for p.pos < len(p.src) && p.src[p.pos] == '/' {
		p.pos++
		if err := p.segment(); err != nil {
			return err
		}
	}
	if p.pos == len(p.src) {
		return nil
	}
	if p.src[p.pos] == ':' {
		return p.verb()
	}
	return p.fail(p.pos, fmt.Sprintf("%q after the end of a segment", p.src[p.pos:p.pos+1]),
		`a wildcard or variable is a whole segment: go on with "/", a ":verb", or end here`)
}

func (p *parser) segment() error {
	if p.peek() == '{' {
		return p.variable()
	}
	end := p.segmentEnd()
	if end == len(p.src) {
		if colon := strings.LastIndexByte(p.src[p.pos:end], ':'); colon >= 0 {
			end = p.pos + colon
		}
	}
	return p.plain(end)
}

// plain reads the wildcard at pos, or the literal from there to end.
func (p *parser) plain(end int) error {
	if p.tail >= 0 {
		return p.afterTail()
	}
	switch rest := p.src[p.pos:]; {
	case strings.HasPrefix(rest, "**"):
		p.tail = p.pos
		p.add(Segment{Kind: DoubleStar}, p.pos+2)
	case strings.HasPrefix(rest, "*"):
		p.add(Segment{Kind: Star}, p.pos+1)
	case end == p.pos:
		return p.fail(p.pos, "an empty segment", "put a literal, *, ** or a {variable} there, or take the slash away")
	default:
		text, err := p.literal(p.pos, end)
		if err != nil {
			return err
		}
		p.add(Segment{Kind: Literal, Literal: text}, end)
	}
	return nil
}

func (p *parser) add(s Segment, end int) {
	p.out.Segments = append(p.out.Segments, s)
	p.pos = end
}

// variable reads from the opening brace at pos to the closing one.
func (p *parser) variable() error {
	open := p.pos
	v := Variable{Start: len(p.out.Segments)}
	var err error
	if v.FieldPath, err = p.fieldPath(); err != nil {
		return err
	}
	if slices.ContainsFunc(p.out.Variables, func(o Variable) bool { return slices.Equal(o.FieldPath, v.FieldPath) }) {
		return p.fail(open, fmt.Sprintf("the variable %q is bound twice", v.Name()), "bind each field once")
	}
	switch p.peek() {
	case '}':
		err = p.implicitStar()
	case '=':
		err = p.variableSegments(open)
	case 0:
		return p.unclosed(open)
	default:
		return p.fail(p.pos, fmt.Sprintf("%q in the name of a variable", p.src[p.pos:p.pos+1]),
			`write a field path of letters, digits, "_" and ".", then "=" or "}"`)
	}
	if err != nil {
		return err
	}
	p.pos++
	v.End = len(p.out.Segments)
	v.Multi = v.End-v.Start > 1 || p.tail >= 0
	p.out.Variables = append(p.out.Variables, v)
	return nil
}

// implicitStar gives {id} the segment of {id=*}.
func (p *parser) implicitStar() error {
	if p.tail >= 0 {
		return p.afterTail()
	}
	p.add(Segment{Kind: Star}, p.pos)
	return nil
}

// fieldPath reads the names behind the brace at pos.
func (p *parser) fieldPath() ([]string, error) {
	var path []string
	for {
		p.pos++
		from := p.pos
		for p.pos < len(p.src) && isIdentByte(p.src[p.pos]) {
			p.pos++
		}
		if from == p.pos || !isIdentStart(p.src[from]) {
			return nil, p.fail(from, "a field name is expected",
				`begin it with a letter or "_", as in {order.id} or {name=shelves/*}`)
		}
		path = append(path, p.src[from:p.pos])
		if p.peek() != '.' {
			return path, nil
		}
	}
}

// variableSegments reads from the equals sign at pos up to, not over, the closing brace.
func (p *parser) variableSegments(open int) error {
	for {
		p.pos++
		end := p.segmentEnd()
		if end == len(p.src) {
			return p.unclosed(open)
		}
		if p.src[end] == '{' {
			return p.fail(end, "a variable inside a variable", "close the outer one first, or name it alone")
		}
		if err := p.plain(end); err != nil {
			return err
		}
		switch p.peek() {
		case '}':
			return nil
		case '/':
		case ':':
			return p.fail(p.pos, "a verb inside a variable", `put it behind the closing brace, at the end of the template`)
		default:
			return p.fail(p.pos, fmt.Sprintf("%q after a wildcard", p.src[p.pos:p.pos+1]),
				`let * or ** be a whole segment: go on with "/" or "}"`)
		}
	}
}

// verb reads from the colon at pos to the end.
func (p *parser) verb() error {
	from := p.pos + 1
	if from == len(p.src) {
		return p.fail(p.pos, "an empty verb", "name the verb or take the colon away")
	}
	if i := strings.IndexAny(p.src[from:], "/:{}"); i >= 0 {
		return p.fail(from+i, fmt.Sprintf("%q in or after the verb", p.src[from+i:from+i+1]),
			"let one verb end the template; write a colon inside of it as %3A")
	}
	var err error
	p.out.Verb, err = p.literal(from, len(p.src))
	return err
}

// segmentEnd is the offset of the delimiter that ends the segment at pos, or the end of the text.
func (p *parser) segmentEnd() int {
	if i := strings.IndexAny(p.src[p.pos:], "/{}"); i >= 0 {
		return p.pos + i
	}
	return len(p.src)
}

// peek returns the byte at pos, or 0 at the end.
func (p *parser) peek() byte {
	if p.pos == len(p.src) {
		return 0
	}
	return p.src[p.pos]
}

func (p *parser) afterTail() error {
	return p.fail(p.tail, "segments follow **", "let ** be the last segment; only a verb may follow it")
}

func (p *parser) unclosed(open int) error {
	return p.fail(open, "the brace is not closed", `add "}"`)
}

func (p *parser) fail(offset int, problem, remedy string) error {
	return &SyntaxError{Template: p.src, Offset: offset, Problem: problem, Remedy: remedy}
}
