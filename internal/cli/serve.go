package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/config"
	"github.com/gatehouse-edge/gatehouse/proto"
	"github.com/gatehouse-edge/gatehouse/server"
)

// serveCommand runs the edge.
type serveCommand struct {
	sourceFlags
	Listen        []string      `short:"l" sep:"none" placeholder:"ADDRESS" help:"Plain HTTP on this address, instead of the configured listeners. Repeatable."`
	ListenTLS     []string      `sep:"none" name:"listen-tls" placeholder:"ADDRESS" help:"HTTPS on this address, with a certificate made at start that nobody else trusts. Repeatable."`
	Admin         string        `placeholder:"ADDRESS" help:"The admin listener's address, or off."`
	Demo          bool          `help:"Run the sample shop behind the edge."`
	DemoLatency   time.Duration `placeholder:"DURATION" help:"Make the shop's services this slow."`
	DemoErrorRate float64       `placeholder:"RATE" help:"Let this share of the shop's calls fail, from 0 to 1."`
	DemoLogin     string        `default:"127.0.0.1:8090" placeholder:"ADDRESS" help:"Where the sample shop gives out tokens, unless the configuration says how callers show who they are."`
	LogFormat     string        `enum:"auto,text,json" default:"auto" placeholder:"FORMAT" help:"How logs are written to stderr: text, json, or auto, which is text on a terminal and JSON elsewhere."`
}

// Validate is called by kong once the flags are read.
func (c *serveCommand) Validate() error {
	switch {
	case c.DemoErrorRate < 0 || c.DemoErrorRate > 1:
		return fmt.Errorf("--demo-error-rate=%g is not a share: give a number from 0 to 1", c.DemoErrorRate)
	case c.DemoLatency < 0:
		return fmt.Errorf("--demo-latency=%s is below zero", c.DemoLatency)
	case !c.Demo && (c.DemoErrorRate > 0 || c.DemoLatency > 0):
		return errors.New("--demo-latency and --demo-error-rate are for the sample shop: add --demo")
	}
	return nil
}

// Run serves until ctx is done or a signal asks it to end; calls in flight are finished first. SIGHUP loads the
// descriptors again.
func (c *serveCommand) Run(ctx context.Context, t terminal) error {
	relaxGC()
	ctx, stop := untilSignal(ctx)
	defer stop()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP) // from the start on: it would end a process that does not listen to it
	defer signal.Stop(hangup)
	cfg, err := c.config()
	if err != nil {
		return err
	}
	c.setListeners(cfg)
	if err := config.Validate(cfg, server.Problems); err != nil {
		return err
	}
	var d *demo
	if c.Demo {
		if d, err = c.startDemo(cfg); err != nil {
			return withRemedy(err)
		}
		defer d.stop()
	}
	if len(cfg.GetUpstreams()) == 0 && len(cfg.GetSources()) == 0 {
		return errors.New("nothing to serve; try --demo, --upstream localhost:9090, or --config gatehouse.yaml")
	}
	log := c.logger(t.err)
	opts := []server.Option{server.WithLogger(log), server.WithVersion(version()), server.WithStdout(t.out)}
	if c.Demo {
		pages, err := d.pages()
		if err != nil {
			return fmt.Errorf("sample shop: %w", err)
		}
		opts = append(opts, server.WithProtos(proto.Shop), server.WithPages(pages))
	}
	edge, err := server.New(ctx, cfg, opts...)
	if err != nil {
		return withRemedy(err)
	}
	if err := edge.Listen(); err != nil {
		return errors.Join(withRemedy(err), edge.Close())
	}
	announce(t.out, edge)
	if err := d.announce(t.out); err != nil {
		return errors.Join(err, edge.Close())
	}
	suggest(t.out, edge, d.look(), c.calls(edge.Routes(), d)...)
	go reloadOn(ctx, hangup, edge, log)
	return edge.Serve(ctx)
}

func (c *serveCommand) logger(w io.Writer) *slog.Logger {
	if c.LogFormat == "text" || c.LogFormat == "auto" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}

func (c *serveCommand) setListeners(cfg *configv1.Config) {
	if len(c.Listen) > 0 || len(c.ListenTLS) > 0 {
		cfg.Listeners = nil
	} else if c.Demo && len(cfg.GetListeners()) == 0 {
		c.Listen, c.ListenTLS = []string{"127.0.0.1:8080"}, []string{"127.0.0.1:8443"}
	}
	for _, address := range c.Listen {
		cfg.Listeners = append(cfg.Listeners, &configv1.Listener{Address: address})
	}
	for _, address := range c.ListenTLS {
		cfg.Listeners = append(cfg.Listeners, &configv1.Listener{Address: address, Tls: &configv1.Tls{SelfSigned: true}})
	}
	if c.Admin != "" {
		cfg.AdminAddress = c.Admin
	}
}

// reloadOn loads the descriptors again at every signal, until ctx is done.
func reloadOn(ctx context.Context, hangup <-chan os.Signal, edge *server.Edge, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
		}
		if err := edge.Reload(ctx); err != nil {
			log.Error("the new descriptors can not be served; the ones before still are", "error", err)
			continue
		}
		log.Info("reloaded", "routes", len(edge.Routes()))
	}
}
