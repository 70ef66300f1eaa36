package compose

import (
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/visibility"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// restriction is what google.api.visibility says of a descriptor, "" for nothing. One that can not be read is one that
// nobody's labels meet.
func restriction(d protoreflect.Descriptor) string {
	extension := visibility.E_FieldVisibility
	switch d.(type) {
	case protoreflect.EnumValueDescriptor:
		extension = visibility.E_ValueVisibility
	case protoreflect.MethodDescriptor:
		extension = visibility.E_MethodVisibility
	case protoreflect.ServiceDescriptor:
		extension = visibility.E_ApiVisibility
	case protoreflect.EnumDescriptor:
		extension = visibility.E_EnumVisibility
	case protoreflect.MessageDescriptor:
		extension = visibility.E_MessageVisibility
	}
	rule, _, err := source.Option[*visibility.VisibilityRule](d.Options(), extension)
	if err != nil {
		return "?"
	}
	return rule.GetRestriction()
}

// checkReveal reports what a part would show to those who may not see it.
func (c *compiler) checkReveal(i int, path schema.FieldPath) {
	p, md := c.plan.parts[i], c.plan.parts[i].target.Method
	if p.field == nil && !p.splice.whole {
		return
	}
	from := []protoreflect.Descriptor{md.Parent(), md}
	for _, fd := range path {
		from = append(from, fd.ContainingMessage(), fd)
	}
	shownIn := []protoreflect.Descriptor{c.method.Parent(), c.method, c.method.Output()}
	if p.field != nil {
		shownIn = append(shownIn, p.field)
	}
	if hidden := reveals(from, shownIn); hidden != nil {
		c.complain(i, []int32{atCall}, "%s is restricted to %s; restrict what shows it likewise", hidden.FullName(), restriction(hidden))
	}
}

// reveals returns the first descriptor that is restricted more than all of those that it is shown in, nil if there is none.
func reveals(from, shownIn []protoreflect.Descriptor) protoreflect.Descriptor {
	for _, d := range from {
		labels := labelsOf(d)
		covered := len(labels) == 0 || slices.ContainsFunc(shownIn, func(outer protoreflect.Descriptor) bool {
			needed := labelsOf(outer)
			return len(needed) > 0 && !slices.ContainsFunc(needed, func(l string) bool { return !slices.Contains(labels, l) })
		})
		if !covered {
			return d
		}
	}
	return nil
}

func labelsOf(d protoreflect.Descriptor) []string {
	r := restriction(d)
	if r == "" {
		return nil
	}
	labels := strings.Split(r, ",")
	for i := range labels {
		labels[i] = strings.TrimSpace(labels[i])
	}
	return labels
}
