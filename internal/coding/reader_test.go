package coding_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/gatehouse-edge/gatehouse/internal/coding"
)

const text = `{"line":1}` + "\n"

// flusher compresses as a client would.
type flusher interface {
	io.WriteCloser
	Flush() error
}

var compressors = map[string]func(io.Writer) flusher{
	"gzip": func(w io.Writer) flusher { return gzip.NewWriter(w) },
	"zstd": func(w io.Writer) flusher { return newZstd(w) },
}

func newZstd(w io.Writer, options ...zstd.EOption) *zstd.Encoder {
	z, err := zstd.NewWriter(w, append(options, zstd.WithEncoderConcurrency(1))...)
	if err != nil {
		panic(err)
	}
	return z
}

func pack(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := compressors[name](&b)
	write(t, w, string(content))
	check(t, w.Close())
	return b.Bytes()
}

func open(t testing.TB, body io.Reader, encoding string, limit int64) io.ReadCloser {
	t.Helper()
	r, err := coding.Reader(io.NopCloser(body), encoding, limit)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBodiesAreDecoded(t *testing.T) {
	t.Parallel()
	content := []byte(strings.Repeat(text, 10_000))
	for encoding, packer := range map[string]string{
		"": "", "identity": "", " Identity ,": "",
		"gzip": "gzip", "x-gzip": "gzip", "GZIP": "gzip", "identity, gzip": "gzip",
		"zstd": "zstd", "\tZstd": "zstd",
	} {
		body := content
		if packer != "" {
			body = pack(t, packer, content)
		}
		got, err := io.ReadAll(open(t, bytes.NewReader(body), encoding, math.MaxInt64))
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%q: %d bytes, %v", encoding, len(got), err)
		}
	}
}

func TestCodingsThatAreUnknownOrSeveralAreRefused(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"br", "deflate", "compress", "gzip, gzip", "zstd,gzip", "gzip;q=1", "*", strings.Repeat(",", 1000) + "x"} {
		if _, err := coding.Reader(nil, encoding, 1); !errors.Is(err, coding.ErrUnknown) {
			t.Errorf("%q: %v", encoding, err)
		}
	}
}

func TestTheLimitCountsDecodedBytes(t *testing.T) {
	t.Parallel()
	content := []byte(strings.Repeat(text, 1000))
	size := int64(len(content))
	for encoding, body := range map[string][]byte{
		"": content, "gzip": pack(t, "gzip", content), "zstd": pack(t, "zstd", content),
	} {
		for _, read := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader} {
			for limit, want := range map[int64]int64{size: size, size + 1: size, size - 1: size - 1, 1: 1, 0: 0, -1: 0} {
				r := open(t, bytes.NewReader(body), encoding, limit)
				n, err := io.Copy(io.Discard, read(r))
				if n != want || (limit < size) != errors.Is(err, coding.ErrTooLarge) || limit >= size && err != nil {
					t.Errorf("%q, limit %d: %d bytes, %v", encoding, limit, n, err)
				}
				if _, again := r.Read(make([]byte, 1)); limit < size && !errors.Is(again, coding.ErrTooLarge) {
					t.Errorf("%q, limit %d: then %v", encoding, limit, again)
				}
			}
		}
	}
}

func TestEveryTruncatedBodyIsAnError(t *testing.T) {
	t.Parallel()
	for encoding := range compressors {
		var b bytes.Buffer
		w := compressors[encoding](&b)
		for range 3 {
			write(t, w, text)
			check(t, w.Flush())
		}
		check(t, w.Close())
		whole := b.Bytes()
		for size := range len(whole) {
			got, err := io.ReadAll(open(t, bytes.NewReader(whole[:size]), encoding, 1<<20))
			switch {
			case size == 0 && (err != nil || len(got) > 0):
				t.Errorf("%s: an empty body is %q, %v", encoding, got, err)
			case size > 0 && !errors.Is(err, coding.ErrCorrupt):
				t.Errorf("%s: %d of %d bytes are %q, %v", encoding, size, len(whole), got, err)
			}
		}
		if _, err := io.ReadAll(open(t, bytes.NewReader(append(whole, "more"...)), encoding, 1<<20)); !errors.Is(err, coding.ErrCorrupt) {
			t.Errorf("%s: what follows the end is %v", encoding, err)
		}
	}
}

func TestAnErrorOfTheBodyPassesAsItIs(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for encoding := range compressors {
		half := pack(t, encoding, []byte(text))
		half = half[:len(half)/2]
		r := open(t, io.MultiReader(bytes.NewReader(half), iotest.ErrReader(gone)), encoding, 1<<20)
		for range 2 {
			if _, err := io.ReadAll(r); !errors.Is(err, gone) || errors.Is(err, coding.ErrCorrupt) {
				t.Errorf("%s: %v", encoding, err)
			}
		}
	}
}

func TestWhatWasFlushedIsReadBeforeMoreArrives(t *testing.T) {
	t.Parallel()
	for encoding, compressor := range compressors {
		body, upload := io.Pipe()
		r := open(t, body, encoding, 1<<20)
		acknowledged := make(chan struct{})
		go func() {
			w := compressor(upload)
			for range 3 {
				write(t, w, text)
				check(t, w.Flush())
				<-acknowledged
			}
			check(t, w.Close())
			check(t, upload.Close())
		}()
		for range 3 {
			line := make([]byte, len(text))
			if _, err := io.ReadFull(r, line); err != nil || string(line) != text {
				t.Fatalf("%s: %q, %v", encoding, line, err)
			}
			acknowledged <- struct{}{}
		}
		if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
			t.Errorf("%s: at the end %q, %v", encoding, rest, err)
		}
	}
}

// spy tells what was done with a body.
type spy struct {
	io.Reader
	read, closed bool
}

func (s *spy) Read(p []byte) (int, error) {
	s.read = true
	return s.Reader.Read(p)
}

func (s *spy) Close() error {
	s.closed = true
	return nil
}

func TestTheBodyIsReadByReadAndClosedByClose(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"", "gzip", "zstd"} {
		body := &spy{Reader: strings.NewReader("")}
		r, err := coding.Reader(body, encoding, 1)
		if err != nil || body.read || body.closed {
			t.Fatalf("%q: %v, read %v, closed %v", encoding, err, body.read, body.closed)
		}
		if n, err := r.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) || !body.read || body.closed {
			t.Errorf("%q: %v, read %v, closed %v", encoding, err, body.read, body.closed)
		}
		if err := r.Close(); err != nil || !body.closed {
			t.Errorf("%q: %v, closed %v", encoding, err, body.closed)
		}
	}
}

func TestAZstdWindowBeyondWhatHTTPAllowsIsRefused(t *testing.T) {
	t.Parallel()
	for window, allowed := range map[int]bool{8 << 20: true, 16 << 20: false} {
		var b bytes.Buffer
		z := newZstd(&b, zstd.WithWindowSize(window))
		write(t, z, text)
		check(t, z.Flush()) // or else the frame is so small that it needs no window
		check(t, z.Close())
		_, err := io.ReadAll(open(t, &b, "zstd", 1<<20))
		if allowed && err != nil || !allowed && !errors.Is(err, coding.ErrCorrupt) {
			t.Errorf("a window of %d: %v", window, err)
		}
	}
}

func TestABombStopsAtTheLimitInLittleMemory(t *testing.T) { //nolint:paralleltest // it measures the whole heap
	const limit, most = 4 << 20, 16 << 20
	zeros := strings.Repeat("\x00", 1<<20)
	for encoding, compressor := range compressors {
		var bomb bytes.Buffer
		w := compressor(&bomb)
		for range 100 {
			write(t, w, zeros)
		}
		check(t, w.Close())

		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		n, err := io.Copy(io.Discard, open(t, &bomb, encoding, limit))
		runtime.ReadMemStats(&after)
		if n != limit || !errors.Is(err, coding.ErrTooLarge) {
			t.Errorf("%s: %d bytes, %v", encoding, n, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > most {
			t.Errorf("%s: %d bytes were allocated", encoding, used)
		}
	}
}

func TestDecodersAreUsedAgainAfterWhateverTheyRead(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for encoding := range compressors {
		whole := pack(t, encoding, []byte(strings.Repeat(text, 100)))
		for worker := range 8 {
			all.Go(func() {
				for i := range 50 {
					if (worker+i)%2 == 0 {
						if n, err := io.Copy(io.Discard, open(t, bytes.NewReader(whole[:1+i%(len(whole)-1)]), encoding, 500)); err == nil {
							t.Errorf("%s: a part of it is whole, with %d bytes", encoding, n)
						}
						continue
					}
					got, err := io.ReadAll(open(t, bytes.NewReader(whole), encoding, 1<<20))
					if err != nil || len(got) != 100*len(text) {
						t.Errorf("%s: %d bytes, %v", encoding, len(got), err)
					}
				}
			})
		}
	}
	all.Wait()
}

func FuzzReader(f *testing.F) {
	for encoding := range compressors {
		whole := pack(f, encoding, []byte(text))
		f.Add(whole, uint16(1000))
		f.Add(append(whole, whole...), uint16(15))
		f.Add(whole[:len(whole)-3], uint16(1000))
	}
	f.Add([]byte("\x1f\x8b\b00000000"), uint16(15)) // ends within its comment
	f.Add([]byte{}, uint16(0))
	f.Fuzz(func(t *testing.T, body []byte, limit uint16) {
		for _, encoding := range []string{"gzip", "zstd"} {
			got, err := io.ReadAll(open(t, bytes.NewReader(body), encoding, int64(limit)))
			if len(got) > int(limit) || errors.Is(err, coding.ErrTooLarge) && len(got) != int(limit) {
				t.Errorf("%s: %d bytes of %d, %v", encoding, len(got), limit, err)
			}
			if err != nil && !errors.Is(err, coding.ErrTooLarge) && !errors.Is(err, coding.ErrCorrupt) {
				t.Errorf("%s: %v", encoding, err)
			}
			if err != nil {
				continue
			}
			if want, err := otherwise(encoding, body); err == nil && !bytes.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", encoding, got, want)
			}
		}
	})
}

// otherwise decodes by other code than Reader does: another gzip, and zstd in one piece.
func otherwise(encoding string, body []byte) ([]byte, error) {
	if encoding == "zstd" {
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(8<<20))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		return z.DecodeAll(body, nil)
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if errors.Is(err, io.EOF) {
		return nil, nil // an empty body
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, 1<<20))
}
