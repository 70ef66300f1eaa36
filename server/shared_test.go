package server_test

import (
	"net"
	"net/http"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// redis is a real one on the loopback address.
type redis struct {
	address, folder string
	process         *exec.Cmd
}

// startRedis runs one until the test ends. Without redis-server the test is skipped.
func startRedis(t *testing.T) *redis {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("there is no Redis: apt-get install redis-server")
	}
	l, err := net.Listen("tcp", free)
	if err != nil {
		t.Fatal(err)
	}
	r := &redis{address: l.Addr().String(), folder: t.TempDir()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r.run(t)
	t.Cleanup(r.kill)
	return r
}

func (r *redis) run(t *testing.T) {
	t.Helper()
	_, port, err := net.SplitHostPort(r.address)
	if err != nil {
		t.Fatal(err)
	}
	r.process = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", r.folder, "--save", "")
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "Redis listens", func() bool {
		conn, err := net.Dial("tcp", r.address)
		return err == nil && conn.Close() == nil
	})
}

// kill ends it as a machine that fails does.
func (r *redis) kill() {
	r.process.Process.Kill() //nolint:errcheck // it may have ended
	r.process.Wait()         //nolint:errcheck // likewise
}

// replicas are three edges with one Redis, which let a caller through so often in an hour.
func replicas(t *testing.T, r *redis, requests uint32) (urls []string) {
	t.Helper()
	b := edgetest.StartBackend(t)
	for range 3 {
		cfg := edgetest.InFrontOf(b.Target)
		cfg.RateLimiting = &configv1.RateLimiting{
			Redis:    &configv1.Redis{Addresses: []string{r.address}, Timeout: durationpb.New(10 * time.Second)}, // tests share processors
			Defaults: []*configv1.DefaultLimit{{Name: "hour", Requests: requests, Window: durationpb.New(24 * time.Hour)}},
		}
		_, url := edgetest.Edge(t, cfg)
		urls = append(urls, url+prefix+"/query")
	}
	return urls
}

func TestThreeEdgesTogetherLetNoMoreThroughThanOne(t *testing.T) {
	t.Parallel()
	const limit, callers, calls = 1000, 9, 200
	urls := replicas(t, startRedis(t), limit)
	var admitted, refused atomic.Int64
	var load sync.WaitGroup
	for i := range callers {
		load.Go(func() {
			for range calls {
				switch got := request(t, "GET", urls[i%len(urls)], ""); got.status {
				case http.StatusOK:
					admitted.Add(1)
				case http.StatusTooManyRequests:
					refused.Add(1)
				default:
					t.Errorf("%d %s", got.status, got.body)
				}
			}
		})
	}
	load.Wait()
	if n := admitted.Load(); n < limit*99/100 || n > limit*101/100 || n+refused.Load() != callers*calls {
		t.Errorf("%d of %d were admitted and %d refused, want %d", n, callers*calls, refused.Load(), limit)
	}
}

func TestNoClientNoticesThatRedisIsKilledAndComesBack(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	urls := replicas(t, r, 80_000) // more than come
	var calls atomic.Int64
	var load sync.WaitGroup
	stop := make(chan struct{})
	for i := range 6 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if got := request(t, "GET", urls[i%len(urls)], ""); got.status != http.StatusOK && got.status != http.StatusTooManyRequests {
					t.Errorf("%d %s", got.status, got.body)
				}
				calls.Add(1)
			}
		})
	}
	more := func(what string) {
		t.Helper()
		before := calls.Load()
		until(t, what, func() bool { return calls.Load() > before+300 })
	}
	for range 2 {
		more("calls are answered")
		r.kill()
		more("calls are answered while Redis is away")
		r.run(t)
	}
	more("calls are answered again")
	close(stop)
	load.Wait()
}
