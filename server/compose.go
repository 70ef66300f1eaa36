package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/accesslog"
	"github.com/gatehouse-edge/gatehouse/internal/policy/concurrency"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/policy/tracing"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// destination is where a part of a composition is called.
type destination struct {
	target *upstream.Target     // nil if no upstream is configured
	gate   *concurrency.Limiter // nil for no limit
}

// called is what answers a method: a method of a service, or a plan.
type called struct {
	service string           // the name of the service
	path    string           // of the method: /shop.cart.v1.CartService/GetCart
	target  *upstream.Target // nil if no upstream is configured, or if there is a plan
	plan    *compose.Plan    // nil if a service answers
}

// called finds out what answers a method: it itself unless it is composed, a stream by that of another method.
func (c *compiler) called(m *schema.Method, d *dialect) called {
	a := called{service: string(m.Service.Descriptor.FullName()), path: m.Path()}
	if compose.IsComposed(m.Descriptor) {
		if kindOf(m.Descriptor) == unary {
			a.plan = c.plan(m, d)
			return a
		}
		relayed, problems := compose.CompileRelay(c.api.Set, m.Descriptor)
		c.problems = append(c.problems, problems...)
		if relayed == nil {
			return a
		}
		a.service, a.path = string(relayed.Method.Parent().FullName()), relayed.Path
	}
	a.target = c.targets.of(a.service)
	return a
}

// plan compiles the composition of a method.
func (c *compiler) plan(m *schema.Method, d *dialect) *compose.Plan {
	plan, problems := compose.Compile(c.api.Set, m.Descriptor, compose.Options{
		Visible: c.audience.visible, ProtoNames: d.transcode.ProtoNames, MaxDepth: d.transcode.MaxDepth,
		MaxAnswer: c.settings.limits.upstreamMessage, Store: c.door.store, Form: c.formOf(d),
	})
	c.problems = append(c.problems, problems...)
	if plan == nil {
		return nil
	}
	for _, t := range plan.Targets() {
		to := &destination{target: c.targets.of(string(t.Method.Parent().FullName()))}
		if n := c.door.concurrency.GetUpstreamCalls(); n != 0 && to.target != nil {
			to.gate = c.door.gate(c.door.targets, to.target.Name(), "the service", n)
		}
		t.Upstream = to
	}
	return plan
}

// formOf returns what tells whether responses can be answered with as JSON. What one audience does not see counts too, as others
// may be answered with the same response.
func (c *compiler) formOf(d *dialect) func(protoreflect.MessageDescriptor) func([]byte, int) error {
	codec := transcode.NewCodec(c.api.Set.Files, d.transcode)
	return func(md protoreflect.MessageDescriptor) func([]byte, int) error { return codec.Message(md).Check }
}

// callComposed answers with the answers of other methods.
func (c *call) callComposed(ctx context.Context) error {
	request := newBuffer()
	defer request.free()
	if err := c.readMessage(request); err != nil {
		return err // 400, 403, 408, 413, 415, 429
	}
	room := newBuffer()
	defer room.free()
	parts := &composer{call: c}
	defer parts.free()
	answer, err := parts.run(ctx, request.b, room.b)
	if err != nil {
		return err
	}
	room.b = answer.Message
	if len(answer.Partial) > 0 {
		c.w.Header().Set(partialHeader, describePartial(answer.Partial))
	}
	if err := c.answer(answer.Message, 0); err != nil {
		c.w.Header().Del(partialHeader) // of an error, nothing is there
		return err
	}
	return nil
}

// composer calls the methods of a composition, and tells of its parts.
type composer struct {
	*call
	mu      sync.Mutex
	replies []*upstream.Reply // that the answer is made of
}

func (p *composer) run(ctx context.Context, request, into []byte) (compose.Answer, error) {
	if err := p.enter(ctx); err != nil {
		return compose.Answer{}, err // 503
	}
	defer p.leave(len(p.op.policy.gates))
	defer p.since(time.Now())
	return p.op.plan.Run(principal.NewContext(ctx, p.principal), compose.Request{
		Message: request, Caller: p, Observer: p, Wants: p.wants(), Vary: p.r.Header.Get("Accept-Language"),
		Whose: func() string { return whose(ctx) }, Into: into,
	})
}

// wants tells which fields of the answer ?fields= asks for; nil for all.
func (p *composer) wants() func(protoreflect.FieldDescriptor) bool {
	if p.response == p.op.response {
		return nil
	}
	paths := p.response.MaskPaths()
	return func(fd protoreflect.FieldDescriptor) bool {
		name := fd.TextName()
		return slices.ContainsFunc(paths, func(path string) bool { return path == name || strings.HasPrefix(path, name+".") })
	}
}

// Call implements [compose.Caller].
func (p *composer) Call(ctx context.Context, t *compose.Target, request []byte) ([]byte, error) {
	to, _ := t.Upstream.(*destination)
	if to == nil || to.target == nil {
		return nil, fault.New(fault.UpstreamAbsent, "the service is not connected").
			Because(fmt.Errorf("no upstream is configured for %s", t.Method.Parent().FullName()))
	}
	if to.gate != nil {
		if err := to.gate.Acquire(ctx); err != nil {
			return nil, err
		}
		defer to.gate.Release()
	}
	ctx, err := p.vouch(ctx, string(t.Method.Parent().FullName()))
	if err != nil {
		return nil, err
	}
	ctx, span := p.edge.door.tracer.Call(ctx, t.Path, to.target.Name())
	reply := upstream.NewReply()
	err = to.target.Unary(ctx, t.Path, request, reply)
	span.End(err)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retries += reply.Retries()
	if err != nil {
		reply.Free()
		return nil, err
	}
	p.replies = append(p.replies, reply)
	return reply.Message.Bytes(), nil
}

// free gives back the memory of the replies.
func (p *composer) free() {
	for _, reply := range p.replies {
		reply.Free()
	}
}

// Begin implements [compose.Observer].
func (p *composer) Begin(ctx context.Context, part string) context.Context {
	return p.edge.door.tracer.Part(ctx, part)
}

// End implements [compose.Observer]: it counts the part, and has the logs tell of it, at length if it failed.
func (p *composer) End(ctx context.Context, o compose.Outcome) {
	p.edge.door.tracer.EndPart(ctx, tracing.PartOutcome{Err: o.Err, Calls: o.Calls, Cached: o.Cached, Instead: insteadOf(o.Instead)})
	if p.edge.access != nil {
		p.mu.Lock()
		p.parts = append(p.parts, accesslog.Part{Name: o.Part, Code: o.Code, Took: o.Took, Instead: insteadOf(o.Instead)})
		p.mu.Unlock()
	}
	p.edge.meters.parts.WithLabelValues(p.op.rpc, o.Part, nameOf(o.Code)).Observe(o.Took.Seconds())
	if o.Err == nil || ctx.Err() == context.Canceled {
		return
	}
	p.edge.log.Warn("a part failed", "request_id", p.id, "rpc", p.op.rpc, "part", o.Part, "code", nameOf(o.Code), "took", o.Took, "cause", o.Err)
}

// nameOf is what a gRPC code is called.
func nameOf(c codes.Code) string { return code.Code(c).String() }
