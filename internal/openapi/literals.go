package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// decode reads JSON whose objects keep their order, and whose numbers their digits.
func decode(text string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	value, err := next(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more behind its end")
	}
	return value, nil
}

func next(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			value, err := next(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = dec.Token()
		return list, err
	case json.Delim('{'):
		var object Map[any]
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, err
			}
			value, err := next(dec)
			if err != nil {
				return nil, err
			}
			object.Set(fmt.Sprint(name), value)
		}
		_, err = dec.Token()
		return object, err
	default:
		return token, nil
	}
}

// literal is a value that an option gives as text, in the form in which the edge sends it.
type literal struct {
	value   any
	isWhole bool // nothing is left out that the audience does not see
}

// fieldLiteral reads a value of a field: JSON, or a text without its quotes.
func (b *builder) fieldLiteral(fd protoreflect.FieldDescriptor, text string, sc scope) (literal, error) {
	quoted, err := marshal(text)
	if err != nil {
		return literal{}, err
	}
	read, err := b.readField(fd, text, sc)
	if err == nil {
		return read, nil
	}
	if read, second := b.readField(fd, string(quoted), sc); second == nil {
		return read, nil
	}
	return literal{}, err
}

func (b *builder) readField(fd protoreflect.FieldDescriptor, text string, sc scope) (literal, error) {
	given, err := decode(text)
	if err != nil {
		return literal{}, err
	}
	name := sc.dialect.nameOf(fd)
	var container Map[any]
	container.Set(name, given)
	read, err := b.canonical(fd.ContainingMessage(), container, sc)
	if err != nil {
		return literal{}, err
	}
	value, ok := read.Get(name)
	if !ok {
		return literal{}, errors.New("null is no value")
	}
	v := &view{builder: b, scope: sc, isWhole: true}
	value, ok = v.field(fd, value, given)
	if !ok {
		value = nil
	}
	return literal{value, v.isWhole}, nil
}

// messageLiteral reads a message.
func (b *builder) messageLiteral(md protoreflect.MessageDescriptor, text string, sc scope) (literal, error) {
	given, err := decode(text)
	if err != nil {
		return literal{}, err
	}
	if isBare[md.FullName()] || wrapped(md) != nil {
		return literal{given, true}, nil
	}
	read, err := b.canonical(md, given, sc)
	if err != nil {
		return literal{}, err
	}
	v := &view{builder: b, scope: sc, isWhole: true}
	value, _ := v.message(md, read, given)
	return literal{value, v.isWhole}, nil
}

// canonical reads a message as the edge does, and returns it as the edge writes it, with all of its fields.
func (b *builder) canonical(md protoreflect.MessageDescriptor, given any, sc scope) (Map[any], error) {
	var none Map[any]
	text, err := marshal(given)
	if err != nil {
		return none, err
	}
	mt, err := b.api.Set.Types().FindMessageByName(md.FullName())
	if err != nil {
		return none, err
	}
	m := mt.New().Interface()
	if err := (protojson.UnmarshalOptions{AllowPartial: true, Resolver: b.api.Set.Types()}).Unmarshal(text, m); err != nil {
		return none, errors.New(plainError(err))
	}
	return b.written(m, sc.dialect)
}

func (b *builder) written(m proto.Message, d *Dialect) (Map[any], error) {
	written, err := protojson.MarshalOptions{
		AllowPartial: true, UseProtoNames: d.ProtoNames, UseEnumNumbers: d.EnumNumbers,
		EmitDefaultValues: d.Emit != EmitUnpopulated, EmitUnpopulated: d.Emit == EmitUnpopulated, Resolver: b.api.Set.Types(),
	}.Marshal(m)
	if err != nil {
		return Map[any]{}, err
	}
	value, err := decode(string(written))
	object, _ := value.(Map[any])
	return object, err
}

// plainError takes away what the protobuf runtime puts before its messages, and its place in a text that nobody wrote.
func plainError(err error) string {
	text := strings.ReplaceAll(err.Error(), "\u00a0", " ")
	if _, behind, ok := strings.Cut(text, "): "); ok && strings.HasPrefix(text, "proto: (line ") {
		return behind
	}
	return strings.TrimPrefix(text, "proto: ")
}

// test is a value that has to satisfy a schema, when all schemas are known.
type test struct {
	option
	part   string
	schema *Schema
	value  any
	isSure bool   // it is a problem if it does not
	drop   func() // takes it out of the document
}

// test notes a value that the option gives to be held against its schema. What the audience does not see may be missing
// in it, or what its author did not think of in this place: then it is left out.
func (o option) test(part string, s *Schema, read literal, isSure bool, drop func()) {
	o.tests = append(o.tests, test{o, part, s, read.value, isSure && read.isWhole, drop})
}

// testLiterals comes when all schemas are made.
func (b *builder) testLiterals() {
	for _, t := range b.tests {
		err := b.refuses(t.schema, t.value)
		switch {
		case err == nil:
		case t.isSure:
			t.wrong(t.part, "it contradicts the schema: %v", err)
		default:
			t.drop()
		}
	}
}
