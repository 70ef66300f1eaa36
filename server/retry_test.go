package server_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/server"
)

// refusing is a gRPC server that refuses the first call of a connection before it begins it, as one does that is about to
// leave, and answers all others with an empty message.
func refusing(t *testing.T) (target string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() }) //nolint:errcheck // nobody listens any more
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go refuseFirst(conn)
		}
	}()
	return l.Addr().String()
}

func refuseFirst(conn net.Conn) {
	defer conn.Close()
	if _, err := io.CopyN(io.Discard, conn, int64(len(http2.ClientPreface))); err != nil {
		return
	}
	f := http2.NewFramer(conn, conn)
	if f.WriteSettings() != nil {
		return
	}
	var text bytes.Buffer
	headers := hpack.NewEncoder(&text)
	block := func(pairs ...string) []byte {
		text.Reset()
		for i := 0; i < len(pairs); i += 2 {
			headers.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]}) //nolint:errcheck // into memory
		}
		return bytes.Clone(text.Bytes())
	}
	refused := false
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		id := frame.Header().StreamID
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				err = f.WriteSettingsAck()
			}
		case *http2.HeadersFrame:
			if !refused {
				refused = true
				err = f.WriteRSTStream(id, http2.ErrCodeRefusedStream)
			}
		case *http2.DataFrame:
			if !frame.StreamEnded() {
				continue
			}
			if err = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, EndHeaders: true, BlockFragment: block(":status", "200", "content-type", "application/grpc")}); err == nil {
				err = f.WriteData(id, false, make([]byte, 5))
			}
			if err == nil {
				err = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, EndHeaders: true, EndStream: true, BlockFragment: block("grpc-status", "0")})
			}
		}
		if err != nil {
			return
		}
	}
}

func TestTheAccessLogTellsOfACallThatWasMadeAgain(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"unary": "/edgetest/v1/resources/1", "stream": "/edgetest/v1/resources:watch"} {
		cfg := edgetest.InFrontOf(refusing(t))
		cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto/edgetest"}}}
		cfg.Upstreams[0].Connections = 1
		lines := new(written)
		edge := listening(t, cfg, server.WithStdout(lines))
		for range 2 {
			if got := send(t, "GET", edge.URLs()[0]+path, ""); got.status != http.StatusOK {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
		until(t, "both lines are written", func() bool { return strings.Count(lines.String(), "\n") == 2 })
		if first, second, _ := strings.Cut(lines.String(), "\n"); !strings.Contains(first, `"retries":1,`) || strings.Contains(second, "retries") {
			t.Errorf("%s: %s", name, lines)
		}
	}
}
