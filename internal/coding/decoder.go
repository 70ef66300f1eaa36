package coding

import (
	"bufio"
	"compress/gzip" // the one of klauspost/compress takes a body that ends within its header for an empty one
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// maxWindow is the memory that a zstd body may ask for: the most that RFC 9659 lets an encoder use.
const maxWindow = 8 << 20

var (
	gzipDecoders = sync.Pool{New: func() any {
		return &decoder{in: bufio.NewReader(nil), codec: new(gzip.Reader)}
	}}
	zstdDecoders = sync.Pool{New: func() any {
		return &decoder{in: bufio.NewReader(nil), codec: made(zstd.NewReader(nil, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow)))}
	}}
	decoderPools = map[string]*sync.Pool{"gzip": &gzipDecoders, "x-gzip": &gzipDecoders, "zstd": &zstdDecoders}
)

// decoder decompresses one body after the other. It runs no goroutines, so it may be dropped at any time.
type decoder struct {
	codec interface {
		io.Reader
		Reset(io.Reader) error
	}
	in *bufio.Reader // the codecs read byte by byte
}

// decoding is a body being decompressed. The decoder goes back to its pool at the end or at an error, by the goroutine
// that reads; where nobody reads on, it is left to the collector, so that Close need not know of it.
type decoding struct {
	source  source
	pool    *sync.Pool
	decoder *decoder
	err     error
}

func (d *decoding) Read(p []byte) (n int, err error) {
	switch {
	case d.err != nil:
		return 0, d.err
	case d.decoder == nil:
		err = d.begin()
	}
	if err == nil {
		n, err = d.decoder.codec.Read(p)
	}
	if err != nil {
		d.end(err)
	}
	return n, d.err
}

func (d *decoding) begin() error {
	d.decoder = d.pool.Get().(*decoder)
	d.decoder.in.Reset(&d.source)
	return d.decoder.codec.Reset(d.decoder.in)
}

func (d *decoding) end(err error) {
	switch {
	case d.source.err != nil:
		d.err = d.source.err
	case errors.Is(err, io.EOF):
		d.err = io.EOF
	default:
		d.err = fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	d.decoder.in.Reset(nil)
	d.pool.Put(d.decoder)
	d.decoder = nil
}

// source is the compressed body. It keeps the error that ended it, which is not the decoder's to interpret.
type source struct {
	body io.Reader
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
