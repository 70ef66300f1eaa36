package source

import (
	"maps"

	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Merge makes one set of several. The services keep their order, set after set, each once. The same file with the same
// content in two sets is one file; with different content it is a problem that names both origins, except for
// well-known files such as google/api/http.proto, of which the version in the binary is taken.
func Merge(sets ...*Set) (*Set, error) {
	d := newDraft("one of the merged sets was loaded without it")
	offered := make(map[protoreflect.FullName]bool)
	var services []protoreflect.FullName
	var warnings []Problem
	for _, set := range sets {
		maps.Copy(d.shown, set.shown)
		warnings = append(warnings, set.Warnings...)
		set.Files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
			set.addTo(d, file)
			return true
		})
		for _, name := range set.Services {
			if !offered[name] {
				offered[name] = true
				services = append(services, name)
			}
		}
	}
	merged, err := d.link(func(string) bool { return false })
	if err != nil {
		return nil, err
	}
	merged.Services, merged.Warnings = services, warnings
	return merged, nil
}

// addTo puts a file of the set into a draft. Well-known files that came from the binary are left for the linker to
// take from there again.
func (s *Set) addTo(d *draft, file protoreflect.FileDescriptor) {
	if own, ok := s.protos[file.Path()]; ok {
		d.add(s.origins[file.Path()], own)
	} else if !isWellKnown(file.Path()) {
		d.add("the binary", protodesc.ToFileDescriptorProto(file))
	}
}
