package stream_test

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/stream"
)

func TestABrowserGetsTheEventsThatWereSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		json string
		ev   stream.Event
		want message
	}{
		{"no name", `{}`, stream.Event{}, message{"", "message", `{}`}},
		{"an id and a type", `1`, stream.Event{ID: "7", Type: "order"}, message{"7", "order", `1`}},
		{"an id", `2`, stream.Event{ID: "a: b"}, message{"a: b", "message", `2`}},
		{"a type", `3`, stream.Event{Type: " x:"}, message{"a: b", " x:", `3`}},
		{"an id that would end its line", `4`, stream.Event{ID: "1\ndata: x\r\n\n\x002"}, message{"1data: x2", "message", `4`}},
		{"a type that would end its line", `5`, stream.Event{Type: "a\r\rb"}, message{"1data: x2", "ab", `5`}},
		{"an id of nothing else", `6`, stream.Event{ID: "\n\x00"}, message{"1data: x2", "message", `6`}},
		{"the type of the end", `7`, stream.Event{Type: "e\nnd"}, message{"1data: x2", "message", `7`}},
		{"the type of an error", `8`, stream.Event{Type: "error"}, message{"1data: x2", "message", `8`}},
		{"line breaks", "{\n\r\n\r\"a\":1}\n", stream.Event{}, message{"1data: x2", "message", "{\n\n\n\"a\":1}\n"}},
		{"a space first", ` 9`, stream.Event{}, message{"1data: x2", "message", ` 9`}},
		{"line separators of Unicode", "\"\u2028\u0085\"", stream.Event{}, message{"1data: x2", "message", "\"\u2028\u0085\""}},
	}
	rec := httptest.NewRecorder()
	s := stream.NewSSE(rec, stream.SSEOptions{Retry: 1500 * time.Millisecond})
	defer s.Close()
	var want []message
	for _, test := range tests {
		do(t, s.Send([]byte(test.json), test.ev))
		want = append(want, test.want)
	}
	do(t, s.End())
	want = append(want, message{"1data: x2", "end", "{}"})
	source := newEventSource(rec.Body)
	got := source.all(t)
	for i, test := range tests {
		if i < len(got) && got[i] != test.want {
			t.Errorf("%s: %q", test.name, got[i])
		}
	}
	if len(got) != len(want) || got[len(got)-1] != want[len(want)-1] || source.retry != 1500 {
		t.Errorf("got %q, retry %d", got, source.retry)
	}
}

func TestEventsAreKeptOutOfCaches(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": "no-cache", "private, no-store": "private, no-store"} {
		rec := httptest.NewRecorder()
		if given != "" {
			rec.Header().Set("Cache-Control", given)
		}
		s := stream.NewSSE(rec, stream.SSEOptions{})
		do(t, s.Start())
		s.Close()
		if h := rec.Header(); h.Get("Cache-Control") != want || h.Get("X-Accel-Buffering") != "no" {
			t.Errorf("%q: %v", given, h)
		}
	}
}

// watched is a response that a test may look at, and break, while heartbeats are written.
type watched struct {
	*httptest.ResponseRecorder
	mu      sync.Mutex
	failure error
}

func watch() *watched { return &watched{ResponseRecorder: httptest.NewRecorder()} }

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failure != nil {
		return 0, w.failure
	}
	return w.ResponseRecorder.Write(p)
}

func (w *watched) breakDown(failure error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failure = failure
}

func (w *watched) comments() int {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Count(w.Body.String(), ":\n\n")
}

// onFakeTime runs a test of a stream in a world where time passes when everybody waits for it.
func onFakeTime(t *testing.T, o stream.SSEOptions, test func(*testing.T, *stream.SSE, *watched)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch()
		s := stream.NewSSE(w, o)
		defer s.Close()
		test(t, s, w)
	})
}

func TestASilentStreamHasAHeartbeat(t *testing.T) {
	onFakeTime(t, stream.SSEOptions{}, func(t *testing.T, s *stream.SSE, w *watched) {
		time.Sleep(time.Hour)
		if w.comments() != 0 {
			t.Error("a heartbeat before the beginning")
		}
		do(t, s.Start())
		for want, wait := range []time.Duration{14 * time.Second, time.Second, 15 * time.Second, 15 * time.Second} {
			time.Sleep(wait)
			if got := w.comments(); got != want {
				t.Errorf("%d heartbeats after wait %d", got, want)
			}
		}
	})
}

func TestAMessagePutsTheHeartbeatOff(t *testing.T) {
	onFakeTime(t, stream.SSEOptions{}, func(t *testing.T, s *stream.SSE, w *watched) {
		for range 20 {
			do(t, s.Send(one, stream.Event{}))
			time.Sleep(14 * time.Second)
		}
		if got := w.comments(); got != 0 {
			t.Errorf("%d heartbeats between messages", got)
		}
		time.Sleep(time.Second)
		if got := w.comments(); got != 1 {
			t.Errorf("%d heartbeats 15 s after the last message", got)
		}
	})
}

func TestAStreamThatIsOverHasNoHeartbeat(t *testing.T) {
	t.Parallel()
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			onFakeTime(t, stream.SSEOptions{}, func(t *testing.T, s *stream.SSE, w *watched) {
				do(t, s.Start())
				time.Sleep(15 * time.Second)
				before := w.comments()
				do(t, end(s))
				time.Sleep(time.Hour)
				if got := w.comments(); before != 1 || got != 1 {
					t.Errorf("%d heartbeats, then %d", before, got)
				}
			})
		})
	}
}

func TestABrokenHeartbeatEndsTheCallAndFailsTheNextMessage(t *testing.T) {
	broken := 0
	o := stream.SSEOptions{Heartbeat: time.Second, Broken: func() { broken++ }}
	onFakeTime(t, o, func(t *testing.T, s *stream.SSE, w *watched) {
		gone := errors.New("gone")
		do(t, s.Start())
		time.Sleep(1500 * time.Millisecond)
		w.breakDown(gone)
		time.Sleep(time.Hour)
		if err := s.Send(one, stream.Event{}); !errors.Is(err, gone) || broken != 1 {
			t.Errorf("Send: %v, told %d times", err, broken)
		}
		if err := s.End(); !errors.Is(err, gone) {
			t.Errorf("End: %v", err)
		}
	})
}

func TestAMessageThatFailsIsNotToldAsABrokenHeartbeat(t *testing.T) {
	o := stream.SSEOptions{Broken: func() { t.Error("told twice") }}
	onFakeTime(t, o, func(t *testing.T, s *stream.SSE, w *watched) {
		do(t, s.Start())
		w.breakDown(errors.New("gone"))
		if s.Send(one, stream.Event{}) == nil {
			t.Error("the failure is not told")
		}
		time.Sleep(time.Hour)
	})
}

// fleeting is a response that must not be touched once its handler has returned. The race detector sees who does.
type fleeting struct {
	header   http.Header
	returned bool
	t        *testing.T
}

func (f *fleeting) Header() http.Header { return f.header }

func (f *fleeting) WriteHeader(int) { f.Flush() }

func (f *fleeting) Flush() {
	if f.returned {
		f.t.Error("used after its handler has returned")
	}
}

func (f *fleeting) Write(p []byte) (int, error) {
	f.Flush()
	return len(p), nil
}

func TestTheResponseIsNotTouchedOnceCloseHasReturned(t *testing.T) {
	t.Parallel()
	const beat = 50 * time.Microsecond
	for range 300 {
		w := &fleeting{header: http.Header{}, t: t}
		func() {
			s := stream.NewSSE(w, stream.SSEOptions{Heartbeat: beat})
			defer s.Close()
			do(t, s.Start())
			time.Sleep(rand.N(4 * beat))
			do(t, s.Send(one, stream.Event{}))
			time.Sleep(rand.N(2 * beat))
		}()
		w.returned = true
	}
}

// slow is a response whose heartbeats take their time.
type slow struct {
	*httptest.ResponseRecorder
	begun chan struct{}
	done  bool
}

func (s *slow) Write(p []byte) (int, error) {
	if p[0] == ':' && !s.done {
		close(s.begun)
		time.Sleep(20 * time.Millisecond)
		s.done = true
	}
	return s.ResponseRecorder.Write(p)
}

func TestCloseWaitsForAHeartbeatThatIsBeingWritten(t *testing.T) {
	t.Parallel()
	w := &slow{ResponseRecorder: httptest.NewRecorder(), begun: make(chan struct{})}
	s := stream.NewSSE(w, stream.SSEOptions{Heartbeat: time.Millisecond})
	do(t, s.Start())
	<-w.begun
	s.Close()
	if !w.done {
		t.Error("Close returned while a heartbeat was being written")
	}
}

func TestHeartbeatsArriveWithoutMessages(t *testing.T) {
	t.Parallel()
	f := form{name: "SSE", open: func(w http.ResponseWriter) stream.Writer {
		return stream.NewSSE(w, stream.SSEOptions{Heartbeat: 5 * time.Millisecond})
	}}
	seen := make(chan struct{})
	handle := func(w stream.Writer) error {
		if err := w.Start(); err != nil {
			return err
		}
		<-seen
		return w.End()
	}
	overHTTP(t, f, handle, func(t *testing.T, res *http.Response) {
		source := newEventSource(res.Body)
		for source.comments < 2 {
			line, err := source.line()
			do(t, err)
			if line != "" {
				source.field(line)
			}
		}
		seen <- struct{}{}
		if got := source.all(t); !reflect.DeepEqual(got, []message{{"", "end", "{}"}}) {
			t.Errorf("%q", got)
		}
	})
}

// Not parallel, so that nobody else starts goroutines meanwhile.
func TestAnIdleStreamCostsNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 100 {
		s := stream.NewSSE(httptest.NewRecorder(), stream.SSEOptions{Heartbeat: time.Hour})
		t.Cleanup(s.Close)
		do(t, s.Start())
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}
