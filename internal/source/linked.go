package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Linked gives the named services from the Go packages in this binary, or all the services there if none is named.
func Linked(ctx context.Context, services ...protoreflect.FullName) (*Set, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("loading linked descriptors: %w", err)
	}
	if len(services) == 0 {
		services = linkedServices()
	}
	set := &Set{Files: new(protoregistry.Files), Services: slices.Clone(services)}
	var problems []Problem
	for _, name := range services {
		service, err := findService(protoregistry.GlobalFiles, name)
		if err == nil {
			err = registerWithImports(set.Files, service.ParentFile())
		}
		if err != nil {
			problems = append(problems, Problem{Position{File: string(name)}, plain(err)})
		}
	}
	if err := joinProblems(problems); err != nil {
		return nil, err
	}
	set.types = newTypes(set.Files)
	return set, nil
}

func linkedServices() []protoreflect.FullName {
	var files []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		files = append(files, file)
		return true
	})
	slices.SortFunc(files, func(a, b protoreflect.FileDescriptor) int { return cmp.Compare(a.Path(), b.Path()) })
	var names []protoreflect.FullName
	for _, file := range files {
		names = append(names, servicesOf(file)...)
	}
	return names
}

func findService(files protodesc.Resolver, name protoreflect.FullName) (protoreflect.ServiceDescriptor, error) {
	d, err := files.FindDescriptorByName(name)
	if err != nil {
		return nil, errors.New("no service of this name is known")
	}
	service, ok := d.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is not a service", name)
	}
	return service, nil
}

func registerWithImports(files *protoregistry.Files, file protoreflect.FileDescriptor) error {
	file = unwrapImport(file)
	if _, err := files.FindFileByPath(file.Path()); err == nil || file.IsPlaceholder() {
		return nil
	}
	for i := range file.Imports().Len() {
		if err := registerWithImports(files, file.Imports().Get(i)); err != nil {
			return err
		}
	}
	if err := registerRenamed(files, file); err != nil {
		return err
	}
	if _, err := files.FindFileByPath(file.Path()); err == nil {
		return nil
	}
	return files.RegisterFile(file)
}

// registerRenamed registers what a file uses where it names an import otherwise than the Go package of that import
// does. The Go runtime links types, not files, and leaves a placeholder for such an import.
func registerRenamed(files *protoregistry.Files, file protoreflect.FileDescriptor) error {
	renamed := false
	for i := range file.Imports().Len() {
		renamed = renamed || file.Imports().Get(i).IsPlaceholder()
	}
	if !renamed {
		return nil
	}
	for _, name := range references(protodesc.ToFileDescriptorProto(file)) {
		used, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			return fmt.Errorf("%s uses %s, which is not linked into the binary", file.Path(), name)
		}
		if used.ParentFile() == file {
			continue
		}
		if err := registerWithImports(files, used.ParentFile()); err != nil {
			return err
		}
	}
	return nil
}
