package openapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// swagger makes one openapiv2_swagger of those of all files. What files say of different things stands side by side;
// what they say of one thing has to be the same.
func (b *builder) swagger(services []*schema.Service) (*options.Swagger, option) {
	m := &merger{builder: b, origins: map[string]source.Position{}}
	all := new(options.Swagger)
	for _, file := range b.describingFiles(services) {
		given, o := optionOf[*options.Swagger](b, file, options.E_Openapiv2Swagger)
		if given == nil {
			continue
		}
		m.file = o
		own := b.undecided(given)
		m.addTags(all, own)
		m.message(all.ProtoReflect(), own.ProtoReflect(), "")
	}
	m.serviceTags(all, services)
	return all, option{builder: b, name: "openapiv2_swagger", at: m.origin}
}

// describingFiles are the files that speak of what the audience sees, by name: those that declare a service of the
// document, and those of its packages that declare none, where it is usual to keep what holds for the whole.
func (b *builder) describingFiles(services []*schema.Service) []protoreflect.FileDescriptor {
	packages, declaring := map[protoreflect.FullName]bool{}, map[string]bool{}
	for _, s := range services {
		file := s.Descriptor.ParentFile()
		packages[file.Package()], declaring[file.Path()] = true, true
	}
	return slices.DeleteFunc(b.files(), func(file protoreflect.FileDescriptor) bool {
		return !declaring[file.Path()] && (!packages[file.Package()] || file.Services().Len() > 0)
	})
}

// undecided is what of an option is neither decided by who asks for the document, nor by the edge: it takes and gives
// the media types that it can translate, whatever consumes and produces say.
func (b *builder) undecided(given *options.Swagger) *options.Swagger {
	own := proto.CloneOf(given)
	own.Swagger, own.Consumes, own.Produces = "", nil, nil
	if info := own.GetInfo(); info != nil {
		if b.opts.Title != "" {
			info.Title = ""
		}
		if b.opts.APIVersion != "" {
			info.Version = ""
		}
		if b.opts.Description != "" {
			info.Description = ""
		}
	}
	if len(b.opts.Servers) > 0 {
		own.Host, own.BasePath, own.Schemes = "", "", nil
	}
	return own
}

// merger puts options together.
type merger struct {
	*builder
	file    option
	origins map[string]source.Position // where each part was said first
}

// origin is where a part was said, or what of it is known.
func (m *merger) origin(part string) source.Position {
	for {
		if at, known := m.origins[part]; known {
			return at
		}
		end := strings.LastIndexAny(part, ".[")
		if end < 0 {
			return source.Position{}
		}
		part = part[:end]
	}
}

// message adds what one message says to another.
func (m *merger) message(into, from protoreflect.Message, path string) {
	from.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		part := strings.TrimPrefix(path+"."+string(fd.Name()), ".")
		switch {
		case fd.IsMap():
			m.entries(into.Mutable(fd).Map(), v.Map(), fd, part)
		case fd.Message() != nil && !fd.IsList() && !isLeaf(v.Message()):
			m.said(part)
			m.message(into.Mutable(fd).Message(), v.Message(), part)
		case !into.Has(fd):
			m.said(part)
			into.Set(fd, v)
		case !into.Get(fd).Equal(v):
			m.contradicts(part, into.Get(fd), v)
		}
		return true
	})
}

func (m *merger) entries(into, from protoreflect.Map, fd protoreflect.FieldDescriptor, path string) {
	m.said(path)
	from.Range(func(key protoreflect.MapKey, v protoreflect.Value) bool {
		part := fmt.Sprintf("%s[%q]", path, key.String())
		switch {
		case fd.MapValue().Message() != nil && !isLeaf(v.Message()):
			m.said(part)
			m.message(into.Mutable(key).Message(), v.Message(), part)
		case !into.Has(key):
			m.said(part)
			into.Set(key, v)
		case !into.Get(key).Equal(v):
			m.contradicts(part, into.Get(key), v)
		}
		return true
	})
}

// addTags adds what an option says of tags, each by its name, and takes it out of the option.
func (m *merger) addTags(into, from *options.Swagger) {
	for _, tag := range from.GetTags() {
		at := slices.IndexFunc(into.GetTags(), func(other *options.Tag) bool { return other.GetName() == tag.GetName() })
		if at < 0 {
			at = len(into.GetTags())
			into.Tags = append(into.Tags, new(options.Tag))
		}
		part := fmt.Sprintf("tags[%q]", tag.GetName())
		m.said(part)
		m.message(into.GetTags()[at].ProtoReflect(), tag.ProtoReflect(), part)
	}
	from.Tags = nil
}

// isLeaf tells a message that says one thing.
func isLeaf(v protoreflect.Message) bool {
	_, isValue := v.Interface().(*structpb.Value)
	return isValue
}

// said notes where a part was said first.
func (m *merger) said(part string) {
	if _, known := m.origins[part]; !known {
		m.origins[part] = m.position(part)
	}
}

// position is that of a part in the file at hand. Keys of maps are no part of it.
func (m *merger) position(part string) source.Position {
	if end := strings.IndexByte(part, '['); end >= 0 {
		part = part[:end]
	}
	return m.file.at(part)
}

const sayWhereServed = "or say where the API is reached (openapi.servers in the configuration)"

// remedies are what to do where files contradict each other, beside making them agree.
var remedies = map[string]string{
	"info.title":       "or give the document a title of its own (openapi.title in the configuration)",
	"info.version":     "or give the document a version of its own (openapi.version in the configuration)",
	"info.description": "or give the document a description of its own (openapi.description in the configuration)",
	"host":             sayWhereServed,
	"schemes":          sayWhereServed,
	"base_path":        sayWhereServed,
	"security":         "or state it at each method (openapiv2_operation.security)",
}

func (m *merger) contradicts(part string, first, second protoreflect.Value) {
	remedy := remedies[part]
	if remedy == "" {
		remedy = "or leave it to one of them"
	}
	at := m.position(part)
	what := fmt.Sprintf("%s is not the same here and in %s", part, m.origin(part))
	if text, isText := second.Interface().(string); isText {
		what = fmt.Sprintf("%s is %q here and %q in %s", part, text, first.String(), m.origin(part))
	}
	m.problem(at, "openapiv2_swagger: %s, and the document has only one; make them agree, %s", what, remedy)
}
