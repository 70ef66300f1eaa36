// Package fieldmask applies a change to a message as AIP-134 and AIP-161 say.
package fieldmask

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
)

// Apply copies the fields that the mask names from change to target; one that change does not have is cleared. No mask,
// or one that is `*`, names every field. Paths may lead through singular messages and end at any field; of a map, a path
// may name one entry by its string key. Fields of target for which fixed is true keep their value, silently.
//
// A path that leads nowhere is an INVALID_ARGUMENT that names update_mask, and leaves target untouched.
func Apply[M proto.Message](target, change M, mask *fieldmaskpb.FieldMask, fixed func(protoreflect.FieldDescriptor) bool) error {
	desc := target.ProtoReflect().Descriptor()
	paths := mask.GetPaths()
	if len(paths) == 0 || len(paths) == 1 && paths[0] == "*" {
		paths = nil
		for i := range desc.Fields().Len() {
			paths = append(paths, desc.Fields().Get(i).TextName())
		}
	}
	var wrong []problem.Violation
	for _, path := range paths {
		if err := check(desc, strings.Split(path, ".")); err != nil {
			wrong = append(wrong, problem.Violation{Field: "update_mask", Description: fmt.Sprintf("path %q: %v", path, err)})
		}
	}
	if wrong != nil {
		return problem.InvalidArgument(wrong...)
	}
	for _, path := range paths {
		apply(target.ProtoReflect(), change.ProtoReflect(), strings.Split(path, "."), fixed)
	}
	return nil
}

func check(desc protoreflect.MessageDescriptor, path []string) error {
	fd := desc.Fields().ByTextName(path[0])
	switch {
	case fd == nil:
		return fmt.Errorf("%s has no field %q", desc.Name(), path[0])
	case len(path) == 1:
		return nil
	case fd.IsMap() && len(path) == 2 && fd.MapKey().Kind() == protoreflect.StringKind:
		return nil
	case fd.Message() == nil || fd.Cardinality() == protoreflect.Repeated:
		return fmt.Errorf("%q has no fields of its own: end the path there", path[0])
	}
	return check(fd.Message(), path[1:])
}

func apply(target, change protoreflect.Message, path []string, fixed func(protoreflect.FieldDescriptor) bool) {
	fd := target.Descriptor().Fields().ByTextName(path[0])
	switch {
	case fixed(fd):
	case len(path) == 1 && change.Has(fd):
		target.Set(fd, change.Get(fd))
	case len(path) == 1:
		target.Clear(fd)
	case fd.IsMap():
		key := protoreflect.ValueOfString(path[1]).MapKey()
		if value := change.Get(fd).Map().Get(key); value.IsValid() {
			target.Mutable(fd).Map().Set(key, value)
		} else if target.Has(fd) {
			target.Mutable(fd).Map().Clear(key)
		}
	case change.Has(fd) || target.Has(fd):
		apply(target.Mutable(fd).Message(), change.Get(fd).Message(), path[1:], fixed)
	}
}
