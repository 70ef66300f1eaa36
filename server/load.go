package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
	"github.com/gatehouse-edge/gatehouse/internal/source"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// reflectionTimeout is how long an upstream may take to describe itself.
const reflectionTimeout = 10 * time.Second

// loader gathers what a table is compiled from.
type loader struct {
	cfg     *configv1.Config
	dial    []grpc.DialOption
	agent   string
	limits  limits
	given   []origin
	targets *targets

	log        *slog.Logger
	registerer prometheus.Registerer
}

// targets are the upstreams of one table.
type targets struct {
	all       []*upstream.Target
	byService map[string]*upstream.Target
	rest      *upstream.Target // for services that no upstream names; may be nil

	credentials []*transport.Credentials
}

func (t *targets) of(service string) *upstream.Target {
	if target := t.byService[service]; target != nil {
		return target
	}
	return t.rest
}

func (t *targets) close() error {
	var errs []error
	for _, target := range t.all {
		errs = append(errs, target.Close())
	}
	for _, c := range t.credentials {
		c.Close()
	}
	return errors.Join(errs...)
}

func (l *loader) dialAll() error {
	l.targets = &targets{byService: map[string]*upstream.Target{}}
	for _, u := range l.cfg.GetUpstreams() {
		target, err := l.dialOne(u, or(int(u.GetConnections()), defaultConnections()))
		if err != nil {
			return err
		}
		l.targets.all = append(l.targets.all, target)
		for _, service := range u.GetServices() {
			l.targets.byService[service] = target
		}
		if len(u.GetServices()) == 0 {
			l.targets.rest = target
		}
	}
	return nil
}

func (l *loader) dialOne(u *configv1.Upstream, connections int) (*upstream.Target, error) {
	dial := l.dial
	if u.GetTls() != nil {
		secure, err := l.credentials(u)
		if err != nil {
			return nil, err
		}
		dial = append([]grpc.DialOption{grpc.WithTransportCredentials(secure)}, dial...)
	}
	return upstream.Dial(u.GetTarget(), upstream.Options{
		Connections: connections, MaxMessage: l.limits.upstreamMessage, UserAgent: l.agent, Dial: dial,
	})
}

// credentials are how an upstream is known. They are followed for as long as the targets are open.
func (l *loader) credentials(u *configv1.Upstream) (*transport.Credentials, error) {
	c, err := transport.Client(u.GetTls(), transport.Options{Log: l.log, Registerer: l.registerer})
	if err != nil {
		return nil, fmt.Errorf("upstream %q: %w", u.GetTarget(), err)
	}
	l.targets.credentials = append(l.targets.credentials, c)
	return c, nil
}

// load gathers the descriptors that the configuration names, or those that its upstreams describe, and the rules of its
// service configurations.
func (l *loader) load(ctx context.Context) (*source.Set, map[string]source.Rule, error) {
	set, err := l.set(ctx)
	if err != nil {
		return nil, nil, err
	}
	rules := map[string]source.Rule{}
	for _, path := range l.cfg.GetServiceConfigs() {
		more, err := source.ServiceConfig(path)
		if err != nil {
			return nil, nil, err
		}
		maps.Copy(rules, more)
	}
	return set, rules, nil
}

func (l *loader) set(ctx context.Context) (*source.Set, error) {
	var sets []*source.Set
	add := func(set *source.Set, err error) error {
		if err == nil {
			sets = append(sets, set)
		}
		return err
	}
	var errs []error
	for _, load := range l.given {
		errs = append(errs, add(load(ctx)))
	}
	for _, s := range l.cfg.GetSources() {
		switch origin := s.GetOrigin().(type) {
		case *configv1.Source_Image:
			errs = append(errs, add(source.Image(ctx, origin.Image)))
		case *configv1.Source_Protos:
			errs = append(errs, add(source.Dir(ctx, origin.Protos)))
		case *configv1.Source_Reflection:
			errs = append(errs, add(l.reflect(ctx, origin.Reflection)))
		}
	}
	if len(l.cfg.GetSources()) == 0 {
		for _, u := range l.cfg.GetUpstreams() {
			if !describes(sets, u.GetServices()) {
				errs = append(errs, add(l.reflect(ctx, u.GetTarget())))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(sets) == 0 {
		return nil, errors.New("nothing to serve: name an upstream, or a source of descriptors")
	}
	return source.Merge(sets...)
}

// describes tells whether the sets hold the services, of which there is at least one.
func describes(sets []*source.Set, services []string) bool {
	for _, service := range services {
		if !slices.ContainsFunc(sets, func(s *source.Set) bool { return slices.Contains(s.Services, protoreflect.FullName(service)) }) {
			return false
		}
	}
	return len(services) > 0
}

// reflect asks a server what it serves. One that is an upstream too is known in the same way.
func (l *loader) reflect(ctx context.Context, name string) (*source.Set, error) {
	server := &configv1.Upstream{Target: name}
	for _, u := range l.cfg.GetUpstreams() {
		if u.GetTarget() == name {
			server = u
		}
	}
	target, err := l.dialOne(server, 1)
	if err != nil {
		return nil, err
	}
	defer target.Close()
	ctx, cancel := context.WithTimeout(ctx, reflectionTimeout)
	defer cancel()
	set, err := source.Reflection(ctx, target.Conn())
	if err != nil {
		return nil, err
	}
	return set, nil
}
