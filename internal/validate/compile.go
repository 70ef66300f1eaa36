package validate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// Compiler makes the checks of one set of descriptors for one audience.
type Compiler struct {
	set  *source.Set
	opts Options

	mu       sync.Mutex
	messages map[protoreflect.FullName]*message
	fresh    []*message // compiled, but not sealed
	library  library

	anys  atomic.Pointer[map[string]*Checks] // of what Anys held so far, copied on write
	ruled func() bool                        // whether any message of the set has rules
}

// NewCompiler returns a compiler for the messages of a set.
func NewCompiler(set *source.Set, opts Options) *Compiler {
	c := &Compiler{
		set: set, opts: opts,
		messages: map[protoreflect.FullName]*message{},
		library:  library{types: map[protoreflect.FullName]*libraryType{}},
	}
	c.anys.Store(&map[string]*Checks{})
	c.ruled = sync.OnceValue(c.hasRules)
	return c
}

// Message returns the checks of md, or nil if there is nothing to check. An error joins one [source.Problem] for every rule
// of md, or of what it refers to, that can not be compiled; it wraps nothing else.
func (c *Compiler) Message(md protoreflect.MessageDescriptor) (*Checks, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	table := c.compile(md)
	c.seal()
	checks, problems := c.compileLibrary(md)
	problems = append(problems, table.allProblems()...)
	if len(problems) > 0 {
		return nil, joinProblems(problems)
	}
	if !table.busy && checks == nil {
		return nil, nil //nolint:nilnil // nothing to check is the usual case, and no error
	}
	return &Checks{compiler: c, table: table, library: checks}, nil
}

// any returns the checks of the message that an Any of this URL holds, or nil if its type is not known, not for this
// audience, or has no rules.
func (c *Compiler) any(url []byte) (*Checks, error) {
	name := url[strings.LastIndexByte(view(url), '/')+1:]
	if checks, ok := (*c.anys.Load())[string(name)]; ok {
		return checks, nil
	}
	d, err := c.set.Files.FindDescriptorByName(protoreflect.FullName(name))
	md, ok := d.(protoreflect.MessageDescriptor)
	if err != nil || !ok {
		return nil, nil //nolint:nilerr,nilnil // the type is not known
	}
	var checks *Checks
	if c.opts.visible(md) {
		if checks, err = c.Message(md); err != nil {
			return nil, fmt.Errorf("%w: of %s, which an Any holds: %w", ErrRules, md.FullName(), err)
		}
	}
	for {
		old := c.anys.Load()
		grown := maps.Clone(*old)
		grown[string(name)] = checks
		if c.anys.CompareAndSwap(old, &grown) {
			return checks, nil
		}
	}
}

// hasRules tells whether an Any can hold anything that has rules.
func (c *Compiler) hasRules() bool {
	found := false
	c.set.Files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		found = found || importsRules(file)
		return !found
	})
	return found
}

// importsRules tells whether a file imports either kind of rules. Without, it could not carry them; with public imports,
// some other file of the set carries the import.
func importsRules(file protoreflect.FileDescriptor) bool {
	for i := range file.Imports().Len() {
		if path := file.Imports().Get(i).Path(); strings.HasSuffix(path, "validate/validate.proto") {
			return true
		}
	}
	return false
}

// compile makes the table of a message, without sealing it.
func (c *Compiler) compile(md protoreflect.MessageDescriptor) *message {
	if m := c.messages[md.FullName()]; m != nil {
		return m
	}
	m := &message{name: md.FullName()}
	c.messages[md.FullName()] = m // before its fields: messages may hold themselves
	c.fresh = append(c.fresh, m)
	if md.FullName() == nameAny {
		m.holdsAny, m.busy = true, c.ruled()
		return m
	}
	if c.switchedOff(m, md) {
		return m
	}
	oneofs := c.compileOneofs(m, md)
	fds := make([]protoreflect.FieldDescriptor, md.Fields().Len())
	for i := range fds {
		fds[i] = md.Fields().Get(i)
	}
	slices.SortFunc(fds, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number()) - int(b.Number()) })
	for _, fd := range fds {
		f := field{number: fd.Number(), name: c.opts.name(fd), redacted: schema.IsRedacted(fd)}
		if od := fd.ContainingOneof(); od != nil {
			f.oneof = oneofs[od.FullName()]
		}
		if c.opts.visible(fd) {
			c.compileField(m, &f, fd)
		} else {
			f.value = valueOf(fd) // to know when it replaces another member of its oneof
		}
		f.setWire()
		m.rows = append(m.rows, f)
	}
	return m
}

// switchedOff tells whether the message says that none of its rules count.
func (c *Compiler) switchedOff(m *message, md protoreflect.MessageDescriptor) bool {
	for _, xt := range []protoreflect.ExtensionType{pgv.E_Disabled, pgv.E_Ignored} {
		off, _, err := source.Option[bool](md.Options(), xt)
		if err != nil {
			m.problem(c.set.Position(md), "%s", err)
		}
		if off {
			return true
		}
	}
	return false
}

// compileOneofs adds the oneofs that somebody wrote to a table, and returns one more than the index of each.
func (c *Compiler) compileOneofs(m *message, md protoreflect.MessageDescriptor) map[protoreflect.FullName]int {
	indexes := map[protoreflect.FullName]int{}
	for i := range md.Oneofs().Len() {
		od := md.Oneofs().Get(i)
		if od.IsSynthetic() {
			continue
		}
		required, _, err := source.Option[bool](od.Options(), pgv.E_Required)
		if err != nil {
			m.problem(c.set.Position(od), "%s", err)
		}
		names := c.visibleNames(od.Fields())
		m.oneofs = append(m.oneofs, oneof{
			place:    field{name: c.oneofName(od)},
			required: required && len(names) > 0,
			finding:  finding{ruleRequired, "one of " + enumerate(names) + " is required"},
		})
		indexes[od.FullName()] = len(m.oneofs)
	}
	return indexes
}

func (c *Compiler) visibleNames(fds protoreflect.FieldDescriptors) []string {
	var names []string
	for i := range fds.Len() {
		if c.opts.visible(fds.Get(i)) {
			names = append(names, c.opts.name(fds.Get(i)))
		}
	}
	return names
}

func (m *message) problem(at source.Position, format string, args ...any) {
	m.problems = append(m.problems, source.Problem{Position: at, Message: fmt.Sprintf(format, args...)})
}

// joinProblems makes one error of many, in source order, each problem once.
func joinProblems(problems []source.Problem) error {
	slices.SortFunc(problems, func(a, b source.Problem) int {
		return cmp.Or(a.Position.Compare(b.Position), strings.Compare(a.Message, b.Message))
	})
	var errs []error
	for _, p := range slices.Compact(problems) {
		errs = append(errs, p)
	}
	return errors.Join(errs...)
}
