package source

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bufbuild/protocompile/ast"
	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"
)

// A tree gathers .proto files and parses them, with what they import.
type tree struct {
	read    func(path string) ([]byte, error)
	modules []module
	targets []string                 // import paths of the files to compile, in the order they were found
	opened  map[string]string        // where the file of an import path is, as people know it
	parsed  map[string]*ast.FileNode // by import path
	imports map[string][]string
	broken  map[string]bool // files that can not be compiled, because of themselves or of an import
	bytes   int

	mu       sync.Mutex // the compiler reports from several goroutines
	problems []Problem
}

func newTree() *tree {
	return &tree{
		read:   os.ReadFile,
		opened: make(map[string]string), parsed: make(map[string]*ast.FileNode),
		imports: make(map[string][]string), broken: make(map[string]bool),
	}
}

// collect adds the .proto files of a file or folder to the targets.
func (t *tree) collect(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	folder := path
	if !info.IsDir() {
		folder = filepath.Dir(path)
	}
	abs, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := t.enter(abs); err != nil {
		return err
	}
	if !info.IsDir() {
		return t.target(filepath.Join(abs, filepath.Base(path)), path)
	}
	return t.walk(abs, path)
}

// enter learns the modules that have to do with a folder, unless it lies in one that is known.
func (t *tree) enter(folder string) error {
	if _, ok := owner(t.modules, folder); ok {
		return nil
	}
	modules, err := modulesFor(folder)
	t.modules = append(t.modules, modules...)
	return err
}

// walk targets the .proto files in and below a folder. Hidden folders are left out: version control, and the
// directories in which Kubernetes keeps the files of a mounted ConfigMap a second time.
func (t *tree) walk(abs, shown string) error {
	// The separator makes a folder of a symbolic link to one.
	return filepath.WalkDir(abs+string(filepath.Separator), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(abs, path)
		switch {
		case err != nil:
			return err
		case rel == ".":
			return nil
		case strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir() || filepath.Ext(path) != ".proto":
			return nil
		}
		return t.target(filepath.Join(abs, rel), filepath.Join(shown, rel))
	})
}

// target adds a file to the targets, unless its module leaves it out or the binary has it.
func (t *tree) target(abs, shown string) error {
	m, ok := owner(t.modules, abs)
	if !ok || m.excluded(abs) {
		return nil
	}
	rel, err := filepath.Rel(m.root, abs)
	if err != nil {
		return err
	}
	name := filepath.ToSlash(rel)
	if isBuiltIn(name) {
		return nil
	}
	had, ok := t.opened[name]
	switch {
	case !ok:
		t.opened[name] = shown
		t.targets = append(t.targets, name)
	case filepath.Clean(had) != filepath.Clean(shown):
		t.problems = append(t.problems, Problem{
			Position{File: shown}, fmt.Sprintf("is imported as %q, and so is %s: rename one", name, had),
		})
	}
	if len(t.targets) > maxFiles {
		return fmt.Errorf("%s %w", shown, errTooManyFiles)
	}
	return nil
}

// isBuiltIn tells a file that is taken from the binary although there may be one on disk.
func isBuiltIn(name string) bool {
	return isWellKnown(name) && !strings.HasPrefix(name, "gatehouse/") && isLinked(name)
}

// parseAll parses the targets and whatever they import.
func (t *tree) parseAll() {
	for queue := slices.Clone(t.targets); len(queue) > 0; queue = queue[1:] {
		if name := queue[0]; t.parsed[name] == nil && !t.broken[name] {
			t.parse(name)
			queue = append(queue, t.imports[name]...)
		}
	}
	t.spreadBroken()
}

func (t *tree) parse(name string) {
	text, err := t.read(t.opened[name])
	if t.bytes += len(text); err == nil && t.bytes > maxBytes {
		err = errTooManyBytes
	}
	if err != nil {
		t.broken[name] = true
		t.problems = append(t.problems, Problem{Position{File: t.opened[name]}, err.Error()})
		return
	}
	file, err := parser.Parse(name, strings.NewReader(string(text)), reporter.NewHandler(t.reporter()))
	if err != nil {
		t.broken[name] = true
	} else {
		t.parsed[name] = file
	}
	if file != nil {
		t.findImports(name, file)
	}
}

// findImports notes which files on disk a file imports, and reports those that are nowhere.
func (t *tree) findImports(name string, file *ast.FileNode) {
	for _, decl := range file.Decls {
		node, ok := decl.(*ast.ImportNode)
		if !ok {
			continue
		}
		imported := node.Name.AsString()
		switch {
		case isBuiltIn(imported):
		case t.onDisk(imported):
			t.imports[name] = append(t.imports[name], imported)
		case !isLinked(imported) && !isStandard(imported):
			t.broken[name] = true
			pos := file.NodeInfo(node.Name).Start()
			t.problems = append(t.problems, Problem{
				Position{t.opened[name], pos.Line, pos.Col},
				fmt.Sprintf("import %q is not found in %s: add the file, or load the folder that import "+
					"paths start from", imported, strings.Join(t.roots(), ", ")),
			})
		}
	}
}

// isStandard tells the files that come with every protobuf compiler. The compiler has those that are not linked in.
func isStandard(name string) bool { return strings.HasPrefix(name, "google/protobuf/") }

// onDisk looks for an import in the import roots.
func (t *tree) onDisk(name string) bool {
	if _, ok := t.opened[name]; ok {
		return true
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return false
	}
	for _, m := range t.modules {
		path := filepath.Join(m.root, filepath.FromSlash(name))
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && !m.excluded(path) {
			t.opened[name] = relative(path)
			return true
		}
	}
	return false
}

// rootOf gives the import root that a file was found in.
func (t *tree) rootOf(name string) string {
	return filepath.Clean(strings.TrimSuffix(t.opened[name], filepath.FromSlash(name)))
}

func (t *tree) roots() []string {
	var roots []string
	for _, m := range t.modules {
		roots = append(roots, relative(m.root))
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}

// relative shortens a path to how one would write it from the working directory, if that is above it.
func relative(path string) string {
	dir, err := os.Getwd()
	if err != nil || !within(dir, path) {
		return path
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return path
	}
	return rel
}

// spreadBroken marks the files that import a broken one, however far away.
func (t *tree) spreadBroken() {
	importers := make(map[string][]string)
	var queue []string
	for name, imports := range t.imports {
		for _, imported := range imports {
			importers[imported] = append(importers[imported], name)
		}
	}
	for name := range t.broken {
		queue = append(queue, name)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, importer := range importers[queue[0]] {
			if !t.broken[importer] {
				t.broken[importer] = true
				queue = append(queue, importer)
			}
		}
	}
}

// sound are the targets that can be compiled.
func (t *tree) sound() []string {
	return slices.DeleteFunc(slices.Clone(t.targets), func(name string) bool { return t.broken[name] })
}

// reporter collects what the compiler has to say, and lets it go on.
func (t *tree) reporter() reporter.Reporter {
	return reporter.NewReporter(func(err reporter.ErrorWithPos) error {
		t.report(err)
		return nil
	}, nil)
}

func (t *tree) report(err reporter.ErrorWithPos) {
	t.mu.Lock()
	defer t.mu.Unlock()
	pos := err.GetPosition()
	file, ok := t.opened[pos.Filename]
	if !ok {
		file = pos.Filename
	}
	t.problems = append(t.problems, Problem{Position{file, pos.Line, pos.Col}, err.Unwrap().Error()})
}
