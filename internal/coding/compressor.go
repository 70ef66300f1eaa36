package coding

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
)

// state is how far a response has come.
type state uint8

const (
	fresh      state = iota // it has no status yet
	held                    // its status and first bytes are held back until its size decides
	plain                   // it is passed on as it is
	compressed              // it is passed on through the encoder
	ended
)

// compressor is a response that is compressed, or not, once enough of it is known.
type compressor struct {
	http.ResponseWriter
	pool     *sync.Pool
	coding   string
	minBytes int

	state   state
	status  int
	first   []byte // held back
	encoder encoder
}

var errEnded = errors.New("the response has ended")

// Unwrap is for http.ResponseController.
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// WriteHeader takes the response's status. A second one is ignored; those of 1xx pass.
func (c *compressor) WriteHeader(status int) {
	switch {
	case c.state != fresh:
	case status < http.StatusOK && status != http.StatusSwitchingProtocols:
		c.ResponseWriter.WriteHeader(status)
	default:
		c.state, c.status = held, status
		c.decide()
	}
}

// decide ends the holding back if the headers tell what is to be done.
func (c *compressor) decide() {
	h := c.Header()
	packs := packs(h.Get("Content-Type"))
	if packs || c.status == http.StatusNotModified {
		addVary(h)
	}
	if c.status == http.StatusNotModified {
		weaken(h)
	}
	length, unknown := strconv.Atoi(h.Get("Content-Length"))
	switch {
	case !packs, !mayEncode(c.status, h), unknown == nil && length < c.minBytes:
		c.pass()
	case unknown == nil:
		c.compress()
	}
}

// pass begins a response that is left as it is.
func (c *compressor) pass() {
	c.state = plain
	c.ResponseWriter.WriteHeader(c.status)
}

// compress begins a compressed response.
func (c *compressor) compress() {
	c.state = compressed
	h := c.Header()
	h.Del("Content-Length")
	h.Set("Content-Encoding", c.coding)
	weaken(h)
	c.ResponseWriter.WriteHeader(c.status)
	c.encoder = c.pool.Get().(encoder)
	c.encoder.Reset(c.ResponseWriter)
}

// Write holds back what is too little to tell a small response from a large one.
func (c *compressor) Write(p []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	if c.state == held && len(c.first)+len(p) < c.minBytes {
		c.first = append(c.first, p...)
		return len(p), nil
	}
	if err := c.start(); err != nil {
		return 0, err
	}
	return c.write(p)
}

// start ends the holding back, if it lasts, of what is large enough or flushed.
func (c *compressor) start() error {
	if c.state != held {
		return nil
	}
	c.compress()
	return c.release()
}

func (c *compressor) write(p []byte) (int, error) {
	switch c.state {
	case plain:
		return c.ResponseWriter.Write(p)
	case compressed:
		return c.encoder.Write(p)
	default:
		return 0, errEnded
	}
}

// release writes what was held back, now that it is known how.
func (c *compressor) release() error {
	if len(c.first) == 0 {
		return nil
	}
	_, err := c.write(c.first)
	c.first = nil
	return err
}

// FlushError is for http.ResponseController.
func (c *compressor) FlushError() error {
	c.WriteHeader(http.StatusOK)
	if err := c.start(); err != nil {
		return err
	}
	if c.state == compressed {
		if err := c.encoder.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(c.ResponseWriter).Flush()
}

func (c *compressor) close() error {
	var err error
	if c.state == held {
		c.pass()
		err = c.release()
	}
	if c.state == compressed {
		err = c.encoder.Close()
	}
	c.discard()
	return err
}

func (c *compressor) discard() {
	if c.encoder != nil {
		c.encoder.Reset(nil)
		c.pool.Put(c.encoder)
		c.encoder = nil
	}
	c.state, c.first = ended, nil
}
