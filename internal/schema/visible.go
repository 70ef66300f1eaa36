package schema

import (
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/visibility"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// Visible returns a function that tells whether an audience with these google.api.visibility labels may see a
// descriptor: it carries no restriction, or one that names a label of theirs. A restriction that can not be read hides.
// A hidden type hides the fields and the methods that are made of it, and the types within it.
func Visible(labels []string) func(protoreflect.Descriptor) bool {
	allows := allowing(labels)
	var visible func(protoreflect.Descriptor) bool
	visible = func(d protoreflect.Descriptor) bool {
		if !allows(d) {
			return false
		}
		switch d := d.(type) {
		case protoreflect.FieldDescriptor:
			return typeVisible(d, visible)
		case protoreflect.MethodDescriptor:
			return visible(d.Input()) && visible(d.Output())
		case protoreflect.MessageDescriptor, protoreflect.EnumDescriptor:
			_, isFile := d.Parent().(protoreflect.FileDescriptor)
			return isFile || d.Parent() == nil || visible(d.Parent())
		default:
			return true
		}
	}
	return visible
}

func typeVisible(fd protoreflect.FieldDescriptor, visible func(protoreflect.Descriptor) bool) bool {
	switch {
	case fd.IsMap():
		return typeVisible(fd.MapValue(), visible)
	case fd.Message() != nil:
		return visible(fd.Message())
	case fd.Enum() != nil:
		return visible(fd.Enum())
	default:
		return true
	}
}

// allowing looks at a descriptor's own restriction.
func allowing(labels []string) func(protoreflect.Descriptor) bool {
	return func(d protoreflect.Descriptor) bool {
		rule, restricted, err := visibilityOf(d)
		if err != nil || !restricted || rule.GetRestriction() == "" {
			return err == nil
		}
		for label := range strings.SplitSeq(rule.GetRestriction(), ",") {
			if slices.Contains(labels, strings.TrimSpace(label)) {
				return true
			}
		}
		return false
	}
}

func visibilityOf(d protoreflect.Descriptor) (*visibility.VisibilityRule, bool, error) {
	option := source.Option[*visibility.VisibilityRule]
	switch d := d.(type) {
	case protoreflect.FieldDescriptor:
		return option(d.Options(), visibility.E_FieldVisibility)
	case protoreflect.EnumValueDescriptor:
		return option(d.Options(), visibility.E_ValueVisibility)
	case protoreflect.EnumDescriptor:
		return option(d.Options(), visibility.E_EnumVisibility)
	case protoreflect.MessageDescriptor:
		return option(d.Options(), visibility.E_MessageVisibility)
	case protoreflect.MethodDescriptor:
		return option(d.Options(), visibility.E_MethodVisibility)
	case protoreflect.ServiceDescriptor:
		return option(d.Options(), visibility.E_ApiVisibility)
	default:
		return nil, false, nil
	}
}
