package auth_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/auth"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// server is a real Redis on the loopback address.
type server struct {
	*redis.Client
	address string
	process *exec.Cmd
}

// start runs a Redis until the test ends. Without redis-server the test is skipped.
func start(t testing.TB) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("there is no Redis: apt-get install redis-server")
	}
	for range 5 { // somebody may take the port before Redis does
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s := &server{address: l.Addr().String()}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if s.run(t, t.TempDir()) {
			s.Client = redis.NewClient(&redis.Options{Addr: s.address})
			t.Cleanup(func() { s.Close() }) //nolint:errcheck // it may have lost its server
			return s
		}
	}
	t.Fatal("Redis does not start")
	return nil
}

func (s *server) run(t testing.TB, folder string) bool {
	t.Helper()
	_, port, _ := net.SplitHostPort(s.address)
	process := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", folder, "--save", "")
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		process.Wait() //nolint:errcheck // that it has ended is all that counts
		close(ended)
	}()
	s.process = process
	t.Cleanup(func() {
		process.Process.Kill() //nolint:errcheck // it may have ended
		<-ended
	})
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

func (s *server) kill(t testing.TB) {
	t.Helper()
	if err := s.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, "Redis is gone", func() bool {
		c, err := net.Dial("tcp", s.address)
		if err == nil {
			c.Close() //nolint:errcheck // it was for looking only
		}
		return err != nil
	})
}

// put writes a key's hash.
func (s *server) put(t testing.TB, hash string, fields ...any) {
	t.Helper()
	if err := s.HSet(t.Context(), "gatehouse:keys:"+hash, fields...).Err(); err != nil {
		t.Fatal(err)
	}
}

func (s *server) config() string {
	return `{api_keys: {redis: {server: {addresses: ["` + s.address + `"], timeout: 10s}}}}`
}

func (e *edge) keyIs(t testing.TB, key, subject string, want fault.Reason) {
	t.Helper()
	p, err := e.key(t, key)
	if reason(err) != want || (p != nil) != (want == "") || p != nil && p.Subject != subject {
		t.Errorf("%+v %v, want %s%s", p, err, subject, want)
	}
}

func TestAKeyInRedisSaysWhoCalls(t *testing.T) {
	t.Parallel()
	s := start(t)
	key, hash := auth.NewKey()
	s.put(t, hash, "subject", "p-1", "scopes", "a b", "tier", "gold", "audience", "partner", "expires", time.Now().Add(time.Hour).Format(time.RFC3339))
	e := newEdge(t, s.config())
	want := &principal.Principal{Subject: "p-1", Method: principal.APIKey, Scopes: []string{"a", "b"}, Tier: "gold", Audience: "partner"}
	if p, err := e.key(t, key); err != nil || !reflect.DeepEqual(p, want) {
		t.Errorf("%+v %v, want %+v", p, err, want)
	}
	for name, fields := range map[string][]any{
		"expired":     {"subject", "p-2", "expires", "2020-01-31T00:00:00Z"},
		"no subject":  {"tier", "gold"},
		"no audience": {"subject", "p-2", "audience", "internal"},
		"no time":     {"subject", "p-2", "expires", "never"},
		"no scope":    {"subject", "p-2", "scopes", `a "b"`},
	} {
		other, otherHash := auth.NewKey()
		s.put(t, otherHash, fields...)
		if p, err := e.key(t, other); p != nil || reason(err) != fault.BadCredentials {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}
}

func TestWhatRedisSaidOfAKeyIsRemembered(t *testing.T) {
	t.Parallel()
	s := start(t)
	e := newEdge(t, s.config())
	key, hash := auth.NewKey()
	e.keyIs(t, key, "", fault.BadCredentials)
	s.put(t, hash, "subject", "p-1")
	e.keyIs(t, key, "", fault.BadCredentials) // as it was
	e.clock.advance(10 * time.Second)
	e.keyIs(t, key, "p-1", "")
	if err := s.Del(t.Context(), "gatehouse:keys:"+hash).Err(); err != nil {
		t.Fatal(err)
	}
	e.keyIs(t, key, "p-1", "") // as it was
	e.clock.advance(10 * time.Second)
	e.keyIs(t, key, "", fault.BadCredentials)
	s.put(t, hash, "subject", "p-2")
	e.clock.advance(10 * time.Second)
	e.keyIs(t, key, "p-2", "")
}

func TestKeysThatAreKnownGoOnWithoutRedis(t *testing.T) {
	t.Parallel()
	s := start(t)
	key, hash := auth.NewKey()
	withdrawn, withdrawnHash := auth.NewKey()
	s.put(t, hash, "subject", "p-1")
	s.put(t, withdrawnHash, "subject", "p-2")
	e := newEdge(t, s.config())
	e.keyIs(t, key, "p-1", "")
	e.keyIs(t, withdrawn, "p-2", "")
	if err := s.Del(t.Context(), "gatehouse:keys:"+withdrawnHash).Err(); err != nil {
		t.Fatal(err)
	}
	e.clock.advance(10 * time.Second)
	e.keyIs(t, withdrawn, "", fault.BadCredentials)
	e.keyIs(t, key, "p-1", "")
	s.kill(t)
	e.clock.advance(time.Minute)
	e.keyIs(t, key, "p-1", "")
	e.keyIs(t, withdrawn, "", fault.AuthUnavailable)
	for i := range 5 {
		e.keyIs(t, fmt.Sprint("never seen ", i), "", fault.AuthUnavailable)
	}
	if n := e.metric(t, "gatehouse_auth_redis_failures_total"); n != 3 {
		t.Errorf("Redis was waited for %v times, want 3", n)
	}
	e.clock.advance(time.Hour)
	e.keyIs(t, key, "", fault.AuthUnavailable) // it may have been withdrawn long ago
	if !s.run(t, t.TempDir()) {
		t.Fatal("Redis does not start again")
	}
	s.put(t, hash, "subject", "p-3")
	until(t, "Redis is asked again", func() bool {
		e.clock.advance(time.Second)
		p, _ := e.key(t, key)
		return p != nil && p.Subject == "p-3"
	})
	if away, back := e.log.count("does not answer"), e.log.count("answers again"); away != 1 || back != 1 {
		t.Errorf("the outage was logged %d times, its end %d times", away, back)
	}
}

func TestAClientThatGoesAwayIsNoOutageOfRedis(t *testing.T) {
	t.Parallel()
	e := newEdge(t, start(t).config())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 5 {
		if p, err := e.Authenticate(request(t, "X-Api-Key", fmt.Sprint(i)).WithContext(ctx)); p != nil || reason(err) != fault.AuthUnavailable {
			t.Errorf("%+v %v", p, err)
		}
	}
	e.keyIs(t, "another", "", fault.BadCredentials)
	if n := e.metric(t, "gatehouse_auth_redis_failures_total"); n != 0 {
		t.Errorf("%v failures", n)
	}
}

func TestKeysThatAreMadeUpPushNoneOutThatIsKnown(t *testing.T) {
	t.Parallel()
	s := start(t)
	key, hash := auth.NewKey()
	s.put(t, hash, "subject", "p-1")
	e := newEdge(t, `{api_keys: {redis: {server: {addresses: ["`+s.address+`"], timeout: 10s}, remember: 3600s}}}`)
	e.keyIs(t, key, "p-1", "")
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 10_000 {
				e.keyIs(t, fmt.Sprint(worker, i), "", fault.BadCredentials)
			}
		})
	}
	all.Wait()
	s.kill(t)
	e.keyIs(t, key, "p-1", "")
}

func TestAKeyOfTheFileNeedsNoRedis(t *testing.T) {
	t.Parallel()
	key, hash := auth.NewKey()
	path := write(t, "keys.yaml", []byte(`keys: [{hash: `+hash+`, subject: p-1}]`))
	e := newEdge(t, `{api_keys: {file: "`+path+`", redis: {server: {addresses: ["127.0.0.1:1"]}}}}`)
	e.keyIs(t, key, "p-1", "")
	e.keyIs(t, "another", "", fault.AuthUnavailable)
}

func TestAKeyThatIsNoHashInRedisIsNoOutage(t *testing.T) {
	t.Parallel()
	s := start(t)
	good, hash := auth.NewKey()
	s.put(t, hash, "subject", "p-1")
	e := newEdge(t, s.config())
	for range 5 { // more than are taken for an outage
		bad, badHash := auth.NewKey()
		if err := s.Set(t.Context(), "gatehouse:keys:"+badHash, "p-2", 0).Err(); err != nil {
			t.Fatal(err)
		}
		e.keyIs(t, bad, "", fault.BadCredentials)
	}
	e.keyIs(t, good, "p-1", "")
}
