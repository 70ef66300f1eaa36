package openapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// boundPath is the path that a binding has in the document.
type boundPath struct {
	text  string
	holes []hole
}

// hole is a parameter of a path: one wildcard of the template.
type hole struct {
	name     string
	segment  int // of the template
	variable int // that the wildcard belongs to; -1 for none
	rest     bool
}

// pathNames are the names of the parameters that all operations of one path share.
type pathNames struct {
	names   []string
	methods map[string]bool
}

// layPaths gives every binding its path. Bindings that end in ** come last: where another has the same path and method,
// they get one more parameter.
func (b *builder) layPaths(services []*schema.Service) {
	b.paths = map[*schema.Binding]*boundPath{}
	b.claimPathNames(services)
	for _, tails := range []bool{false, true} {
		for _, s := range services {
			for _, m := range s.Methods {
				for _, binding := range m.Bindings {
					if b.isBound(binding) && endsInTail(binding.Template) == tails {
						b.paths[binding] = b.layPath(binding)
					}
				}
			}
		}
	}
}

func endsInTail(t httprule.Template) bool {
	return len(t.Segments) > 0 && t.Segments[len(t.Segments)-1].Kind == httprule.DoubleStar
}

func (b *builder) layPath(binding *schema.Binding) *boundPath {
	p := b.pathOf(binding)
	p.text = p.shape(binding.Template, 0)
	for extra := 1; endsInTail(binding.Template) && b.taken(p.text, binding.HTTPMethod); extra++ {
		p.text = p.shape(binding.Template, extra)
		p.holes = append(p.holes, hole{name: fmt.Sprintf("rest%d", extra), segment: -1, variable: -1})
	}
	shared := b.byTemplate[p.text]
	if shared == nil {
		shared = &pathNames{names: b.sharedNames(p), methods: map[string]bool{}}
		b.byTemplate[p.text] = shared
	}
	shared.methods[binding.HTTPMethod] = true
	for i := range p.holes {
		p.holes[i].name = shared.names[i]
		p.text = strings.Replace(p.text, "{}", "{"+p.holes[i].name+"}", 1)
	}
	return p
}

func (b *builder) taken(shape, method string) bool {
	shared := b.byTemplate[shape]
	return shared != nil && shared.methods[method]
}

// pathOf names the wildcards of a template.
func (b *builder) pathOf(binding *schema.Binding) *boundPath {
	p, t := new(boundPath), binding.Template
	for i, segment := range t.Segments {
		if segment.Kind == httprule.Literal {
			continue
		}
		h := hole{segment: i, variable: variableAt(t, i), rest: segment.Kind == httprule.DoubleStar}
		switch own := b.ownPathName(binding, h.variable); {
		case own != "":
			h.name = p.unused(own)
		case h.variable >= 0 && !t.Variables[h.variable].Multi:
			h.name = p.unused(b.dialectOf(binding).pathName(binding.Variables[h.variable]))
		default:
			h.name = p.unused(holeName(t, i))
		}
		p.holes = append(p.holes, h)
	}
	return p
}

func (b *builder) dialectOf(binding *schema.Binding) *Dialect {
	return b.opts.Dialect(binding.Method.Service.Descriptor.FullName())
}

// pathName is how a field is called in JSON, with the fields that lead to it.
func (d *Dialect) pathName(path schema.FieldPath) string {
	names := make([]string, len(path))
	for i, fd := range path {
		names[i] = d.nameOf(fd)
	}
	return strings.Join(names, ".")
}

func variableAt(t httprule.Template, segment int) int {
	return slices.IndexFunc(t.Variables, func(v httprule.Variable) bool { return v.Start <= segment && segment < v.End })
}

// holeName is made of the literal before: a segment behind "shelves" is a shelf, and so is the one behind that.
func holeName(t httprule.Template, segment int) string {
	for i := segment - 1; i >= 0; i-- {
		if t.Segments[i].Kind == httprule.Literal {
			if name := singular(t.Segments[i].Literal); name != "" {
				return name
			}
			break
		}
	}
	if t.Segments[segment].Kind == httprule.DoubleStar {
		return "rest"
	}
	return "segment"
}

// singular makes the name of one thing out of that of a collection.
func singular(collection string) string {
	for i := range len(collection) {
		if c := collection[i]; !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-') {
			return ""
		}
	}
	for _, rule := range [][2]string{{"ies", "y"}, {"sses", "ss"}, {"xes", "x"}, {"ches", "ch"}, {"shes", "sh"}, {"lves", "lf"}, {"ss", "ss"}, {"us", "us"}, {"s", ""}} {
		if stem, ok := strings.CutSuffix(collection, rule[0]); ok && stem != "" {
			return stem + rule[1]
		}
	}
	return collection
}

func (p *boundPath) unused(name string) string {
	free := name
	for n := 2; slices.ContainsFunc(p.holes, func(h hole) bool { return h.name == free }); n++ {
		free = fmt.Sprintf("%s%d", name, n)
	}
	return free
}

// shape is the path with {} for every parameter, and as many more behind the last segment as extra says.
func (p *boundPath) shape(t httprule.Template, extra int) string {
	var out strings.Builder
	for _, segment := range t.Segments {
		if segment.Kind == httprule.Literal {
			one := httprule.Template{Segments: []httprule.Segment{segment}}
			out.WriteString(one.String())
			continue
		}
		out.WriteString("/{}")
	}
	out.WriteString(strings.Repeat("/{}", extra))
	if t.Verb != "" {
		verb := httprule.Template{Segments: []httprule.Segment{{Kind: httprule.Star}}, Verb: t.Verb}
		out.WriteString(strings.TrimPrefix(verb.String(), "/*"))
	}
	if out.Len() == 0 {
		return "/"
	}
	return out.String()
}

// place puts an operation where its binding says. A binding of any method gets an operation for each of the usual ones
// that nobody else has.
func (b *builder) place(binding *schema.Binding, op *Operation) {
	path := b.paths[binding].text
	item, known := b.doc.Paths.Get(path)
	if !known {
		item = new(PathItem)
		b.doc.Paths.Set(path, item)
	}
	if binding.HTTPMethod == anyMethod {
		b.wildcards = append(b.wildcards, wildcard{item, op})
		return
	}
	b.put(item, binding.HTTPMethod, op)
}

const anyMethod = "*"

// wildcard is an operation of every method.
type wildcard struct {
	item *PathItem
	op   *Operation
}

// placeWildcards comes last, when it is known what is free.
func (b *builder) placeWildcards() {
	for _, w := range b.wildcards {
		for _, method := range []string{methodGet, methodPut, methodPost, methodDelete, methodPatch} {
			if *w.item.slot(method) != nil {
				continue
			}
			op := *w.op
			op.OperationID += "_" + method
			if method == methodGet {
				op.RequestBody = nil
			}
			b.put(w.item, method, &op)
		}
	}
}

func (b *builder) put(item *PathItem, method string, op *Operation) {
	slot := item.slot(method)
	switch {
	case slot != nil && (method != methodQuery || b.opts.Version == V32):
		*slot = op
	case b.opts.Version == V32:
		item.Additional.Set(method, op)
	default:
		item.XAdditional.Set(method, op)
	}
}
