package openapi

import (
	"cmp"
	"fmt"
	"regexp"
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

var (
	patternVariable = regexp.MustCompile(`\{([a-z0-9_]+)[^}]*\}`)
	// given is the one thing that a sentence ends in, behind a colon: "The name: `categories/kitchen`."
	givenInComment = regexp.MustCompile("(?:[:,]|such as|like|e\\.g\\.) `([^`\n]+)`[.;)]?(?:\\s|$)")
)

// sampleOf is a good example of a field's text, where its declaration tells one: by its comment, or by the pattern of the
// resource that it names.
func (b *builder) sampleOf(fd protoreflect.FieldDescriptor) string {
	if fd.Message() != nil && fd.Message().FullName() == "google.protobuf.FieldMask" {
		return b.maskSample(fd)
	}
	if fd.Kind() != protoreflect.StringKind {
		return ""
	}
	text, _, _ := strings.Cut(commentOf(fd).all(), "\n\n")
	if at := givenInComment.FindStringSubmatch(text); at != nil {
		return at[1]
	}
	patterns := b.namesOf(fd)
	if len(patterns) == 0 {
		return ""
	}
	return patternVariable.ReplaceAllStringFunc(patterns[0], func(variable string) string {
		return strings.ReplaceAll(patternVariable.FindStringSubmatch(variable)[1], "_", "-") + "-1"
	})
}

// namesOf are the patterns of the names that a field holds.
func (b *builder) namesOf(fd protoreflect.FieldDescriptor) []string {
	ref, _, err := source.Option[*annotations.ResourceReference](fd.Options(), annotations.E_ResourceReference)
	if err == nil && ref.GetType() != "" {
		return b.resourcePatterns()[ref.GetType()]
	}
	resource := b.resourceOf(fd.ContainingMessage())
	if resource != nil && string(fd.Name()) == cmp.Or(resource.GetNameField(), "name") {
		return namedPatterns(resource)
	}
	return nil
}

// maskSample is the name of a field that a mask may hold: one of the message that stands beside it.
func (b *builder) maskSample(mask protoreflect.FieldDescriptor) string {
	for _, beside := range b.fields(mask.ContainingMessage()) {
		if beside.Message() == nil || beside.IsList() || beside.IsMap() || isBare[beside.Message().FullName()] || wrapped(beside.Message()) != nil {
			continue
		}
		for _, fd := range b.fields(beside.Message()) {
			if !fd.IsExtension() && fd.Message() == nil && fd.Name() != "name" && fd.Name() != "id" && !b.isReadOnly(fd) {
				return fd.JSONName()
			}
		}
	}
	return ""
}
