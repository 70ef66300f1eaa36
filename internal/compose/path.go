package compose

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// maxPath is how many fields a path may have.
const maxPath = 16

// follow finds the fields that a dotted name leads through. It returns the problem if there is one.
func follow(md protoreflect.MessageDescriptor, name string) (schema.FieldPath, string) {
	var path schema.FieldPath
	for element := range strings.SplitSeq(name, ".") {
		if md == nil {
			return nil, fmt.Sprintf("%s goes on behind field %s, which is no message", name, path[len(path)-1].FullName())
		}
		fd := md.Fields().ByTextName(element)
		switch {
		case fd == nil:
			return nil, noField(md, element)
		case fd.IsMap() && len(path)+1 <= strings.Count(name, "."):
			return nil, fmt.Sprintf("%s goes on behind field %s, which is a map", name, fd.FullName())
		case len(path) == maxPath:
			return nil, fmt.Sprintf("%s has more than %d fields", name, maxPath)
		}
		path = append(path, fd)
		md = fd.Message()
	}
	return path, ""
}

// noField says that a message has no field of that name, and which ones it has.
func noField(md protoreflect.MessageDescriptor, name string) string {
	var names []string
	for i := range md.Fields().Len() {
		names = append(names, string(md.Fields().Get(i).Name()))
	}
	if len(names) == 0 {
		return fmt.Sprintf("message %s has no field %q; it has none at all", md.FullName(), name)
	}
	return fmt.Sprintf("message %s has no field %q; it has %s", md.FullName(), name, some(names))
}

// some lists names, not all if they are many.
func some(names []string) string {
	const most = 8
	if len(names) > most {
		names = append(names[:most:most], "…")
	}
	return strings.Join(names, ", ")
}

// stepsOf is how a path is read.
func stepsOf(path schema.FieldPath) []step {
	steps := make([]step, len(path))
	for i, fd := range path {
		steps[i] = stepOf(fd)
	}
	return steps
}

// isList tells whether a field is a list or a map.
func isList(fd protoreflect.FieldDescriptor) bool { return fd.Cardinality() == protoreflect.Repeated }

// hasList tells whether a path leads to more than one value.
func hasList(path schema.FieldPath) bool { return slices.ContainsFunc(path, isList) }
