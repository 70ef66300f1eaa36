package stream_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/stream"
)

// form is one way to frame a stream, and what is expected of it.
type form struct {
	name        string
	open        func(http.ResponseWriter) stream.Writer
	contentType string
	empty       string // a stream that ends without messages
	two         string // one with the messages {"n":1} and 2
	failed      string // one that fails behind {"n":1}
	aborted     bool   // by an error
}

var forms = []form{
	{
		name:        "NDJSON",
		open:        func(w http.ResponseWriter) stream.Writer { return stream.NewNDJSON(w) },
		contentType: "application/x-ndjson",
		two:         "{\"n\":1}\n2\n",
		failed:      "{\"n\":1}\n{\"error\":{\"code\":5}}\n",
	},
	{
		name: "results",
		open: func(w http.ResponseWriter) stream.Writer {
			n := stream.NewNDJSON(w)
			n.Result = true
			return n
		},
		contentType: "application/json",
		two:         "{\"result\":{\"n\":1}}\n{\"result\":2}\n",
		failed:      "{\"result\":{\"n\":1}}\n{\"error\":{\"code\":5}}\n",
	},
	{
		name:        "SSE",
		open:        func(w http.ResponseWriter) stream.Writer { return stream.NewSSE(w, stream.SSEOptions{}) },
		contentType: "text/event-stream",
		empty:       "retry: 3000\n\nevent: end\ndata: {}\n\n",
		two:         "retry: 3000\n\ndata: {\"n\":1}\n\ndata: 2\n\nevent: end\ndata: {}\n\n",
		failed:      "retry: 3000\n\ndata: {\"n\":1}\n\nevent: error\ndata: {\"code\":5}\n\n",
	},
	{
		name:        "array",
		open:        func(w http.ResponseWriter) stream.Writer { return stream.NewArray(w) },
		contentType: "application/json",
		empty:       "[]",
		two:         "[{\"n\":1},\n2]",
		failed:      "[{\"n\":1}",
		aborted:     true,
	},
}

var (
	one    = []byte(`{"n":1}`)
	two    = []byte(`2`)
	status = []byte(`{"code":5}`)
)

// inEveryForm runs a test of a stream on a recorder.
func inEveryForm(t *testing.T, test func(*testing.T, form, stream.Writer, *httptest.ResponseRecorder)) {
	t.Helper()
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			rec := httptest.NewRecorder()
			w := f.open(rec)
			defer w.Close()
			test(t, f, w, rec)
		})
	}
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAStreamHasTheFormOfItsContentType(t *testing.T) {
	t.Parallel()
	inEveryForm(t, func(t *testing.T, f form, w stream.Writer, rec *httptest.ResponseRecorder) {
		if w.Started() || rec.Flushed {
			t.Fatal("begun before there was anything to send")
		}
		do(t, w.Send(one, stream.Event{}))
		if !w.Started() || !rec.Flushed {
			t.Fatal("a message is not sent at once")
		}
		do(t, w.Start()) // again
		do(t, w.Send(two, stream.Event{}))
		do(t, w.End())
		if got := rec.Body.String(); got != f.two {
			t.Errorf("got %q, want %q", got, f.two)
		}
		if h := rec.Header(); h.Get("Content-Type") != f.contentType || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("header %v", h)
		}
	})
}

func TestAStreamWithoutMessagesIsComplete(t *testing.T) {
	t.Parallel()
	inEveryForm(t, func(t *testing.T, f form, w stream.Writer, rec *httptest.ResponseRecorder) {
		do(t, w.End())
		if got := rec.Body.String(); got != f.empty || rec.Header().Get("Content-Type") != f.contentType {
			t.Errorf("got %q, want %q; header %v", got, f.empty, rec.Header())
		}
	})
}

func TestAStreamThatIsStartedEarlyIsTheSame(t *testing.T) {
	t.Parallel()
	inEveryForm(t, func(t *testing.T, f form, w stream.Writer, rec *httptest.ResponseRecorder) {
		do(t, w.Start())
		if !rec.Flushed || !w.Started() {
			t.Error("the header is not sent")
		}
		do(t, w.Send(one, stream.Event{}))
		do(t, w.Send(two, stream.Event{}))
		do(t, w.End())
		if got := rec.Body.String(); got != f.two {
			t.Errorf("got %q, want %q", got, f.two)
		}
	})
}

func TestAFailureIsToldInTheFormOfTheStreamOrAborts(t *testing.T) {
	t.Parallel()
	inEveryForm(t, func(t *testing.T, f form, w stream.Writer, rec *httptest.ResponseRecorder) {
		do(t, w.Send(one, stream.Event{}))
		if err := w.Error(status); errors.Is(err, stream.ErrAbort) != f.aborted || err != nil && !f.aborted {
			t.Errorf("Error: %v", err)
		}
		if w.End() == nil {
			t.Error("a stream that failed can be ended as if it were complete")
		}
		if got := rec.Body.String(); got != f.failed {
			t.Errorf("got %q, want %q", got, f.failed)
		}
	})
}

func TestHeadHasTheHeaderAndNoBody(t *testing.T) {
	t.Parallel()
	inEveryForm(t, func(t *testing.T, f form, w stream.Writer, rec *httptest.ResponseRecorder) {
		do(t, w.Head())
		full := httptest.NewRecorder()
		other := f.open(full)
		do(t, other.End())
		if !w.Started() || !rec.Flushed || rec.Body.Len() > 0 || fmt.Sprint(rec.Header()) != fmt.Sprint(full.Header()) {
			t.Errorf("header %v, body %q", rec.Header(), rec.Body)
		}
	})
}

// ends are the methods that end a stream.
var ends = map[string]func(stream.Writer) error{
	"Head": stream.Writer.Head,
	"End":  stream.Writer.End,
	"Error": func(w stream.Writer) error {
		if err := w.Error(status); !errors.Is(err, stream.ErrAbort) {
			return err
		}
		return nil
	},
	"Close": func(w stream.Writer) error {
		w.Close()
		return nil
	},
}

func TestNothingIsSentBehindTheEnd(t *testing.T) {
	t.Parallel()
	inEveryForm(t, func(t *testing.T, f form, _ stream.Writer, _ *httptest.ResponseRecorder) {
		for name, end := range ends {
			rec := httptest.NewRecorder()
			w := f.open(rec)
			do(t, end(w))
			before := rec.Body.String()
			if w.Send(one, stream.Event{}) == nil || w.End() == nil || w.Error(status) == nil || w.Head() == nil {
				t.Errorf("%s: something may be sent behind it", name)
			}
			w.Close()
			if after := rec.Body.String(); after != before {
				t.Errorf("%s: %q was sent behind %q", name, after, before)
			}
		}
	})
}

// faulty is a response that can be flushed only if it is told how, and whose writes fail as told.
type faulty struct {
	http.ResponseWriter
	failure error
	writes  int
}

func (f *faulty) Write(p []byte) (int, error) {
	f.writes++
	return len(p), f.failure
}

func TestAResponseThatCanNotBeFlushedIsAFailure(t *testing.T) {
	t.Parallel()
	inEveryForm(t, func(t *testing.T, f form, _ stream.Writer, rec *httptest.ResponseRecorder) {
		w := f.open(&faulty{ResponseWriter: rec})
		defer w.Close()
		if err := w.Start(); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Start: %v", err)
		}
		if err := w.Start(); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Start again: %v", err)
		}
	})
}

func TestNothingIsWrittenBehindAWriteThatFailed(t *testing.T) {
	t.Parallel()
	inEveryForm(t, func(t *testing.T, f form, _ stream.Writer, rec *httptest.ResponseRecorder) {
		gone := errors.New("gone")
		bad := &faulty{ResponseWriter: rec, failure: gone}
		w := f.open(bad)
		defer w.Close()
		for range 2 {
			if err := w.Send(one, stream.Event{}); !errors.Is(err, gone) {
				t.Errorf("Send: %v", err)
			}
		}
		if err := w.End(); !errors.Is(err, gone) {
			t.Errorf("End: %v", err)
		}
		if bad.writes != 1 {
			t.Errorf("%d writes", bad.writes)
		}
	})
}

func TestAnArrayIsValidHoweverManyMessagesItHas(t *testing.T) {
	t.Parallel()
	for n := range 4 {
		rec := httptest.NewRecorder()
		w := stream.NewArray(rec)
		var want []int
		for i := range n {
			want = append(want, i)
			do(t, w.Send(fmt.Append(nil, i), stream.Event{}))
		}
		do(t, w.End())
		var got []int
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v", rec.Body, err)
		}
	}
}

// overHTTP serves what a handler makes of the stream, over HTTP/1.1 and over HTTP/2.
func overHTTP(t *testing.T, f form, handle func(stream.Writer) error, test func(*testing.T, *http.Response)) {
	t.Helper()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("%s, HTTP/2 %t", f.name, http2), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				out := f.open(w)
				defer out.Close()
				if err := handle(out); errors.Is(err, stream.ErrAbort) {
					panic(http.ErrAbortHandler)
				} else if err != nil {
					t.Error(err)
				}
			}))
			server.EnableHTTP2 = http2
			server.StartTLS()
			defer server.Close()
			res, err := server.Client().Get(server.URL)
			do(t, err)
			defer res.Body.Close()
			if (res.ProtoMajor == 2) != http2 {
				t.Fatal(res.Proto)
			}
			test(t, res)
		})
	}
}

func TestAMessageArrivesBeforeTheNextOneIsMade(t *testing.T) {
	t.Parallel()
	for _, f := range forms {
		arrived := make(chan struct{})
		handle := func(w stream.Writer) error {
			err := w.Send(one, stream.Event{})
			<-arrived
			return errors.Join(err, w.Send(two, stream.Event{}), w.End())
		}
		overHTTP(t, f, handle, func(t *testing.T, res *http.Response) {
			body := bufio.NewReader(res.Body)
			first, err := body.ReadString('}')
			do(t, err)
			arrived <- struct{}{}
			rest, err := io.ReadAll(body)
			do(t, err)
			if got := first + string(rest); got != f.two {
				t.Errorf("got %q, want %q", got, f.two)
			}
		})
	}
}

func TestAClientOfAnAbortedArraySeesAFailure(t *testing.T) {
	t.Parallel()
	handle := func(w stream.Writer) error {
		return errors.Join(w.Send(one, stream.Event{}), w.Error(status))
	}
	overHTTP(t, forms[3], handle, func(t *testing.T, res *http.Response) {
		if body, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("%q is taken for the whole answer", body)
		}
	})
}
