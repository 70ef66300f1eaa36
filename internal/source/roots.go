package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A module is a folder that import paths start from. Its paths are absolute.
type module struct {
	root     string
	excludes []string
}

// modulesFor gives the modules that the nearest buf.yaml in or above a folder lists. If it lists none that has to do
// with the folder, or if there is no buf.yaml, the folder is a module of its own.
func modulesFor(folder string) ([]module, error) {
	for dir := folder; ; dir = filepath.Dir(dir) {
		raw, err := os.ReadFile(filepath.Join(dir, "buf.yaml"))
		switch {
		case err == nil:
			return bufModules(folder, dir, raw)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("looking for import roots: %w", err)
		case dir == filepath.Dir(dir):
			return []module{{root: folder}}, nil
		}
	}
}

// A bufFile is what counts here of a buf.yaml, version v1beta1, v1 or v2.
type bufFile struct {
	Version string
	Build   struct{ Roots, Excludes []string }
	Modules []struct {
		Path     string
		Excludes []string
	}
}

func bufModules(folder, dir string, raw []byte) ([]module, error) {
	var file bufFile
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, joinProblems(yamlProblems(relative(filepath.Join(dir, "buf.yaml")), err))
	}
	modules := file.modules(dir)
	for _, m := range modules {
		if within(m.root, folder) || within(folder, m.root) {
			return modules, nil
		}
	}
	return []module{{root: folder}}, nil
}

func (f *bufFile) modules(dir string) []module {
	var modules []module
	if f.Version == "v2" {
		for _, m := range f.Modules {
			modules = append(modules, module{filepath.Join(dir, m.Path), joinEach(dir, m.Excludes)})
		}
	} else {
		for _, root := range f.Build.Roots {
			root = filepath.Join(dir, root)
			modules = append(modules, module{root, joinEach(root, f.Build.Excludes)})
		}
	}
	if modules == nil {
		modules = []module{{dir, joinEach(dir, f.Build.Excludes)}}
	}
	return modules
}

func joinEach(dir string, paths []string) []string {
	joined := make([]string, len(paths))
	for i, path := range paths {
		joined[i] = filepath.Join(dir, path)
	}
	return joined
}

// excluded tells whether a module leaves a file out.
func (m module) excluded(path string) bool {
	for _, exclude := range m.excludes {
		if within(exclude, path) {
			return true
		}
	}
	return false
}

// owner gives the innermost module a file is in.
func owner(modules []module, path string) (module, bool) {
	var found module
	for _, m := range modules {
		if within(m.root, path) && len(m.root) > len(found.root) {
			found = m
		}
	}
	return found, found.root != ""
}

// within tells whether path is folder or lies below it. Both are absolute and clean.
func within(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
