package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// callUnary calls the upstream and answers with what it says.
func (c *call) callUnary(ctx context.Context) error {
	request := newBuffer()
	defer request.free()
	if err := c.readMessage(request); err != nil {
		return err // 400, 403, 408, 413, 415, 429
	}
	reply := upstream.NewReply()
	defer reply.Free()
	err := c.ask(ctx, request.b, reply)
	c.dialect.headers.Answer(c.w.Header(), c.r, reply.Header, reply.Trailer)
	if err != nil {
		return err
	}
	return c.answer(reply.Message.Bytes(), upstream.StatusCode(reply.Header, reply.Trailer))
}

// ask sends the one message and waits for the answer.
func (c *call) ask(ctx context.Context, request []byte, reply *upstream.Reply) error {
	if err := c.enter(ctx); err != nil {
		return err // 503
	}
	defer c.leave(len(c.op.policy.gates))
	defer c.since(time.Now())
	ctx, span := c.edge.door.tracer.Call(ctx, c.op.path, c.op.target.Name())
	err := c.op.target.Unary(ctx, c.op.path, request, reply)
	c.retries = reply.Retries()
	span.End(err)
	return err
}

// since says from when on the upstream was asked.
func (c *call) since(began time.Time) { c.asked = time.Since(began) }

// selectResponse takes the operation's response, cut down to what ?fields= asks for.
func (c *call) selectResponse() error {
	c.response = c.op.response
	if !c.op.selectable || c.r.URL.RawQuery == "" {
		return nil
	}
	fields, ok := transcode.QueryValue(c.r.URL.RawQuery, fieldsParameter)
	if !ok {
		return nil
	}
	cut, err := c.op.response.Select(fields)
	if err != nil {
		return badRequest(err)
	}
	c.response = cut
	return nil
}

// streamFrom is the size of a message from which its JSON is sent in pieces instead of being held whole.
const streamFrom = 512 << 10

// answer writes the one message that a call is answered with. status is what the upstream asked for, 0 for nothing.
func (c *call) answer(wire []byte, status int) error {
	h := c.w.Header()
	status = c.op.succeed(h, wire, status)
	switch {
	case status == http.StatusNoContent:
		c.begin(status)
		return nil
	case c.form == formRaw:
		return c.answerRaw(wire, status)
	case c.form == formJSON && len(wire) >= streamFrom:
		return c.answerInPieces(wire, status)
	}
	room := newBuffer()
	defer room.free()
	kind, err := jsonType, error(nil)
	if c.form == formProtobuf {
		kind = protobufType
		room.b, err = c.response.AppendProto(room.b, wire)
	} else {
		room.b, err = c.response.AppendJSON(room.b, wire)
	}
	switch {
	case err != nil:
		return notUnderstood(err)
	case c.isTagged(status) && c.unchanged(wire, xxhash.Sum64(room.b)):
		c.begin(http.StatusNotModified)
		return nil
	}
	h["Content-Type"] = kind
	c.announce(len(room.b))
	if status != http.StatusOK {
		c.begin(status)
	}
	return c.write(room.b)
}

var (
	jsonType     = []string{typeJSON}
	protobufType = []string{typeProtobuf}
)

// answerInPieces writes the JSON of a large message while it is made. For its entity tag it is made once before.
func (c *call) answerInPieces(wire []byte, status int) error {
	if c.isTagged(status) {
		sum := xxhash.New()
		err := c.inPieces(wire, func(piece []byte) error {
			_, err := sum.Write(piece)
			return err
		})
		switch {
		case err != nil:
			return err
		case c.unchanged(wire, sum.Sum64()):
			c.begin(http.StatusNotModified)
			return nil
		}
	}
	c.w.Header()["Content-Type"] = jsonType
	return c.inPieces(wire, func(piece []byte) error {
		if c.status == 0 && status != http.StatusOK {
			c.begin(status)
		}
		return c.write(piece)
	})
}

func (c *call) inPieces(wire []byte, write func([]byte) error) error {
	room := newBuffer()
	defer room.free()
	var err error
	room.b, err = c.response.Stream(room.b, wire, write)
	if _, ok := errors.AsType[*begunError](err); ok || err == nil {
		return err
	}
	return notUnderstood(err)
}

// announce tells the length of the answer, unless trailers follow it, for which HTTP/1.1 has no place then.
func (c *call) announce(length int) {
	h := c.w.Header()
	if c.dialect.gateway {
		for name := range h {
			if strings.HasPrefix(name, http.TrailerPrefix) {
				return
			}
		}
	}
	h["Content-Length"] = c.value(lengthValue, strconv.Itoa(length))
}
