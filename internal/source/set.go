package source

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// A Set is what an origin gave: files, linked to each other, and the services it offers. It does not change once
// loaded, so any number of goroutines may use it at once.
type Set struct {
	// Files holds the origin's files and everything they import.
	Files *protoregistry.Files
	// Services are the services the origin offers, in source order: files by name, then as declared. A running
	// server's are in the order it lists them. gRPC's own health and reflection services are left out, though their
	// files stay in Files.
	Services []protoreflect.FullName
	// Warnings tell what the origin offered and could not be loaded, where the rest stands without it.
	Warnings []Problem

	types   *Types
	protos  map[string]*descriptorpb.FileDescriptorProto // the files that are not taken from the binary, by path
	origins map[string]string                            // for each of protos, where it came from
	shown   map[string]string                            // the name people know a file by, where that is not its path
}

// Types finds the messages, enums and extensions of the set, as Any and extensions need them.
func (s *Set) Types() *Types { return s.types }

// Service returns the descriptor of a service that the set holds, or an error that says it holds none.
func (s *Set) Service(name protoreflect.FullName) (protoreflect.ServiceDescriptor, error) {
	return findService(s.Files, name)
}

func (s *Set) shownPath(path string) string {
	if shown, ok := s.shown[path]; ok {
		return shown
	}
	return path
}

// isInfrastructure tells a service that belongs to gRPC itself, and is nobody's API.
func isInfrastructure(name protoreflect.FullName) bool {
	return strings.HasPrefix(string(name), "grpc.reflection.") || strings.HasPrefix(string(name), "grpc.health.")
}

// servicesOf lists the services that a file declares, without gRPC's own.
func servicesOf(file protoreflect.FileDescriptor) []protoreflect.FullName {
	var names []protoreflect.FullName
	for i := range file.Services().Len() {
		if name := file.Services().Get(i).FullName(); !isInfrastructure(name) {
			names = append(names, name)
		}
	}
	return names
}
