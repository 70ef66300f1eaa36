package server_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// dial opens a WebSocket to a path of the edge.
func dial(t *testing.T, url string, opts *websocket.DialOptions) *websocket.Conn {
	t.Helper()
	conn, res, err := websocket.Dial(t.Context(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	if res.Body != nil {
		defer res.Body.Close()
	}
	t.Cleanup(func() { conn.CloseNow() }) //nolint:errcheck // it may be closed already
	return conn
}

func write(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	kind, text, err := conn.Read(t.Context())
	if err != nil || kind != websocket.MessageText {
		t.Fatalf("%v %v", kind, err)
	}
	return string(text)
}

// closing reads what is left and returns the code and reason of the end.
func closing(t *testing.T, conn *websocket.Conn) (frames []string, code websocket.StatusCode, reason string) {
	t.Helper()
	for {
		_, text, err := conn.Read(t.Context())
		if err != nil {
			end, _ := errors.AsType[websocket.CloseError](err)
			return frames, end.Code, end.Reason
		}
		frames = append(frames, string(text))
	}
}

func TestAWebSocketTalks(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	conn := dial(t, url+"/resources:talk", nil)
	for _, title := range []string{"a", "b", "c"} {
		write(t, conn, `{"title":"`+title+`"}`)
		if got := read(t, conn); !strings.Contains(got, `"title":"`+title+`"`) {
			t.Errorf("%s", got)
		}
	}
	write(t, conn, "")
	if frames, code, _ := closing(t, conn); code != websocket.StatusNormalClosure || frames != nil {
		t.Errorf("%d %v", code, frames)
	}
	r.Requests()
}

func TestAWebSocketReachesStreamsOfOneDirection(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	frames, code, _ := closing(t, dial(t, url+"/resources:watch?count=2", nil))
	if code != websocket.StatusNormalClosure || len(frames) != 2 || !strings.HasPrefix(frames[1], `{"name":"resources/1"`) {
		t.Errorf("down: %d %v", code, frames)
	}
	conn := dial(t, url+"/resources:collect", nil)
	write(t, conn, `{"title":"a"}`)
	write(t, conn, `{"title":"b"}`)
	write(t, conn, "")
	frames, code, _ = closing(t, conn)
	if code != websocket.StatusNormalClosure || len(frames) != 1 || frames[0] != `{"count":2,"titles":["a","b"]}` {
		t.Errorf("up: %d %v", code, frames)
	}
}

func TestBytesComeThroughAWebSocketInBinaryFrames(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	conn := dial(t, url+"/resources:export?count=2&size=5&failure=broken", nil)
	for i := range 2 {
		if kind, data, err := conn.Read(t.Context()); err != nil || kind != websocket.MessageBinary || string(data) != "xxxxx" {
			t.Errorf("frame %d: %v %q %v", i, kind, data, err)
		}
	}
	if last := read(t, conn); !strings.HasPrefix(last, `{"error":{"code":10,`) {
		t.Errorf("the error is told by %s", last)
	}
	if _, code, _ := closing(t, dial(t, url+"/resources:export?count=1&size=5", nil)); code != websocket.StatusNormalClosure {
		t.Errorf("%d", code)
	}
}

func TestAWebSocketEndsWithTheStatusOfItsCall(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	for name, c := range map[string]struct {
		path, send string
		code       websocket.StatusCode
		reason     string
	}{
		"upstream fails":  {"/resources:talk", `{"title":"fail so"}`, 4010, "fail so"},
		"bad message":     {"/resources:talk", `{"titel":"a"}`, 4003, "message 0: $: unknown field"},
		"bad parameter":   {"/resources:watch?cuont=1", "", 4003, "cuont"},
		"late in stream":  {"/resources:watch?count=1&failure=broken", "", 4010, "broken"},
		"a large message": {"/resources:talk", `{"title":"` + strings.Repeat("a", 5<<20) + `"}`, websocket.StatusMessageTooBig, ""},
	} {
		conn := dial(t, url+c.path, nil)
		if c.send != "" {
			conn.Write(t.Context(), websocket.MessageText, []byte(c.send)) //nolint:errcheck // the end tells
		}
		frames, code, reason := closing(t, conn)
		if code != c.code || !strings.Contains(reason, c.reason) {
			t.Errorf("%s: %d %q", name, code, reason)
		}
		if c.code >= 4000 && (len(frames) == 0 || !strings.HasPrefix(frames[len(frames)-1], `{"error":{"code":`)) {
			t.Errorf("%s: %v", name, frames)
		}
	}
}

func TestAWebSocketOfAStrangeOriginIsRefused(t *testing.T) {
	t.Parallel()
	r := edgetest.StartResources(t)
	cfg := edgetest.InFrontOf(r.Target)
	cfg.Streams = &configv1.Streams{Origins: []string{"https://app.example.com"}}
	_, url := edgetest.Edge(t, cfg)
	for origin, status := range map[string]int{"https://app.example.com": 101, "https://evil.example.com": 403, "null": 403, url: 101, "": 101} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, res, err := websocket.Dial(t.Context(), url+prefix+"/resources:talk", &websocket.DialOptions{HTTPHeader: header})
		if res == nil || res.StatusCode != status || status == 403 && res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %v %v", origin, res, err)
		}
		if err == nil {
			conn.CloseNow() //nolint:errcheck // nothing is to be done about it
		}
		if res.Body != nil {
			res.Body.Close() //nolint:errcheck // nothing is in it
		}
	}
}

func TestABrowsersTokenComesAsASubProtocol(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	conn := dial(t, url+"/resources:talk", &websocket.DialOptions{Subprotocols: []string{"gatehouse", "bearer.a.b-c"}})
	if conn.Subprotocol() != "gatehouse" {
		t.Errorf("sub-protocol %q", conn.Subprotocol())
	}
	write(t, conn, `{"title":"a"}`)
	read(t, conn)
	if _, md := r.Requests(); md.Get("authorization")[0] != "Bearer a.b-c" {
		t.Errorf("%v", md)
	}
}

func TestAMalformedHandshakeIsAnErrorLikeOthers(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	if got := send(t, "GET", url+"/resources:talk", "", "Connection", "Upgrade", "Upgrade", "websocket"); got.status != 400 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, "GET", url+"/resources/1", "", "Connection", "Upgrade", "Upgrade", "websocket"); got.status != 200 {
		t.Errorf("a method that does not stream: %d %s", got.status, got.body)
	}
}

func TestAWebSocketClientThatVanishesEndsTheCall(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	conn := dial(t, url+"/resources:talk", nil)
	write(t, conn, `{"title":"a"}`)
	read(t, conn)
	conn.CloseNow() //nolint:errcheck // that is the point
	for len(r.Ended()) == 0 {
		time.Sleep(time.Millisecond)
	}
	if got := r.Ended()[0]; !errors.Is(got, context.Canceled) {
		t.Errorf("the upstream's context: %v", got)
	}
}

func TestAClosingEdgeSendsWebSocketsAway(t *testing.T) {
	t.Parallel()
	r := edgetest.StartResources(t)
	edge, url := edgetest.Edge(t, edgetest.InFrontOf(r.Target))
	conn := dial(t, url+prefix+"/resources:talk", nil)
	write(t, conn, `{"title":"a"}`)
	read(t, conn)
	go edge.Close() //nolint:errcheck // the test ends it again
	if _, code, _ := closing(t, conn); code != websocket.StatusGoingAway {
		t.Errorf("%d", code)
	}
}
