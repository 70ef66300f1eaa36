package compose

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// result is what became of one call.
type result struct {
	reply
	answered bool         // there is a response, or something in its stead
	err      *fault.Error // how it failed
	instead  Instead
	cached   bool
}

// fetch makes one call, for an element of the part's list if it has one.
func (r *run) fetch(ctx context.Context, p *part, l *letter, element value) (res result) {
	key, err := r.ask(ctx, p, l, element, &res)
	if err != nil {
		res = result{err: failed(ctx, err)}
		r.standIn(p, &res, key)
	}
	return res
}

// ask makes a call. It returns the key under which the response is kept. What panics has failed.
func (r *run) ask(ctx context.Context, p *part, l *letter, element value, res *result) (key []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = panicked(cause)
		}
	}()
	made, err := l.write(r, p, element)
	if err != nil || !made {
		return nil, err
	}
	res.answered = true
	if p.cache == nil {
		res.reply, err = r.call(ctx, p, l.request)
		return nil, err
	}
	key = r.keyOf(p, l.key)
	res.reply, res.cached, err = r.remember(ctx, p, l, key)
	return key, err
}

// standIn looks for something to take instead of a response.
func (r *run) standIn(p *part, res *result, key []byte) {
	if errors.Is(r.ctx.Err(), context.Canceled) {
		return // nobody waits for it
	}
	if p.lastGood > 0 && key != nil && isOutage(res.err) {
		if kept, ok := r.plan.opts.Store.get(key, p.lastGood); ok && r.plan.accepts(p, kept) {
			res.reply, res.answered, res.instead = kept, true, LastGood
			return
		}
	}
	if p.constant != nil {
		res.reply, res.answered, res.instead = reply{wire: p.constant}, true, Constant
	}
}

// remember makes a call whose response is kept or shared.
func (r *run) remember(ctx context.Context, p *part, l *letter, key []byte) (reply, bool, error) {
	times := lifetimes{age: p.cache.age, keep: max(p.cache.age, p.lastGood)}
	if p.cache.flight {
		shared, saved, err := r.plan.opts.Store.share(ctx, key, times, attempt{
			call:   func(ctx context.Context) (reply, error) { return r.call(ctx, p, l.request) },
			gaveUp: func() bool { return r.ctx.Err() != nil || errors.Is(ctx.Err(), context.Canceled) || r.left.isSpent() },
		})
		if !saved || r.plan.accepts(p, shared) {
			return shared, saved, err
		}
	}
	made, err := r.call(ctx, p, l.request)
	if err == nil && len(made.partial) == 0 {
		r.plan.opts.Store.put(key, reply{wire: slices.Clone(made.wire), soundTo: p.mark}, times.keep)
	}
	return made, false, err
}

// call makes a call and looks whether the response is sound.
func (r *run) call(ctx context.Context, p *part, request []byte) (reply, error) {
	switch {
	case ctx.Err() != nil: // as it is for all further elements of a list
		return reply{}, ctx.Err()
	case p.target.plan != nil:
		return r.callNested(ctx, p, request)
	case r.left.bytes.Load() < 0:
		return reply{}, tooMuch()
	}
	wire, err := r.Caller.Call(ctx, p.target, request)
	if err != nil {
		return reply{}, err
	}
	if !r.left.hold(len(wire)) {
		return reply{}, tooMuch()
	}
	if err := r.plan.check(p, wire); err != nil {
		return reply{}, malformed(err)
	}
	return reply{wire: wire, soundTo: p.mark}, nil
}

// accepts tells whether a response of the store can be a part of the answer. One that another plan has found sound, of other
// descriptors or limits, is looked at again.
func (p *Plan) accepts(to *part, kept reply) bool {
	return kept.soundTo == to.mark || p.check(to, kept.wire) == nil
}

// check tells why a response can not be a part of the answer, which begins one message further out.
func (p *Plan) check(of *part, response []byte) error {
	depth := p.opts.MaxDepth - 1
	doubtful, err := of.response.check(response, depth-1)
	if err == nil && doubtful && of.form != nil {
		err = of.form(response, depth)
	}
	return err
}

// callNested answers a call of a method that is composed itself.
func (r *run) callNested(ctx context.Context, p *part, request []byte) (reply, error) {
	inner := Request{Message: request, Caller: r.Caller, Vary: r.Vary, Whose: r.Whose, left: r.left}
	if r.Observer != nil {
		inner.Observer = within{r.Observer, p.name + "."}
	}
	// The whole answer tells of all that is missing itself.
	answer, err := p.target.plan.run(ctx, inner, p.splice.whole)
	return reply{answer.Message, answer.Partial, p.mark}, err
}

// within tells an observer of the parts of a part.
type within struct {
	Observer
	prefix string
}

func (w within) Begin(ctx context.Context, part string) context.Context {
	return w.Observer.Begin(ctx, w.prefix+part)
}

func (w within) End(ctx context.Context, o Outcome) {
	o.Part = w.prefix + o.Part
	w.Observer.End(ctx, o)
}

// keyOf is under what a response is kept: the part, whose it is, and what tells the call from others.
func (r *run) keyOf(p *part, call []byte) []byte {
	key := appendSized(nil, p.cache.id, r.Vary)
	if !p.cache.shared {
		key = append(key, r.identity...)
	}
	return append(key, call...)
}

// caller is who calls, and with what rights, as services may answer by either.
func (r *run) caller() []byte {
	whose := ""
	if r.Whose != nil {
		whose = r.Whose()
	}
	p := r.principal
	if p == nil {
		return appendSized([]byte{0}, whose)
	}
	return appendSized([]byte{1}, whose, p.Issuer, p.Subject, string(p.Method), p.Audience, strings.Join(p.Scopes, " "))
}

// appendSized adds texts so that it can be told where each ends.
func appendSized(dst []byte, texts ...string) []byte {
	for _, text := range texts {
		dst = binary.AppendUvarint(dst, uint64(len(text)))
		dst = append(dst, text...)
	}
	return dst
}
