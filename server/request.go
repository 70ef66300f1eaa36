package server

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// translateIn makes the wire bytes of the request message of body, query and path, and of what else the request says.
func (c *call) translateIn(into *buffer) error {
	if err := c.translateBody(into); err != nil {
		return err
	}
	into.b = c.appendImplied(into.b)
	return nil
}

// readMessage makes the one message of a request and decides whether it may be sent.
func (c *call) readMessage(into *buffer) error {
	if err := c.translateIn(into); err != nil {
		return err // 400, 408, 413, 415
	}
	return c.admitMessage(into.b, true) // 400, 403, 429
}

// appendImplied appends to a request message the tag of If-Match, and which fields of the answer the client wants.
func (c *call) appendImplied(dst []byte) []byte {
	if c.op.etagSlot != nil {
		if tag, ok := c.ifMatch(); ok {
			dst = c.op.etagSlot.append(dst, tag)
		}
	}
	if c.response != c.op.response {
		dst = c.op.request.AppendReadMask(dst, c.response.MaskPaths())
	}
	return dst
}

func (c *call) translateBody(into *buffer) error {
	kind := c.bodyMedia()
	if kind == mediaParts {
		return c.translateParts(into)
	}
	room := newBuffer()
	defer room.free()
	var body []byte
	var err error
	if c.op.binding.Body != schema.NoBody || kind == mediaForm {
		if body, err = c.readBody(room); err != nil {
			return err
		}
	}
	request, query := c.op.request, c.r.URL.RawQuery
	switch {
	case c.op.rawBody:
		into.b = c.op.rawInto.Append(into.b, c.r.Header.Get("Content-Type"), body)
		into.b, err = request.AppendWire(into.b, nil, query, c.vars)
	case kind == mediaJSON || len(body) == 0:
		into.b, err = request.AppendWire(into.b, body, query, c.vars)
	case kind == mediaProtobuf:
		into.b, err = request.AppendProto(into.b, body, query, c.vars)
	case kind == mediaForm && c.op.binding.Body == schema.NoBody: // grpc-gateway's clients may send parameters so
		into.b, err = request.AppendWire(into.b, nil, joined(query, string(body)), c.vars)
	case kind == mediaForm:
		into.b, err = request.AppendForm(into.b, string(body), query, c.vars)
	default:
		return unsupported("application/json, application/protobuf, application/x-www-form-urlencoded or multipart/form-data")
	}
	return badRequest(err)
}

// bodyMedia is how the request's body is read.
func (c *call) bodyMedia() media {
	contentType := c.r.Header.Get("Content-Type")
	switch {
	case c.op.binding.Body == schema.NoBody && !c.dialect.gateway:
		return mediaJSON // there is none
	case c.op.binding.Body == schema.NoBody:
		if mediaOf(contentType) == mediaForm {
			return mediaForm
		}
		return mediaJSON
	case c.dialect.ignoreType:
		return mediaJSON
	default:
		return mediaOf(contentType)
	}
}

func joined(query, form string) string {
	if query == "" || form == "" {
		return query + form
	}
	return query + "&" + form
}

// etagSlot is where a request message holds the tag that a resource must still have.
type etagSlot struct {
	outer protowire.Number // the resource's, if it is there that the tag is; or 0
	field protowire.Number
}

func (s *etagSlot) append(dst []byte, tag string) []byte {
	if s.outer != 0 {
		dst = protowire.AppendTag(dst, s.outer, protowire.BytesType)
		dst = protowire.AppendVarint(dst, uint64(protowire.SizeTag(s.field)+protowire.SizeBytes(len(tag))))
	}
	return protowire.AppendString(protowire.AppendTag(dst, s.field, protowire.BytesType), tag)
}

// badRequest turns the transcoder's error into a fault that names the field.
func badRequest(err error) error {
	bad, ok := errors.AsType[*transcode.Error](err)
	switch {
	case err == nil:
		return nil
	case !ok:
		return err
	case bad.Offset >= 0:
		return fault.Field(bad.Path, fmt.Sprintf("%s (offset %d)", bad.Reason, bad.Offset))
	default:
		return fault.Field(bad.Path, bad.Reason)
	}
}
