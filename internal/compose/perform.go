package compose

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// state is how far a part is in a run.
type state struct {
	asked   bool         // the answer has its field
	needed  bool         // it is performed
	pending atomic.Int32 // parts that it waits for

	results []result     // one, or one for each element of its list
	err     *fault.Error // how the part failed as a whole
	over    bool         // there were more elements than are asked for
	room    [1]result
	letter  letter
}

func (s *state) reset() {
	s.asked, s.needed, s.results, s.err, s.over, s.room = false, false, nil, nil, false, [1]result{}
	s.pending.Store(0)
	if cap(s.letter.request)+cap(s.letter.key) > mostRoom || cap(s.letter.found.values) > mostRoom/32 {
		s.letter = letter{}
	}
	clear(s.letter.found.values[:cap(s.letter.found.values)])
}

// mostRoom is how much memory of one call is used again, in bytes.
const mostRoom = 64 << 10

// attempt performs a part. What panics, of an observer say, fails the whole: parts are performed in goroutines of their own,
// where nobody else would stop it.
func (r *run) attempt(i int) {
	defer func() {
		if cause := recover(); cause != nil {
			r.states[i].err = panicked(cause)
			r.fail(r.plan.parts[i].of(r.states[i].err))
		}
	}()
	r.perform(i)
}

// perform makes the calls of a part.
func (r *run) perform(i int) {
	p, s := r.plan.parts[i], &r.states[i]
	ctx := r.ctx
	if p.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.timeout)
		defer cancel()
	}
	var began time.Time
	if r.Observer != nil {
		began = time.Now()
		ctx = r.Observer.Begin(ctx, p.name)
	}
	s.err = r.callAll(ctx, p, s)
	if r.Observer != nil {
		o := outcome(p, s)
		o.Took = time.Since(began)
		r.Observer.End(ctx, o)
	}
	if s.asked && !p.optional && s.err != nil {
		r.fail(p.of(s.err))
	}
}

// callAll makes the calls of a part. It returns how the part failed as a whole.
func (r *run) callAll(ctx context.Context, p *part, s *state) *fault.Error {
	for _, needed := range p.needs {
		if err := r.states[needed].err; err != nil {
			return r.without(p, s, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return r.without(p, s, failed(ctx, err))
	}
	if p.each != nil {
		return r.callEach(ctx, p, s)
	}
	if r.left.take(1) == 0 {
		return r.without(p, s, tooMany())
	}
	s.results = s.room[:]
	s.results[0] = r.fetch(ctx, p, &s.letter, value{})
	if !s.results[0].answered {
		return s.results[0].err
	}
	return nil
}

// without is what becomes of a part that can not call.
func (r *run) without(p *part, s *state, err *fault.Error) *fault.Error {
	if p.each != nil {
		return err
	}
	s.results = s.room[:]
	s.results[0] = result{err: err}
	r.standIn(p, &s.results[0], nil)
	if s.results[0].answered {
		return nil
	}
	return err
}

// callEach makes a call for each element of the part's list, some at once.
func (r *run) callEach(ctx context.Context, p *part, s *state) *fault.Error {
	elements, err := r.elements(p, s)
	if err != nil {
		return err
	}
	if n := r.left.take(len(elements)); n < len(elements) {
		if !p.optional || n == 0 {
			return tooMany()
		}
		elements, s.over = elements[:n], true
	}
	s.results = make([]result, len(elements))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var next, lost atomic.Int32
	var first atomic.Pointer[fault.Error]
	work := func(l *letter) {
		for i := int(next.Add(1)) - 1; i < len(elements); i = int(next.Add(1)) - 1 {
			res := r.fetch(ctx, p, l, elements[i])
			s.results[i] = res
			if res.answered || res.err == nil {
				continue
			}
			first.CompareAndSwap(nil, res.err)
			lost.Add(1)
			if !p.optional {
				cancel()
			}
		}
	}
	var others sync.WaitGroup
	for range min(p.each.atOnce, len(elements)) - 1 {
		others.Go(func() { work(new(letter)) })
	}
	work(&s.letter)
	others.Wait()
	if lost.Load() > 0 && (!p.optional || int(lost.Load()) == len(elements)) {
		return first.Load()
	}
	return nil
}

// elements returns those of the part's list that are called for.
func (r *run) elements(p *part, s *state) ([]value, *fault.Error) {
	var found reader
	list := &p.each.list
	if list.kind == fromPart {
		if err := r.readPart(&found, list); err != nil {
			return nil, fault.From(err)
		}
	} else if err := found.read(r.Message, list.path); err != nil {
		return nil, unreadable(err)
	}
	if len(found.values) <= p.each.max {
		return found.values, nil
	}
	if p.optional {
		s.over = true
		return found.values[:p.each.max], nil
	}
	err := fmt.Errorf("%d elements, of which there may be %d", len(found.values), p.each.max)
	if list.kind == fromRequest {
		return nil, fault.Field(p.each.shown, fmt.Sprintf("may have %d elements", p.each.max)).Because(err)
	}
	return nil, fault.New(fault.UpstreamBadMessage, "the service's answer is longer than is let through").Because(err)
}

// outcome tells of a part that was performed.
func outcome(p *part, s *state) Outcome {
	o := Outcome{Part: p.name, Calls: len(s.results)}
	failure := s.err
	for i := range s.results {
		res := &s.results[i]
		if res.cached {
			o.Cached++
		}
		if res.instead != Nothing {
			o.Instead = res.instead
		}
		if failure == nil {
			failure = res.err
		}
	}
	if failure != nil {
		o.Code, o.Err = codes.Code(failure.Status.GetCode()), failure
	}
	return o
}
