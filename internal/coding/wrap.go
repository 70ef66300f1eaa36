package coding

import "net/http"

// Wrap returns the response to write to instead of w, which is compressed with the coding where that is worth while,
// and what ends it. The coding is one of Offered, chosen by the request's Accept-Encoding, or "" for none. Then, and
// for HEAD, the response is w itself.
//
// A response is compressed if its Content-Type is of a kind that packs, if it is neither encoded already
// (Content-Encoding) nor partial (206, Content-Range) nor under Cache-Control: no-transform, if its status lets it have
// a body, and if it is large enough. That is decided by its Content-Length, or else as soon as minBytes bytes have been
// written; what is flushed before is taken for a stream and compressed whatever its size.
//
// A compressed response has no Content-Length, and a weak ETag in place of a strong one, as a 304 has too. Vary names
// Accept-Encoding on every response whose Content-Type packs, and on all that were not wrapped for want of a coding.
//
// Flushing it, by [http.ResponseController], flushes the compressor first, so that all that was written can be decoded.
// The controller reaches the rest of w's abilities through it. It is for one goroutine, as w is.
func Wrap(w http.ResponseWriter, r *http.Request, coding string, minBytes int) (http.ResponseWriter, Ending) {
	pool := encoderPools[coding]
	if pool == nil || r.Method == http.MethodHead {
		addVary(w.Header())
		return w, Ending{}
	}
	c := &compressor{ResponseWriter: w, pool: pool, coding: coding, minBytes: minBytes}
	return c, Ending{c}
}

// Ending ends a response. That of a response that is not wrapped, and the zero Ending, do nothing.
type Ending struct{ c *compressor }

// Close writes what is left of the response and, if it is compressed, the end that tells the client that it is whole.
// It does nothing after a Discard.
func (e Ending) Close() error {
	if e.c == nil {
		return nil
	}
	return e.c.close()
}

// Discard ends the response without an end, for one that is given up: together with http.ErrAbortHandler it leaves the
// client with an error. After Close it does nothing, so it may be deferred.
func (e Ending) Discard() {
	if e.c != nil {
		e.c.discard()
	}
}
