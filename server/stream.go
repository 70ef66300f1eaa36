package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/stream"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// callStream calls a method that answers with a stream, and passes its messages on as they come. The HTTP status waits
// for the first message or error.
func (c *call) callStream(ctx context.Context, request []byte) error {
	if c.op.target == nil {
		return noUpstream(c.op)
	}
	ctx, cancel := context.WithCancel(ctx) // ends the call when the client leaves in mid-stream
	defer cancel()
	messages, err := c.op.target.ServerStream(ctx, c.op.rpc, request)
	if err != nil {
		return err
	}
	c.streaming = true
	if c.op.rawReply {
		return c.passRaw(messages)
	}
	out := stream.NewNDJSON(c.w)
	out.Result = c.table.dialect.gateway
	room := newBuffer()
	defer room.free()
	for {
		wire, err := messages.Receive()
		if !out.Started() {
			c.table.dialect.headers.Answer(c.w.Header(), c.r, messages.Header(), nil)
		}
		if err == nil {
			if room.b, err = c.op.response.AppendJSON(room.b[:0], wire); err != nil {
				err = notUnderstood(err)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return out.Start()
		case err != nil && out.Started():
			return begun(err, out.Error(bytes.TrimSpace(fault.From(err).JSON(c.id, c.errorFormat()))))
		case err != nil:
			return err
		case c.r.Method == http.MethodHead:
			return out.Start() // the rest, which may have no end, would go nowhere
		}
		if err := out.Message(room.b); err != nil {
			return begun(err)
		}
	}
}

var newline = []byte("\n")

// passRaw passes on the bytes of a stream of google.api.HttpBody. When it fails in the middle, the transfer is aborted,
// for bytes have no place for an error.
func (c *call) passRaw(messages *upstream.Stream) error {
	flusher, started := http.NewResponseController(c.w), false
	for {
		wire, err := messages.Receive()
		if !started {
			c.table.dialect.headers.Answer(c.w.Header(), c.r, messages.Header(), nil)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && started:
			panic(http.ErrAbortHandler)
		case err != nil:
			return err
		}
		contentType, data, ok := readHTTPBody(wire, 0)
		switch {
		case !ok && started:
			panic(http.ErrAbortHandler)
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
		if _, err := c.w.Write(data); err != nil {
			return begun(err)
		}
		if c.table.dialect.gateway {
			if err := c.write(newline); err != nil { // its clients may split at them
				return err
			}
		}
		if err := flusher.Flush(); err != nil {
			return begun(err)
		}
	}
}
