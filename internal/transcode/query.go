package transcode

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxParameters is how many parameters a query may have.
const maxParameters = 1000

// query reads the parameters of a URL, or of a form, into the fields of one message.
type query struct {
	message *Message
	name    string     // of where the parameters stand, in errors
	bound   [][]*field // fields that the path or the body gives; no parameter may touch them
	skipped string     // a parameter that is for somebody else
}

// appendWire appends the fields that the raw query of a URL gives, in its order. A name is the path of a field, each
// part in its JSON or proto spelling, or of a map's entry: filter.price.units, labels[color].
func (q *query) appendWire(dst []byte, raw string) ([]byte, error) {
	given := givenPool.Get().(*givens)
	defer given.free()
	for count := 0; raw != ""; count++ {
		if count == maxParameters {
			return dst, parameterError(q.name, "holds more than %d parameters", maxParameters)
		}
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		rawName, rawText, _ := strings.Cut(pair, "=")
		name, ok := unescape(rawName)
		if !ok {
			return dst, parameterError(rawName, "the name holds a broken percent-encoding")
		}
		if name == q.skipped && name != "" {
			continue
		}
		text, ok := unescape(rawText)
		if !ok {
			return dst, parameterError(name, "the value holds a broken percent-encoding: %q", rawText)
		}
		var err error
		if dst, err = q.appendPair(dst, name, text, given); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// onlySkipped tells whether all parameters are for somebody else.
func (q *query) onlySkipped(raw string) bool {
	for pair := range strings.SplitSeq(raw, "&") {
		rawName, _, _ := strings.Cut(pair, "=")
		if name, ok := unescape(rawName); pair != "" && (!ok || q.skipped == "" || name != q.skipped) {
			return false
		}
	}
	return true
}

func (q *query) appendPair(dst []byte, name, text string, given *givens) ([]byte, error) {
	codec := q.message.codec
	path, key, isEntry := name, "", false
	if inside, ok := strings.CutSuffix(name, "]"); ok && strings.Contains(inside, "[") {
		path, key, isEntry = strings.Cut(inside, "[")
	}
	fields, err := q.message.walk(path, name)
	switch {
	case err != nil && codec.opts.Unknown == IgnoreUnknown && fields == nil:
		return dst, nil
	case err != nil:
		return dst, err
	case q.isBound(fields):
		if codec.opts.Unknown == IgnoreUnknown {
			return dst, nil
		}
		return dst, parameterError(name, "the field is given by the path or the body and can not be set by the %s", q.name)
	}
	if q.rivals(fields) {
		return dst, parameterError(name, "another field of the same oneof is given by the path or the body")
	}
	f := fields[len(fields)-1]
	switch {
	case isEntry && f.card != mapping:
		return dst, parameterError(name, "the field is not a map")
	case !isEntry && f.card == mapping:
		return dst, parameterError(name, "the field is a map; give its entries as %s[key]=value", name)
	}
	if err := given.add(fields, key, name); err != nil {
		return dst, err
	}
	return appendNested(dst, fields[:len(fields)-1], func(dst []byte) ([]byte, error) {
		if isEntry {
			return codec.appendEntryText(dst, f, name, key, text)
		}
		return codec.appendParameter(dst, f, name, text)
	})
}

func (c *Codec) appendEntryText(dst []byte, f *field, name, key, text string) ([]byte, error) {
	dst = append(dst, f.tag...)
	start := len(dst)
	dst = append(beginLength(dst, 1), f.mapKey.tag...)
	if yes, err := strconv.ParseBool(key); err == nil && f.mapKey.kind == protoreflect.BoolKind {
		key = strconv.FormatBool(yes) // in a URL, 1 and T are true too
	}
	dst, ok := appendMapKey(dst, f.mapKey.kind, []byte(key))
	if !ok {
		return dst, parameterError(name, "expected a key that is %s, found %q", keyNames[f.mapKey.kind], key)
	}
	dst, err := c.appendParameter(dst, f.mapVal, name, text)
	if err != nil {
		return dst, err
	}
	dst, _ = endLength(dst, start, 1)
	return dst, nil
}

// walk follows a dotted path of names. Without a field of the first name it returns no fields and an error.
func (m *Message) walk(path, name string) ([]*field, error) {
	var fields []*field
	for {
		part, rest, more := strings.Cut(path, ".")
		f := m.byName[part]
		if f == nil {
			return nil, parameterError(name, "%s", strings.Replace(m.unknownField(part), "unknown field", "unknown parameter", 1))
		}
		fields = append(fields, f)
		if !more {
			return fields, nil
		}
		if f.message == nil || f.card != singular {
			return fields, parameterError(name, "%q is not a message and has no field %q", part, rest)
		}
		m, path = f.message, rest
	}
}

// isBound tells whether the parameter is, holds, or lies within a field that is given elsewhere.
func (q *query) isBound(fields []*field) bool {
	return slices.ContainsFunc(q.bound, func(bound []*field) bool {
		n := min(len(bound), len(fields))
		return slices.Equal(bound[:n], fields[:n])
	})
}

// rivals tells whether the parameter would set another member of a oneof than the path or the body does.
func (q *query) rivals(fields []*field) bool {
	return slices.ContainsFunc(q.bound, func(bound []*field) bool {
		for i := range min(len(bound), len(fields)) {
			if b, f := bound[i], fields[i]; b != f {
				return b.oneof && f.oneof && b.slot == f.slot
			}
		}
		return false
	})
}

// givens remembers which singular fields and map entries, and which members of oneofs, the query has given.
type givens struct {
	ids  []byte
	seen []givenID
}

var givenPool = sync.Pool{New: func() any { return new(givens) }}

func (g *givens) free() {
	g.ids, g.seen = g.ids[:0], g.seen[:0]
	givenPool.Put(g)
}

type givenID struct {
	start, end int    // in ids
	member     *field // of a oneof; nil for a field
}

func (g *givens) add(fields []*field, key, name string) error {
	start := len(g.ids)
	for i, f := range fields {
		if f.oneof {
			if other, ok := g.find(start, f); ok && other != f {
				return parameterError(name, "another field of the same oneof is given too: %s", other.name)
			} else if !ok {
				g.keep(start, f)
				start = g.restart(fields[:i])
			}
		}
		g.ids = appendRow(g.ids, f)
	}
	if leaf := fields[len(fields)-1]; leaf.card == list {
		g.ids = g.ids[:start]
		return nil
	}
	g.ids = append(g.ids, key...)
	if _, ok := g.find(start, nil); ok {
		return parameterError(name, "the parameter is given more than once")
	}
	g.seen = append(g.seen, givenID{start: start, end: len(g.ids)})
	return nil
}

// find looks for the id that stands behind start.
func (g *givens) find(start int, member *field) (*field, bool) {
	for _, s := range g.seen {
		if (s.member == nil) != (member == nil) || member != nil && s.member.slot != member.slot {
			continue
		}
		if bytes.Equal(g.ids[s.start:s.end], g.ids[start:]) {
			return s.member, true
		}
	}
	return nil, false
}

// keep remembers the member of a oneof under the id of the message it stands in.
func (g *givens) keep(start int, member *field) {
	g.seen = append(g.seen, givenID{start: start, end: len(g.ids), member: member})
}

// restart begins a copy of the id of the message that the fields lead to.
func (g *givens) restart(fields []*field) int {
	start := len(g.ids)
	for _, f := range fields {
		g.ids = appendRow(g.ids, f)
	}
	return start
}

func appendRow(dst []byte, f *field) []byte {
	return append(dst, byte(f.index), byte(f.index>>8))
}

// unescape decodes percent-encoding and plus signs.
func unescape(s string) (string, bool) {
	if !strings.ContainsAny(s, "%+") {
		return s, true
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			out = append(out, ' ')
		case '%':
			if len(s)-i < 3 {
				return "", false
			}
			high, low := hexDigit(s[i+1]), hexDigit(s[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			out = append(out, byte(high<<4|low))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return string(out), true
}
