package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// callUnary calls the upstream and answers with what it says.
func (c *call) callUnary(ctx context.Context) error {
	response, err := c.selected()
	if err != nil {
		return err // 400
	}
	request := newBuffer()
	defer request.free()
	if err := c.translateIn(request, response); err != nil {
		return err // 400, 408, 413, 415
	}
	reply := upstream.NewReply()
	defer reply.Free()
	err = c.op.target.Unary(ctx, c.op.rpc, request.b, reply)
	c.dialect.headers.Answer(c.w.Header(), c.r, reply.Header, reply.Trailer)
	if err != nil {
		return err
	}
	return c.answer(response, reply.Message.Bytes(), upstream.StatusCode(reply.Header, reply.Trailer))
}

// selected is the operation's response, cut down to what ?fields= asks for.
func (c *call) selected() (*transcode.Response, error) {
	if !c.op.selectable || c.r.URL.RawQuery == "" {
		return c.op.response, nil
	}
	fields, ok := transcode.QueryValue(c.r.URL.RawQuery, fieldsParameter)
	if !ok {
		return c.op.response, nil
	}
	response, err := c.op.response.Select(fields)
	return response, badRequest(err)
}

// streamFrom is the size of a message from which its JSON is sent in pieces instead of being held whole.
const streamFrom = 512 << 10

// answer writes the one message that a call is answered with. status is what the upstream asked for, 0 for nothing.
func (c *call) answer(response *transcode.Response, wire []byte, status int) error {
	h := c.w.Header()
	status = c.op.succeed(h, wire, status)
	switch {
	case status == http.StatusNoContent:
		c.begin(status)
		return nil
	case c.form == formRaw:
		return c.answerRaw(wire, status)
	case status == http.StatusOK && c.unchanged(wire):
		c.begin(http.StatusNotModified)
		return nil
	}
	room := newBuffer()
	defer room.free()
	var err error
	switch {
	case c.form == formProtobuf:
		h["Content-Type"] = protobufType
		room.b, err = response.AppendProto(room.b, wire)
	case len(wire) >= streamFrom:
		h["Content-Type"] = jsonType
		return c.answerInPieces(response, wire, status, room)
	default:
		h["Content-Type"] = jsonType
		room.b, err = response.AppendJSON(room.b, wire)
	}
	if err != nil {
		return notUnderstood(err)
	}
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

// answerInPieces writes the JSON of a large message while it is made.
func (c *call) answerInPieces(response *transcode.Response, wire []byte, status int, room *buffer) error {
	first := true
	var err error
	room.b, err = response.Stream(room.b, wire, func(piece []byte) error {
		if first && status != http.StatusOK {
			c.begin(status)
		}
		first = false
		return c.write(piece)
	})
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
