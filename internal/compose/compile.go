package compose

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// Options is what Compile is told beside the descriptors.
type Options struct {
	// Visible tells which fields exist for the audience; nil is all of them. Parts that fill one that does not exist are
	// called only if another one needs them, and are never reported.
	Visible func(protoreflect.Descriptor) bool

	// ProtoNames calls fields by their names in the .proto file instead of lowerCamelCase, where an answer tells of them.
	ProtoNames bool

	// Form returns what tells why a response of a type that is sound has no JSON form, if it has none. It may nest so deep.
	// It is asked of those only of which that is not clear at a glance. nil is for answers that are not JSON.
	Form func(protoreflect.MessageDescriptor) func(response []byte, depth int) error

	// MaxDepth limits how deep messages may nest. 0 is DefaultMaxDepth.
	MaxDepth int

	// MaxAnswer limits the answer, in bytes, and the responses that it is made of to four times as much. 0 is DefaultMaxAnswer.
	MaxAnswer int

	// MaxCalls limits the calls that are made for one request, those of parts that are composed themselves included. Calls that
	// are not made because a response is kept count too. 0 is DefaultMaxCalls.
	MaxCalls int

	// Store keeps what the plan has to remember. It may be shared by any number of plans, and outlives them. Without one,
	// the plan has its own.
	Store *Store
}

// What holds where Options says nothing.
const (
	DefaultMaxDepth  = 100
	DefaultMaxAnswer = 64 << 20
	DefaultMaxCalls  = 2000
)

// What a composition may be at most.
const (
	maxParts  = 64
	maxNested = 4
)

// Numbers of fields of the option, which lead to where they stand.
const (
	composeOption = 51703

	atParts = 1

	atField    = 1
	atName     = 2
	atCall     = 3
	atBind     = 4
	atTake     = 5
	atEach     = 6
	atTimeout  = 7
	atFallback = 9
	atIf       = 10
	atCache    = 11

	atMax      = 3 // of each
	atAtOnce   = 4
	atLastGood = 1 // of fallback
	atConstant = 2
	atAge      = 1 // of cache
	atKey      = 2
)

// IsComposed tells whether a method is answered by others.
func IsComposed(md protoreflect.MethodDescriptor) bool {
	_, found, err := declared(md)
	return found || err != nil
}

func declared(md protoreflect.MethodDescriptor) (*gatehousev1.Composition, bool, error) {
	return source.Option[*gatehousev1.Composition](md.Options(), gatehousev1.E_Compose)
}

// Compile makes the plan of a unary method that [IsComposed]. The problems are all that is wrong with it and with those that it
// calls, each with its place; if there are any, there is no plan.
func Compile(set *source.Set, md protoreflect.MethodDescriptor, opts Options) (*Plan, []source.Problem) {
	if opts.MaxDepth == 0 {
		opts.MaxDepth = DefaultMaxDepth
	}
	if opts.MaxAnswer == 0 {
		opts.MaxAnswer = DefaultMaxAnswer
	}
	if opts.MaxCalls == 0 {
		opts.MaxCalls = DefaultMaxCalls
	}
	if opts.Store == nil {
		opts.Store = NewStore(0, 0)
	}
	var problems []source.Problem
	c := &compiler{set: set, opts: opts, shapes: shapes{}, problems: &problems}
	plan := c.compile(md)
	if len(problems) > 0 {
		return nil, problems
	}
	return plan, nil
}

// compiler compiles one method.
type compiler struct {
	set      *source.Set
	opts     Options
	shapes   shapes
	problems *[]source.Problem
	outer    []protoreflect.MethodDescriptor // those that call this one, and the method itself

	method     protoreflect.MethodDescriptor
	plan       *Plan
	said       []*gatehousev1.Part
	conditions map[string]int // of the plan, by their fields
}

// compile makes the plan of a method. It is of no use if there are problems.
func (c *compiler) compile(md protoreflect.MethodDescriptor) *Plan {
	c.method, c.plan = md, &Plan{opts: c.opts}
	c.outer = append(slices.Clip(c.outer), md)
	c.conditions = map[string]int{}
	said, _, err := declared(md)
	switch {
	case err != nil:
		c.problem(nil, "%v", err)
		return nil
	case len(said.GetParts()) == 0:
		c.problem(nil, "has no parts; without them there is no answer")
		return nil
	case len(said.GetParts()) > maxParts:
		c.problem(nil, "has %d parts; there may be %d", len(said.GetParts()), maxParts)
		return nil
	}
	c.said = said.GetParts()
	c.findPartial()
	for i := range c.said {
		c.declare(i)
	}
	for i := range c.said {
		if c.plan.parts[i].target != nil {
			c.part(i)
		}
	}
	c.sort()
	c.checkUse()
	return c.plan
}

// problem reports what is wrong at a place within the option.
func (c *compiler) problem(at []int32, format string, args ...any) {
	where := c.set.Position(c.method, append([]int32{composeOption}, at...)...)
	text := fmt.Sprintf("%s: (gatehouse.v1.compose): %s", c.method.FullName(), fmt.Sprintf(format, args...))
	*c.problems = append(*c.problems, source.Problem{Position: where, Message: text})
}

// complain reports what is wrong with a part.
func (c *compiler) complain(i int, at []int32, format string, args ...any) {
	c.problem(append([]int32{atParts, int32(i)}, at...), "part %s: %s", c.plan.parts[i].name, fmt.Sprintf(format, args...))
}

// findPartial looks for the field that tells what is missing.
func (c *compiler) findPartial() {
	name := (*gatehousev1.PartialResult)(nil).ProtoReflect().Descriptor().FullName()
	fields := c.method.Output().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		switch {
		case fd.Message() == nil || fd.Message().FullName() != name:
		case !fd.IsList():
			c.problem(nil, "field %s has to be repeated to tell of all that is missing", fd.FullName())
		case c.plan.partial != 0:
			c.problem(nil, "field %s tells what is missing, and so does another one", fd.FullName())
		case c.visible(fd):
			c.plan.partial = fd.Number()
		}
	}
}

func (c *compiler) visible(fd protoreflect.FieldDescriptor) bool {
	return c.opts.Visible == nil || c.opts.Visible(fd)
}

// shown is what an answer calls a field.
func (c *compiler) shown(fd protoreflect.FieldDescriptor) string {
	if c.opts.ProtoNames {
		return fd.TextName()
	}
	return fd.JSONName()
}

func (c *compiler) shownPath(path schema.FieldPath) string {
	names := make([]string, len(path))
	for i, fd := range path {
		names[i] = c.shown(fd)
	}
	return strings.Join(names, ".")
}

// find returns the method that a part calls, or what is wrong with it.
func (c *compiler) find(call string) (protoreflect.MethodDescriptor, string) {
	const form = "write package.Service/Method"
	name := strings.Replace(strings.TrimPrefix(call, "/"), "/", ".", 1)
	if !protoreflect.FullName(name).IsValid() {
		return nil, fmt.Sprintf("%q is no method; %s", call, form)
	}
	d, err := c.set.Files.FindDescriptorByName(protoreflect.FullName(name))
	if md, ok := d.(protoreflect.MethodDescriptor); ok && err == nil {
		return md, ""
	}
	d, err = c.set.Files.FindDescriptorByName(protoreflect.FullName(name).Parent())
	sd, ok := d.(protoreflect.ServiceDescriptor)
	if err != nil || !ok {
		return nil, fmt.Sprintf("there is no service %s; %s", protoreflect.FullName(name).Parent(), form)
	}
	var names []string
	for i := range sd.Methods().Len() {
		names = append(names, string(sd.Methods().Get(i).Name()))
	}
	return nil, fmt.Sprintf("service %s has no method %s; it has %s", sd.FullName(), protoreflect.FullName(name).Name(), some(names))
}

// target returns the method as one to call, with its own plan if it is composed.
func (c *compiler) target(md protoreflect.MethodDescriptor) (*Target, string) {
	t := targetOf(md)
	switch {
	case md.IsStreamingClient() || md.IsStreamingServer():
		return nil, fmt.Sprintf("%s is a stream; only what is answered once can be a part", md.FullName())
	case !IsComposed(md):
		return t, ""
	case slices.ContainsFunc(c.outer, func(o protoreflect.MethodDescriptor) bool { return o.FullName() == md.FullName() }):
		return nil, "calls itself: " + c.chain(md)
	case len(c.outer) == maxNested:
		return nil, fmt.Sprintf("compositions may nest %d deep: %s", maxNested, c.chain(md))
	}
	nested := &compiler{set: c.set, opts: c.opts, shapes: c.shapes, problems: c.problems, outer: c.outer}
	nested.opts.Visible = nil // what the inner answer shows is for the outer one to say
	nested.opts.MaxDepth--    // it is a message within the outer one
	t.plan = nested.compile(md)
	return t, ""
}

func targetOf(md protoreflect.MethodDescriptor) *Target {
	return &Target{Method: md, Path: "/" + string(md.Parent().FullName()) + "/" + string(md.Name())}
}

func (c *compiler) chain(last protoreflect.MethodDescriptor) string {
	var names []string
	for _, md := range c.outer {
		names = append(names, string(md.FullName()))
	}
	return strings.Join(append(names, string(last.FullName())), " -> ")
}
