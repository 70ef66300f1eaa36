package coding

import (
	"errors"
	"io"
	"strings"
	"sync"
)

// What can be wrong with a body. What goes wrong in reading it from the network is none of these and passes as it is.
var (
	ErrUnknown  = errors.New("the body's content coding is unknown, or one of several")
	ErrTooLarge = errors.New("the body is larger than it may be")
	ErrCorrupt  = errors.New("the body is not what its content coding says")
)

// Reader returns the body decoded. contentEncoding is the Content-Encoding of its request: gzip, x-gzip or zstd, or
// identity or nothing for a body that is left as it is. Others are ErrUnknown, which is for the server to answer with
// 415 and an Accept-Encoding of "gzip, zstd" (RFC 9110, section 15.5.16), and so are several, one upon the other.
//
// What is returned yields at most limit bytes, decoded, and then ErrTooLarge if there are more. What does not decode is
// an ErrCorrupt that wraps the decoder's own error. Bytes are yielded as soon as those that they come from have come.
// The body is not read before the first Read, and closed by Close. It is for one goroutine, but Close may be called
// while another one reads, if that holds for the body's.
func Reader(body io.ReadCloser, contentEncoding string, limit int64) (io.ReadCloser, error) {
	decoders, err := decodersOf(contentEncoding)
	if err != nil {
		return nil, err
	}
	r := &limited{Reader: body, Closer: body, left: max(limit, 0)}
	if decoders != nil {
		r.Reader = &decoding{source: source{body: body}, pool: decoders}
	}
	return r, nil
}

// decodersOf returns the decoders of a Content-Encoding, nil if nothing is encoded.
func decodersOf(contentEncoding string) (found *sync.Pool, err error) {
	for name := range strings.SplitSeq(contentEncoding, ",") {
		name = strings.ToLower(strings.Trim(name, " \t"))
		if name == "" || name == "identity" {
			continue
		}
		decoders := decoderPools[name]
		if decoders == nil || found != nil {
			return nil, ErrUnknown
		}
		found = decoders
	}
	return found, nil
}

// limited reads no more than is left.
type limited struct {
	io.Reader
	io.Closer
	left     int64
	exceeded bool
}

func (l *limited) Read(p []byte) (int, error) {
	if l.exceeded {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > l.left {
		p = p[:l.left+1] // the one more tells a body that ends here from one that goes on
	}
	n, err := l.Reader.Read(p)
	if int64(n) > l.left {
		l.exceeded = true
		n, err = int(l.left), ErrTooLarge
	}
	l.left -= int64(n)
	return n, err
}
