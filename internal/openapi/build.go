package openapi

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// Version is the version of OpenAPI that a document follows.
type Version uint8

const (
	// V31 is OpenAPI 3.1, which is JSON Schema 2020-12.
	V31 Version = iota
	// V32 is OpenAPI 3.2: streams have the schema of their items, and every HTTP method has a place.
	V32
	// V30 is OpenAPI 3.0, for tools that know nothing newer. What it can not say stands in descriptions only.
	V30
)

// Options is what Build is told beside the API.
type Options struct {
	Version Version
	// Visible tells what the audience may see; nil is everything. The API must have been compiled with it.
	Visible func(protoreflect.Descriptor) bool
	// Dialect returns how a service's messages are read and written; nil is the gatehouse preset for all.
	Dialect func(service protoreflect.FullName) *Dialect
	// Policy returns what callers have to know of a method; nil says nothing of any. What it returns is nil if nothing is known.
	Policy func(*schema.Method) *Policy
	// Security are the ways in which callers show who they are.
	Security []Scheme
	// Title, APIVersion and Description are the API's, whatever the descriptors say of them.
	Title, APIVersion, Description string
	// Servers are where the API is served. Default: where the document is.
	Servers []string
}

// Dialect is how messages are read and written. Services of one dialect share the pointer to it.
type Dialect struct {
	// Label tells it from others in the names of schemas; "" is the label of the edge's own.
	Label string
	// Gateway is the grpc-gateway preset.
	Gateway bool
	// Emit says which fields are always there in an answer.
	Emit Emit
	// IgnoreUnknown passes over names that do not exist.
	IgnoreUnknown bool
	// ProtoNames are the names of fields.
	ProtoNames bool
	// EnumNumbers are how enum values are written.
	EnumNumbers bool
	// ProblemsOnly: every error is a problem document.
	ProblemsOnly bool
}

// Emit says which unset fields appear in answers.
type Emit uint8

const (
	// EmitDefaults writes everything that has no presence.
	EmitDefaults Emit = iota
	// EmitPresent writes only what is set.
	EmitPresent
	// EmitUnpopulated is EmitDefaults, with null for what is unset and has presence.
	EmitUnpopulated
)

// Build makes the document of an API. Its error joins a [source.Problem] for each thing that is wrong, in source order.
func Build(api *schema.API, opts Options) (*Document, error) {
	b := &builder{
		api: api, opts: opts, extensions: extensionsOf(api.Set), entries: map[entryKey]*entry{},
		byTemplate: map[string]*pathNames{}, operationIDs: map[string]*schema.Binding{},
		patterns: map[string]*regexp.Regexp{}, samples: map[sampleKey]any{},
	}
	if b.opts.Visible == nil {
		b.opts.Visible = func(protoreflect.Descriptor) bool { return true }
	}
	if b.opts.Dialect == nil {
		gatehouse := new(Dialect)
		b.opts.Dialect = func(protoreflect.FullName) *Dialect { return gatehouse }
	}
	b.document()
	if len(b.problems) > 0 {
		return nil, schema.Join(b.problems)
	}
	if opts.Version == V30 {
		return downgrade(b.doc), nil
	}
	return b.doc, nil
}

// builder makes one document.
type builder struct {
	api        *schema.API
	opts       Options
	doc        *Document
	problems   []source.Problem
	extensions map[protoreflect.FullName][]protoreflect.FieldDescriptor

	entries map[entryKey]*entry // the components that are schemas
	order   []*entry            // in which they were asked for
	refs    []*Schema           // to them

	byTemplate   map[string]*pathNames // by the path without the names of its parameters
	operationIDs map[string]*schema.Binding
	paths        map[*schema.Binding]*boundPath
	wildcards    []wildcard
	tags         map[protoreflect.FullName]string // of services
	shortNames   map[protoreflect.FullName]string // of services, in operation ids

	general       *options.Swagger // what options say of the whole document
	generalOption option
	tests         []test                    // of values that options give
	resources     map[string][]string       // the patterns of names, by the type of resource
	claimed       map[string]map[int]string // names of parameters that options give, by path and place
	patterns      map[string]*regexp.Regexp // of schemas; nil for those that Go can not read
	samples       map[sampleKey]any         // values of schemas among the components
}

// problem reports what is wrong. What is wrong with a field is found in each schema that its message has.
func (b *builder) problem(at source.Position, format string, args ...any) {
	p := source.Problem{Position: at, Message: fmt.Sprintf(format, args...)}
	if !slices.Contains(b.problems, p) {
		b.problems = append(b.problems, p)
	}
}

func (b *builder) document() {
	b.doc = &Document{OpenAPI: "3.1.1"}
	if b.opts.Version == V32 {
		b.doc.OpenAPI = "3.2.0"
	}
	services := slices.Clone(b.api.Services)
	slices.SortFunc(services, func(x, y *schema.Service) int { return cmp.Compare(x.Descriptor.FullName(), y.Descriptor.FullName()) })
	services = slices.DeleteFunc(services, func(s *schema.Service) bool { return !slices.ContainsFunc(s.Methods, b.isServed) })
	b.nameTags(services)
	b.info(services)
	b.nameOperations(services)
	b.layPaths(services)
	for _, s := range services {
		b.service(s)
	}
	b.placeWildcards()
	b.finishTags(services)
	b.shareResponses()
	b.finishSchemas()
	b.testLiterals()
	b.examples()
	b.sortComponents()
}

// service describes the bindings of a service.
func (b *builder) service(s *schema.Service) {
	summary, _ := commentOf(s.Descriptor).split()
	told := Service{
		FullName: s.Descriptor.FullName(), Summary: summary, Tag: b.tags[s.Descriptor.FullName()], Deprecated: isDeprecated(s.Descriptor),
	}
	for _, m := range s.Methods {
		for _, binding := range m.Bindings {
			if b.isBound(binding) {
				b.operation(binding)
				told.Operations++
			}
		}
	}
	b.doc.Services = append(b.doc.Services, told)
}

func (b *builder) sortComponents() {
	c := &b.doc.Components
	c.Schemas.sort()
	c.Responses.sort()
	c.Parameters.sort()
	c.Headers.sort()
	c.SecuritySchemes.sort()
}

// isServed tells whether a method has a binding that the audience can use.
func (b *builder) isServed(m *schema.Method) bool { return slices.ContainsFunc(m.Bindings, b.isBound) }

// isBound tells whether the audience sees every field that a binding binds. What it does not see can not be routed to.
func (b *builder) isBound(binding *schema.Binding) bool {
	sees := func(fd protoreflect.FieldDescriptor) bool { return b.opts.Visible(fd) }
	for _, path := range binding.Variables {
		if slices.ContainsFunc(path, func(fd protoreflect.FieldDescriptor) bool { return !sees(fd) }) {
			return false
		}
	}
	return (binding.BodyField == nil || sees(binding.BodyField)) && (binding.Response == nil || sees(binding.Response))
}

// extensionsOf lists the extensions of each message, by number.
func extensionsOf(set *source.Set) map[protoreflect.FullName][]protoreflect.FieldDescriptor {
	all := map[protoreflect.FullName][]protoreflect.FieldDescriptor{}
	collect := func(xds protoreflect.ExtensionDescriptors) {
		for i := range xds.Len() {
			of := xds.Get(i).ContainingMessage().FullName()
			all[of] = append(all[of], xds.Get(i))
		}
	}
	var within func(mds protoreflect.MessageDescriptors)
	within = func(mds protoreflect.MessageDescriptors) {
		for i := range mds.Len() {
			collect(mds.Get(i).Extensions())
			within(mds.Get(i).Messages())
		}
	}
	set.Files.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		collect(fd.Extensions())
		within(fd.Messages())
		return true
	})
	for _, xds := range all {
		slices.SortFunc(xds, func(x, y protoreflect.FieldDescriptor) int { return cmp.Compare(x.Number(), y.Number()) })
	}
	return all
}
