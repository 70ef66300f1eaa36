package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/cespare/xxhash/v2"
	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// document is the OpenAPI document of one audience. It is made when it is first asked for, or while the edge has begun to
// serve: nobody has to wait for it to start.
type document struct {
	audience *audience
	build    func(openapi.Version) (*openapi.Document, error)
	built    func() (*builtDocument, error) // once
	pages    func() (http.Handler, error)   // once
}

// warm makes the documents that may be asked for.
func (g *generation) warm() {
	for _, d := range g.documents {
		mayRead := func(t *table) bool { return !t.openapi.GetOff() && t.audience.sees(d.audience) }
		if slices.ContainsFunc(g.tables, mayRead) {
			d.built() //nolint:errcheck // logged, and answered with
		}
	}
}

type builtDocument struct {
	*openapi.Document
	json, yaml file
	operations int
}

// file is what is answered as it is.
type file struct {
	contentType string
	data        []byte
	tag         string
}

func newFile(contentType string, data []byte) file {
	return file{contentType: contentType, data: data, tag: `"` + strconv.FormatUint(xxhash.Sum64(data), 36) + `"`}
}

func (e *Edge) newDocument(g *generation, a *audience, set *source.Set, rules map[string]source.Rule) *document {
	d := &document{audience: a}
	d.build = func(v openapi.Version) (*openapi.Document, error) { return e.describe(a, set, rules, v) }
	d.built = sync.OnceValues(func() (*builtDocument, error) {
		b, err := d.encode()
		if err != nil {
			e.log.Error("the API can not be documented; it is served all the same", "audience", a.name, "error", err)
		}
		return b, err
	})
	d.pages = sync.OnceValues(func() (http.Handler, error) { return newPages(g, d) })
	return d
}

// describe makes a document of what an audience is served.
func (e *Edge) describe(a *audience, set *source.Set, rules map[string]source.Rule, v openapi.Version) (*openapi.Document, error) {
	api, err := schema.Compile(set, schema.Options{Rules: rules, Visible: a.visible})
	if err != nil {
		return nil, err
	}
	return openapi.Build(api, openapi.Options{
		Version: v, Visible: a.visible, Servers: a.openapi.GetServers(),
		Title: a.openapi.GetTitle(), APIVersion: a.openapi.GetVersion(), Description: a.openapi.GetDescription(),
		Policy: func(m *schema.Method) *openapi.Policy { return e.describePolicy(a, m) }, Security: e.schemes(a),
		Dialect: func(service protoreflect.FullName) *openapi.Dialect { return a.dialectOf(string(service)).described },
	})
}

func (d *document) encode() (*builtDocument, error) {
	doc, err := d.build(openapi.V31)
	if err != nil {
		return nil, err
	}
	inJSON, err := doc.JSON()
	if err != nil {
		return nil, err
	}
	inYAML, err := doc.YAML()
	if err != nil {
		return nil, err
	}
	return &builtDocument{
		Document: doc, json: newFile(typeJSON, inJSON), yaml: newFile("application/yaml", inYAML), operations: doc.Count(),
	}, nil
}

// DocumentOptions say which document is wanted.
type DocumentOptions struct {
	// Audience is its name. Default: the first of the configuration.
	Audience string
	// Version is that of OpenAPI: 3.0, 3.1 or 3.2. Default: 3.1.
	Version string
	// YAML is instead of JSON.
	YAML bool
}

// Document returns an OpenAPI document of what is served now. Its error joins all that keeps it from being made, each
// problem with its place.
func (e *Edge) Document(opts DocumentOptions) ([]byte, error) {
	documents := e.current.Load().documents
	i := slices.IndexFunc(documents, func(d *document) bool { return d.audience.name == or(opts.Audience, e.audiences.all[0].name) })
	if i < 0 {
		names := make([]string, len(documents))
		for i, d := range documents {
			names[i] = d.audience.name
		}
		return nil, fmt.Errorf("there is no audience %q; there are %s", opts.Audience, strings.Join(names, ", "))
	}
	versions := map[string]openapi.Version{"": openapi.V31, "3.0": openapi.V30, "3.1": openapi.V31, "3.2": openapi.V32}
	version, known := versions[opts.Version]
	if !known {
		return nil, fmt.Errorf("there is no document of OpenAPI %q; take 3.0, 3.1 or 3.2", opts.Version)
	}
	doc, err := documents[i].build(version)
	switch {
	case err != nil:
		return nil, err
	case opts.YAML:
		return doc.YAML()
	default:
		return doc.JSON()
	}
}

// CheckDocuments makes the documents of all audiences. Its error joins all that keeps them from being made, each problem
// once.
func (e *Edge) CheckDocuments() error {
	var errs []error
	seen := map[string]bool{}
	for _, d := range e.current.Load().documents {
		_, err := d.build(openapi.V31)
		if err != nil && !seen[err.Error()] {
			seen[err.Error()] = true
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// describeDialects tells the documents of the dialects. Services whose dialects say the same share one; the edge's own has
// no label, which others have in the names of their schemas.
func (s *settings) describeDialects(services []*configv1.ServiceSettings) {
	own := s.dialect.describe()
	s.dialect.described = &own
	known := map[openapi.Dialect]*openapi.Dialect{own: &own}
	for _, service := range services {
		for _, name := range service.GetNames() {
			d := s.dialects[name]
			said := d.describe()
			if known[said] == nil {
				labelled := said
				labelled.Label = fmt.Sprintf("dialect%d", len(known)+1)
				known[said] = &labelled
			}
			d.described = known[said]
		}
	}
}
