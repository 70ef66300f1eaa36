package openapi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// resourcePatterns are the forms of the names of resources, by their types. A resource that is a hidden message has none,
// though a file defines it.
func (b *builder) resourcePatterns() map[string][]string {
	if b.resources != nil {
		return b.resources
	}
	b.resources = map[string][]string{}
	hidden := map[string]bool{}
	var within func(protoreflect.MessageDescriptors)
	within = func(mds protoreflect.MessageDescriptors) {
		for i := range mds.Len() {
			resource := b.resourceOf(mds.Get(i))
			switch {
			case resource.GetType() == "":
			case b.opts.Visible(mds.Get(i)):
				b.resources[resource.GetType()] = namedPatterns(resource)
			default:
				hidden[resource.GetType()] = true
			}
			within(mds.Get(i).Messages())
		}
	}
	files := b.files()
	for _, file := range files {
		within(file.Messages())
	}
	for _, file := range files {
		defined, _, err := source.Option[[]*annotations.ResourceDescriptor](file.Options(), annotations.E_ResourceDefinition)
		if err != nil {
			b.problem(b.api.Set.Position(file), "%v", err)
		}
		for _, resource := range defined {
			if _, known := b.resources[resource.GetType()]; !known && !hidden[resource.GetType()] {
				b.resources[resource.GetType()] = namedPatterns(resource)
			}
		}
	}
	return b.resources
}

// files are those of the set, by name.
func (b *builder) files() []protoreflect.FileDescriptor {
	var files []protoreflect.FileDescriptor
	b.api.Set.Files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		files = append(files, file)
		return true
	})
	slices.SortFunc(files, func(x, y protoreflect.FileDescriptor) int { return cmp.Compare(x.Path(), y.Path()) })
	return files
}

func (b *builder) resourceOf(md protoreflect.MessageDescriptor) *annotations.ResourceDescriptor {
	resource, _, err := source.Option[*annotations.ResourceDescriptor](md.Options(), annotations.E_Resource)
	if err != nil {
		b.problem(b.api.Set.Position(md), "%s: %v", md.FullName(), err)
	}
	return resource
}

// namedPatterns are the patterns that say something: the pattern * is any name.
func namedPatterns(resource *annotations.ResourceDescriptor) []string {
	var patterns []string
	for _, pattern := range resource.GetPattern() {
		if pattern != "*" && pattern != "" {
			patterns = append(patterns, pattern)
		}
	}
	return patterns
}

// patternText says of a resource how its name looks.
func (b *builder) patternText(md protoreflect.MessageDescriptor) string {
	patterns := namedPatterns(b.resourceOf(md))
	if len(patterns) == 0 {
		return ""
	}
	return fmt.Sprintf("Its name is `%s`.", strings.Join(patterns, "` or `"))
}
