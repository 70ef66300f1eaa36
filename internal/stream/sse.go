package stream

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// SSEOptions are the settings of a stream of server-sent events.
type SSEOptions struct {
	// Heartbeat is how long the stream is silent before a comment keeps it open. Default 15 s.
	Heartbeat time.Duration
	// Retry is how long a browser waits before it opens a stream that broke again, in whole milliseconds. Default 3 s.
	Retry time.Duration
	// Broken is called when a heartbeat can not be written, so that a call which may be silent for long can be ended
	// when its client has gone. It is called at most once, never once Close has returned, and by another goroutine; it
	// must not call the stream. May be nil.
	Broken func()
}

// SSE writes messages as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
//
// A stream that is complete ends with the event "end", one that failed with "error", which has the status as its data.
// A client closes its EventSource at either, or the browser would open the stream again for ever.
type SSE struct {
	response
	options SSEOptions

	mu    sync.Mutex // held while anything is written
	timer *time.Timer
	last  time.Time // of the last write
}

var _ Writer = (*SSE)(nil)

var (
	dataField  = []byte("data: ")
	eventEnd   = []byte("\n\n")
	endEvent   = []byte("event: end\ndata: {}\n\n")
	errorEvent = []byte("event: error\ndata: ")
	heartbeat  = []byte(":\n\n")
)

// NewSSE returns a stream of events. It must be closed.
func NewSSE(w http.ResponseWriter, o SSEOptions) *SSE {
	if o.Heartbeat <= 0 {
		o.Heartbeat = 15 * time.Second
	}
	if o.Retry <= 0 {
		o.Retry = 3 * time.Second
	}
	return &SSE{response: response{w: w}, options: o}
}

// Start implements [Writer]. What stands before the first event is the time to wait before a retry.
func (s *SSE) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started {
		return s.err
	}
	return s.write()
}

// Head implements [Writer].
func (s *SSE) Head() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.stop()
	s.noCache()
	return s.head("text/event-stream")
}

// Send implements [Writer].
func (s *SSE) Send(json []byte, ev Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(ev.fields(), inLines(json), eventEnd)
}

// Error implements [Writer]: the status is the data of an event "error".
func (s *SSE) Error(status []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.stop()
	return s.write(errorEvent, inLines(status), eventEnd)
}

// End implements [Writer]: the last event is "end".
func (s *SSE) End() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.stop()
	return s.write(endEvent)
}

// Close implements [Writer]. It waits for a heartbeat that is being written.
func (s *SSE) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

func (s *SSE) stop() {
	s.over = true
	if s.timer != nil {
		s.timer.Stop()
	}
}

func (s *SSE) write(parts ...[]byte) error {
	first := !s.started && !s.over
	var opening []byte
	if first {
		s.noCache()
		opening = append(strconv.AppendInt([]byte("retry: "), s.options.Retry.Milliseconds(), 10), eventEnd...)
	}
	err := s.response.write("text/event-stream", opening, parts...)
	s.last = time.Now()
	if first && err == nil {
		s.timer = time.AfterFunc(s.options.Heartbeat, s.beat)
	}
	return err
}

// noCache keeps caches, and proxies that collect what they pass on, from holding events back.
func (s *SSE) noCache() {
	h := s.w.Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("X-Accel-Buffering", "no")
}

// beat runs whenever the stream may have been silent for long enough, on a goroutine that ends with it: a stream that
// waits has a timer only. The timer is set anew here and not by every message, which would cost more than to look.
func (s *SSE) beat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.err != nil {
		return
	}
	if silent := time.Since(s.last); silent < s.options.Heartbeat {
		s.timer.Reset(s.options.Heartbeat - silent)
		return
	}
	if s.write(heartbeat) == nil {
		s.timer.Reset(s.options.Heartbeat)
	} else if s.options.Broken != nil {
		s.options.Broken()
	}
}

var (
	// unnameable is what would end a field, or void it.
	unnameable = strings.NewReplacer("\n", "", "\r", "", "\x00", "")
	// dataBreaks are the three line breaks of the format. Data goes on in a field of its own behind each.
	dataBreaks = strings.NewReplacer("\r\n", "\ndata: ", "\n", "\ndata: ", "\r", "\ndata: ")
)

// fields returns the beginning of an event, up to its data.
func (ev Event) fields() []byte {
	if ev == (Event{}) {
		return dataField
	}
	var b []byte
	if id := unnameable.Replace(ev.ID); id != "" {
		b = append(append(append(b, "id: "...), id...), '\n')
	}
	if kind := unnameable.Replace(ev.Type); kind != "" && kind != "end" && kind != "error" {
		b = append(append(append(b, "event: "...), kind...), '\n')
	}
	return append(b, dataField...)
}

func inLines(data []byte) []byte {
	if bytes.IndexByte(data, '\n') < 0 && bytes.IndexByte(data, '\r') < 0 {
		return data
	}
	return []byte(dataBreaks.Replace(string(data)))
}
