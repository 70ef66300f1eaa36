package openapi

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// nameTags names the tag of each service: as its option says, or else by its own name. Where that is the name of another
// tag too, the name of the service is told in full.
func (b *builder) nameTags(services []*schema.Service) {
	b.tags = map[protoreflect.FullName]string{}
	short := map[string]int{}
	for _, s := range services {
		given, _ := b.tagOption(s.Descriptor)
		name := cmp.Or(given.GetName(), string(s.Descriptor.Name()))
		b.tags[s.Descriptor.FullName()] = name
		short[name]++
	}
	for _, s := range services {
		given, _ := b.tagOption(s.Descriptor)
		if given.GetName() == "" && short[string(s.Descriptor.Name())] > 1 {
			b.tags[s.Descriptor.FullName()] = string(s.Descriptor.FullName())
		}
	}
}

// serviceTags adds what the services' options say to what the files say of tags.
func (m *merger) serviceTags(into *options.Swagger, services []*schema.Service) {
	for _, s := range services {
		given, o := m.tagOption(s.Descriptor)
		if given == nil {
			continue
		}
		named := proto.CloneOf(given)
		named.Name = m.tags[s.Descriptor.FullName()]
		m.file = o
		m.addTags(into, &options.Swagger{Tags: []*options.Tag{named}})
	}
}

// finishTags lists the tags: those that are declared, in that order, and those of the services; and whatever else
// operations are tagged with.
func (b *builder) finishTags(services []*schema.Service) {
	used := b.usedTags()
	tags := b.declaredTags(used, b.goneTags(services))
	isDeclared := map[*Tag]bool{}
	for _, t := range tags.All() {
		isDeclared[t] = t.Description != ""
	}
	for _, s := range services {
		name := b.tags[s.Descriptor.FullName()]
		t, known := tags.Get(name)
		if !known {
			if !used[name] {
				continue
			}
			t = &Tag{Name: name}
			tags.Set(name, t)
		}
		if !isDeclared[t] {
			t.Description = paragraphs(t.Description, commentOf(s.Descriptor).all())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if _, known := tags.Get(name); !known {
			tags.Set(name, &Tag{Name: name})
		}
	}
	for _, t := range tags.All() {
		b.doc.Tags = append(b.doc.Tags, *t)
	}
}

// declaredTags are those that options declare.
func (b *builder) declaredTags(used, gone map[string]bool) Map[*Tag] {
	var tags Map[*Tag]
	o := b.generalOption
	for _, given := range b.general.GetTags() {
		name := given.GetName()
		part := fmt.Sprintf("tags[%q]", name)
		if name == "" {
			o.wrong(part, "it has no name")
		}
		if !used[name] && gone[name] {
			continue
		}
		tags.Set(name, &Tag{
			Name: name, Description: prose(given.GetDescription()), ExternalDocs: o.docs(part+".external_docs", given.GetExternalDocs()),
			Extensions: o.extras(part+".extensions", given.GetExtensions()),
		})
	}
	return tags
}

// usedTags are those that operations have.
func (b *builder) usedTags() map[string]bool {
	used := map[string]bool{}
	for _, item := range b.doc.Paths.All() {
		for _, op := range item.Operations() {
			for _, name := range op.Tags {
				used[name] = true
			}
		}
	}
	return used
}

// goneTags are those of services and methods that the document does not have. A declared tag that nothing else has would
// tell the audience of them.
func (b *builder) goneTags(services []*schema.Service) map[string]bool {
	gone := map[string]bool{}
	for _, s := range b.api.Services {
		if !slices.Contains(services, s) {
			given, _ := b.tagOption(s.Descriptor)
			gone[given.GetName()], gone[string(s.Descriptor.Name())], gone[string(s.Descriptor.FullName())] = true, true, true
		}
		for i := range s.Descriptor.Methods().Len() {
			method := s.Descriptor.Methods().Get(i)
			isServed := slices.ContainsFunc(s.Methods, func(m *schema.Method) bool { return m.Descriptor == method && b.isServed(m) })
			if isServed {
				continue
			}
			given, _ := b.operationOption(method)
			for _, name := range given.GetTags() {
				gone[name] = true
			}
		}
	}
	return gone
}
