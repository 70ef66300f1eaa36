package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

const (
	anything = "<any>" // stands for any text
	further  = "..."   // allows further members and elements
)

// matchText tells whether text is as wanted, in which <any> stands for any text.
func matchText(want, got string) bool {
	pieces := strings.Split(want, anything)
	if len(pieces) == 1 {
		return want == got
	}
	got, ok := strings.CutPrefix(got, pieces[0])
	if !ok {
		return false
	}
	last := pieces[len(pieces)-1]
	for _, piece := range pieces[1 : len(pieces)-1] {
		if _, got, ok = strings.Cut(got, piece); !ok {
			return false
		}
	}
	return strings.HasSuffix(got, last)
}

// readJSON reads one value, its numbers as they stand there.
func readJSON(text string) (any, error) {
	values, err := readValues(text)
	switch {
	case err != nil:
		return nil, err
	case len(values) != 1:
		return nil, fmt.Errorf("%d JSON values, not one", len(values))
	default:
		return values[0], nil
	}
}

// readValues reads values that stand one behind the other.
func readValues(text string) ([]any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var values []any
	for {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
}

// matchJSON returns where a value is not as wanted.
func matchJSON(path string, want, got any) []string {
	if want == anything {
		return nil
	}
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			return matchObject(path, w, g)
		}
	case []any:
		if g, ok := got.([]any); ok {
			return matchList(path, w, g)
		}
	case string:
		if g, ok := got.(string); ok && matchText(w, g) {
			return nil
		}
	case json.Number:
		if g, ok := got.(json.Number); ok && sameNumber(w, g) {
			return nil
		}
	default:
		if want == got {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s: got %s, want %s", path, brief(got), brief(want))}
}

func matchObject(path string, want, got map[string]any) []string {
	var differences []string
	for name, w := range want {
		g, ok := got[name]
		switch {
		case name == further:
		case !ok:
			differences = append(differences, fmt.Sprintf("%s.%s: is missing", path, name))
		default:
			differences = append(differences, matchJSON(path+"."+name, w, g)...)
		}
	}
	if _, open := want[further]; !open {
		for name, g := range got {
			if _, ok := want[name]; !ok {
				differences = append(differences, fmt.Sprintf("%s.%s: got %s, want none", path, name, brief(g)))
			}
		}
	}
	slices.Sort(differences)
	return differences
}

func matchList(path string, want, got []any) []string {
	if last := len(want) - 1; last >= 0 && want[last] == further {
		want = want[:last]
		got = got[:min(len(got), last)]
	}
	if len(want) != len(got) {
		return []string{fmt.Sprintf("%s: got %d elements, want %d: %s", path, len(got), len(want), brief(got))}
	}
	var differences []string
	for i := range want {
		differences = append(differences, matchJSON(path+"["+strconv.Itoa(i)+"]", want[i], got[i])...)
	}
	return differences
}

func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	x, errX := a.Float64()
	y, errY := b.Float64()
	return errX == nil && errY == nil && x == y
}

// brief writes a value for people, the beginning of a long one.
func brief(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return shorten(strings.TrimSuffix(b.String(), "\n"))
}

func shorten(text string) string {
	const most = 400
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
