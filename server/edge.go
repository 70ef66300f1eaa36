package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// Edge is one running gateway.
type Edge struct {
	cfg *configv1.Config
	settings
	log     *slog.Logger
	version string
	dial    []grpc.DialOption
	meters  *meters
	table   atomic.Pointer[table]
	reload  sync.Mutex // one reload at a time

	listeners []listener
	admin     net.Listener
	draining  atomic.Bool

	sockets  sync.WaitGroup  // WebSockets, of which net/http knows nothing any more
	stopping context.Context // done when they have to end
	stop     context.CancelFunc
	closing  func() error
}

// Option changes how an Edge is made.
type Option func(*Edge)

// WithLogger sets where the edge logs. Default: slog's default logger.
func WithLogger(log *slog.Logger) Option { return func(e *Edge) { e.log = log } }

// WithVersion sets the version that upstreams see in the user agent. Default: "dev".
func WithVersion(version string) Option { return func(e *Edge) { e.version = version } }

// WithDialOptions adds gRPC options to every connection to an upstream.
func WithDialOptions(opts ...grpc.DialOption) Option {
	return func(e *Edge) { e.dial = append(e.dial, opts...) }
}

// New compiles the configuration into an edge. What the configuration leaves open has its default; it must be valid and
// is not to be changed afterwards.
// Problems with the descriptors are joined, each with its file, line and column.
func New(ctx context.Context, cfg *configv1.Config, opts ...Option) (*Edge, error) {
	e := &Edge{cfg: cfg, log: slog.Default(), version: "dev", meters: newMeters()}
	e.stopping, e.stop = context.WithCancel(context.Background())
	e.closing = sync.OnceValue(func() error {
		e.stop()
		return e.table.Load().targets.close()
	})
	for _, opt := range opts {
		opt(e)
	}
	var err error
	if e.settings, err = settingsOf(cfg); err != nil {
		return nil, err
	}
	t, err := e.compile(ctx)
	if err != nil {
		return nil, err
	}
	e.table.Store(t)
	return e, nil
}

// Check compiles the configuration and its descriptors without serving them.
func Check(ctx context.Context, cfg *configv1.Config, opts ...Option) error {
	e, err := New(ctx, cfg, opts...)
	if err != nil {
		return err
	}
	return e.Close()
}

func (e *Edge) compile(ctx context.Context) (*table, error) {
	l := &loader{cfg: e.cfg, dial: e.dial, agent: "gatehouse/" + e.version, limits: e.limits}
	if err := l.dialAll(); err != nil {
		return nil, err
	}
	api, err := l.api(ctx)
	if err != nil {
		return nil, errors.Join(err, l.targets.close())
	}
	for _, w := range api.Set.Warnings {
		e.log.Warn("not loaded", "problem", w)
	}
	c := &compiler{
		settings: e.settings, targets: l.targets, meters: e.meters, codecs: map[*dialect]*transcode.Codec{}, api: api,
		visible: schema.Visible(e.cfg.GetVisibilityLabels()),
	}
	for name := range e.dialects {
		if !slices.ContainsFunc(api.Services, func(s *schema.Service) bool { return string(s.Descriptor.FullName()) == name }) {
			e.log.Warn("the configuration has settings for a service that is not loaded", "service", name)
		}
	}
	t, err := c.table()
	if err != nil {
		return nil, errors.Join(err, l.targets.close())
	}
	return t, nil
}

// Reload loads the descriptors again and swaps the new table in. If they do not compile, the error says why and the
// edge goes on with what it has. Requests in flight, streams among them, finish on the connections they began with.
func (e *Edge) Reload(ctx context.Context) error {
	e.reload.Lock()
	defer e.reload.Unlock()
	t, err := e.compile(ctx)
	if err != nil {
		return err
	}
	old := e.table.Swap(t)
	time.AfterFunc(e.limits.timeout+e.limits.drain, func() { // by now all calls of the old table have begun
		old.calls.Wait()
		if err := old.targets.close(); err != nil {
			e.log.Warn("closing connections of the table before", "error", err)
		}
	})
	return nil
}

// Handler returns the edge as an http.Handler.
func (e *Edge) Handler() http.Handler { return e }

// Close ends WebSockets and the connections to upstreams. To call it again does nothing. [Edge.Serve] does so when it returns.
func (e *Edge) Close() error { return e.closing() }

// RouteInfo describes one route.
type RouteInfo struct {
	Method   string `json:"method"`
	Template string `json:"template"`
	RPC      string `json:"rpc"`
	Upstream string `json:"upstream,omitempty"`
	// Stream is "", "server", "client" or "bidi".
	Stream   string `json:"stream,omitempty"`
	Position string `json:"position"`
}

// Routes lists what is served now, by template, then by method.
func (e *Edge) Routes() []RouteInfo {
	routes := e.table.Load().routes.Routes()
	infos := make([]RouteInfo, len(routes))
	for i, r := range routes {
		op := r.Value
		md := op.binding.Method.Descriptor
		infos[i] = RouteInfo{
			Method: r.Method, Template: op.template, RPC: op.binding.Method.FullName(), Position: op.binding.Position.String(),
		}
		if op.target != nil {
			infos[i].Upstream = op.target.Name()
		}
		switch {
		case md.IsStreamingClient() && md.IsStreamingServer():
			infos[i].Stream = "bidi"
		case md.IsStreamingClient():
			infos[i].Stream = "client"
		case md.IsStreamingServer():
			infos[i].Stream = "server"
		}
	}
	return infos
}
