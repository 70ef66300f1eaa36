package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/stream"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// callClientStream sends the messages of the request's body as they come and answers with the one message that they
// are answered with.
func (c *call) callClientStream(ctx context.Context) error {
	up, body, err := c.openUpload()
	if err != nil {
		return err // 400, 413, 415
	}
	defer body.Close()
	messages, err := c.open(ctx, upstream.Directions{Client: true})
	if err != nil {
		return err
	}
	defer c.close(messages)
	if err := c.sendAll(messages, up); err != nil {
		return err // 400, 403, 408, 413, 429
	}
	wire, err := messages.Receive()
	c.dialect.headers.Answer(c.w.Header(), c.r, messages.Header(), messages.Trailer())
	if err != nil {
		return err
	}
	return c.answer(wire, upstream.StatusCode(messages.Header(), messages.Trailer()))
}

// upload yields the messages of a request's body.
type upload interface {
	// next appends the wire bytes of the next message to dst; io.EOF after the last, a *fault.Error otherwise.
	next(dst []byte) ([]byte, error)
}

// sendAll sends what the body yields. An upstream that has heard enough is no error here: it has an answer.
func (c *call) sendAll(messages *openStream, up upload) error {
	room := newBuffer()
	defer room.free()
	for n := 0; ; n++ {
		var err error
		room.b, err = up.next(room.b[:0])
		if err == nil {
			err = inMessage(n, c.admitMessage(room.b, n == 0))
		}
		if err == nil {
			err = messages.Send(room.b)
			if errors.Is(err, io.EOF) {
				return nil
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return messages.CloseSend()
		case err != nil:
			return err
		}
	}
}

// openUpload chooses how the body is read, by its Content-Type. It returns the body, to be closed in the end, beside the
// messages in it.
func (c *call) openUpload() (upload, io.Closer, error) {
	kind := c.bodyMedia()
	limit := c.table.limits.upload
	if !c.op.rawBody && kind != mediaParts {
		limit = math.MaxInt64 // each message has its own; their number is for the upstream to bound
	}
	body, err := c.openBody(limit)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case kind == mediaParts:
		up, err := c.openParts(body)
		return up, body, err
	case c.op.rawBody:
		return &rawUpload{call: c, body: body, contentType: c.r.Header.Get("Content-Type"), first: true}, body, nil
	case kind == mediaJSON, kind == mediaLines:
		return c.newJSONUpload(body), body, nil
	default:
		return nil, nil, unsupported("application/x-ndjson or application/json")
	}
}

// rawUpload makes messages of the bytes of a body, as many at a time as have arrived.
type rawUpload struct {
	*call
	body        io.Reader
	contentType string
	first       bool
	room        [rawChunk]byte
}

// rawChunk is the most bytes that a message of an upload holds.
const rawChunk = 32 << 10

func (u *rawUpload) next(dst []byte) ([]byte, error) {
	n, err := u.body.Read(u.room[:])
	if n == 0 && err != nil && !(u.first && errors.Is(err, io.EOF)) {
		return dst, err
	}
	contentType := ""
	if u.first {
		contentType = u.contentType
	}
	dst = u.op.rawInto.Append(dst, contentType, u.room[:n])
	return u.parameters(dst, &u.first)
}

// parameters appends what query and path give to the first message.
func (c *call) parameters(dst []byte, first *bool) ([]byte, error) {
	if !*first {
		return dst, nil
	}
	*first = false
	dst, err := c.op.request.AppendWire(dst, nil, c.r.URL.RawQuery, c.vars)
	return dst, badRequest(err)
}

// jsonUpload makes a message of each JSON value of a body.
type jsonUpload struct {
	*call
	values *stream.Reader
	count  int
}

func (c *call) newJSONUpload(body io.Reader) *jsonUpload {
	return &jsonUpload{call: c, values: stream.NewReader(body, stream.ReaderOptions{
		Max: c.table.limits.streamMessage, Array: !c.dialect.gateway && c.op.request.TakesObjects(),
	})}
}

func (u *jsonUpload) next(dst []byte) ([]byte, error) {
	value, err := u.values.Next()
	if err != nil {
		return dst, u.fault(err)
	}
	dst, err = u.op.request.AppendMessage(dst, value, u.count == 0, u.r.URL.RawQuery, u.vars)
	if err != nil {
		err = inMessage(u.count, badRequest(err))
	}
	u.count++
	return dst, err
}

func (u *jsonUpload) fault(err error) error {
	bad, ok := errors.AsType[*stream.BodyError](err)
	switch {
	case !ok:
		return err
	case bad.TooLarge:
		return tooLarge(int64(u.table.limits.streamMessage))
	default:
		return inMessage(u.count, fault.Field("$", fmt.Sprintf("%s (offset %d)", bad.Problem, bad.Offset)))
	}
}

// inMessage says which message of a stream is wrong, the first being 0.
func inMessage(n int, err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.HTTP != http.StatusBadRequest {
		return err
	}
	f.Status.Message = fmt.Sprintf("message %d: %s", n, f.Status.GetMessage())
	return f
}
