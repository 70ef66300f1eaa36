package corpus

import (
	"fmt"
	"strings"
)

// event is one server-sent event: its fields, comments left out.
type event map[string]string

func readEvents(text string) []event {
	var all []event
	for block := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		e := event{}
		for field := range strings.SplitSeq(block, "\n") {
			name, value, _ := strings.Cut(field, ":")
			if name == "" {
				continue
			}
			value = strings.TrimPrefix(value, " ")
			if before, ok := e[name]; ok {
				value = before + "\n" + value
			}
			e[name] = value
		}
		if len(e) > 0 {
			all = append(all, e)
		}
	}
	return all
}

// value is the event as a JSON value, its data read as JSON where they are.
func (e event) value() any {
	object := make(map[string]any, len(e))
	for name, text := range e {
		object[name] = text
		if v, err := readJSON(text); name == "data" && err == nil {
			object[name] = v
		}
	}
	return object
}

func eventValues(text string) []any {
	events := readEvents(text)
	values := make([]any, len(events))
	for i, e := range events {
		values[i] = e.value()
	}
	return values
}

// lineValues reads the JSON values of a text that holds one a line.
func lineValues(text string) ([]any, error) {
	var values []any
	for l := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if text == "" {
			break
		}
		v, err := readJSON(l)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", len(values), err)
		}
		values = append(values, v)
	}
	return values, nil
}
