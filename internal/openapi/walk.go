package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// encode writes a part of a document. A document is large and deep: encoding/json would copy and check the text of each
// part once for every part that it stands in, and YAML would have to be made from that text. Both forms are therefore
// written in one walk over the structs, by the tags that encoding/json knows.
func encode(out sink, v any) error {
	w := &walk{out: out}
	w.value(reflect.ValueOf(v))
	return w.err
}

// walk is one walk. The first error is kept.
type walk struct {
	out sink
	err error
}

// written is a part that is not just an object of its fields.
type written interface {
	write(w *walk)
}

func (w *walk) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid:
		w.out.literal("null")
	case reflect.Pointer, reflect.Interface:
		switch {
		case v.IsNil():
			w.out.literal("null")
		case v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct:
			w.part(v)
		default:
			w.value(v.Elem())
		}
	case reflect.Struct:
		w.part(addressed(v))
	case reflect.Slice:
		w.slice(v)
	case reflect.String:
		if v.Type() == reflect.TypeFor[json.Number]() {
			w.out.literal(v.String())
			return
		}
		w.out.string(v.String())
	case reflect.Bool:
		w.out.literal(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int32, reflect.Int64:
		w.out.literal(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint32, reflect.Uint64:
		w.out.literal(strconv.FormatUint(v.Uint(), 10))
	default:
		w.foreign(v.Interface())
	}
}

func addressed(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v.Addr()
	}
	copied := reflect.New(v.Type())
	copied.Elem().Set(v)
	return copied
}

// part writes what a pointer to a struct leads to.
func (w *walk) part(v reflect.Value) {
	switch part := v.Interface().(type) {
	case written:
		part.write(w)
	case json.Marshaler:
		w.foreign(part)
	default:
		w.object(v.Elem())
	}
}

// object writes a struct.
func (w *walk) object(v reflect.Value) {
	w.out.begin(false)
	w.members(v)
	w.out.end()
}

func (w *walk) slice(v reflect.Value) {
	switch list := v.Interface().(type) {
	case written:
		list.write(w)
	case json.Marshaler, []byte:
		w.foreign(list)
	default:
		w.out.begin(true)
		for i := range v.Len() {
			w.value(v.Index(i))
		}
		w.out.end()
	}
}

// members writes the fields of a struct, and its extensions where they stand.
func (w *walk) members(v reflect.Value) {
	for _, m := range membersOf(v.Type()) {
		field := v.Field(m.index)
		switch {
		case m.areExtensions:
			for name, value := range field.Addr().Interface().(*Map[any]).All() {
				w.out.key(name)
				w.value(reflect.ValueOf(value))
			}
		case !m.omits(field):
			w.out.key(m.name)
			w.value(field)
		}
	}
}

// foreign writes what is not made here but given, such as an example, as encoding/json does, in the same order.
func (w *walk) foreign(v any) {
	text, err := json.Marshal(v)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		err = w.replay(dec)
	}
	if err != nil && w.err == nil {
		w.err = err
	}
}

// replay writes the next value of a decoder.
func (w *walk) replay(dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case string:
		w.out.string(token)
	case json.Delim:
		isArray := token == '['
		w.out.begin(isArray)
		for dec.More() {
			if !isArray {
				name, err := dec.Token()
				if err != nil {
					return err
				}
				w.out.key(fmt.Sprint(name))
			}
			if err := w.replay(dec); err != nil {
				return err
			}
		}
		w.out.end()
		_, err = dec.Token()
	case nil:
		w.out.literal("null")
	default:
		w.out.literal(fmt.Sprint(token))
	}
	return err
}

// member is how a field of a struct is written.
type member struct {
	name          string
	index         int
	omitEmpty     bool
	omitZero      bool
	areExtensions bool
}

var structs sync.Map // from a type to its []member

func membersOf(t reflect.Type) []member {
	if known, ok := structs.Load(t); ok {
		return known.([]member)
	}
	var list []member
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Type == reflect.TypeFor[Map[any]]() && name == "-":
			list = append(list, member{index: i, areExtensions: true})
		case name != "" && name != "-":
			list = append(list, member{name: name, index: i, omitEmpty: options == "omitempty", omitZero: options == "omitzero"})
		}
	}
	structs.Store(t, list)
	return list
}

// isZeroer is what omitzero asks.
type isZeroer interface{ IsZero() bool }

func (m member) omits(v reflect.Value) bool {
	switch {
	case m.omitEmpty && v.Kind() == reflect.Slice:
		return v.Len() == 0
	case m.omitEmpty:
		return v.IsZero()
	case m.omitZero:
		z, ok := reflect.TypeAssert[isZeroer](v.Addr())
		return ok && z.IsZero()
	default:
		return false
	}
}
