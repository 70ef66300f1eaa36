package server

import (
	"context"
	"errors"
	"slices"
	"sync"

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
}

// compile loads the descriptors and makes all that is served from them.
func (e *Edge) compile(ctx context.Context) (*generation, error) {
	l := &loader{cfg: e.cfg, dial: e.dial, agent: "gatehouse/" + e.version, limits: e.limits, given: e.given}
	if err := l.dialAll(); err != nil {
		return nil, err
	}
	set, rules, err := l.load(ctx)
	if err != nil {
		return nil, errors.Join(err, l.targets.close())
	}
	for _, w := range set.Warnings {
		e.log.Warn("not loaded", "problem", w)
	}
	e.warnOfAbsent(set)
	g := &generation{targets: l.targets}
	for _, a := range e.audiences.served {
		t, err := e.compileTable(g, a, set, rules)
		if err != nil {
			return nil, errors.Join(err, l.targets.close())
		}
		g.tables = append(g.tables, t)
	}
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
	return c.table()
}

// warnOfAbsent names the services that the configuration has settings for and that nobody has described.
func (e *Edge) warnOfAbsent(set *source.Set) {
	for name := range e.dialects {
		if !slices.Contains(set.Services, protoreflect.FullName(name)) {
			e.log.Warn("the configuration has settings for a service that is not loaded", "service", name)
		}
	}
}
