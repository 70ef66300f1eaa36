package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// drip sends a byte now and then until the edge has had enough, and returns what it answers.
func drip(t *testing.T, conn net.Conn, text string) string {
	t.Helper()
	answer := make(chan string, 1)
	go func() {
		text, err := io.ReadAll(conn)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("the edge waits on")
		}
		answer <- string(text)
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	for {
		select {
		case <-tick.C:
			io.WriteString(conn, "a") //nolint:errcheck // the answer tells
		case text := <-answer:
			return text
		}
	}
}

func TestHeadersThatDripAreNotWaitedForWithoutEnd(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	edge := listening(t, edgetest.InFrontOf(b.Target))
	for _, begin := range []string{"G", "GET " + prefix + "/query HTTP/1.1\r\nHost: example.com\r\nX-A: "} {
		t.Run(begin, func(t *testing.T) {
			t.Parallel()
			if got := drip(t, connect(t, edge.URLs()[0]), begin); strings.Contains(got, "200 OK") {
				t.Errorf("%s", got)
			}
		})
	}
}

func TestABodyThatDripsIsNotWaitedForWithoutEnd(t *testing.T) {
	t.Parallel()
	b, url := waiting(t)
	conn := connect(t, url)
	got := drip(t, conn, "POST "+prefix+"/body HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{\"text\":\"")
	if m, _ := b.Last(); !strings.HasPrefix(got, "HTTP/1.1 408 ") || !strings.Contains(got, "BODY_TIMEOUT") || m != nil {
		t.Errorf("%s, %v", got, m)
	}
}

// Nobody reads these bodies but net/http, which does so to use the connection again.
func TestARefusalDoesNotWaitForABodyThatDrips(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	guard(t, cfg)
	cfg.Limits = &configv1.Limits{BodyTimeout: durationpb.New(200 * time.Millisecond)}
	cfg.DefaultPolicy = known()
	url := listening(t, cfg).URLs()[0]
	for begin, status := range map[string]int{
		"POST " + prefix + "/body HTTP/1.1\r\n": 401, "GET /nothing HTTP/1.1\r\n": 404, "PUT " + prefix + "/body HTTP/1.1\r\n": 405,
		"POST " + prefix + "/body HTTP/1.1\r\nAuthorization: Bearer none\r\n": 401,
		"OPTIONS " + prefix + "/body HTTP/1.1\r\n":                            204,
	} {
		for _, framing := range []string{"Content-Length: 100000", "Transfer-Encoding: chunked"} {
			t.Run(begin+framing, func(t *testing.T) {
				t.Parallel()
				got := drip(t, connect(t, url), begin+"Host: example.com\r\n"+framing+"\r\n\r\n1")
				if !strings.HasPrefix(got, fmt.Sprintf("HTTP/1.1 %d ", status)) {
					t.Errorf("%s", got)
				}
			})
		}
	}
}

// deaf is an edge in front of a service that sends without end, to clients that may take only so long to read.
func deaf(t *testing.T, patience time.Duration) (r *edgetest.Resources, url string) {
	t.Helper()
	r = edgetest.StartResources(t)
	cfg := edgetest.InFrontOf(r.Target)
	cfg.Limits = &configv1.Limits{WriteTimeout: durationpb.New(patience)}
	return r, listening(t, cfg).URLs()[0]
}

// endlessly is the path of a download that never ends.
const endlessly = prefix + "/resources:export?count=2000000000&size=65536"

func TestAClientThatNeverReadsIsGivenUp(t *testing.T) {
	t.Parallel()
	r, url := deaf(t, 200*time.Millisecond)
	conn := connect(t, url)
	if _, err := io.WriteString(conn, "GET "+endlessly+" HTTP/1.1\r\nHost: example.com\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	until(t, "the service is told to stop", func() bool { return len(r.Ended()) == 1 })
	if got := r.Ended()[0]; !errors.Is(got, context.Canceled) {
		t.Errorf("the call ended with %v", got)
	}
}

func TestAClientThatReadsSlowlyIsServed(t *testing.T) {
	t.Parallel()
	_, url := deaf(t, patience)
	conn := connect(t, url)
	if err := conn.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil { //nolint:forcetypeassert // it is one
		t.Fatal(err)
	}
	const size = 40 << 10
	if _, err := fmt.Fprintf(conn, "GET %s/resources:export?count=20&size=%d HTTP/1.0\r\nHost: example.com\r\n\r\n", prefix, size); err != nil {
		t.Fatal(err)
	}
	read, room := 0, make([]byte, size)
	for {
		n, err := conn.Read(room)
		if read += n; errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	if read < 20*size {
		t.Errorf("%d bytes of %d", read, 20*size)
	}
}

// bombs are 128 MiB of JSON each, packed.
func bombs(t *testing.T) map[string][]byte {
	t.Helper()
	var gz, zst bytes.Buffer
	big, err := zstd.NewWriter(&zst, zstd.WithWindowSize(8<<20))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.WriteCloser{gzip.NewWriter(&gz), big} {
		_, begun := io.WriteString(w, `{"text":"`)
		_, filled := io.Copy(w, io.LimitReader(letters{}, 128<<20))
		if err := errors.Join(begun, filled, w.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return map[string][]byte{"gzip": gz.Bytes(), "zstd": zst.Bytes()}
}

// letters is the letter a without end.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// allocated is how much has been allocated since the process began.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// It is not parallel: it looks at what the process allocates.
func TestAZipBombIsRefusedBeforeItGrows(t *testing.T) { //nolint:paralleltest // see above
	_, _, url := start(t)
	for coding, bomb := range bombs(t) {
		if len(bomb) > 4<<20 {
			t.Fatalf("%s: %d bytes are no bomb", coding, len(bomb))
		}
		for name, coding := range map[string]string{"once": coding, "twice": coding + ", " + coding} {
			before := allocated()
			got := send(t, "POST", url+"/body", string(bomb), "Content-Encoding", coding)
			if name == "once" && got.status != http.StatusRequestEntityTooLarge || got.status < 400 {
				t.Errorf("%s: %d %s", coding, got.status, got.body)
			}
			if grown := allocated() - before; grown > 64<<20 {
				t.Errorf("%s: %d MiB were allocated for a body of which 4 are let through", coding, grown>>20)
			}
		}
	}
}

// It is not parallel: it looks at what the process allocates.
func TestGiantAndDeepJSONIsRefusedForLittle(t *testing.T) { //nolint:paralleltest // see above
	_, _, url := start(t)
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"arrays":              {strings.Repeat("[", 3<<20), 400},
		"objects":             {strings.Repeat(`{"child":`, 3<<17), 400},
		"objects that end":    {strings.Repeat(`{"child":`, 1000) + "{}" + strings.Repeat("}", 1000), 400},
		"values":              {`{"struct":{"a":` + strings.Repeat("[", 3<<20), 400},
		"objects in an Any":   {`{"any":{"@type":"type.googleapis.com/edgetest.v1.Everything","child":` + strings.Repeat(`{"child":`, 3<<17), 400},
		"Anys in an Any":      {strings.Repeat(`{"any":{"@type":"type.googleapis.com/edgetest.v1.Everything","any":`, 1<<15), 400},
		"a giant text":        {`{"text":"` + strings.Repeat("a", 5<<20) + `"}`, 413},
		"a giant name":        {`{"` + strings.Repeat("a", 3<<20) + `":1}`, 400},
		"a giant number":      {`{"doubleValue":` + strings.Repeat("9", 3<<20) + `}`, 400},
		"a giant exponent":    {`{"doubleValue":1e999999999}`, 400},
		"an exponent for int": {`{"int64Value":1e999999999}`, 400},
		"many names":          {`{` + strings.Repeat(`"a":1,`, 500_000) + `"b":1}`, 400},
	} {
		before := allocated()
		if got := send(t, "POST", url+"/body", c.body); got.status != c.status {
			t.Errorf("%s: %d %.300s", name, got.status, got.body)
		} else if len(got.body) > 8<<10 {
			t.Errorf("%s: %d bytes are answered", name, len(got.body))
		}
		if grown := allocated() - before; grown > 128<<20 {
			t.Errorf("%s: %d MiB were allocated", name, grown>>20)
		}
	}
}
