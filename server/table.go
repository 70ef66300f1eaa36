package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/policy/accesslog"
	"github.com/gatehouse-edge/gatehouse/internal/route"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// table is everything that requests of one audience are served from. It is immutable.
type table struct {
	*generation
	*audience
	routes *route.Table[*operation]
}

// operation is one binding, compiled.
type operation struct {
	called
	binding  *schema.Binding
	rpc      string // as callers know it: /shop.cart.v1.CartService/GetCart
	template string
	kind     callKind
	dialect  *dialect
	request  *transcode.Request
	response *transcode.Response
	rawBody  bool                // the request's body is a google.api.HttpBody
	rawInto  transcode.FormField // that its bytes fill
	rawReply bool                // the answer is a google.api.HttpBody
	rawField protowire.Number    // of the answer's field that is one; 0 for the answer itself
	timeout  time.Duration       // 0 for none
	idle     time.Duration       // of a stream; 0 for none
	body     int                 // the largest, in bytes
	policy   *policy
	meter    *meter
	success  success

	selectable bool            // ?fields= cuts the answer down
	etag       *transcode.Pick // of the answer, if it has one
	etagSlot   *etagSlot       // of the request, if it has one

	secret     *accesslog.Names // parameters that are not to be logged
	secretPath bool             // a variable of the path is one of them

	eventID, eventType *transcode.Pick // of a message, as a server-sent event
}

// callKind is how a call goes.
type callKind uint8

const (
	unary callKind = iota
	serverStream
	clientStream
	bothWays
)

const (
	fieldsParameter = "fields"
	etagField       = "etag"
)

// compiler makes the operations of one table.
type compiler struct {
	*generation
	settings settings
	meters   *meters
	door     *door
	codecs   map[*dialect]*transcode.Codec
	api      *schema.API
	audience *audience

	validators map[bool]*validate.Compiler // by whether they call fields by their proto names
	problems   []source.Problem            // so far
	unruled    []string                    // methods of which nothing says who may call them, so far
	loosened   []string                    // what the configuration lets through that the protos do not, so far
}

// codec returns the codec of a dialect, making it when it is new.
func (c *compiler) codec(d *dialect) *transcode.Codec {
	codec := c.codecs[d]
	if codec == nil {
		opts := d.transcode
		opts.Visible = c.audience.visible
		codec = transcode.NewCodec(c.api.Set.Files, opts)
		c.codecs[d] = codec
	}
	return codec
}

// table builds the table of the API. Its error joins all conflicts between routes, each with its place.
func (c *compiler) table() (*table, error) {
	builder := route.NewBuilder[*operation]()
	positions := map[string]source.Position{}
	for _, service := range c.api.Services {
		for _, method := range service.Methods {
			guards := c.guards(method)
			for _, b := range method.Bindings {
				op := c.operation(b, guards)
				if op == nil {
					continue // a field it binds is hidden from this audience
				}
				owner := fmt.Sprintf("%s (%s)", method.FullName(), b.Position)
				positions[owner] = b.Position
				if err := builder.Add(b.HTTPMethod, b.Template, owner, op); err != nil {
					c.problems = append(c.problems, source.Problem{Position: b.Position, Message: err.Error()})
				}
			}
		}
	}
	routes, err := builder.Build()
	c.problems = append(c.problems, conflicts(err, positions)...)
	if len(c.problems) > 0 {
		return nil, schema.Join(c.problems)
	}
	return &table{generation: c.generation, audience: c.audience, routes: routes}, nil
}

// conflicts gives each conflict of a failed build the place of the later route.
func conflicts(err error, positions map[string]source.Position) []source.Problem {
	if err == nil {
		return nil
	}
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	problems := make([]source.Problem, len(list))
	for i, err := range list {
		problems[i].Message = err.Error()
		if conflict, ok := errors.AsType[*route.ConflictError](err); ok {
			problems[i].Position = positions[conflict.Second.Owner]
		}
	}
	return problems
}

// operation returns nil if the binding needs a field that the audience does not see.
func (c *compiler) operation(b *schema.Binding, g guards) *operation {
	md, service := b.Method.Descriptor, string(b.Method.Service.Descriptor.FullName())
	d := c.settings.dialectOf(service)
	codec := c.codec(d)
	op := &operation{
		binding: b, rpc: b.Method.Path(), template: b.Template.String(), kind: kindOf(md), dialect: d,
		called: g.called, rawBody: isRawBody(b), response: codec.Response(md.Output(), b.Response),
		meter:   c.meters.of(b.HTTPMethod, b.Template.String(), b.Method.FullName()),
		success: compileSuccess(codec, md.Output(), b.Method.Answer), policy: g.policy,
	}
	op.request = codec.Request(op.requestSpec())
	if op.request == nil || op.response == nil {
		return nil
	}
	op.selectable = op.selectable && !op.request.OwnsParameter(fieldsParameter)
	if op.rawBody {
		into, visible := op.request.RawField(b.BodyField)
		if !visible {
			return nil
		}
		op.rawInto = into
	}
	g.bound(op, &c.settings.limits)
	if op.kind == unary {
		c.generation.longest = max(c.generation.longest, op.timeout)
	}
	op.compileRaw()
	op.compileTags(codec)
	op.compileSecrets()
	if path := b.Method.Answer.EventID; path != nil {
		op.eventID = codec.Pick(md.Output(), path)
	}
	if path := b.Method.Answer.EventType; path != nil {
		op.eventType = codec.Pick(md.Output(), path)
	}
	return op
}

func kindOf(md protoreflect.MethodDescriptor) callKind {
	switch {
	case md.IsStreamingClient() && md.IsStreamingServer():
		return bothWays
	case md.IsStreamingClient():
		return clientStream
	case md.IsStreamingServer():
		return serverStream
	default:
		return unary
	}
}

func (op *operation) requestSpec() transcode.RequestSpec {
	b := op.binding
	spec := transcode.RequestSpec{
		Message: b.Method.Descriptor.Input(), Variables: b.Variables, BodyField: b.BodyField, FillMask: b.HTTPMethod == http.MethodPatch,
		EmptyField: op.dialect.gateway,
	}
	op.selectable = !op.dialect.gateway && op.response != nil && op.response.Selectable()
	spec.Selectable = op.selectable
	switch {
	case b.Body == schema.NoBody && (op.kind == clientStream || op.kind == bothWays): // a WebSocket's frames
		spec.Body = transcode.WholeBody
	case op.rawBody || b.Body == schema.NoBody:
	case b.Body == schema.WholeBody:
		spec.Body = transcode.WholeBody
	case b.Body == schema.FieldBody:
		spec.Body = transcode.FieldBody
	}
	return spec
}

// compileRaw finds out whether the answer is a google.api.HttpBody.
func (op *operation) compileRaw() {
	switch output, field := op.binding.Method.Descriptor.Output(), op.binding.Response; {
	case field == nil:
		op.rawReply = output.FullName() == transcode.HTTPBody
	case isHTTPBody(field):
		op.rawReply, op.rawField = true, field.Number()
	}
}

// compileTags finds the etag fields of the answer, and of the request or the resource in its body, as far as the audience
// sees them.
func (op *operation) compileTags(codec *transcode.Codec) {
	b, md := op.binding, op.binding.Method.Descriptor
	if fd := etagOf(md.Output()); fd != nil && b.Response == nil {
		op.etag = codec.Pick(md.Output(), schema.FieldPath{fd})
	}
	var path schema.FieldPath
	if fd := etagOf(md.Input()); fd != nil {
		path = schema.FieldPath{fd}
	} else if body := b.BodyField; body != nil && body.Message() != nil && !body.IsList() && !body.IsMap() {
		if fd := etagOf(body.Message()); fd != nil {
			path = schema.FieldPath{body, fd}
		}
	}
	inPath := slices.ContainsFunc(b.Variables, func(v schema.FieldPath) bool { return slices.Equal(v, path) })
	if path == nil || inPath || codec.Pick(md.Input(), path) == nil {
		return
	}
	op.etagSlot = &etagSlot{field: path[len(path)-1].Number()}
	if len(path) > 1 {
		op.etagSlot.outer = path[0].Number()
	}
}

func etagOf(md protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	fd := md.Fields().ByTextName(etagField)
	if fd == nil || fd.Kind() != protoreflect.StringKind || fd.IsList() {
		return nil
	}
	return fd
}
