package openapi

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// isDeprecated reads the option that everything but a oneof has.
func isDeprecated(d protoreflect.Descriptor) bool {
	switch o := d.Options().(type) {
	case *descriptorpb.FieldOptions:
		return o.GetDeprecated()
	case *descriptorpb.MessageOptions:
		return o.GetDeprecated()
	case *descriptorpb.EnumOptions:
		return o.GetDeprecated()
	case *descriptorpb.EnumValueOptions:
		return o.GetDeprecated()
	case *descriptorpb.MethodOptions:
		return o.GetDeprecated()
	case *descriptorpb.ServiceOptions:
		return o.GetDeprecated()
	default:
		return false
	}
}

// behaviours reads google.api.field_behavior.
func (b *builder) behaviours(fd protoreflect.FieldDescriptor) []annotations.FieldBehavior {
	list, _, err := source.Option[[]annotations.FieldBehavior](fd.Options(), annotations.E_FieldBehavior)
	if err != nil {
		b.problem(b.api.Set.Position(fd), "%s: %v", fd.FullName(), err)
	}
	return list
}

func (b *builder) has(fd protoreflect.FieldDescriptor, behaviour annotations.FieldBehavior) bool {
	return slices.Contains(b.behaviours(fd), behaviour)
}

// behaviourText says of a field what a schema has no words for.
func (b *builder) behaviourText(fd protoreflect.FieldDescriptor) string {
	var parts []string
	for _, behaviour := range b.behaviours(fd) {
		switch behaviour {
		case annotations.FieldBehavior_IMMUTABLE:
			parts = append(parts, "It is set once and can not be changed.")
		case annotations.FieldBehavior_IDENTIFIER:
			parts = append(parts, "It names the resource.")
		case annotations.FieldBehavior_UNORDERED_LIST:
			parts = append(parts, "The order of the list means nothing.")
		case annotations.FieldBehavior_NON_EMPTY_DEFAULT:
			parts = append(parts, "Left out, it gets a value that is not empty.")
		default:
		}
	}
	return strings.Join(parts, " ")
}

// referenceText names the resources that a field's value is the name of.
func (b *builder) referenceText(fd protoreflect.FieldDescriptor) string {
	ref, found, err := source.Option[*annotations.ResourceReference](fd.Options(), annotations.E_ResourceReference)
	switch {
	case err != nil:
		b.problem(b.api.Set.Position(fd), "%s: %v", fd.FullName(), err)
		return ""
	case !found:
		return ""
	case ref.GetChildType() != "":
		return fmt.Sprintf("The name of a resource that holds `%s`.", ref.GetChildType())
	case ref.GetType() == "*" || ref.GetType() == "":
		return "The name of a resource."
	}
	patterns := b.resourcePatterns()[ref.GetType()]
	if len(patterns) == 0 {
		return fmt.Sprintf("The name of a `%s`.", ref.GetType())
	}
	return fmt.Sprintf("The name of a `%s`: `%s`.", ref.GetType(), strings.Join(patterns, "` or `"))
}

// fieldFormat reads google.api.field_info.
func (b *builder) fieldFormat(s *Schema, fd protoreflect.FieldDescriptor) {
	info, found, err := source.Option[*annotations.FieldInfo](fd.Options(), annotations.E_FieldInfo)
	if err != nil {
		b.problem(b.api.Set.Position(fd), "%s: %v", fd.FullName(), err)
	}
	if !found {
		return
	}
	if fd.IsList() {
		s = s.Items
	}
	switch info.GetFormat() {
	case annotations.FieldInfo_UUID4:
		s.Format = "uuid"
	case annotations.FieldInfo_IPV4:
		s.Format = "ipv4"
	case annotations.FieldInfo_IPV6:
		s.Format = "ipv6"
	case annotations.FieldInfo_IPV4_OR_IPV6:
		s.AnyOf = []*Schema{{Format: "ipv4"}, {Format: "ipv6"}}
	case annotations.FieldInfo_FORMAT_UNSPECIFIED:
	}
}
