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
func Visible(labels []string) func(protoreflect.Descriptor) bool {
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
