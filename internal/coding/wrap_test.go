package coding_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/gatehouse-edge/gatehouse/internal/coding"
)

const minBytes = 100

// unpack decodes as a client would.
func unpack(t testing.TB, encoding string, body io.Reader) io.Reader {
	t.Helper()
	switch encoding {
	case "":
		return body
	case "br":
		return brotli.NewReader(body)
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		return z
	case "zstd":
		z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		return z
	default:
		t.Fatalf("Content-Encoding: %s", encoding)
		return nil
	}
}

type starter = func(testing.TB, http.HandlerFunc) *httptest.Server

// protocols start servers whose handler's responses are wrapped with the coding that Accept-Encoding names.
var protocols = map[string]starter{
	"HTTP 1.1": start,
	"HTTP 2": func(t testing.TB, handler http.HandlerFunc) *httptest.Server {
		t.Helper()
		s := httptest.NewUnstartedServer(wrapped(t, handler))
		s.EnableHTTP2 = true
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	},
}

func start(t testing.TB, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(wrapped(t, handler))
	t.Cleanup(s.Close)
	return s
}

func wrapped(t testing.TB, handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, ending := coding.Wrap(w, r, r.Header.Get("Accept-Encoding"), minBytes)
		defer ending.Discard()
		handler(w, r)
		check(t, ending.Close())
	})
}

// answer is a response whose body the test's end closes.
type answer struct {
	status int
	header http.Header
	body   io.Reader
}

func ask(t testing.TB, s *httptest.Server, method, encoding string) answer {
	t.Helper()
	got, err := try(t, s, method, encoding)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func try(t testing.TB, s *httptest.Server, method, encoding string) (answer, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, s.URL, nil)
	check(t, err)
	r.Header["Accept-Encoding"] = []string{encoding}
	response, err := s.Client().Do(r)
	if err != nil {
		return answer{}, err
	}
	t.Cleanup(func() { check(t, response.Body.Close()) })
	return answer{response.StatusCode, response.Header, response.Body}, nil
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func write(t testing.TB, w io.Writer, s string) {
	t.Helper()
	_, err := io.WriteString(w, s)
	check(t, err)
}

func flush(t testing.TB, w http.ResponseWriter) {
	t.Helper()
	check(t, http.NewResponseController(w).Flush())
}

func each(t *testing.T, test func(t *testing.T, encoding string)) {
	t.Helper()
	for _, encoding := range coding.Offered {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			test(t, encoding)
		})
	}
}

func eachProtocol(t *testing.T, test func(t *testing.T, encoding string, start starter)) {
	t.Helper()
	for name, start := range protocols {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, encoding string) { test(t, encoding, start) })
		})
	}
}

func TestWhatWasWrittenIsDecoded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, encoding string) {
		for _, size := range []int{minBytes, 10 * minBytes, 3 << 20} {
			content := []byte(strings.Repeat(text, size/len(text)+1)[:size])
			for _, piece := range []int{1 + size/7, size} {
				for _, length := range []string{"", strconv.Itoa(size)} {
					s := start(t, func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Content-Type", "application/json")
						if length != "" {
							w.Header().Set("Content-Length", length)
						}
						w.WriteHeader(http.StatusCreated)
						for rest := content; len(rest) > 0; {
							n, err := w.Write(rest[:min(piece, len(rest))])
							if err != nil {
								t.Error(err)
							}
							rest = rest[n:]
						}
					})
					response := ask(t, s, http.MethodGet, encoding)
					packed, err := io.ReadAll(response.body)
					if err != nil || size > 10*minBytes && len(packed) > size/10 {
						t.Errorf("%d of %d bytes, %v", len(packed), size, err)
					}
					got, err := io.ReadAll(unpack(t, response.header.Get("Content-Encoding"), bytes.NewReader(packed)))
					if response.status != http.StatusCreated || err != nil || !bytes.Equal(got, content) {
						t.Errorf("size %d, pieces of %d, length %q: %d, %d bytes, %v", size, piece, length, response.status, len(got), err)
					}
					if h := response.header; h.Get("Content-Encoding") != encoding || h.Get("Content-Length") == length && length != "" {
						t.Errorf("size %d, length %q: %v", size, length, h)
					}
				}
			}
		}
	})
}

func TestEachMessageThatIsFlushedArrivesBeforeTheNext(t *testing.T) {
	t.Parallel()
	eachProtocol(t, func(t *testing.T, encoding string, start starter) {
		arrived := make(chan struct{})
		s := start(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/x-ndjson")
			flush(t, w) // the headers go out before there is a message
			for range 3 {
				select {
				case <-arrived:
				case <-r.Context().Done():
					return
				}
				write(t, w, text)
				flush(t, w)
			}
		})
		response := ask(t, s, http.MethodPost, encoding)
		if got := response.header.Get("Content-Encoding"); got != encoding {
			t.Fatalf("Content-Encoding: %q", got)
		}
		arrived <- struct{}{}
		lines := bufio.NewReader(unpack(t, encoding, response.body))
		for i := range 3 {
			line, err := lines.ReadString('\n')
			if err != nil || line != text {
				t.Fatalf("message %d: %q, %v", i, line, err)
			}
			if i < 2 {
				arrived <- struct{}{}
			}
		}
		if _, err := lines.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v", err)
		}
	})
}

func TestAStreamWithoutMessagesIsWhole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, encoding string) {
		s := start(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			flush(t, w)
		})
		response := ask(t, s, http.MethodGet, encoding)
		packed, err := io.ReadAll(response.body)
		if err != nil || len(packed) == 0 {
			t.Fatalf("%d bytes, %v", len(packed), err)
		}
		if got, err := io.ReadAll(unpack(t, encoding, bytes.NewReader(packed))); err != nil || len(got) > 0 {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestAResponseWithoutCodingIsNotWrapped(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	for method, encoding := range map[string]string{http.MethodGet: "", http.MethodHead: "gzip"} {
		got, ending := coding.Wrap(w, httptest.NewRequest(method, "/", nil), encoding, 0)
		if got != w {
			t.Errorf("%s: %T", method, got)
		}
		check(t, ending.Close())
		ending.Discard()
	}
}

func TestAnAbortedResponseIsAnErrorToItsClient(t *testing.T) {
	t.Parallel()
	eachProtocol(t, func(t *testing.T, encoding string, start starter) {
		for name, flushed := range map[string]bool{"flushed": true, "not flushed": false} {
			s := start(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				write(t, w, strings.Repeat(text, 10_000))
				if flushed {
					flush(t, w)
				}
				panic(http.ErrAbortHandler)
			})
			response, err := try(t, s, http.MethodGet, encoding)
			if err != nil {
				if flushed {
					t.Fatal(err)
				}
				continue // nothing had been sent
			}
			packed, err := io.ReadAll(response.body)
			if err == nil {
				t.Errorf("%s: the transfer looks whole", name)
			}
			if len(packed) == 0 && !flushed {
				continue
			}
			got, err := io.ReadAll(unpack(t, encoding, bytes.NewReader(packed)))
			if err == nil || flushed && len(got) != 10_000*len(text) {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
		}
	})
}
