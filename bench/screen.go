package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
	"github.com/gatehouse-edge/gatehouse/proto"
	"github.com/gatehouse-edge/gatehouse/server"
)

// part is a call that the shop's first screen needs, and how long its service takes.
type part struct {
	service string
	latency time.Duration
	path    string
}

// parts are in an order in which their services can be started: the cart needs the orders.
var parts = []part{
	{"catalog", 150 * time.Millisecond, "/v1/products?filter=featured+%3D+true&orderBy=rating+desc&pageSize=6"},
	{"orders", 180 * time.Millisecond, "/v1/customers/c-1001/orders?pageSize=3"},
	{"cart", 120 * time.Millisecond, "/v1/carts/c-1001"},
	{"promotions", 100 * time.Millisecond, "/v1/promotions?pageSize=3"},
	{"profile", 130 * time.Millisecond, "/v1/profiles/c-1001"},
}

const screenPath = "/v1/customers/c-1001/home"

// screen measures how long a client waits for the shop's first screen: composed in one call, made of five at once, and of
// five one after the other; on this machine, and over links that delay each round trip.
func screen(w io.Writer, f format) error {
	if f == asJSON {
		return errors.New("screen has no JSON form")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	url, stop, err := startScreen(ctx)
	if err != nil {
		return err
	}
	defer stop()
	table := &sheet{words: 1, heads: []string{"delay of a round trip", "one composed call", "five at once", "five in turn"}}
	for _, delay := range []time.Duration{0, 100 * time.Millisecond, 300 * time.Millisecond} {
		c := &slowClient{url: url, delay: delay}
		cells := []string{delay.String()}
		for _, load := range []func(context.Context) error{c.composed, c.atOnce, c.inTurn} {
			took, err := usual(ctx, load)
			if err != nil {
				return err
			}
			cells = append(cells, took.Round(100*time.Microsecond).String())
		}
		table.add(cells...)
	}
	return table.write(w, f)
}

// startScreen runs the shop's services, each as slow as it is said to be, behind an edge.
func startScreen(ctx context.Context) (url string, stop func(), err error) {
	cfg := &configv1.Config{
		Authentication: &configv1.Authentication{Off: true}, AccessLog: &configv1.AccessLog{Off: true},
	}
	var stops []func()
	stop = func() {
		for _, s := range slices.Backward(stops) {
			s()
		}
	}
	orders := ""
	for _, p := range parts {
		running, err := shop.Start(ctx, shop.Config{
			Services: []string{p.service}, Conditions: shop.Conditions{Latency: p.latency}, OrdersTarget: orders,
		})
		if err != nil {
			stop()
			return "", nil, err
		}
		stops = append(stops, running.Stop)
		name := shop.FullName(p.service)
		target := running.Targets()[name]
		if p.service == "orders" {
			orders = target
		}
		cfg.Upstreams = append(cfg.Upstreams, &configv1.Upstream{Target: target, Services: []string{name}})
	}
	edge, err := server.New(ctx, cfg, server.WithProtos(proto.Shop), server.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		stop()
		return "", nil, err
	}
	stops = append(stops, func() { edge.Close() }) //nolint:errcheck // nothing is in flight
	front := httptest.NewServer(edge.Handler())
	stops = append(stops, front.Close)
	return front.URL, stop, nil
}

// slowClient waits for each round trip, as over a mobile link, whose bandwidth it does not limit.
type slowClient struct {
	url   string
	delay time.Duration
}

func (c *slowClient) get(ctx context.Context, path string) error {
	time.Sleep(c.delay)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, http.NoBody)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Gatehouse-Partial") != "" {
		return fmt.Errorf("%s: %s %s", path, res.Status, res.Header.Get("Gatehouse-Partial"))
	}
	return nil
}

func (c *slowClient) composed(ctx context.Context) error { return c.get(ctx, screenPath) }

func (c *slowClient) atOnce(ctx context.Context) error {
	failed := make(chan error, len(parts))
	for _, p := range parts {
		go func() { failed <- c.get(ctx, p.path) }()
	}
	var errs []error
	for range parts {
		errs = append(errs, <-failed)
	}
	return errors.Join(errs...)
}

func (c *slowClient) inTurn(ctx context.Context) error {
	for _, p := range parts {
		if err := c.get(ctx, p.path); err != nil {
			return err
		}
	}
	return nil
}

// usual is the median of so many loads, behind one that opens connections.
func usual(ctx context.Context, load func(context.Context) error) (time.Duration, error) {
	const loads = 11
	if err := load(ctx); err != nil {
		return 0, err
	}
	took := make([]time.Duration, loads)
	for i := range took {
		began := time.Now()
		if err := load(ctx); err != nil {
			return 0, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[loads/2], nil
}
