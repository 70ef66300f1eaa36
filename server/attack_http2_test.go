package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// frames is a client of HTTP/2 that keeps no rule. It reads what comes, and remembers how streams end.
type frames struct {
	*http2.Framer
	conn  net.Conn
	ended chan struct{} // the connection has
	block bytes.Buffer
	pack  *hpack.Encoder

	mu       sync.Mutex
	statuses map[uint32]string        // by stream
	resets   map[uint32]http2.ErrCode // by stream
	goAway   *http2.GoAwayFrame       // nil if there was none
}

// speakHTTP2 begins a connection with some settings.
func speakHTTP2(t *testing.T, url string, settings ...http2.Setting) *frames {
	t.Helper()
	conn := connect(t, url)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	f := &frames{
		Framer: http2.NewFramer(conn, conn), conn: conn, ended: make(chan struct{}),
		statuses: map[uint32]string{}, resets: map[uint32]http2.ErrCode{},
	}
	f.pack = hpack.NewEncoder(&f.block)
	f.AllowIllegalWrites = true
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if err := f.WriteSettings(settings...); err != nil {
		t.Fatal(err)
	}
	go f.read()
	return f
}

func (f *frames) read() {
	defer close(f.ended)
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		f.mu.Lock()
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			f.statuses[frame.StreamID] = frame.PseudoValue("status")
		case *http2.RSTStreamFrame:
			f.resets[frame.StreamID] = frame.ErrCode
		case *http2.GoAwayFrame:
			f.goAway = &http2.GoAwayFrame{ErrCode: frame.ErrCode}
		}
		f.mu.Unlock()
	}
}

// outcome is how a stream went: its status, or else why it was reset, or "" so far.
func (f *frames) outcome(id uint32) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.statuses[id]; s != "" {
		return s
	}
	if code, ok := f.resets[id]; ok {
		return code.String()
	}
	if f.goAway != nil {
		return "GOAWAY " + f.goAway.ErrCode.String()
	}
	return ""
}

// packed encodes header fields, names and values in turn.
func (f *frames) packed(fields ...string) []byte {
	f.block.Reset()
	for i := 0; i < len(fields); i += 2 {
		f.pack.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}) //nolint:errcheck // a buffer takes it
	}
	return f.block.Bytes()
}

// get asks for a path. It fails when the edge has had enough.
func (f *frames) get(id uint32, path string, more ...string) error {
	fields := append([]string{":method", "GET", ":scheme", "http", ":authority", "example.com", ":path", path}, more...)
	return f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: f.packed(fields...), EndStream: true, EndHeaders: true})
}

// serves makes sure that an edge serves others.
func serves(t *testing.T, url string) {
	t.Helper()
	if got := edgetest.HTTP2(t, url+prefix+"/items/other"); got.Status != 200 {
		t.Errorf("others get %d %s", got.Status, got.Body)
	}
}

// leavesNothing makes sure that goroutines end which a test has caused. It must not be parallel to others.
func leavesNothing(t *testing.T, attack func()) {
	t.Helper()
	before := runtime.NumGoroutine()
	attack()
	const spare = 20 // of clients of other tests, and of what runs a while in the background
	until(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before+spare })
}

func TestRapidResetsCostLittleAndLeaveNothing(t *testing.T) { //nolint:paralleltest // it counts goroutines
	b := edgetest.StartBackend(t)
	var held, most atomic.Int64
	b.Hold = func(ctx context.Context) error {
		for n := held.Add(1); n > most.Load(); {
			most.Store(n)
		}
		defer held.Add(-1)
		<-ctx.Done()
		return ctx.Err()
	}
	url := listening(t, edgetest.InFrontOf(b.Target)).URLs()[0]
	serves(t, url)
	leavesNothing(t, func() {
		f := speakHTTP2(t, url)
		for i := range uint32(20_000) {
			id := 2*i + 1
			if errors.Join(f.get(id, prefix+"/query"), f.WriteRSTStream(id, http2.ErrCodeCancel)) != nil {
				break // the edge has had enough
			}
		}
		serves(t, url)
		f.conn.Close() //nolint:errcheck // it may be closed already
		<-f.ended
	})
	until(t, "the service's calls end", func() bool { return held.Load() == 0 })
	if most.Load() > 1000 {
		t.Errorf("%d calls were under way at once", most.Load())
	}
	serves(t, url)
}

func TestHeadersThatNeverEndAreRefused(t *testing.T) { //nolint:paralleltest // it counts goroutines
	b := edgetest.StartBackend(t)
	url := listening(t, edgetest.InFrontOf(b.Target)).URLs()[0]
	serves(t, url)
	for name, fragment := range map[string][]byte{
		"small headers": bytes.Repeat([]byte("\x00\x01a\x01b"), 1000),
		"large frames":  bytes.Repeat([]byte("\x00\x01a\x01b"), 3000),
		"a large value": append([]byte("\x00\x01a\x7f\x80\x80\x80\x80\x01"), bytes.Repeat([]byte("a"), 16000)...),
	} {
		leavesNothing(t, func() {
			f := speakHTTP2(t, url)
			first := bytes.Clone(f.packed(":method", "GET", ":scheme", "http", ":authority", "example.com", ":path", prefix+"/query"))
			err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: first, EndStream: true})
			sent := 0
			for ; err == nil && sent < 1<<20; sent++ {
				err = f.WriteContinuation(1, false, fragment)
			}
			if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: the edge took %d frames: %v", name, sent, err)
			}
			f.conn.Close() //nolint:errcheck // it may be closed already
			<-f.ended
		})
		serves(t, url)
	}
	if m, _ := b.Last(); m != nil && strings.Contains(m.(interface{ String() string }).String(), "query") {
		t.Errorf("%v was served", m)
	}
}

func TestOneConnectionGetsOnlySoManyStreams(t *testing.T) { //nolint:paralleltest // it counts goroutines
	b := edgetest.StartBackend(t)
	var held atomic.Int64
	b.Hold = func(ctx context.Context) error {
		held.Add(1)
		defer held.Add(-1)
		<-ctx.Done()
		return ctx.Err()
	}
	url := listening(t, edgetest.InFrontOf(b.Target)).URLs()[0]
	serves(t, url)
	leavesNothing(t, func() {
		f := speakHTTP2(t, url)
		for i := range uint32(2_000) {
			if f.get(2*i+1, prefix+"/query") != nil {
				break // the edge has had enough
			}
		}
		until(t, "calls are under way, or the edge has had enough", func() bool {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.goAway != nil || len(f.resets) >= 1_500
		})
		if n := held.Load(); n > 300 {
			t.Errorf("one connection has %d calls under way", n)
		}
		serves(t, url)
		f.conn.Close() //nolint:errcheck // it may be closed already
		<-f.ended
		until(t, "the calls are given up", func() bool { return held.Load() == 0 })
	})
}

func TestAStreamThatIsNeverReadIsGivenUp(t *testing.T) {
	t.Parallel()
	r, url := deaf(t, 200*time.Millisecond)
	f := speakHTTP2(t, url, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	if err := f.get(1, endlessly); err != nil {
		t.Fatal(err)
	}
	until(t, "the service is told to stop", func() bool { return len(r.Ended()) == 1 })
	if got := r.Ended()[0]; !errors.Is(got, context.Canceled) {
		t.Errorf("the call ended with %v", got)
	}
	// The connection itself is read, so that other streams of it go on.
	if err := f.get(3, prefix+"/resources/1"); err != nil {
		t.Fatal(err)
	}
	until(t, "the connection serves on", func() bool { return f.outcome(3) == "200" })
}

func TestAPeerThatAsksAndNeverListensIsGivenUp(t *testing.T) {
	t.Parallel()
	r, url := deaf(t, 200*time.Millisecond)
	conn := connect(t, url)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	f := &frames{Framer: http2.NewFramer(conn, nil)} // which reads nothing
	f.pack = hpack.NewEncoder(&f.block)
	const window = 1<<31 - 1 // that does not stop anybody
	err := errors.Join(
		f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: window}),
		f.WriteWindowUpdate(0, window-1<<16), f.get(1, endlessly),
	)
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the service is told to stop", func() bool { return len(r.Ended()) == 1 })
}

func TestMalformedHeadersOfHTTP2AreRefused(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	url := listening(t, edgetest.InFrontOf(b.Target)).URLs()[0]
	begin := []string{":method", "GET", ":scheme", "http", ":authority", "example.com", ":path", prefix + "/query"}
	for name, fields := range map[string][]string{
		"a connection header":        append(begin[:8:8], "connection", "x-gatehouse-subject"),
		"a transfer encoding":        append(begin[:8:8], "transfer-encoding", "chunked"),
		"an upgrade":                 append(begin[:8:8], "upgrade", "websocket"),
		"upper case":                 append(begin[:8:8], "X-Tenant", "a"),
		"a line feed in a value":     append(begin[:8:8], "x-tenant", "a\nx-gatehouse-subject: b"),
		"a carriage return":          append(begin[:8:8], "x-tenant", "a\r\nx-gatehouse-subject: b"),
		"a zero in a value":          append(begin[:8:8], "x-tenant", "a\x00"),
		"a colon in a name":          append(begin[:8:8], "x-tenant: a\r\nx-other", "a"),
		"an empty name":              append(begin[:8:8], "", "a"),
		"two methods":                append(begin[:8:8], ":method", "DELETE"),
		"two paths":                  append(begin[:8:8], ":path", prefix+"/items/a"),
		"a pseudo-header of answers": append(begin[:8:8], ":status", "200"),
		"one that is not known":      append(begin[:8:8], ":subject", "a"),
		"a pseudo-header too late":   append([]string{"x-tenant", "a"}, begin...),
		"no path":                    begin[:6],
		"an empty path":              append(begin[:6:6], ":path", ""),
		"a path without a slash":     append(begin[:6:6], ":path", "edgetest/v1/query"),
		"a line feed in the path":    append(begin[:6:6], ":path", prefix+"/query HTTP/1.1\r\nX: a"),
		"a space in the path":        append(begin[:6:6], ":path", prefix+"/que ry"),
		"a line feed in the method":  append([]string{":method", "GET / HTTP/1.1\r\nX: a\r\n\r\nGET"}, begin[2:]...),
		"no scheme":                  append(begin[:2:2], begin[4:]...),
		"an extended tunnel":         {":method", "CONNECT", ":protocol", "websocket", ":scheme", "http", ":authority", "example.com", ":path", prefix + "/query"},
		"a tunnel":                   {":method", "CONNECT", ":authority", "example.com:443"},
	} {
		f := speakHTTP2(t, url)
		if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: f.packed(fields...), EndStream: true, EndHeaders: true}); err != nil {
			t.Fatal(err)
		}
		until(t, name+" is refused", func() bool {
			select {
			case <-f.ended:
				return true
			default:
				return f.outcome(1) != ""
			}
		})
		if m, md := b.Last(); f.outcome(1) == "200" || m != nil {
			t.Errorf("%s: %s, %v %v", name, f.outcome(1), m, md)
		}
	}
}

func TestHeadersThatUnpackToMuchAreRefused(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	url := listening(t, edgetest.InFrontOf(b.Target)).URLs()[0]
	f := speakHTTP2(t, url)
	fields := []string{":method", "GET", ":scheme", "http", ":authority", "example.com", ":path", prefix + "/query"}
	for range 15_000 {
		fields = append(fields, "x-a", strings.Repeat("a", 4000)) // a byte each, from the second on
	}
	block := f.packed(fields...)
	if len(block) > 32<<10 {
		t.Fatalf("%d bytes are no bomb", len(block))
	}
	if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block[:16000], EndStream: true}); err != nil {
		t.Fatal(err)
	}
	f.WriteContinuation(1, true, block[16000:]) //nolint:errcheck // the edge may have heard enough
	until(t, "an answer", func() bool {
		select {
		case <-f.ended:
			return true
		default:
			return f.outcome(1) != ""
		}
	})
	if m, _ := b.Last(); f.outcome(1) == "200" || m != nil {
		t.Errorf("%s, %v", f.outcome(1), m)
	}
	serves(t, url)
}
