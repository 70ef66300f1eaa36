package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/portal"
)

// Where what tells about the API is served, unless the API has a route there.
const (
	documentPath = "/openapi"
	docsPath     = "/docs"
)

// page answers for a path that no route has: with a page of the program, a document, a page of the portal, or 404.
func (c *call) page(path string) error {
	if h, pattern := c.edge.pages.Handler(c.r); pattern != "" {
		h.ServeHTTP(pageWriter{c}, c.r)
		return nil
	}
	nothing := fault.New(fault.NoRoute, "there is nothing at this path")
	if c.table.openapi.GetOff() {
		return nothing
	}
	rest, isDocument := strings.CutPrefix(path, documentPath)
	isPage := path == docsPath || strings.HasPrefix(path, docsPath+"/")
	if !isDocument && !isPage {
		return nothing
	}
	d, format := c.table.find(rest)
	switch {
	case isDocument && d == nil:
		return nothing
	case c.r.Method != http.MethodGet && c.r.Method != http.MethodHead:
		return fault.New(fault.MethodNotAllowed, c.r.Method+" is not possible here; GET, HEAD are").With("Allow", "GET, HEAD")
	case isDocument:
		return c.sendDocument(d, format)
	default:
		return c.sendPage()
	}
}

// HasDocs tells whether the edge serves documents and pages about its API.
func (e *Edge) HasDocs() bool { return !e.openapi.GetOff() }

// find returns the document that is asked for, by what follows documentPath: .json, .yaml, or /audience.json. It is nil
// for one that the table's audience may not read.
func (t *table) find(rest string) (d *document, format string) {
	name, format, found := strings.Cut(rest, ".")
	if !found || format != "json" && format != "yaml" {
		return nil, ""
	}
	if name == "" {
		name = "/" + t.audience.name
	}
	i := slices.IndexFunc(t.documents, func(d *document) bool { return "/"+d.audience.name == name && t.audience.sees(d.audience) })
	if i < 0 {
		return nil, ""
	}
	return t.documents[i], format
}

func (c *call) sendDocument(d *document, format string) error {
	b, err := d.built()
	if err != nil {
		return undocumented
	}
	f := b.json
	if format == "yaml" {
		f = b.yaml
	}
	c.compress()
	h := c.w.Header()
	h.Set("ETag", f.tag)
	h.Set("Cache-Control", "no-cache")
	if matchesTag(c.r.Header["If-None-Match"], f.tag) {
		c.begin(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", f.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	c.announce(len(f.data))
	return c.write(f.data)
}

var undocumented = fault.New(fault.Internal, "the document can not be made; the edge's log says why")

// sendPage lets the portal answer.
func (c *call) sendPage() error {
	own, _ := c.table.find(".json")
	pages, err := own.pages()
	if err != nil {
		return undocumented
	}
	pages.ServeHTTP(pageWriter{c}, c.r)
	return nil
}

// pageWriter counts what the portal answers.
type pageWriter struct{ *call }

func (w pageWriter) Header() http.Header { return w.w.Header() }

func (w pageWriter) WriteHeader(status int) { w.begin(status) }

func (w pageWriter) Write(b []byte) (int, error) {
	if err := w.write(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// newPages makes the portal that shows a document, and leads to the others that its audience may read.
func newPages(g *generation, own *document) (http.Handler, error) {
	b, err := own.built()
	if err != nil {
		return nil, err
	}
	site := portal.Site{
		Title: b.Info.Title, Version: b.Info.Version, Description: b.Info.Description, Audience: own.audience.name,
		Modules: modulesOf(b),
	}
	entry := func(d *document, operations int, path string) {
		site.Documents = append(site.Documents, portal.Document{
			Audience: d.audience.name, JSON: path + ".json", YAML: path + ".yaml", Operations: operations,
		})
	}
	entry(own, b.operations, documentPath)
	for _, d := range g.documents {
		if d.audience == own.audience || !own.audience.sees(d.audience) {
			continue
		}
		if other, err := d.built(); err == nil {
			entry(d, other.operations, documentPath+"/"+d.audience.name)
		}
	}
	return portal.New(site)
}

// modulesOf lists the packages with the services that the document has operations of.
func modulesOf(b *builtDocument) []portal.Module {
	var modules []portal.Module
	for i, s := range b.Services {
		name := string(s.FullName.Parent())
		if i == 0 || modules[len(modules)-1].Name != name {
			modules = append(modules, portal.Module{Name: name})
		}
		last := &modules[len(modules)-1]
		last.Services = append(last.Services, portal.Service{
			Name: string(s.FullName.Name()), FullName: string(s.FullName), Summary: s.Summary, Tag: s.Tag,
			Operations: s.Operations, Deprecated: s.Deprecated,
		})
	}
	return modules
}
