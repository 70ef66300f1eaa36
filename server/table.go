package server

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/route"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// table is everything that requests are served from, compiled from one set of descriptors. It is immutable.
type table struct {
	routes  *route.Table[*operation]
	api     *schema.API
	targets *targets
	limits  limits
	dialect dialect
}

// operation is one binding, compiled.
type operation struct {
	binding  *schema.Binding
	rpc      string // /shop.cart.v1.CartService/GetCart
	template string
	kind     callKind
	target   *upstream.Target
	request  *transcode.Request
	response *transcode.Response
	rawBody  *rawBody // the request's body is a google.api.HttpBody
	rawReply bool     // the answer is a google.api.HttpBody
	timeout  time.Duration
	meter    *meter
}

// callKind is how a call goes.
type callKind uint8

const (
	unary callKind = iota
	serverStream
	clientStream // or both ways
)

const httpBody = "google.api.HttpBody"

// compileTable builds the table of an API. Its error joins all conflicts between routes, each with its place.
func compileTable(api *schema.API, targets *targets, limits limits, d dialect, visible func(protoreflect.Descriptor) bool, meters *meters) (*table, error) {
	d.transcode.Visible = visible
	codec := transcode.NewCodec(api.Set.Files, d.transcode)
	builder := route.NewBuilder[*operation]()
	positions := map[string]source.Position{}
	var problems []source.Problem
	for _, service := range api.Services {
		target := targets.of(string(service.Descriptor.FullName()))
		for _, method := range service.Methods {
			for _, b := range method.Bindings {
				op := compileOperation(codec, b, target, limits)
				if op == nil {
					continue // a field it binds is hidden from this audience
				}
				op.meter = meters.of(b.HTTPMethod, op.template, method.FullName())
				owner := fmt.Sprintf("%s (%s)", method.FullName(), b.Position)
				positions[owner] = b.Position
				if err := builder.Add(b.HTTPMethod, b.Template, owner, op); err != nil {
					problems = append(problems, source.Problem{Position: b.Position, Message: err.Error()})
				}
			}
		}
	}
	routes, err := builder.Build()
	problems = append(problems, conflicts(err, positions)...)
	if len(problems) > 0 {
		return nil, schema.Join(problems)
	}
	return &table{routes: routes, api: api, targets: targets, limits: limits, dialect: d}, nil
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

// compileOperation returns nil if the binding needs a field that the codec's audience does not see.
func compileOperation(codec *transcode.Codec, b *schema.Binding, target *upstream.Target, limits limits) *operation {
	md := b.Method.Descriptor
	spec := transcode.RequestSpec{Message: md.Input(), Variables: b.Variables, BodyField: b.BodyField}
	raw := rawBodyOf(b)
	switch {
	case raw != nil || b.Body == schema.NoBody:
	case b.Body == schema.WholeBody:
		spec.Body = transcode.WholeBody
	case b.Body == schema.FieldBody:
		spec.Body = transcode.FieldBody
	}
	op := &operation{
		binding: b, rpc: b.Method.Path(), template: b.Template.String(), target: target,
		request: codec.Request(spec), response: codec.Response(md.Output(), b.Response),
		rawBody: raw, rawReply: b.Response == nil && md.Output().FullName() == httpBody,
	}
	switch {
	case md.IsStreamingClient():
		op.kind = clientStream
	case md.IsStreamingServer():
		op.kind = serverStream
	default:
		op.timeout = limits.timeout
	}
	if b.Response != nil && b.Response.Message() != nil && b.Response.Message().FullName() == httpBody && !b.Response.IsList() {
		op.rawReply = true
	}
	if op.request == nil || op.response == nil {
		return nil
	}
	return op
}
