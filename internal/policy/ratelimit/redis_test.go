package ratelimit_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
)

// patience is how long Redis may take for what takes a moment.
const patience = 30 * time.Second

// server is a real Redis on the loopback address.
type server struct {
	address string
	folder  string
	args    []string
	process *exec.Cmd
}

// start runs a Redis until the test ends. Without redis-server the test is skipped.
func start(t testing.TB, args ...string) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("there is no Redis: apt-get install redis-server")
	}
	s := &server{folder: t.TempDir(), args: args}
	t.Cleanup(func() { s.kill(t) })
	for range 5 { // somebody may take the port before Redis does
		s.address = freeAddress(t)
		if s.run(t) {
			return s
		}
	}
	t.Fatal("Redis does not start")
	return nil
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// run starts the process and tells whether it listens.
func (s *server) run(t testing.TB) bool {
	t.Helper()
	_, port, _ := net.SplitHostPort(s.address)
	args := append([]string{"--bind", "127.0.0.1", "--dir", s.folder, "--save", ""}, s.args...)
	if !strings.Contains(strings.Join(args, " "), "--tls-cert-file") {
		args = append(args, "--port", port)
	} else {
		args = append(args, "--port", "0", "--tls-port", port)
	}
	s.process = exec.Command("redis-server", args...)
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func(p *exec.Cmd) {
		p.Wait() //nolint:errcheck // that it has ended is all that counts
		close(ended)
	}(s.process)
	for {
		if c, err := net.Dial("tcp", s.address); err == nil {
			return c.Close() == nil
		}
		select {
		case <-ended:
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// restart runs the process again. Meanwhile some connection may have been given its port, for a moment.
func (s *server) restart(t testing.TB) {
	t.Helper()
	for range 20 {
		if s.run(t) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("Redis does not start again")
}

// kill ends the process as a machine that fails does.
func (s *server) kill(t testing.TB) {
	t.Helper()
	if s.process == nil {
		return
	}
	s.process.Process.Kill() //nolint:errcheck // it may have ended
	for range 1000 {
		c, err := net.Dial("tcp", s.address)
		if err != nil {
			return
		}
		c.Close() //nolint:errcheck // it was for looking only
		time.Sleep(time.Millisecond)
	}
	t.Error("Redis still listens after it was killed")
}

// config is that of an edge with this Redis. It waits much longer than edges do: tests share their processors, and an edge
// that has waited for too long decides alone.
func (s *server) config() *configv1.RateLimiting {
	return &configv1.RateLimiting{
		MaxKeys: 1000, Redis: &configv1.Redis{Addresses: []string{s.address}, Timeout: durationpb.New(10 * time.Second)},
	}
}

// edge is a limiter, and what its operator sees.
type edge struct {
	*ratelimit.Limiter
	registry *prometheus.Registry
	log      *logged
}

func newEdge(t testing.TB, cfg *configv1.RateLimiting, now func() time.Time) *edge {
	t.Helper()
	e := &edge{registry: prometheus.NewRegistry(), log: new(logged)}
	var err error
	e.Limiter, err = ratelimit.New(cfg, ratelimit.Options{
		Now: now, Registerer: e.registry, Log: slog.New(slog.NewTextHandler(io.MultiWriter(e.log, t.Output()), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// asked is how often Redis has decided.
func (e *edge) asked(t *testing.T) int {
	t.Helper()
	return int(metric(t, e.registry, "gatehouse_ratelimit_redis_seconds"))
}

// logged is what was logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

// until waits for what will be so soon.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not within " + patience.String() + ": " + what)
		}
	}
}

// Windows are so long that nothing comes back while the test runs, so that Redis' clock does not matter.
func TestRedisDecidesAsAnEdgeAloneDoes(t *testing.T) {
	t.Parallel()
	at := &clock{nanoseconds: time.Now().UnixNano()}
	together, alone := newEdge(t, start(t).config(), nil), local(t, at.now)
	limits := []*ratelimit.Limit{
		{Name: "rate", Requests: 24 * 31, Window: 31 * 24 * time.Hour, Burst: 7},
		{Name: "other-rate", Requests: 7, Window: 31 * 24 * time.Hour},
		{Name: "single", Requests: 1, Window: 31 * 24 * time.Hour},
		{Name: "thirds", Requests: 9, Window: 31 * 24 * time.Hour, Burst: 30},
		{Name: "none", Window: 24 * time.Hour},
	}
	for i := range 300 {
		var checks []ratelimit.Check
		for k, l := range limits[:4+i/290] {
			if i%(k+2) == 0 || k == 0 {
				checks = append(checks, ratelimit.Check{Limit: l, Key: ratelimit.OfField(fmt.Sprint(i / 20 % 4 * k))})
			}
		}
		got, want := allowAll(t, together.Limiter, checks...), allowAll(t, alone, checks...)
		if got.Allowed != want.Allowed || got.Limit != want.Limit || got.Remaining != want.Remaining ||
			!near(got.Reset, want.Reset) || !near(got.RetryAfter, want.RetryAfter) {
			t.Fatalf("call %d: Redis says %+v of %s, an edge alone %+v of %s", i, got, got.Limit.Name, want, want.Limit.Name)
		}
	}
}

// Most of these windows do not divide evenly.
func TestRedisRoundsNoCallAway(t *testing.T) {
	t.Parallel()
	e := newEdge(t, start(t).config(), nil)
	for n := uint32(1); n <= 300; n++ {
		limit := &ratelimit.Limit{Name: fmt.Sprint(n), Requests: n, Window: 31 * 24 * time.Hour}
		for want := n; want > max(n, 4)-4; want-- {
			if d := allow(t, e.Limiter, limit, ratelimit.Key{}); !d.Allowed || d.Remaining != want-1 {
				t.Errorf("of %d calls, %d should be left: %+v", n, want-1, d)
			}
		}
	}
}

// near tells whether two times are the same, but for how long the test runs.
func near(a, b time.Duration) bool { return (a - b).Abs() < 10*time.Minute }

func TestAQuotaInRedisEndsAtMidnight(t *testing.T) {
	t.Parallel()
	e := newEdge(t, start(t).config(), nil)
	day := &ratelimit.Limit{Name: "day", Requests: 3, Window: 24 * time.Hour, Kind: ratelimit.Quota}
	for want := 2; want >= 0; want-- {
		d := allow(t, e.Limiter, day, ratelimit.Key{})
		midnight := time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
		if !d.Allowed || int(d.Remaining) != want || !near(d.Reset, time.Until(midnight)) {
			t.Errorf("want %d: %+v", want, d)
		}
	}
	if d := allow(t, e.Limiter, day, ratelimit.Key{}); d.Allowed || d.RetryAfter != d.Reset {
		t.Errorf("the fourth of three: %+v", d)
	}
}

func TestRedisIsNotAskedAgainAtOnceAboutWhomItRefuses(t *testing.T) {
	t.Parallel()
	at := &clock{nanoseconds: standing().UnixNano()}
	e := newEdge(t, start(t).config(), at.now)
	one := &ratelimit.Limit{Name: "one", Requests: 1, Window: time.Hour}
	for i := range 100 {
		if d := allow(t, e.Limiter, one, ratelimit.Key{}); d.Allowed != (i == 0) || !near(d.RetryAfter, time.Hour) {
			t.Fatalf("call %d: %+v", i, d)
		}
	}
	if n := e.asked(t); n != 2 {
		t.Errorf("Redis was asked %d times, want 2", n)
	}
	at.nanoseconds += int64(time.Minute)
	if allow(t, e.Limiter, one, ratelimit.Key{}); e.asked(t) != 3 {
		t.Errorf("a minute later, Redis was asked %d times in all, want 3", e.asked(t))
	}
}

func TestWhoCallsDoesNotStandInRedis(t *testing.T) {
	t.Parallel()
	s := start(t)
	e := newEdge(t, s.config(), nil)
	allow(t, e.Limiter, &ratelimit.Limit{Name: "hour", Requests: 1, Window: time.Hour}, ratelimit.OfField("a secret"))
	client := redis.NewClient(&redis.Options{Addr: s.address})
	defer client.Close()
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 1 || !strings.HasPrefix(keys[0], "{gatehouse}:hour:") || strings.Contains(keys[0], "secret") {
		t.Errorf("%q %v", keys, err)
	}
	if left, err := client.PTTL(t.Context(), keys[0]).Result(); err != nil || left <= 0 || left > time.Hour {
		t.Errorf("it is kept for %v: %v", left, err)
	}
}

func TestACallIsCountedInAClusterToo(t *testing.T) {
	t.Parallel()
	s := start(t, "--cluster-enabled", "yes")
	client := redis.NewClient(&redis.Options{Addr: s.address})
	defer client.Close()
	if err := client.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	until(t, "the cluster is one", func() bool {
		info, err := client.ClusterInfo(t.Context()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	cfg := s.config()
	cfg.Redis.Cluster = true
	e := newEdge(t, cfg, nil)
	checks := []ratelimit.Check{{Limit: minute, Key: ratelimit.OfField("a")}, {Limit: minute, Key: ratelimit.OfField("b")}}
	if d := allowAll(t, e.Limiter, checks...); !d.Allowed || d.Remaining != 9 {
		t.Errorf("%+v", d)
	}
	if n := metric(t, e.registry, "gatehouse_ratelimit_redis_failures_total"); n != 0 {
		t.Errorf("%v failures", n)
	}
}
