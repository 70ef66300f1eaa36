package upstream_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// answer is what a response's headers become.
func answer(t *testing.T, by upstream.Headers, te string, header, trailer metadata.MD) http.Header {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("TE", te)
	h := http.Header{}
	by.Answer(h, r, header, trailer)
	return h
}

func TestTrailersDoNotHoldTheStatusThatTheBodyHides(t *testing.T) {
	t.Parallel()
	trailer := metadata.Pairs("grpc-status-details-bin", "secret", "x-trail", "a")
	for te, want := range map[string]http.Header{
		"trailers": {http.TrailerPrefix + "Grpc-Trailer-X-Trail": {"a"}}, "gzip, Trailers": {http.TrailerPrefix + "Grpc-Trailer-X-Trail": {"a"}}, "gzip": {}, "": {},
	} {
		if got := answer(t, upstream.NewGateway(), te, nil, trailer); !reflect.DeepEqual(got, want) {
			t.Errorf("TE: %s: got %v, want %v", te, got, want)
		}
	}
	if got := answer(t, upstream.Plain{}, "trailers", nil, trailer); !reflect.DeepEqual(got, http.Header{"X-Trail": {"a"}}) {
		t.Errorf("plain: got %v", got)
	}
}

func TestReservedMetadataDoNotBecomeHeaders(t *testing.T) {
	t.Parallel()
	md := metadata.Pairs("x-gatehouse-principal", "a", "x-http-code", "201", "x-request-id", "b", "x-trace-bin", "c", "set-cookie", "d", "content-type", "e", "server", "f", "grpc-status", "0")
	if got := answer(t, upstream.Plain{}, "", md, md); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
