package coding_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/coding"
)

// The end of a compressed stream says that it is whole. A client that does not look at the transfer's own end must not
// be told so.
func TestADiscardedResponseHasNoEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, encoding string) {
		recorder := httptest.NewRecorder()
		w, ending := coding.Wrap(recorder, httptest.NewRequest(http.MethodGet, "/", nil), encoding, minBytes)
		w.Header().Set("Content-Type", "application/x-ndjson")
		write(t, w, text)
		flush(t, w)
		write(t, w, text)
		ending.Discard()
		check(t, ending.Close())
		if got, err := io.ReadAll(unpack(t, encoding, recorder.Body)); !errors.Is(err, io.ErrUnexpectedEOF) || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := io.WriteString(w, text); err == nil {
			t.Error("what comes after the end was taken")
		}
	})
}

func TestWhatIsHeldBackIsNotSentAfterADiscard(t *testing.T) {
	t.Parallel()
	recorder := httptest.NewRecorder()
	w, ending := coding.Wrap(recorder, httptest.NewRequest(http.MethodGet, "/", nil), "gzip", minBytes)
	w.Header().Set("Content-Type", "text/plain")
	write(t, w, "little")
	ending.Discard()
	check(t, ending.Close())
	if recorder.Body.Len() > 0 {
		t.Errorf("%q was sent", recorder.Body)
	}
}

func TestAResponseControllerReachesTheConnection(t *testing.T) {
	t.Parallel()
	served := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(served)
		w, ending := coding.Wrap(w, r, "gzip", minBytes)
		defer ending.Discard()
		control := http.NewResponseController(w)
		check(t, control.SetWriteDeadline(time.Now().Add(time.Minute)))
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, _, err := control.Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		write(t, conn, "hello")
		check(t, conn.Close())
	}))
	t.Cleanup(s.Close)
	response, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusSwitchingProtocols || string(got) != "hello" || err != nil {
		t.Errorf("%d %q, %v", response.StatusCode, got, err)
	}
	<-served
}

func TestHintsGoOutAtOnce(t *testing.T) {
	t.Parallel()
	hinted := make(chan struct{})
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		select {
		case <-hinted:
		case <-r.Context().Done():
		}
		w.Header().Set("Content-Type", "text/plain")
		write(t, w, strings.Repeat("x", minBytes))
	})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(int, textproto.MIMEHeader) error {
			close(hinted)
			return nil
		},
	})
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	r.Header.Set("Accept-Encoding", "br")
	response, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Encoding") != "br" {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
}

func TestEncodersAreUsedAgainAndLeaveNothingRunning(t *testing.T) { //nolint:paralleltest // it counts all goroutines
	before := runtime.NumGoroutine()
	var all sync.WaitGroup
	for worker, encoding := range coding.Offered {
		for range 4 {
			all.Go(func() {
				for i := range 30 {
					recorder := httptest.NewRecorder()
					w, ending := coding.Wrap(recorder, httptest.NewRequest(http.MethodGet, "/", nil), encoding, minBytes)
					w.Header().Set("Content-Type", "text/plain")
					content := strings.Repeat(strconv.Itoa(worker*1000+i)+"\n", 2000)
					write(t, w, content)
					if i%3 == 0 {
						ending.Discard()
						continue
					}
					check(t, ending.Close())
					ending.Discard()
					if got, err := io.ReadAll(unpack(t, encoding, recorder.Body)); err != nil || string(got) != content {
						t.Errorf("%s: %d bytes, %v", encoding, len(got), err)
					}
				}
			})
		}
	}
	all.Wait()
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines have become %d", before, after)
	}
}

func TestAConnectionThatFailsIsAnErrorOfFlushAndClose(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, encoding string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		w, ending := coding.Wrap(broken{}, r, encoding, minBytes)
		write(t, w, text)
		if err := http.NewResponseController(w).Flush(); !errors.Is(err, errBroken) {
			t.Errorf("flush: %v", err)
		}
		ending.Discard()
		w, ending = coding.Wrap(broken{}, r, encoding, minBytes)
		_, err := io.WriteString(w, strings.Repeat(text, 20))
		if err := errors.Join(err, ending.Close()); !errors.Is(err, errBroken) {
			t.Errorf("close: %v", err)
		}
	})
}

var errBroken = errors.New("broken")

// broken is the response of a connection that has gone.
type broken struct{}

func (broken) Header() http.Header       { return http.Header{"Content-Type": {"text/plain"}} }
func (broken) Write([]byte) (int, error) { return 0, errBroken }
func (broken) WriteHeader(int)           {}
func (broken) FlushError() error         { return errBroken }

func BenchmarkWrap(b *testing.B) {
	var content strings.Builder
	for i := range 500 {
		fmt.Fprintf(&content, `{"id":"item-%d","name":"Item %x","price":{"currency":"EUR","units":"%d"},"inStock":%v},`,
			i*7919, i*2654435761, i*31%997, i%3 == 0)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, encoding := range coding.Offered {
		b.Run(encoding, func(b *testing.B) {
			b.SetBytes(int64(content.Len()))
			recorder := httptest.NewRecorder()
			for b.Loop() {
				recorder = httptest.NewRecorder()
				w, ending := coding.Wrap(recorder, r, encoding, minBytes)
				w.Header().Set("Content-Type", "application/json")
				write(b, w, content.String())
				check(b, ending.Close())
			}
			b.ReportMetric(float64(content.Len())/float64(recorder.Body.Len()), "times-smaller")
		})
	}
}
