package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxDepth is how many objects and lists may be in each other.
const maxDepth = 32

// strictObject reads a JSON object of which all readers read the same: no member is given twice, and all is UTF-8. Numbers
// stay as they are written.
func strictObject(text []byte) (map[string]any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8")
	}
	r := strictReader{json.NewDecoder(bytes.NewReader(text))}
	r.UseNumber()
	value, err := r.value(0)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("it is no JSON object")
	}
	if _, err := r.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something after the JSON object")
	}
	return object, nil
}

type strictReader struct{ *json.Decoder }

func (r strictReader) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("it is deeper than %d", maxDepth)
	}
	start, err := r.Token()
	if err != nil {
		return nil, err
	}
	switch start {
	case json.Delim('{'):
		return r.object(depth)
	case json.Delim('['):
		return r.list(depth)
	default:
		return start, nil
	}
}

func (r strictReader) object(depth int) (map[string]any, error) {
	object := map[string]any{}
	for r.More() {
		t, err := r.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string) // the decoder lets nothing else be a name
		if _, twice := object[name]; twice {
			return nil, fmt.Errorf("%q is given twice", name)
		}
		if object[name], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := r.Token()
	return object, err
}

func (r strictReader) list(depth int) ([]any, error) {
	list := []any{}
	for r.More() {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := r.Token()
	return list, err
}
