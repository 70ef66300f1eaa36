package openapi

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// isLossy tells whether something may be missing in the answers of a method, or something else stand in for it, because it is
// made of others' answers. Methods that have been seen are not looked at again. What is wrong with a composition is for
// whoever serves it to say.
func (b *builder) isLossy(md protoreflect.MethodDescriptor, seen map[protoreflect.FullName]bool) bool {
	composition, found, err := source.Option[*gatehousev1.Composition](md.Options(), gatehousev1.E_Compose)
	if !found || err != nil || seen[md.FullName()] {
		return false
	}
	seen[md.FullName()] = true
	return slices.ContainsFunc(composition.GetParts(), func(part *gatehousev1.Part) bool {
		if part.GetOptional() || part.GetFallback() != nil {
			return true
		}
		name := strings.Replace(strings.TrimPrefix(part.GetCall(), "/"), "/", ".", 1)
		d, err := b.api.Set.Files.FindDescriptorByName(protoreflect.FullName(name))
		called, ok := d.(protoreflect.MethodDescriptor)
		return err == nil && ok && b.isLossy(called, seen)
	})
}
