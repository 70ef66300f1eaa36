package server_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/server"
)

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// Nobody sees the answer to a client that has left; the log and the counters do.
func TestAClientThatLeavesAUnaryCallIs499(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	called, ended := make(chan struct{}), make(chan error, 1)
	b.Hold = func(ctx context.Context) error {
		close(called)
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}
	log := new(journal)
	edge, err := server.New(t.Context(), edgetest.InFrontOf(b.Target), server.WithLogger(slog.New(slog.NewJSONHandler(log, nil))), server.WithStdout(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	defer edge.Close()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, edgetest.Front(t, edge.Handler())+prefix+"/query", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-called
		cancel()
	}()
	if res, err := http.DefaultClient.Do(req); err == nil {
		t.Error("an answer came", res.Body.Close())
	}
	if err := <-ended; err == nil {
		t.Error("the upstream's call went on")
	}
	for !strings.Contains(log.String(), `"status":499`) {
		time.Sleep(time.Millisecond)
	}
	if got := log.String(); !strings.Contains(got, `"reason":"CLIENT_GONE"`) || strings.Contains(got, `"level":"ERROR"`) {
		t.Errorf("%s", got)
	}
}
