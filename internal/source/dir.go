package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/protoutil"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Dir compiles .proto files: those it is given, and those in and below the folders it is given, except in hidden
// folders. It offers their services.
//
// Imports start from the folder itself (for a file, from the folder it is in), or from the modules of a buf.yaml (v1 or
// v2) in or above it that has to do with it. A file of a well-known path, such as google/api/annotations.proto, is
// taken from the binary even if the folder has a copy of its own.
//
// All that is wrong is reported at once. A file that is sound but imports a broken one is not compiled, and adds
// nothing to the report. Editions are those that protocompile knows: 2023.
func Dir(ctx context.Context, paths ...string) (*Set, error) {
	t := newTree()
	for _, path := range foldersFirst(paths) {
		if err := t.collect(path); err != nil {
			return nil, fmt.Errorf("loading .proto files: %w", err)
		}
	}
	if len(t.targets) == 0 && len(t.problems) == 0 {
		return nil, fmt.Errorf("loading .proto files: there are none of its own in %q", paths)
	}
	return t.load(ctx)
}

// FS compiles the .proto files of a file system, such as those that a binary embeds. Imports start from its root. All else
// is as with [Dir].
func FS(ctx context.Context, files fs.FS) (*Set, error) {
	t := newTree()
	t.read = func(path string) ([]byte, error) { return fs.ReadFile(files, path) }
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".proto" {
			t.opened[path] = path
			t.targets = append(t.targets, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("loading .proto files: %w", err)
	}
	return t.load(ctx)
}

// load compiles the targets.
func (t *tree) load(ctx context.Context) (*Set, error) {
	t.parseAll()
	files, err := t.compile(ctx)
	if err != nil {
		return nil, err
	}
	return t.link(files)
}

// foldersFirst puts folders before files, and outer folders before inner ones, so that a file's import path starts from
// the folder it was given with.
func foldersFirst(paths []string) []string {
	sorted := slices.Clone(paths)
	slices.SortStableFunc(sorted, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(len(filepath.Clean(a)), len(filepath.Clean(b))))
	})
	return sorted
}

func rank(path string) int {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return 0
	}
	return 1
}

// compile compiles the targets that parsed, with all they import.
func (t *tree) compile(ctx context.Context) (linker.Files, error) {
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(protocompile.ResolverFunc(t.find)),
		Reporter:       t.reporter(),
		SourceInfoMode: protocompile.SourceInfoStandard | protocompile.SourceInfoExtraOptionLocations,
	}
	files, err := compiler.Compile(ctx, t.sound()...)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("compiling .proto files: %w", ctx.Err())
	}
	var located reporter.ErrorWithPos
	switch {
	case errors.As(err, &located):
		t.report(located)
	case err != nil && !errors.Is(err, reporter.ErrInvalidSource):
		return nil, fmt.Errorf("compiling .proto files: %w", err)
	}
	return files, joinProblems(t.problems)
}

// find gives the compiler a file that was parsed, or one that is linked in.
func (t *tree) find(path string) (protocompile.SearchResult, error) {
	if node := t.parsed[path]; node != nil {
		return protocompile.SearchResult{AST: node}, nil
	}
	file, err := protoregistry.GlobalFiles.FindFileByPath(path)
	if err != nil {
		return protocompile.SearchResult{}, err
	}
	return protocompile.SearchResult{Desc: file}, nil
}

// link makes a set of what the compiler gave.
func (t *tree) link(files linker.Files) (*Set, error) {
	d := newDraft("add it to the folder")
	d.shown = t.opened
	for _, file := range files {
		if err := t.addWithImports(d, file); err != nil {
			return nil, err
		}
	}
	targets := make(map[string]bool, len(t.targets))
	for _, target := range t.targets {
		targets[target] = true
	}
	return d.link(func(path string) bool { return targets[path] })
}

// addWithImports adds a compiled file and its imports to the draft, without those the linker finds in the binary.
func (t *tree) addWithImports(d *draft, file protoreflect.FileDescriptor) error {
	path := file.Path()
	if d.protos[path] != nil || (t.parsed[path] == nil && isLinked(path)) {
		return nil
	}
	plainProto, err := t.generic(file)
	if err != nil {
		return problemAt(t.opened[path], err)
	}
	d.add(t.rootOf(path), plainProto)
	for i := range file.Imports().Len() {
		if err := t.addWithImports(d, file.Imports().Get(i)); err != nil {
			return err
		}
	}
	return nil
}

// generic gives a compiled file as if it had come over the wire: its options hold linked extensions and unknown
// fields, none of the compiler's own dynamic ones.
func (t *tree) generic(file protoreflect.FileDescriptor) (*descriptorpb.FileDescriptorProto, error) {
	compiled := protoutil.ProtoFromFileDescriptor(unwrapImport(file))
	if compiled == nil {
		compiled = protodesc.ToFileDescriptorProto(file)
	}
	wire, err := proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(compiled)
	if err != nil {
		return nil, err
	}
	if len(wire) > maxBytes {
		return nil, errTooManyBytes
	}
	read := new(descriptorpb.FileDescriptorProto)
	return read, proto.UnmarshalOptions{AllowPartial: true}.Unmarshal(wire, read)
}
