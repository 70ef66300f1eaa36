package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
	"github.com/gatehouse-edge/gatehouse/server"
)

// shopProcess is one service of the sample shop, as a process of its own.
type shopProcess struct {
	t                        *testing.T
	binary, service, address string
	cmd                      *exec.Cmd
}

// start runs the process, at the address that it had before if it had one, until the test ends.
func (p *shopProcess) start() {
	p.t.Helper()
	if p.address == "" {
		p.address = "127.0.0.1:0"
	}
	p.cmd = exec.Command(p.binary, "--service", p.service, "--listen", p.address)
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	cmd := p.cmd
	p.t.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it may be dead already
		cmd.Wait()         //nolint:errcheck // it is dead now
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	said := strings.Fields(line)
	if err != nil || len(said) != 3 {
		p.t.Fatalf("%v: %q", err, line)
	}
	p.address = said[2]
}

func (p *shopProcess) signal(s os.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Error(err)
	}
}

// freeze returns when the process stands still.
func (p *shopProcess) freeze() {
	p.signal(syscall.SIGSTOP)
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(p.cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		p.t.Errorf("the process does not stand still: %v", err)
	}
}

// onceSent does something when the next call of a service has been sent.
type onceSent struct {
	service string
	do      atomic.Pointer[func()]
}

type calledMethod struct{}

func (o *onceSent) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, calledMethod{}, info.FullMethodName)
}

func (o *onceSent) HandleRPC(ctx context.Context, event stats.RPCStats) {
	method, _ := ctx.Value(calledMethod{}).(string)
	if _, sent := event.(*stats.OutPayload); !sent || !strings.HasPrefix(method, "/"+o.service+"/") {
		return
	}
	if do := o.do.Swap(nil); do != nil {
		(*do)()
	}
}

func (o *onceSent) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (o *onceSent) HandleConn(context.Context, stats.ConnStats) {}

// screenOf runs the edge in front of the shop, of which one service is a process.
func screenOf(t *testing.T, p *shopProcess, sent *onceSent) (url string) {
	t.Helper()
	var others []string
	for _, name := range homeServices {
		if name != p.service {
			others = append(others, name)
		}
	}
	rest, err := shop.Start(t.Context(), shop.Config{Services: others, OrdersTarget: p.address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rest.Stop)
	cfg := &configv1.Config{
		Sources:        []*configv1.Source{{Origin: &configv1.Source_Protos{Protos: "../proto"}}},
		Authentication: &configv1.Authentication{Off: true},
		Upstreams:      []*configv1.Upstream{{Target: p.address, Services: []string{shop.FullName(p.service)}, Connections: 1}},
	}
	for service, target := range rest.Targets() {
		cfg.Upstreams = append(cfg.Upstreams, &configv1.Upstream{Target: target, Services: []string{service}})
	}
	edge, err := server.New(t.Context(), cfg, server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard), server.WithDialOptions(grpc.WithStatsHandler(sent)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { edge.Close() }) //nolint:errcheck // nothing is in flight
	return edgetest.Front(t, edge.Handler()) + "/v1/customers/c-1001/home"
}

func TestTheScreenOutlivesAProcessThatHangsOrIsKilled(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "shop")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/shop").CombinedOutput(); err != nil {
		t.Fatal(string(out))
	}
	for service, required := range map[string]bool{"profile": true, "orders": false, "promotions": false} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			p := &shopProcess{t: t, binary: binary, service: service}
			p.start()
			sent := &onceSent{service: shop.FullName(service)}
			url := screenOf(t, p, sent)
			whole := func() {
				t.Helper()
				until(t, "the screen is whole", func() bool {
					got := request(t, "GET", url, "")
					return got.status == http.StatusOK && got.header.Get("Gatehouse-Partial") == "" && strings.Contains(got.body, `"`+service+`":`)
				})
			}
			fails := func(status int, code, reason string) {
				t.Helper()
				got := request(t, "GET", url, "")
				header := got.header.Get("Gatehouse-Partial")
				switch {
				case required && (got.status != status || !strings.Contains(got.body, reason)):
					t.Errorf("%d %s", got.status, got.body)
				case !required && (got.status != http.StatusOK || header != fmt.Sprintf("%s;code=%s;reason=%s", service, code, reason)):
					t.Errorf("%d %s", got.status, header)
				}
				if leak := leaks.FindString(got.body + header); leak != "" {
					t.Errorf("the answer holds %q", leak)
				}
			}
			whole()
			p.freeze()
			fails(http.StatusGatewayTimeout, "DEADLINE_EXCEEDED", "UPSTREAM_TIMEOUT")
			p.signal(syscall.SIGCONT)
			whole()
			p.freeze() // so that it can not answer before it dies
			kill := func() { p.signal(syscall.SIGKILL) }
			sent.do.Store(&kill)
			fails(http.StatusServiceUnavailable, "UNAVAILABLE", "UPSTREAM_UNAVAILABLE")
			fails(http.StatusServiceUnavailable, "UNAVAILABLE", "UPSTREAM_UNAVAILABLE")
			p.cmd.Wait() //nolint:errcheck // it was killed
			p.start()
			whole()
		})
	}
}
