package edgetest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/server"
)

// Edge runs an edge until the test ends.
func Edge(t testing.TB, cfg *configv1.Config) (edge *server.Edge, url string) {
	t.Helper()
	edge, err := server.New(t.Context(), cfg, server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := edge.Close(); err != nil {
			t.Error(err)
		}
	})
	return edge, Front(t, edge.Handler())
}

// Front serves a handler over HTTP/1.1 and HTTP/2 until the test ends, and returns its URL.
func Front(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

// InFrontOf is a configuration for one upstream that describes itself. Nobody is asked who they are.
func InFrontOf(target string) *configv1.Config {
	return &configv1.Config{
		Upstreams:      []*configv1.Upstream{{Target: target}},
		Authentication: &configv1.Authentication{Off: true},
	}
}

// Gateway runs grpc-gateway's generated handlers, on stock settings, until the test ends.
func Gateway(t testing.TB, target string, register ...func(*runtime.ServeMux, *grpc.ClientConn) error) (url string) {
	t.Helper()
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // nothing is in flight any more
	mux := runtime.NewServeMux()
	for _, r := range register {
		if err := r(mux, conn); err != nil {
			t.Fatal(err)
		}
	}
	return Front(t, mux)
}

// Answer is a response that has been read to its end.
type Answer struct {
	Proto, Status   int // 2, 200
	Header, Trailer http.Header
	Body            string
}

// HTTP2 asks for a URL over HTTP/2 with prior knowledge, with headers given as names and values in turn.
func HTTP2(t testing.TB, url string, header ...string) Answer {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{Proto: res.ProtoMajor, Status: res.StatusCode, Header: res.Header, Trailer: res.Trailer, Body: string(body)}
}
