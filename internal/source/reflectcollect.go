package source

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// A collection is what a server has given so far.
type collection struct {
	*draft
	stream   *reflectionStream
	server   string
	order    []string // the files as they came; the first fetched of them have had their imports asked for
	fetched  int
	absent   map[string]bool   // imports the server does not give
	alias    map[string]string // imports the server gives under another name
	declared map[string]string // the messages and enums of all files: which file declares them
	warnings []Problem
}

func newCollection(server string, stream *reflectionStream) *collection {
	return &collection{
		draft: newDraft(missingFromServer), stream: stream, server: server,
		absent: make(map[string]bool), alias: make(map[string]string), declared: make(map[string]string),
	}
}

func (c *collection) warn(where, format string, args ...any) {
	c.warnings = append(c.warnings, Problem{Position{File: where}, fmt.Sprintf(format, args...)})
}

func isRefused(err error) bool {
	var refused *refusal
	return errors.As(err, &refused)
}

// fetchSymbol asks for the file that declares a service, message or enum.
func (c *collection) fetchSymbol(name string) error {
	files, err := c.stream.files(askSymbol(name))
	if err != nil {
		return err
	}
	return c.take(files)
}

// fetchFile asks for a file by the path another one imports it by, and notes if the server has it under another name.
func (c *collection) fetchFile(path string) error {
	files, err := c.stream.files(askFile(path))
	if isRefused(err) {
		c.absent[path] = true
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.take(files); err != nil {
		return err
	}
	if c.protos[path] == nil {
		c.alias[path] = files[0].GetName() // the file asked for comes first, what it imports follows
	}
	return nil
}

// take adds files. Servers give the same ones again and again.
func (c *collection) take(files []*descriptorpb.FileDescriptorProto) error {
	for _, file := range files {
		path := file.GetName()
		known := c.protos[path] != nil
		c.add(c.server, file)
		if known {
			continue
		}
		if c.order = append(c.order, path); len(c.order) > maxReflectedFiles {
			return fmt.Errorf("the server tells of more than %d files", maxReflectedFiles)
		}
		for _, name := range declarations(file) {
			c.declared[name] = path
		}
	}
	return nil
}

// complete asks for all that is imported, and mends the files whose imports the server does not give. A mended file
// takes its place only at the end, so that the server's own can be compared until then.
func (c *collection) complete() error {
	mended := make(map[string]*descriptorpb.FileDescriptorProto)
	for i := 0; i < len(c.order); i++ {
		if err := c.fetchImports(); err != nil {
			return err
		}
		imports, err := c.importsOf(c.protos[c.order[i]])
		if err != nil {
			return err
		}
		if file := c.protos[c.order[i]]; !slices.Equal(imports, file.GetDependency()) {
			mended[c.order[i]] = proto.CloneOf(file)
			setImports(mended[c.order[i]], imports)
		}
	}
	maps.Copy(c.protos, mended)
	return nil
}

func (c *collection) fetchImports() error {
	for ; c.fetched < len(c.order); c.fetched++ {
		for _, path := range c.protos[c.order[c.fetched]].GetDependency() {
			if c.protos[path] != nil || c.absent[path] || c.alias[path] != "" {
				continue
			}
			if err := c.fetchFile(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// importsOf gives the imports of a file as the server knows them. One it does not know is replaced by the files that
// declare the types in use; where it was there for custom options only, it is left out, and the options stay in the file
// as unknown fields. If some type is nowhere, the imports stay as they are, for the linker to report.
func (c *collection) importsOf(file *descriptorpb.FileDescriptorProto) ([]string, error) {
	var imports []string
	lost := false
	add := func(path string) {
		if path != file.GetName() && !slices.Contains(imports, path) {
			imports = append(imports, path)
		}
	}
	for _, path := range file.GetDependency() {
		switch {
		case c.protos[path] != nil || isLinked(path):
			add(path)
		case c.alias[path] != "":
			add(c.alias[path])
		default:
			lost = true
		}
	}
	if !lost {
		return imports, nil
	}
	for _, name := range references(file) {
		path, err := c.declaring(name)
		if err != nil {
			return nil, err
		}
		if path == "" {
			return file.GetDependency(), nil
		}
		add(path)
	}
	return imports, nil
}

// declaring gives the file that declares a message or enum, or "" if neither the server nor the binary has one.
func (c *collection) declaring(name string) (string, error) {
	if c.declared[name] == "" && linkedFileOf(name) == "" {
		if err := c.fetchSymbol(name); err != nil && !isRefused(err) {
			return "", err
		}
	}
	if path := c.declared[name]; path != "" {
		return path, nil
	}
	return linkedFileOf(name), nil
}
