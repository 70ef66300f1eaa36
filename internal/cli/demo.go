package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
	"github.com/gatehouse-edge/gatehouse/internal/shop/login"
	"github.com/gatehouse-edge/gatehouse/internal/storefront"
)

// demo is the sample shop, and who vouches for its callers.
type demo struct {
	shop   *shop.Running
	issuer *login.Issuer // nil where the configuration has its own authentication
	url    string        // the issuer's
	server *http.Server
}

// startDemo runs the shop and makes its services upstreams. They outlive the edge's drain.
func (c *serveCommand) startDemo(cfg *configv1.Config) (*demo, error) {
	running, err := shop.Start(context.Background(), shop.Config{
		Conditions: shop.Conditions{Latency: c.DemoLatency, ErrorRate: c.DemoErrorRate},
	})
	if err != nil {
		return nil, fmt.Errorf("sample shop: %w", err)
	}
	targets := running.Targets()
	for _, name := range shop.Services() {
		service := shop.FullName(name)
		cfg.Upstreams = append(cfg.Upstreams, &configv1.Upstream{Target: targets[service], Services: []string{service}})
	}
	d := &demo{shop: running}
	if cfg.GetAuthentication() != nil {
		return d, nil
	}
	if err := d.startLogin(c.DemoLogin); err != nil {
		running.Stop()
		return nil, fmt.Errorf("the sample shop's issuer of tokens: %w", err)
	}
	cfg.Authentication = &configv1.Authentication{Issuers: []*configv1.Issuer{{
		Issuer: d.url, Audiences: []string{login.Audience}, TierClaim: login.TierClaim, AudienceClaim: login.ViewClaim,
	}}}
	return d, nil
}

func (d *demo) startLogin(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	d.url = "http://" + listener.Addr().String()
	if d.issuer, err = login.New(d.url); err != nil {
		return err
	}
	const patience = 10 * time.Second
	d.server = &http.Server{Handler: d.issuer.Handler(), ReadHeaderTimeout: patience}
	go d.server.Serve(listener) //nolint:errcheck // it ends when it is closed
	return nil
}

// pages are the shop's own: a storefront, whose visitors may be any of its callers.
func (d *demo) pages() (*http.ServeMux, error) {
	options := storefront.Options{}
	if d.issuer != nil {
		byName := map[string]login.Caller{}
		for _, c := range login.Callers() {
			byName[c.Name] = c
			options.Callers = append(options.Callers, storefront.Caller{Name: c.Name, Says: c.Says})
		}
		options.Token = func(name string) (string, error) { return d.issuer.Token(byName[name], time.Now()) }
	}
	h, err := storefront.New(options)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", h)
	mux.Handle("/storefront/", h)
	return mux, nil
}

// look is the path of the shop's page, "" without a shop.
func (d *demo) look() string {
	if d == nil {
		return ""
	}
	return "/"
}

func (d *demo) stop() {
	if d.server != nil {
		d.server.Close() //nolint:errcheck // nothing is in flight that anybody waits for
	}
	d.shop.Stop()
}

// announce prints a token for each caller.
func (d *demo) announce(w io.Writer) error {
	if d == nil || d.issuer == nil {
		return nil
	}
	s := styleOf(w)
	fmt.Fprintf(w, "  tokens for a day, also at %s/customer, /partner, /admin\n", d.url)
	for _, caller := range login.Callers() {
		token, err := d.issuer.Token(caller, time.Now())
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "    %-10s%s\n    %s\n", s.bold(caller.Name), s.faint(caller.Says), token)
	}
	fmt.Fprintln(w)
	return nil
}
