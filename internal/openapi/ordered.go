package openapi

import (
	"iter"
	"reflect"
	"slices"
)

// Map is a JSON object that keeps its keys in the order in which they were first set.
type Map[T any] struct {
	keys   []string
	values map[string]T
}

// Set gives the key a value.
func (m *Map[T]) Set(key string, value T) {
	if m.values == nil {
		m.values = map[string]T{}
	}
	if _, known := m.values[key]; !known {
		m.keys = append(m.keys, key)
	}
	m.values[key] = value
}

// Get returns the value of the key.
func (m Map[T]) Get(key string) (T, bool) {
	value, ok := m.values[key]
	return value, ok
}

// Len returns the number of keys.
func (m Map[T]) Len() int { return len(m.keys) }

// IsZero tells whether there are none: such a map is left out of the document.
func (m Map[T]) IsZero() bool { return len(m.keys) == 0 }

// All iterates over keys and values in their order.
func (m Map[T]) All() iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, key := range m.keys {
			if !yield(key, m.values[key]) {
				return
			}
		}
	}
}

// sort orders the keys by their bytes.
func (m *Map[T]) sort() { slices.Sort(m.keys) }

// MarshalJSON writes the object.
func (m Map[T]) MarshalJSON() ([]byte, error) { return marshal(m) }

func (m Map[T]) write(w *walk) {
	w.out.begin(false)
	for _, key := range m.keys {
		w.out.key(key)
		w.value(reflect.ValueOf(m.values[key]))
	}
	w.out.end()
}
