package openapi

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// How far messages are followed for their fields as parameters, and how many there may be: the edge takes no more.
const (
	maxParameterDepth = 8
	maxParameters     = 1000
)

// pathParameters are the wildcards of the template. One that is a field has the field's schema.
func (b *builder) pathParameters(c *call) []*Parameter {
	var list []*Parameter
	for _, h := range b.paths[c.Binding].holes {
		p := &Parameter{Name: h.name, In: "path", Required: true, Schema: &Schema{Type: Types{typeString}}}
		switch {
		case h.variable < 0:
		case c.Template.Variables[h.variable].Multi:
			p.Description = fmt.Sprintf("A part of `%s`.", c.dialect.pathName(c.Variables[h.variable]))
			if h.rest {
				p.AllowReserved = b.opts.Version == V32
			}
		default:
			path := c.Variables[h.variable]
			b.fillParameter(p, path[len(path)-1], c.dialect)
			if field := c.dialect.pathName(c.Variables[h.variable]); field != h.name {
				p.Description = paragraphs(p.Description, fmt.Sprintf("It is the field `%s`.", field))
			}
		}
		list = append(list, p)
	}
	return list
}

// fillParameter gives a parameter the schema and the description of a field. The parameter of a path or query is text,
// and so a wrapper is what it wraps.
func (b *builder) fillParameter(p *Parameter, fd protoreflect.FieldDescriptor, d *Dialect) {
	s := b.value(fd, scope{input, d})
	if fd.Message() != nil && !fd.IsMap() {
		if wrapped := wrapped(fd.Message()); wrapped != nil {
			s = scalar(wrapped.Kind())
			if fd.IsList() {
				s = &Schema{Type: Types{typeArray}, Items: s}
			}
		}
	}
	b.fieldFormat(s, fd)
	b.constrain(s, fd)
	p.Description = paragraphs(b.textOf(fd), s.Description, b.behaviourText(fd), b.referenceText(fd))
	s.Description = ""
	b.fieldOptions(s, fd, scope{input, d})
	b.fieldLiterals(s, fd, scope{input, d})
	p.Description, s.Description = paragraphs(p.Description, s.Description), ""
	p.Deprecated, s.Deprecated = isDeprecated(fd) || s.Deprecated, false
	p.Schema = s
}

// queryParameters are the fields that neither path nor body gives, those of messages by their paths.
func (b *builder) queryParameters(c *call) []*Parameter {
	if c.Body == schema.WholeBody {
		return b.selection(c)
	}
	w := &parameterWalk{builder: b, call: c}
	w.walk(c.input, nil, true)
	return append(w.list, b.selection(c)...)
}

// parameterWalk collects parameters.
type parameterWalk struct {
	*builder
	call *call
	list []*Parameter
}

func (w *parameterWalk) walk(md protoreflect.MessageDescriptor, path schema.FieldPath, required bool) {
	for _, fd := range w.fields(md) {
		path := append(slices.Clone(path), fd)
		if fd.IsExtension() || w.call.gives(path) || len(w.list) == maxParameters {
			continue
		}
		required := required && w.isRequired(fd, scope{input, w.call.dialect})
		switch textFormOf(fd) {
		case asText, asJSON, asEntries:
			w.list = append(w.list, w.parameter(path, required))
		case asFields:
			if len(path) < maxParameterDepth && !holdsItself(path) {
				w.walk(fd.Message(), path, required)
			}
		case notAtAll:
		}
	}
}

// textForm is how a field is given in a query.
type textForm uint8

const (
	notAtAll  textForm = iota
	asText             // a value
	asJSON             // a value that is JSON
	asEntries          // name[key]=value
	asFields           // name.field=value
)

func textFormOf(fd protoreflect.FieldDescriptor) textForm {
	switch {
	case fd.IsMap():
		if textFormOf(fd.MapValue()) == asText {
			return asEntries
		}
		return notAtAll
	case fd.Message() == nil:
		return asText
	}
	switch name := fd.Message().FullName(); {
	case name == "google.protobuf.Timestamp", name == "google.protobuf.Duration", name == "google.protobuf.FieldMask",
		wrapped(fd.Message()) != nil:
		return asText
	case name == "google.protobuf.Struct", name == "google.protobuf.Value", name == "google.protobuf.ListValue":
		return asJSON
	case name == "google.protobuf.Any", fd.IsList():
		return notAtAll
	default:
		return asFields
	}
}

// holdsItself tells whether the last message of a path stands in it before.
func holdsItself(path schema.FieldPath) bool {
	last := path[len(path)-1]
	if last.Message().FullName() == path[0].ContainingMessage().FullName() {
		return true
	}
	return slices.ContainsFunc(path[:len(path)-1], func(fd protoreflect.FieldDescriptor) bool {
		return fd.Message().FullName() == last.Message().FullName()
	})
}

// gives tells whether the path or the body gives the field, what holds it, or another member of its oneof.
func (c *call) gives(path schema.FieldPath) bool {
	bound := c.Variables
	if c.BodyField != nil {
		bound = append(slices.Clone(bound), schema.FieldPath{c.BodyField})
	}
	return slices.ContainsFunc(bound, func(other schema.FieldPath) bool {
		for i := range min(len(path), len(other)) {
			if path[i] != other[i] {
				od := path[i].ContainingOneof()
				return od != nil && !od.IsSynthetic() && od == other[i].ContainingOneof()
			}
		}
		return len(other) <= len(path)
	})
}

func (w *parameterWalk) parameter(path schema.FieldPath, required bool) *Parameter {
	fd := path[len(path)-1]
	p := &Parameter{Name: w.call.dialect.pathName(path), In: "query", Required: required}
	w.fillParameter(p, fd, w.call.dialect)
	switch form := textFormOf(fd); {
	case form == asEntries:
		yes := true
		p.Style, p.Explode = "deepObject", &yes
		p.Description = paragraphs(p.Description, fmt.Sprintf("Its entries are given as `%s[key]=value`.", p.Name))
	case form == asJSON && fd.IsList():
		p.Schema = &Schema{Type: Types{typeArray}, Items: &Schema{Type: Types{typeString}, ContentMediaType: typeJSON}}
	case form == asJSON:
		p.Content.Set(typeJSON, &Media{Schema: p.Schema})
		p.Schema = nil
	}
	return p
}

// selection is the parameter by which an answer is cut down.
func (b *builder) selection(c *call) []*Parameter {
	if c.dialect.Gateway || c.rawOut || !b.isSelectable(c) || b.ownsName(c.input, fieldsName) {
		return nil
	}
	return []*Parameter{b.shared(fieldsName, &Parameter{
		Name: fieldsName, In: "query", Schema: &Schema{Type: Types{typeString}, Examples: []any{"id,price.units"}},
		Description: "The fields of the answer that are wanted, separated by commas, those of messages and lists by their paths. " +
			"The answer holds only these, whatever else its schema requires.",
	})}
}

const fieldsName = "fields"

// isSelectable tells whether an answer has fields that could be left out.
func (b *builder) isSelectable(c *call) bool {
	md := c.output
	if c.Response != nil {
		if c.Response.IsMap() {
			return false
		}
		md = c.Response.Message()
	}
	return md != nil && wrapped(md) == nil && !isBare[md.FullName()]
}

// isBare are the messages that are not objects of their fields.
var isBare = map[protoreflect.FullName]bool{
	"google.protobuf.Timestamp": true, "google.protobuf.Duration": true, "google.protobuf.FieldMask": true,
	"google.protobuf.Struct": true, "google.protobuf.Value": true, "google.protobuf.ListValue": true, "google.protobuf.Any": true,
}

func (b *builder) ownsName(md protoreflect.MessageDescriptor, name string) bool {
	return slices.ContainsFunc(b.fields(md), func(fd protoreflect.FieldDescriptor) bool {
		return fd.JSONName() == name || fd.TextName() == name
	})
}

// shared puts a parameter among the components and returns a reference to it.
func (b *builder) shared(key string, p *Parameter) *Parameter {
	b.doc.Components.Parameters.Set(key, p)
	return &Parameter{Ref: "#/components/parameters/" + key}
}

// headerParameters are the request headers that mean something to the edge.
func (b *builder) headerParameters(c *call) []*Parameter {
	var list []*Parameter
	header := func(name, description, example string) {
		list = append(list, b.shared(name, &Parameter{
			Name: name, In: "header", Description: description, Schema: &Schema{Type: Types{typeString}, Examples: []any{example}},
		}))
	}
	if c.isTagged() {
		header("If-None-Match", "The `ETag` of an answer that the client still has. If it is still right, the answer is a 304 without a body.", `"33a64df5"`)
	}
	if c.takesTag {
		header("If-Match", "The `ETag` that the resource must still have. If it has changed, the service refuses the call.", `"33a64df5"`)
	}
	if c.streams && !c.rawOut && !c.dialect.Gateway {
		header("Last-Event-ID", "For server-sent events: the id of the last event that was seen. A browser sends it on its own.", "42")
	}
	return list
}

// takesTag tells whether If-Match fills a field of the request, or of the resource in its body.
func (b *builder) takesTag(c *call) bool {
	path := schema.FieldPath{}
	if fd := b.etagOf(c.input); fd != nil {
		path = schema.FieldPath{fd}
	} else if body := c.BodyField; body != nil && body.Message() != nil && !body.IsList() && !body.IsMap() {
		if fd := b.etagOf(body.Message()); fd != nil {
			path = schema.FieldPath{body, fd}
		}
	}
	return len(path) > 0 && !slices.ContainsFunc(c.Variables, func(v schema.FieldPath) bool { return slices.Equal(v, path) })
}

func (b *builder) etagOf(md protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	fd := md.Fields().ByTextName("etag")
	if fd == nil || fd.Kind() != protoreflect.StringKind || fd.IsList() || !b.opts.Visible(fd) {
		return nil
	}
	return fd
}
