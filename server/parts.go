package server

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// parts reads a multipart/form-data body part by part, so many at most.
type parts struct {
	reader *multipart.Reader
	left   int
	form   strings.Builder // the parts that are text, as a query
}

func (c *call) newParts(body io.Reader) (*parts, error) {
	_, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil, fault.New(fault.BadRequest, "the body's Content-Type names no boundary between its parts")
	}
	return &parts{reader: multipart.NewReader(body, params["boundary"]), left: c.table.limits.parts}, nil
}

// next returns the next part that fills a field with its bytes, and collects those that are parameters before it;
// io.EOF after the last.
func (p *parts) next(request *transcode.Request) (*multipart.Part, transcode.FormField, error) {
	for {
		part, err := p.reader.NextRawPart()
		if err != nil {
			return nil, transcode.FormField{}, partFault(err)
		}
		if p.left--; p.left < 0 {
			return nil, transcode.FormField{}, fault.New(fault.BodyTooLarge, "the body has more parts than are let through")
		}
		if field, ok := request.FormField(part.FormName()); ok {
			return part, field, nil
		}
		if err := p.collect(part); err != nil {
			return nil, transcode.FormField{}, err
		}
	}
}

// maxText is the most bytes that a part which is a parameter may have.
const maxText = 64 << 10

func (p *parts) collect(part *multipart.Part) error {
	text, err := io.ReadAll(io.LimitReader(part, maxText+1))
	switch {
	case err != nil:
		return partFault(err)
	case len(text) > maxText:
		return fault.New(fault.BodyTooLarge, fmt.Sprintf("a part of the body is larger than the %d bytes that a parameter may have", maxText))
	}
	if p.form.Len() > 0 {
		p.form.WriteByte('&')
	}
	p.form.WriteString(url.QueryEscape(part.FormName()) + "=" + url.QueryEscape(string(text)))
	return nil
}

func partFault(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if err == io.EOF { //nolint:errorlint // wrapped, it is a body that ends too soon
		return err
	}
	return fault.New(fault.BadRequest, "the body is no well-formed multipart/form-data").Because(errors.New(err.Error()))
}

// translateParts makes the request message of a multipart body: files become bytes fields, or a google.api.HttpBody;
// other parts are parameters.
func (c *call) translateParts(into *buffer) error {
	body, err := c.openBody(int64(c.op.body))
	if err != nil {
		return err
	}
	defer body.Close()
	p, err := c.newParts(body)
	if err != nil {
		return err
	}
	room := newBuffer()
	defer room.free()
	for {
		part, field, err := p.next(c.op.request)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if room.b, err = appendAll(room.b[:0], part); err != nil {
			return partFault(err)
		}
		into.b = field.Append(into.b, part.Header.Get("Content-Type"), room.b)
	}
	into.b, err = c.op.request.AppendForm(into.b, p.form.String(), c.r.URL.RawQuery, c.vars)
	return badRequest(err)
}

// appendAll reads r, which is bounded, to its end.
func appendAll(dst []byte, r io.Reader) ([]byte, error) {
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

// partsUpload makes messages of the files of a multipart body, a chunk at a time. Parts before the first file are
// parameters of the first message.
type partsUpload struct {
	*call
	parts *parts
	part  *multipart.Part
	field transcode.FormField
	first bool
	room  [rawChunk]byte
}

func (c *call) openParts(body io.Reader) (upload, error) {
	p, err := c.newParts(body)
	if err != nil {
		return nil, err
	}
	return &partsUpload{call: c, parts: p, first: true}, nil
}

func (u *partsUpload) next(dst []byte) ([]byte, error) {
	for {
		contentType := ""
		if u.part == nil {
			var err error
			if u.part, u.field, err = u.parts.next(u.op.request); err != nil {
				return u.last(dst, err)
			}
			contentType = u.part.Header.Get("Content-Type")
		}
		n, err := u.part.Read(u.room[:])
		if errors.Is(err, io.EOF) {
			u.part = nil
		} else if err != nil {
			return dst, partFault(err)
		}
		if n > 0 {
			return u.parameters(u.field.Append(dst, contentType, u.room[:n]))
		}
	}
}

// last is the end of a body. One without files is a message of its parameters alone.
func (u *partsUpload) last(dst []byte, err error) ([]byte, error) {
	if !errors.Is(err, io.EOF) || !u.first {
		return dst, err
	}
	return u.parameters(dst)
}

func (u *partsUpload) parameters(dst []byte) ([]byte, error) {
	if !u.first {
		return dst, nil
	}
	u.first = false
	dst, err := u.op.request.AppendForm(dst, u.parts.form.String(), u.r.URL.RawQuery, u.vars)
	return dst, badRequest(err)
}
