package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/config"
	"github.com/gatehouse-edge/gatehouse/internal/policy/accesslog"
	"github.com/gatehouse-edge/gatehouse/internal/route"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// Edge is one running gateway.
type Edge struct {
	cfg *configv1.Config
	settings
	audiences *audiences
	entrances []*entrance // one for each listener, at least one
	log       *slog.Logger
	version   string
	dial      []grpc.DialOption
	given     []origin
	meters    *meters
	door      *door
	access    *accesslog.Log // nil if none is written
	stdout    io.Writer      // where it goes if the configuration names no file
	offline   bool           // nothing is served
	pages     *http.ServeMux // where no route is
	current   atomic.Pointer[generation]
	reload    sync.Mutex // one reload at a time

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

// WithStdout sets where the access log goes, if the configuration names no file for it. Default: standard output.
func WithStdout(w io.Writer) Option { return func(e *Edge) { e.stdout = w } }

// Offline makes an edge that tells what it would serve, and serves nobody: it writes no access log and asks no issuer.
func Offline() Option { return func(e *Edge) { e.offline = true } }

// WithVersion sets the version that upstreams see in the user agent. Default: "dev".
func WithVersion(version string) Option { return func(e *Edge) { e.version = version } }

// WithDialOptions adds gRPC options to every connection to an upstream.
func WithDialOptions(opts ...grpc.DialOption) Option {
	return func(e *Edge) { e.dial = append(e.dial, opts...) }
}

// WithPages adds pages of the program that the edge is part of. They are served where no route is, to everybody.
func WithPages(pages *http.ServeMux) Option { return func(e *Edge) { e.pages = pages } }

// origin is a source of descriptors that is part of the program.
type origin func(context.Context) (*source.Set, error)

// WithProtos adds a source of descriptors to those of the configuration: the .proto files of a file system, whose imports
// start from its root.
func WithProtos(files fs.FS) Option {
	return func(e *Edge) {
		e.given = append(e.given, func(ctx context.Context) (*source.Set, error) { return source.FS(ctx, files) })
	}
}

// WithDescriptors adds a source of descriptors to those of the configuration: files that are compiled, with their imports.
// The services of those whose paths are listed are served. The name is what problems call it.
func WithDescriptors(name string, files []*descriptorpb.FileDescriptorProto, offered ...string) Option {
	return func(e *Edge) {
		e.given = append(e.given, func(ctx context.Context) (*source.Set, error) {
			return source.Files(ctx, name, files, offered)
		})
	}
}

// WithLinked adds a source of descriptors to those of the configuration: the Go packages that are linked into the program. The
// named services are served, or all that there are if none is named.
func WithLinked(services ...protoreflect.FullName) Option {
	return func(e *Edge) {
		e.given = append(e.given, func(ctx context.Context) (*source.Set, error) { return source.Linked(ctx, services...) })
	}
}

// New compiles the configuration into an edge. What the configuration leaves open has its default; it is not to be changed
// afterwards. Problems with it are joined, each under the path of its key, and so are those with the descriptors, each with
// its file, line and column.
func New(ctx context.Context, cfg *configv1.Config, opts ...Option) (*Edge, error) {
	e := &Edge{cfg: cfg, log: slog.Default(), version: "dev", meters: newMeters(), pages: http.NewServeMux()}
	e.stopping, e.stop = context.WithCancel(context.Background())
	e.closing = sync.OnceValue(func() error {
		e.stop()
		return errors.Join(e.current.Load().targets.close(), e.door.close(), e.access.Close())
	})
	for _, opt := range opts {
		opt(e)
	}
	if err := config.Validate(cfg, Problems); err != nil {
		return nil, err
	}
	var err error
	if e.settings, err = settingsOf(cfg); err != nil {
		return nil, err
	}
	if e.audiences, err = audiencesOf(cfg); err != nil {
		return nil, err
	}
	e.enter()
	if err := e.openLog(); err != nil {
		return nil, err
	}
	if e.door, err = e.newDoor(ctx); err != nil {
		return nil, errors.Join(err, e.access.Close())
	}
	g, err := e.compile(ctx)
	if err != nil {
		return nil, errors.Join(err, e.door.close(), e.access.Close())
	}
	e.current.Store(g)
	return e, nil
}

func (e *Edge) openLog() error {
	if e.offline {
		return nil
	}
	var err error
	e.access, err = accesslog.New(e.cfg.GetAccessLog(), accesslog.Options{Stdout: e.stdout, Log: e.log, Registerer: e.meters.registry})
	return err
}

// Check compiles the configuration and its descriptors without serving them.
func Check(ctx context.Context, cfg *configv1.Config, opts ...Option) error {
	e, err := New(ctx, cfg, opts...)
	if err != nil {
		return err
	}
	return e.Close()
}

// Reload opens the access log again, for who has moved its file away, loads the descriptors again, and swaps the new table in.
// If they do not compile, the error says why and the edge goes on with what it has. Requests in flight, streams among them,
// finish on the connections they began with.
func (e *Edge) Reload(ctx context.Context) error {
	e.reload.Lock()
	defer e.reload.Unlock()
	if err := e.access.Reopen(); err != nil {
		return err
	}
	g, err := e.compile(ctx)
	if err != nil {
		return err
	}
	old := e.current.Swap(g)
	go g.warm()
	time.AfterFunc(old.longest+e.limits.drain, func() { // by now all calls of the old table have ended or are counted
		old.calls.Wait()
		if err := old.targets.close(); err != nil {
			e.log.Warn("closing connections of the table before", "error", err)
		}
	})
	return nil
}

// Handler returns the edge as an http.Handler, as its first listener serves it.
func (e *Edge) Handler() http.Handler { return e.entrances[0] }

// Close ends WebSockets and the connections to upstreams. To call it again does nothing. [Edge.Serve] does so when it returns.
func (e *Edge) Close() error { return e.closing() }

// RouteInfo describes one route.
type RouteInfo struct {
	Method   string `json:"method"`
	Template string `json:"template"`
	RPC      string `json:"rpc"`
	// Upstream is the target, or "composed" for a method that others answer.
	Upstream string `json:"upstream,omitempty"`
	// Stream is "", "server", "client" or "bidi".
	Stream   string `json:"stream,omitempty"`
	Position string `json:"position"`
	// Public tells whether callers need no credentials.
	Public bool `json:"public"`
	// Policy is who may call, and how often.
	Policy string `json:"policy"`
	// Audiences are those that it is served to.
	Audiences []string `json:"audiences"`
}

// Routes lists what is served now to anybody, by template, then by method.
func (e *Edge) Routes() []RouteInfo {
	var infos []RouteInfo
	for _, t := range e.current.Load().tables {
		for _, r := range t.routes.Routes() {
			i, known := slices.BinarySearchFunc(infos, r, func(info RouteInfo, r route.Route[*operation]) int {
				return cmp.Or(cmp.Compare(info.Template, r.Value.template), cmp.Compare(info.Method, r.Method))
			})
			if !known {
				infos = slices.Insert(infos, i, r.Value.info(r.Method))
			}
			infos[i].Audiences = append(infos[i].Audiences, t.audience.name)
		}
	}
	return infos
}

// Unruled lists the methods of which no policy says who may call them. An edge that knows callers refuses them to everybody,
// and one that does not serves them to everybody.
func (e *Edge) Unruled() []string { return e.current.Load().unruled }

// Loosened lists the methods of which the configuration lets through what their protos do not, each with the field of the
// policy in which it does.
func (e *Edge) Loosened() []string { return e.current.Load().loosened }

func (op *operation) info(method string) RouteInfo {
	md := op.binding.Method.Descriptor
	info := RouteInfo{
		Method: method, Template: op.template, RPC: op.binding.Method.FullName(), Position: op.binding.Position.String(),
		Policy: op.policy.describe(), Public: op.policy.access.Public(),
	}
	switch {
	case op.plan != nil:
		info.Upstream = "composed"
	case op.target != nil:
		info.Upstream = op.target.Name()
	}
	switch {
	case md.IsStreamingClient() && md.IsStreamingServer():
		info.Stream = "bidi"
	case md.IsStreamingClient():
		info.Stream = "client"
	case md.IsStreamingServer():
		info.Stream = "server"
	}
	return info
}
