package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// A draft gathers an origin's files until they can be linked.
type draft struct {
	protos  map[string]*descriptorpb.FileDescriptorProto
	origins map[string]string
	shown   map[string]string
	// remedy is what a person does about an import that is missing from this origin.
	remedy   string
	problems []Problem
}

func newDraft(remedy string) *draft {
	return &draft{
		protos:  make(map[string]*descriptorpb.FileDescriptorProto),
		origins: make(map[string]string),
		shown:   make(map[string]string),
		remedy:  remedy,
	}
}

// add puts a file in. A file that is there already must have the same content; its source positions do not count.
func (d *draft) add(origin string, file *descriptorpb.FileDescriptorProto) {
	path := file.GetName()
	had, ok := d.protos[path]
	switch {
	case !ok:
		d.protos[path], d.origins[path] = file, origin
	case sameContent(had, file):
		if had.GetSourceCodeInfo() == nil {
			d.protos[path], d.origins[path] = file, origin
		}
	case isWellKnown(path) && isLinked(path):
		// Teams build against different versions of the same well-known file. The version the edge itself was built
		// with is the one its code reads.
		d.protos[path], d.origins[path] = linkedProto(path), "the binary"
	case d.origins[path] == origin:
		d.problem(path, "%s has this file twice, with different content: remove one", origin)
	default:
		d.problem(path, "%s and %s have different files of this name: rename one, or build both from the same version",
			d.origins[path], origin)
	}
}

func (d *draft) problem(path, format string, args ...any) {
	pos := Position{File: path}
	if shown, ok := d.shown[path]; ok {
		pos.File = shown
	}
	d.problems = append(d.problems, Problem{Position: pos, Message: fmt.Sprintf(format, args...)})
}

// link makes a set of the draft. Its services are those of the files that offers says.
func (d *draft) link(offers func(path string) bool) (*Set, error) {
	l := linking{
		draft: d, files: new(protoregistry.Files), state: make(map[string]linkState), public: make(map[string]int),
	}
	paths := slices.Sorted(maps.Keys(d.protos))
	for _, path := range paths {
		l.visit(path, nil)
	}
	if err := joinProblems(d.problems); err != nil {
		return nil, err
	}
	set := &Set{
		Files: l.files, types: newTypes(l.files), protos: d.protos, origins: d.origins, shown: d.shown,
	}
	for _, path := range paths {
		if file, err := l.files.FindFileByPath(path); err == nil && offers(path) {
			set.Services = append(set.Services, servicesOf(file)...)
		}
	}
	return set, nil
}

type linkState uint8

const (
	linkNew linkState = iota
	linkOpen
	linkDone
	linkFailed
)

type linking struct {
	*draft
	files *protoregistry.Files
	state map[string]linkState
	// public counts, for each linked file, the ways that lead on from it through public imports.
	public map[string]int
}

// visit links a file after the files it imports, and reports whether that went well. A file that fails only because
// of one it imports adds no problem of its own. chain leads to the file and is what a cycle is told by.
func (l *linking) visit(path string, chain []string) bool {
	switch l.state[path] {
	case linkNew:
	case linkDone:
		return true
	case linkFailed:
		return false
	case linkOpen:
		cycle := slices.Concat(chain[slices.Index(chain, path):], []string{path})
		l.problem(path, "imports itself: %s", strings.Join(cycle, " -> "))
		return false
	}
	l.state[path] = linkOpen
	ok := l.visitImports(path, append(chain, path)) && l.linkFile(path)
	l.state[path] = linkFailed
	if ok {
		l.state[path] = linkDone
	}
	return ok
}

func (l *linking) visitImports(path string, chain []string) bool {
	ok := true
	renameImports(l.protos[path], l.has)
	dropWeak(l.protos[path], l.has)
	for _, imported := range l.protos[path].GetDependency() {
		switch {
		case l.protos[imported] != nil:
			ok = l.visit(imported, chain) && ok
		case isLinked(imported):
			ok = l.takeLinked(imported) && ok
		default:
			l.problem(path, "imports %q, which is missing: %s", imported, l.remedy)
			ok = false
		}
	}
	return ok
}

func (l *linking) has(path string) bool { return l.protos[path] != nil || isLinked(path) }

func (l *linking) linkFile(path string) bool {
	if !l.countPublic(path) {
		l.problem(path, "there are more than %d ways through its public imports: import what is needed directly",
			maxPublicPaths)
		return false
	}
	file, err := protodesc.NewFile(l.protos[path], l.files)
	if err == nil {
		err = l.files.RegisterFile(file)
	}
	if err != nil {
		l.problem(path, "%s", plain(err))
		return false
	}
	return true
}

// countPublic reports whether few enough ways lead through the public imports of what a file imports.
func (l *linking) countPublic(path string) bool {
	imports := l.protos[path].GetDependency()
	all := 0
	for _, imported := range imports {
		all += l.public[imported]
	}
	for _, i := range l.protos[path].GetPublicDependency() {
		if 0 <= i && int(i) < len(imports) && l.public[path] <= maxPublicPaths {
			l.public[path] += 1 + l.public[imports[i]]
		}
	}
	return max(all, l.public[path]) <= maxPublicPaths
}

// takeLinked puts a file of the binary into the set, with what it imports, except where the draft has its own copy.
func (l *linking) takeLinked(path string) bool {
	if l.protos[path] != nil {
		return true
	}
	if _, err := l.files.FindFileByPath(path); err == nil {
		return true
	}
	file, err := protoregistry.GlobalFiles.FindFileByPath(path)
	if err != nil {
		l.problem(path, "%s", plain(err))
		return false
	}
	for i := range file.Imports().Len() {
		if !l.takeLinked(file.Imports().Get(i).Path()) {
			return false
		}
	}
	if err := l.files.RegisterFile(unwrapImport(file)); err != nil {
		l.problem(path, "%s", plain(err))
		return false
	}
	return true
}

// unwrapImport gives the file itself where an import of it is given.
func unwrapImport(file protoreflect.FileDescriptor) protoreflect.FileDescriptor {
	if imported, ok := file.(protoreflect.FileImport); ok {
		return imported.FileDescriptor
	}
	return file
}

func isLinked(path string) bool {
	_, err := protoregistry.GlobalFiles.FindFileByPath(path)
	return err == nil
}

func linkedProto(path string) *descriptorpb.FileDescriptorProto {
	file, err := protoregistry.GlobalFiles.FindFileByPath(path)
	if err != nil {
		return nil
	}
	return protodesc.ToFileDescriptorProto(file)
}

// sameContent compares files as they were meant: without source positions, and without the differences between
// compilers that carry no meaning.
func sameContent(a, b *descriptorpb.FileDescriptorProto) bool {
	return proto.Equal(bare(a), bare(b))
}

func bare(file *descriptorpb.FileDescriptorProto) *descriptorpb.FileDescriptorProto {
	file = proto.CloneOf(file)
	file.SourceCodeInfo = nil
	file.ProtoReflect().SetUnknown(nil) // buf's note whether the file was an import
	if file.GetSyntax() == "proto2" {
		file.Syntax = nil
	}
	return file
}
