// Command shop runs the sample shop's gRPC servers: one of them, or all.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/gatehouse-edge/gatehouse/internal/shop"
)

// firstPort is where the first service listens if nothing else is said; the others follow in the order of services.
const firstPort = 50051

type arguments struct {
	Service        string        `help:"Which service to run: ${services}, or all but ${successors}, which the orders service is split into." enum:"${services},all" default:"all"`
	Listen         string        `help:"Address to listen on; with --service all, one port for all of them. By default each service has a port of its own on 127.0.0.1, catalog 50051 and so on." placeholder:"HOST:PORT"`
	OrdersTarget   string        `help:"Where the cart finds the orders service." placeholder:"HOST:PORT" xor:"orders"`
	OrderingTarget string        `help:"Where the cart finds the ordering service, if that takes the place of the orders service." placeholder:"HOST:PORT" xor:"orders"`
	ShippingTarget string        `help:"Where the ordering service finds the shipping service." placeholder:"HOST:PORT"`
	CatalogTarget  string        `help:"Where the cart finds the catalogue; without one it has the prices of the seed." placeholder:"HOST:PORT"`
	Latency        time.Duration `help:"Wait this long before each call is answered." default:"0s"`
	ErrorRate      float64       `help:"The share of calls, from 0 to 1, that fail as UNAVAILABLE." default:"0"`
	OrderStep      time.Duration `help:"How long an order stays in each state." default:"2s"`
	Drain          time.Duration `help:"How long calls in flight may take after SIGTERM." default:"5s"`
}

// Validate is called by kong once the arguments are read.
func (a *arguments) Validate() error {
	if a.ErrorRate < 0 || a.ErrorRate > 1 {
		return fmt.Errorf("--error-rate %g is not a share: give a number from 0 to 1", a.ErrorRate)
	}
	if a.Latency < 0 {
		return fmt.Errorf("--latency %v is below zero", a.Latency)
	}
	return nil
}

func main() {
	var a arguments
	parser := kong.Parse(&a,
		kong.Name("shop"),
		kong.Description("Runs the sample shop's gRPC servers, with health and reflection."),
		kong.Vars{"services": strings.Join(services(), ","), "successors": strings.Join(shop.Successors(), " and ")},
	)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, a, os.Stdout)
	stop()
	parser.FatalIfErrorf(err)
}

// services are all that can be run.
func services() []string { return slices.Concat(shop.Services(), shop.Successors()) }

// run serves until ctx is done.
func run(ctx context.Context, a arguments, out io.Writer) error {
	config := shop.Config{
		OrdersTarget:   a.OrdersTarget,
		OrderingTarget: a.OrderingTarget,
		ShippingTarget: a.ShippingTarget,
		CatalogTarget:  a.CatalogTarget,
		Conditions:     shop.Conditions{Latency: a.Latency, ErrorRate: a.ErrorRate},
		OrderStep:      a.OrderStep,
		Drain:          a.Drain,
		Listen:         a.listen,
	}
	if a.Service == "all" {
		config.OnePort = a.Listen != ""
	} else {
		config.Services = []string{a.Service}
	}
	running, err := shop.Start(ctx, config)
	if err != nil {
		return err
	}
	targets := running.Targets()
	for _, name := range services() {
		if target, ok := targets[shop.FullName(name)]; ok {
			fmt.Fprintf(out, "%-11s %-38s %s\n", name, shop.FullName(name), target)
		}
	}
	return running.Wait()
}

func (a *arguments) listen(service string) (net.Listener, string, error) {
	address := a.Listen
	if address == "" {
		address = fmt.Sprintf("127.0.0.1:%d", firstPort+slices.Index(services(), service))
	}
	lis, err := net.Listen("tcp", address)
	if err != nil {
		return nil, "", err
	}
	return lis, lis.Addr().String(), nil
}
