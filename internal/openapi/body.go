package openapi

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// The media types of bodies.
const (
	typeJSON      = "application/json"
	typeLines     = "application/x-ndjson"
	typeEvents    = "text/event-stream"
	typeProblem   = "application/problem+json"
	typeMultipart = "multipart/form-data"
	typeAnything  = "*/*"
)

// requestBody describes what a binding's body is; nil for none.
func (b *builder) requestBody(c *call) *RequestBody {
	if c.Body == schema.NoBody {
		return nil
	}
	body := new(RequestBody)
	if c.rawIn {
		body.Content.Set(typeAnything, &Media{Schema: b.bytes()})
		body.Description = "The bytes themselves, of the media type that `Content-Type` names."
		if c.BodyField != nil {
			body.Description = paragraphs(b.textOf(c.BodyField), body.Description)
			body.Required = b.isRequired(c.BodyField, scope{input, c.dialect})
		}
		return body
	}
	content, required := b.bodySchema(c)
	if c.uploads {
		b.setStream(&body.Content, content)
		body.Content.Set(typeJSON, &Media{Schema: &Schema{Type: Types{typeArray}, Items: content}})
		body.Description = "The messages of the stream: JSON, one behind the other, or one array."
		if form := b.multipart(c); form != nil {
			body.Content.Set(typeMultipart, form)
		}
		return body
	}
	body.Required = required
	body.Content.Set(typeJSON, &Media{Schema: content})
	if form := b.multipart(c); form != nil {
		body.Content.Set(typeMultipart, form)
	}
	return body
}

// setStream adds a stream of JSON lines.
func (b *builder) setStream(content *Map[*Media], item *Schema) {
	if b.opts.Version == V32 {
		content.Set(typeLines, &Media{ItemSchema: item})
	} else {
		content.Set(typeLines, &Media{Schema: item})
	}
}

// bytes is the schema of a body that is not JSON.
func (b *builder) bytes() *Schema {
	if b.opts.Version == V30 {
		return &Schema{Type: Types{typeString}, Format: "binary"}
	}
	return new(Schema)
}

func (c *call) inputScope() scope {
	if c.HTTPMethod == methodPatch {
		return scope{patch, c.dialect}
	}
	return scope{input, c.dialect}
}

// bodySchema is the schema of a JSON body, and tells whether there has to be one. What the path gives need not stand in it.
func (b *builder) bodySchema(c *call) (*Schema, bool) {
	sc := c.inputScope()
	if c.Body == schema.WholeBody {
		s := b.without(c.input, sc, c.Variables, true)
		return s, b.needs(c.input, sc, c.Variables)
	}
	field := c.BodyField
	required := b.isRequired(field, sc)
	var within []schema.FieldPath
	for _, path := range c.Variables {
		if path[0] == field && len(path) > 1 {
			within = append(within, path[1:])
		}
	}
	if field.Message() != nil && !field.IsList() && !field.IsMap() && len(within) > 0 {
		return b.without(field.Message(), sc, within, false), required
	}
	s := b.value(field, sc)
	b.constrain(s, field)
	b.fieldOptions(s, field, sc)
	b.fieldLiterals(s, field, sc)
	if s.target == nil {
		s.Description = paragraphs(b.textOf(field), s.Description)
	}
	return s, required
}

// without is the schema of a message of which the path gives some fields. Those of the message itself are dropped, or may
// be left out; the schema is that of all other uses unless there are such.
func (b *builder) without(md protoreflect.MessageDescriptor, sc scope, paths []schema.FieldPath, drop bool) *Schema {
	given := map[protoreflect.FieldDescriptor][]schema.FieldPath{}
	changes := false
	for _, path := range paths {
		given[path[0]] = append(given[path[0]], path[1:])
		changes = changes || drop && len(path) == 1 || b.isRequired(path[0], sc) || b.isAlternative(path[0], sc)
	}
	if !changes || isBare[md.FullName()] || wrapped(md) != nil {
		return b.message(md, sc)
	}
	s := b.object(md, sc)
	var kept Map[*Schema]
	for _, fd := range b.fields(md) {
		name := sc.dialect.nameOf(fd)
		property, _ := s.Properties.Get(name)
		rests, isGiven := given[fd]
		whole := slices.ContainsFunc(rests, func(rest schema.FieldPath) bool { return len(rest) == 0 })
		if isGiven {
			s.Required = slices.DeleteFunc(s.Required, func(r string) bool { return r == name })
			s.AllOf = slices.DeleteFunc(s.AllOf, func(one *Schema) bool { return one.asksFor(name) })
		}
		switch {
		case whole && drop:
			continue
		case isGiven && !whole:
			property = b.without(fd.Message(), sc, rests, drop)
		}
		kept.Set(name, property)
	}
	s.Properties = kept
	return s
}

// needs tells whether a body has to hold something that the path does not give.
func (b *builder) needs(md protoreflect.MessageDescriptor, sc scope, paths []schema.FieldPath) bool {
	isGiven := func(fd protoreflect.FieldDescriptor) bool {
		return slices.ContainsFunc(paths, func(path schema.FieldPath) bool { return path[0] == fd })
	}
	isNeeded := func(fd protoreflect.FieldDescriptor) bool { return !isGiven(fd) && b.isRequired(fd, sc) }
	if slices.ContainsFunc(b.fields(md), isNeeded) {
		return true
	}
	return slices.ContainsFunc(b.alternatives(md, sc), func(fds []protoreflect.FieldDescriptor) bool {
		return !slices.ContainsFunc(fds, isGiven)
	})
}

// multipart describes a form with files, where the body has fields that take bytes; nil where it has none.
func (b *builder) multipart(c *call) *Media {
	md := c.input
	if c.Body == schema.FieldBody {
		if md = c.BodyField.Message(); md == nil || c.BodyField.IsList() || c.BodyField.IsMap() {
			return nil
		}
	}
	if isBare[md.FullName()] || wrapped(md) != nil || c.dialect.Gateway {
		return nil
	}
	sc := c.inputScope()
	form, files := &Schema{Type: Types{typeObject}}, false
	for _, fd := range b.fields(md) {
		path := schema.FieldPath{fd}
		if c.Body == schema.FieldBody {
			path = schema.FieldPath{c.BodyField, fd}
		}
		if fd.IsExtension() || slices.ContainsFunc(c.Variables, func(v schema.FieldPath) bool { return slices.Equal(v, path) }) {
			continue
		}
		name := c.dialect.nameOf(fd)
		switch {
		case takesBytes(fd):
			files = true
			part := b.bytes()
			part.Description = b.textOf(fd)
			if fd.IsList() {
				part = &Schema{Type: Types{typeArray}, Items: b.bytes(), Description: part.Description}
			}
			form.Properties.Set(name, part)
		case textFormOf(fd) == asText:
			form.Properties.Set(name, b.property(fd, scope{input, c.dialect}))
		default:
			continue
		}
		if b.isRequired(fd, sc) {
			form.Required = append(form.Required, name)
		}
	}
	if !files {
		return nil
	}
	return &Media{Schema: form}
}

// takesBytes tells whether a part of a form fills a field with its bytes.
func takesBytes(fd protoreflect.FieldDescriptor) bool {
	switch {
	case fd.IsMap():
		return false
	case fd.Message() != nil:
		return fd.Message().FullName() == httpBody
	default:
		return fd.Kind() == protoreflect.BytesKind
	}
}
