package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/tracing"
	"github.com/gatehouse-edge/gatehouse/internal/stream"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// callServerStream calls a method that answers with a stream.
func (c *call) callServerStream(ctx context.Context) error {
	messages, err := c.askStream(ctx)
	if err != nil {
		return err
	}
	defer c.close(messages)
	return c.pass(messages)
}

// askStream opens a call with the one message that the request makes, and holds no memory of it when it returns.
func (c *call) askStream(ctx context.Context) (*openStream, error) {
	request := newBuffer()
	defer request.free()
	if err := c.readMessage(request); err != nil {
		return nil, err // 400, 403, 408, 413, 415, 429
	}
	messages, err := c.open(ctx, upstream.Directions{Server: true})
	if err != nil {
		return nil, err
	}
	if err = messages.Send(request.b); err == nil || errors.Is(err, io.EOF) { // EOF: the status comes with Receive
		err = messages.CloseSend()
	}
	if err != nil {
		c.close(messages)
		return nil, err
	}
	return messages, nil
}

// openStream is a call whose messages come one by one, and the way to end it.
type openStream struct {
	*upstream.Stream
	ctx      context.Context
	cancel   context.CancelCauseFunc
	patience time.Duration // with an upstream that takes no message
	began    time.Time
	idle     time.Duration // how long it may be silent; 0 for ever
	silence  *time.Timer   // that ends it then; nil for none
	span     tracing.Call
	single   bool  // the answer is one message
	failed   error // how the call ended; that it was given up, until it is known
}

// errGivenUp is how a call ended of which nobody heard the end.
var errGivenUp = fault.New(fault.ClientGone, "the call was given up")

// heard begins a new silence.
func (s *openStream) heard() {
	if s.silence != nil {
		s.silence.Reset(s.idle)
	}
}

// open begins a call that may last: the table's upstreams stay open until it is closed.
func (c *call) open(ctx context.Context, d upstream.Directions) (*openStream, error) {
	if err := c.enter(ctx); err != nil {
		return nil, err // 503
	}
	ctx, cancel := context.WithCancelCause(ctx)
	ctx, span := c.edge.door.tracer.Call(ctx, c.op.path, c.op.target.Name())
	s, err := c.op.target.Open(ctx, c.op.path, d)
	if err != nil {
		span.End(err)
		cancel(nil)
		c.leave(len(c.op.policy.gates))
		return nil, err
	}
	c.streaming = d.Server
	c.table.calls.Add(1)
	o := &openStream{
		Stream: s, began: time.Now(), ctx: ctx, cancel: cancel, patience: c.table.limits.timeout, idle: c.op.idle,
		span: span, single: !d.Server, failed: errGivenUp,
	}
	if o.idle > 0 {
		o.silence = time.AfterFunc(o.idle, func() {
			cancel(fault.New(fault.UpstreamTimeout, fmt.Sprintf("the stream was silent for %s", o.idle)))
		})
	}
	return o, nil
}

func (c *call) close(s *openStream) {
	s.cancel(nil)
	c.asked, c.retries = time.Since(s.began), s.Retries()
	s.span.End(s.failed)
	if s.silence != nil {
		s.silence.Stop()
	}
	c.leave(len(c.op.policy.gates))
	c.table.calls.Done()
}

// Receive is [upstream.Stream.Receive], but for a call that was ended on purpose: the purpose is its error.
func (s *openStream) Receive() ([]byte, error) {
	wire, err := s.Stream.Receive()
	s.heard()
	err = s.purpose(err)
	switch {
	case errors.Is(err, io.EOF), err == nil && s.single:
		s.failed = nil
	case err != nil:
		s.failed = err
	}
	return wire, err
}

// Send is [upstream.Stream.Send], but not for ever: an upstream that takes nothing is given up. Nobody else would end the
// call, as a client that leaves is only noticed where its body is read.
func (s *openStream) Send(wire []byte) error {
	stalled := time.AfterFunc(s.patience, func() {
		s.cancel(fault.New(fault.UpstreamTimeout, "the service did not take the next message in time"))
	})
	defer stalled.Stop()
	defer s.heard()
	return s.purpose(s.Stream.Send(wire))
}

func (s *openStream) purpose(err error) error {
	if err != nil && s.ctx.Err() != nil {
		if cause, ok := errors.AsType[*fault.Error](context.Cause(s.ctx)); ok {
			return cause
		}
	}
	return err
}

// pass passes the messages of an answer on as they come.
func (c *call) pass(messages *openStream) error {
	if c.form == formRaw {
		return c.passRaw(messages)
	}
	out := c.framing(func() { messages.cancel(nil) })
	defer out.Close()
	return c.passTo(out, messages)
}

// passTo passes messages on in a framing. The HTTP status waits for the first message or error.
func (c *call) passTo(out stream.Writer, messages *openStream) error {
	for first := true; ; first = false {
		wire, err := messages.Receive()
		if first {
			c.dialect.headers.Answer(c.w.Header(), c.r, messages.Header(), nil)
			c.op.success.announce(c.w.Header())
		}
		switch {
		case errors.Is(err, io.EOF):
			return ended(out.End())
		case err != nil && out.Started():
			return c.breakOff(out, err)
		case err != nil:
			return err
		case c.r.Method == http.MethodHead:
			return ended(out.Head()) // the rest, which may have no end, would go nowhere
		}
		if err := c.passOne(out, wire); err != nil {
			return err
		}
	}
}

// passOne passes one message on. It holds no memory while the next is waited for.
func (c *call) passOne(out stream.Writer, wire []byte) error {
	room := newBuffer()
	defer room.free()
	err := c.render(room, wire)
	switch {
	case err == nil:
		return ended(out.Send(room.b, c.event(wire)))
	case out.Started():
		return c.breakOff(out, err)
	default:
		return err
	}
}

// render makes what is sent of a message: its JSON or, where a WebSocket carries a google.api.HttpBody, its bytes.
func (c *call) render(room *buffer, wire []byte) (err error) {
	if c.op.rawReply {
		_, data, ok := transcode.ReadHTTPBody(wire, c.op.rawField)
		if !ok {
			return notUnderstood(nil)
		}
		room.b = append(room.b, data...)
		return nil
	}
	if room.b, err = c.response.AppendJSON(room.b, wire); err != nil {
		return notUnderstood(err)
	}
	return nil
}

// event is what the message says of itself as a server-sent event.
func (c *call) event(wire []byte) stream.Event {
	var e stream.Event
	if c.form != formEvents {
		return e
	}
	if c.op.eventID != nil {
		e.ID = c.op.eventID.Text(wire)
	} else {
		if seen, err := strconv.ParseUint(c.r.Header.Get("Last-Event-Id"), 10, 63); err == nil && c.events == 0 {
			c.events = seen // a client that comes back counts on
		}
		c.events++
		e.ID = strconv.FormatUint(c.events, 10)
	}
	if c.op.eventType != nil {
		e.Type = c.op.eventType.Text(wire)
	}
	return e
}

// ended marks the error of a write that came too late to be answered with.
func ended(err error) error {
	if err != nil {
		return begun(err)
	}
	return nil
}

// breakOff tells the client in the stream's own form that it failed, or aborts the transfer where there is none.
func (c *call) breakOff(out stream.Writer, cause error) error {
	err := out.Error(bytes.TrimSpace(fault.From(cause).JSON(c.id, c.streamErrorFormat())))
	if errors.Is(err, stream.ErrAbort) {
		return aborted(cause)
	}
	return begun(cause, err)
}

// streamErrorFormat is that of an error within a stream, whose framing wraps it itself.
func (c *call) streamErrorFormat() fault.Format {
	if f := c.errorFormat(); f != fault.Chunk {
		return f
	}
	return fault.Unpopulated
}

// framing is how the messages are put into the response.
func (c *call) framing(broken func()) stream.Writer {
	switch c.form {
	case formEvents:
		return stream.NewSSE(c.w, stream.SSEOptions{
			Heartbeat: c.table.streams.heartbeat, Retry: c.table.streams.retry, Broken: broken,
		})
	case formArray:
		return stream.NewArray(c.w)
	default:
		out := stream.NewNDJSON(c.w)
		out.Result = c.form == formResults
		return out
	}
}

// passRaw passes on the bytes of a stream of google.api.HttpBody. When it fails in the middle, the transfer is aborted,
// for bytes have no place for an error.
func (c *call) passRaw(messages *openStream) error {
	flusher, started := http.NewResponseController(c.w), false
	for {
		wire, err := messages.Receive()
		if !started {
			c.dialect.headers.Answer(c.w.Header(), c.r, messages.Header(), nil)
			c.op.success.announce(c.w.Header())
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && started:
			return aborted(err)
		case err != nil:
			return err
		}
		contentType, data, ok := transcode.ReadHTTPBody(wire, c.op.rawField)
		switch {
		case !ok && started:
			return aborted(notUnderstood(nil))
		case !ok:
			return notUnderstood(nil)
		case !started:
			c.w.Header().Set("Content-Type", or(contentType, "application/octet-stream"))
			c.w.Header().Set("X-Content-Type-Options", "nosniff")
			started = true
		}
		if c.r.Method == http.MethodHead {
			return nil
		}
		if err := c.writeRaw(data, flusher); err != nil {
			return err
		}
	}
}

var newline = []byte("\n")

func (c *call) writeRaw(data []byte, flusher *http.ResponseController) error {
	if err := c.write(data); err != nil {
		return err
	}
	if c.dialect.gateway {
		if err := c.write(newline); err != nil { // its clients may split at them
			return err
		}
	}
	return ended(flusher.Flush())
}
