package compose

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// Request is what a plan answers.
type Request struct {
	// Message is the request of the composed method. It is not changed.
	Message []byte
	// Caller calls the methods.
	Caller Caller
	// Observer is told of the parts; nil for nobody.
	Observer Observer
	// Wants tells which fields of the answer are wanted; nil is all of them. Parts of others are not called.
	Wants func(protoreflect.FieldDescriptor) bool
	// Vary is what else than the call and the caller responses depend on, such as a language. It is a part of the key of
	// all that is kept.
	Vary string
	// Whose returns what else tells callers apart than the principal that the context carries. It is a part of the key of what is
	// not kept for everybody, and is asked only where something is kept. May be nil.
	Whose func() string
	// Into is memory for the answer, which is appended to it; may be nil.
	Into []byte

	left *budget // of the request that this one is a part of; nil for none
}

// Answer is what a plan answers with.
type Answer struct {
	// Message is Into and the answer behind it. It holds what is missing, if the method has a field for it.
	Message []byte
	// Partial is what is missing.
	Partial []Partial
}

// run is one request.
type run struct {
	Request
	plan      *Plan
	ctx       context.Context // of all calls
	cancel    context.CancelFunc
	principal *principal.Principal
	identity  []byte
	states    []state
	said      [][]value // under the plan's conditions
	wg        sync.WaitGroup
	failure   atomic.Pointer[fault.Error]
	own       budget
}

// Run answers a request, of the caller that the context carries. What it can not have by the context's deadline fails. An
// error is a *fault.Error; of a part that failed, its cause names the part.
func (p *Plan) Run(ctx context.Context, req Request) (Answer, error) { return p.run(ctx, req, false) }

// run is Run; quiet leaves it to others to tell what is missing in the message.
func (p *Plan) run(ctx context.Context, req Request, quiet bool) (Answer, error) {
	r := p.newRun(ctx, req)
	defer r.free()
	if err := r.choose(); err != nil {
		return Answer{}, err
	}
	r.performFirst()
	r.wg.Wait()
	if f := r.failure.Load(); f != nil {
		return Answer{}, f
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return Answer{}, failed(ctx, ctx.Err())
	}
	answer, err := r.assemble()
	if err == nil && p.partial != 0 && !quiet {
		for i := range answer.Partial {
			answer.Message = answer.Partial[i].append(answer.Message, p.partial)
		}
	}
	return answer, err
}

func (p *Plan) newRun(ctx context.Context, req Request) *run {
	r, _ := p.runs.Get().(*run)
	if r == nil {
		r = &run{plan: p, states: make([]state, len(p.parts)), said: make([][]value, len(p.wants))}
	}
	r.Request, r.principal = req, principal.FromContext(ctx)
	r.ctx, r.cancel = context.WithCancel(ctx)
	if r.left == nil {
		r.own.set(&p.opts)
		r.left = &r.own
	}
	if p.keeps {
		r.identity = r.caller()
	}
	return r
}

// free gives the memory back. Nothing of the run is under way any more.
func (r *run) free() {
	r.cancel()
	r.Request, r.ctx, r.cancel, r.principal, r.identity = Request{}, nil, nil, nil, nil
	r.failure.Store(nil)
	clear(r.said)
	for i := range r.states {
		r.states[i].reset()
	}
	r.plan.runs.Put(r)
}

// fail ends the run.
func (r *run) fail(f *fault.Error) {
	if r.failure.CompareAndSwap(nil, f) {
		r.cancel()
	}
}

// choose finds out which parts are performed: those that are asked for, and those that they need.
func (r *run) choose() error {
	for i := range r.plan.wants {
		var err error
		if r.said[i], err = r.plan.wants[i].read(r.Message); err != nil {
			return err
		}
	}
	for i, p := range r.plan.parts {
		s := &r.states[i]
		s.asked = p.visible &&
			(p.wanted < 0 || r.plan.wants[p.wanted].holds(p, r.said[p.wanted])) &&
			(p.field == nil || r.Wants == nil || r.Wants(p.field))
		s.needed = s.asked
	}
	for _, i := range slices.Backward(r.plan.order) {
		if !r.states[i].needed {
			continue
		}
		needs := r.plan.parts[i].needs
		r.states[i].pending.Store(int32(len(needs)))
		for _, needed := range needs {
			r.states[needed].needed = true
		}
	}
	return nil
}

// performFirst performs the parts that wait for nothing, one of them here.
func (r *run) performFirst() {
	here := -1
	for i, p := range r.plan.parts {
		if !r.states[i].needed || len(p.needs) > 0 {
			continue
		}
		if other := here; other >= 0 {
			r.wg.Go(func() { r.work(other) })
		}
		here = i
	}
	if here >= 0 {
		r.work(here)
	}
}

// work performs a part, and then those that have waited for nothing else, one of them here.
func (r *run) work(i int) {
	for i >= 0 {
		r.attempt(i)
		here := -1
		for _, fed := range r.plan.parts[i].feeds {
			s := &r.states[fed]
			if !s.needed || s.pending.Add(-1) > 0 {
				continue
			}
			if other := here; other >= 0 {
				r.wg.Go(func() { r.work(other) })
			}
			here = fed
		}
		i = here
	}
}

// assemble puts the answer together.
func (r *run) assemble() (Answer, error) {
	a := Answer{Message: r.Into}
	for i, p := range r.plan.parts {
		s := &r.states[i]
		if !s.asked {
			continue
		}
		if s.err != nil {
			a.Partial = append(a.Partial, partialOf(p.shown, s.err, Nothing))
			continue
		}
		var err error
		before := len(a.Message)
		a.Message = slices.Grow(a.Message, s.size())
		for j := range s.results {
			if a.Message, err = r.add(&a, p, s, j); err != nil {
				return Answer{}, p.of(fault.From(err))
			}
		}
		if s.over {
			a.Partial = append(a.Partial, Partial{Field: p.shown, Code: codes.ResourceExhausted, Reason: TooMany})
		}
		if len(a.Message)-len(r.Into) <= r.plan.opts.MaxAnswer {
			continue
		}
		if !p.optional {
			return Answer{}, p.of(fault.New(fault.UpstreamBadMessage, "the answer is larger than is let through"))
		}
		a.Message = a.Message[:before]
		a.Partial = append(a.Partial, Partial{Field: p.shown, Code: codes.ResourceExhausted, Reason: TooLarge})
	}
	return a, nil
}

// size is about what the part takes in the answer.
func (s *state) size() int {
	n := 0
	for i := range s.results {
		n += len(s.results[i].wire) + protowire.SizeTag(1) + protowire.SizeVarint(1<<28)
	}
	return n
}

// add adds what the answer has of one call, and tells what is missing of it.
func (r *run) add(a *Answer, p *part, s *state, i int) ([]byte, error) {
	res := &s.results[i]
	if res.err == nil && len(res.partial) == 0 && res.answered {
		return p.splice.append(a.Message, res.wire, &s.letter.found)
	}
	shown := p.shown
	if p.each != nil {
		shown = fmt.Sprintf("%s[%d]", shown, i)
	}
	if res.err != nil {
		a.Partial = append(a.Partial, partialOf(shown, res.err, res.instead))
	}
	for _, inner := range res.partial {
		switch {
		case p.splice.take != nil:
			inner.Field = shown
		case !p.splice.whole:
			inner.Field = shown + "." + inner.Field
		}
		a.Partial = append(a.Partial, inner)
	}
	if !res.answered {
		return a.Message, nil
	}
	return p.splice.append(a.Message, res.wire, &s.letter.found)
}
