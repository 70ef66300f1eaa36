package server

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// generation is what one loading of the descriptors made. It is immutable, but for the calls that it counts.
type generation struct {
	tables    []*table // of the audiences that are served, in their order
	documents []*document
	targets   *targets
	calls     sync.WaitGroup // those that may last longer than any time limit
	longest   time.Duration  // that the others may last, or take to be counted

	unruled  []string // methods of which nothing says who may call them
	loosened []string // methods of which the configuration lets through more than their protos, and in which ways
}

// compile loads the descriptors and makes all that is served from them.
func (e *Edge) compile(ctx context.Context) (*generation, error) {
	l := &loader{
		cfg: e.cfg, dial: e.dial, agent: "gatehouse/" + e.version, limits: e.limits, given: e.given,
		log: e.log, registerer: e.meters.registry,
	}
	if err := l.dialAll(); err != nil {
		return nil, errors.Join(err, l.targets.close())
	}
	set, rules, err := l.load(ctx)
	if err != nil {
		return nil, errors.Join(err, l.targets.close())
	}
	for _, w := range set.Warnings {
		e.log.Warn("not loaded", "problem", w)
	}
	e.warnOfAbsent(set)
	g := &generation{targets: l.targets, longest: e.limits.timeout}
	for _, a := range e.audiences.served {
		t, err := e.compileTable(g, a, set, rules)
		if err != nil {
			return nil, errors.Join(err, l.targets.close())
		}
		g.tables = append(g.tables, t)
	}
	e.warnOfPolicies(g)
	for _, a := range e.audiences.all {
		g.documents = append(g.documents, e.newDocument(g, a, set, rules))
	}
	return g, nil
}

// compileTable makes the table of one audience.
func (e *Edge) compileTable(g *generation, a *audience, set *source.Set, rules map[string]source.Rule) (*table, error) {
	api, err := schema.Compile(set, schema.Options{Rules: rules, Visible: a.visible})
	if err != nil {
		return nil, err
	}
	c := &compiler{
		settings: a.settings, generation: g, meters: e.meters, door: e.door, codecs: map[*dialect]*transcode.Codec{}, api: api, audience: a,
		validators: map[bool]*validate.Compiler{},
	}
	t, err := c.table()
	g.unruled = sortedUnion(g.unruled, c.unruled)
	g.loosened = sortedUnion(g.loosened, c.loosened)
	return t, err
}

func sortedUnion(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// warnOfPolicies names what the operator may not have meant.
func (e *Edge) warnOfPolicies(g *generation) {
	for _, what := range g.loosened {
		e.log.Warn("the configuration lets through what the protos do not", "policy", what)
	}
	if e.door.knows && len(g.unruled) > 0 {
		e.log.Warn("nobody may call these methods: no policy says who may", "methods", g.unruled)
	}
}

// warnOfAbsent names the services that the configuration has settings for and that nobody has described.
func (e *Edge) warnOfAbsent(set *source.Set) {
	for name := range e.dialects {
		if !slices.Contains(set.Services, protoreflect.FullName(name)) {
			e.log.Warn("the configuration has settings for a service that is not loaded", "service", name)
		}
	}
}
