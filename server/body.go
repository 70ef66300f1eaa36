package server

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/coding"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// buffers are rooms for bodies, messages and answers. A room that has grown beyond keep is left to the collector.
var buffers = sync.Pool{New: func() any { return &buffer{b: make([]byte, 0, 4<<10)} }}

const keep = 1 << 20

type buffer struct{ b []byte }

func newBuffer() *buffer { return buffers.Get().(*buffer) }

func (b *buffer) free() {
	if cap(b.b) > keep {
		return
	}
	b.b = b.b[:0]
	buffers.Put(b)
}

// openBody returns the request's body, decoded, whose parts have to come in time. Its errors are *fault.Error. It is to
// be closed before the call goes on.
func (c *call) openBody(limit int64) (io.ReadCloser, error) {
	if c.r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	timed := &timedBody{ReadCloser: c.r.Body, read: &c.received, control: http.NewResponseController(c.w), patience: c.table.limits.bodyTimeout}
	if !c.op.hears() {
		timed.latest = time.Now().Add(timed.patience)
	}
	decoded, err := coding.Reader(timed, strings.Join(c.r.Header["Content-Encoding"], ","), limit)
	if errors.Is(err, coding.ErrUnknown) {
		return nil, fault.New(fault.UnsupportedMedia, "the body's Content-Encoding is not known here; there are gzip and zstd").
			With("Accept-Encoding", "gzip, zstd")
	}
	if err != nil {
		return nil, bodyFault(err, limit)
	}
	return &faultyBody{ReadCloser: decoded, limit: limit}, nil
}

// timedBody gives a client so long to send the next part of a body. One that is no stream has to come at some pace besides:
// who sends a byte now and then would hold a call for days.
type timedBody struct {
	io.ReadCloser
	control  *http.ResponseController
	patience time.Duration
	read     *int64    // bytes so far
	latest   time.Time // when what has been read so far has to be followed by more; zero for streams
}

// leastPace is the bytes of a body that have to come in a second, on the whole.
const leastPace = 1 << 10

func (t *timedBody) Read(p []byte) (int, error) {
	deadline := time.Now().Add(t.patience)
	if !t.latest.IsZero() && t.latest.Before(deadline) {
		deadline = t.latest
	}
	t.control.SetReadDeadline(deadline) //nolint:errcheck // a writer without deadlines is a test's
	n, err := t.ReadCloser.Read(p)
	*t.read += int64(n)
	if !t.latest.IsZero() {
		t.latest = t.latest.Add(time.Duration(n) * time.Second / leastPace)
	}
	if errors.Is(err, io.EOF) {
		t.control.SetReadDeadline(time.Time{}) //nolint:errcheck // likewise
	}
	return n, err
}

// Close leaves the body itself open: net/http reads on in it, so that the connection can be used again. For that, the client
// has what is left of the time for the next part.
func (t *timedBody) Close() error { return nil }

// faultyBody makes faults of what goes wrong when a body is read.
type faultyBody struct {
	io.ReadCloser
	limit int64
}

func (f *faultyBody) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = bodyFault(err, f.limit)
	}
	return n, err
}

func bodyFault(err error, limit int64) error {
	switch {
	case errors.Is(err, coding.ErrTooLarge):
		return tooLarge(limit)
	case errors.Is(err, coding.ErrCorrupt):
		return fault.New(fault.BadRequest, "the body can not be decompressed").Because(err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fault.New(fault.BodyTimeout, "the rest of the body did not come in time").Because(err).With("Connection", "close")
	default:
		return fault.New(fault.BadRequest, "the body could not be read to its end").Because(err)
	}
}

func tooLarge(limit int64) error {
	return fault.New(fault.BodyTooLarge, fmt.Sprintf("the body is larger than the %d bytes that are let through", limit))
}

// readBody reads the request's whole body into the buffer.
func (c *call) readBody(into *buffer) ([]byte, error) {
	if c.r.ContentLength == 0 {
		return nil, nil
	}
	limit := c.op.body
	body, err := c.openBody(int64(limit))
	if err != nil {
		return nil, err
	}
	defer body.Close()
	b := into.b[:0]
	for err == nil {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		var n int
		n, err = body.Read(b[len(b):min(cap(b), limit+1)])
		b = b[:len(b)+n]
		into.b = b
		if len(b) > limit {
			err = tooLarge(int64(limit))
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b, nil
}

// media is what a body is, by its Content-Type.
type media uint8

const (
	mediaOther media = iota
	mediaJSON        // also where nothing is said
	mediaLines
	mediaProtobuf
	mediaForm
	mediaParts
)

var mediaTypes = map[string]media{
	typeJSON: mediaJSON, typeLines: mediaLines, "application/jsonl": mediaLines, typeProtobuf: mediaProtobuf,
	"application/x-protobuf": mediaProtobuf, "application/x-www-form-urlencoded": mediaForm, "multipart/form-data": mediaParts,
}

func mediaOf(contentType string) media {
	if contentType == "" || contentType == typeJSON {
		return mediaJSON
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return mediaOther
	}
	if strings.HasSuffix(kind, "+json") {
		return mediaJSON
	}
	return mediaTypes[kind]
}

func unsupported(takes string) error {
	return fault.New(fault.UnsupportedMedia, "a body of this Content-Type is not taken here; send "+takes)
}
