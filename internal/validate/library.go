package validate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	bufvalidate "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// library is what all checks that protovalidate does have in common.
type library struct {
	validator protovalidate.Validator // made with the first rule
	types     map[protoreflect.FullName]*libraryType
}

// libraryType is what protovalidate's rules of one message type are.
type libraryType struct {
	md       protoreflect.MessageDescriptor
	rules    *bufvalidate.MessageRules
	fields   map[protoreflect.FullName]*bufvalidate.FieldRules
	ruled    bool // any of its own
	hidden   []protoreflect.Descriptor
	refers   []protoreflect.MessageDescriptor
	redacts  bool
	compiled bool
	problems []source.Problem
}

// libraryChecks are the rules of protovalidate of a message and of all it refers to.
type libraryChecks struct {
	validator protovalidate.Validator
	message   protoreflect.MessageType
	types     map[protoreflect.FullName]*libraryType // all that it refers to
	hidden    map[protoreflect.FullName]bool         // the fields and oneofs that are not checked
	unspoken  map[string]bool                        // the names of those fields
	redacts   bool                                   // there are fields whose values are not to be told
}

// compileLibrary returns the checks that protovalidate has to do for md, or nil if there are none.
func (c *Compiler) compileLibrary(md protoreflect.MessageDescriptor) (*libraryChecks, []source.Problem) {
	types := map[protoreflect.FullName]*libraryType{}
	c.gather(md, types)
	ruled := false
	for _, t := range types {
		ruled = ruled || t.ruled || len(t.problems) > 0
	}
	if !ruled {
		return nil, nil
	}
	if c.library.validator == nil {
		validator, err := protovalidate.New(protovalidate.WithExtensionTypeResolver(c.set.Types()))
		if err != nil {
			return nil, []source.Problem{{Position: c.set.Position(md), Message: err.Error()}}
		}
		c.library.validator = validator
	}
	l := &libraryChecks{
		validator: c.library.validator, message: dynamicpb.NewMessageType(md), types: types,
		hidden: map[protoreflect.FullName]bool{}, unspoken: map[string]bool{},
	}
	var problems []source.Problem
	for _, t := range types {
		c.tryOut(t)
		problems = append(problems, t.problems...)
		l.redacts = l.redacts || t.redacts
		for _, d := range t.hidden {
			l.hidden[d.FullName()] = true
			l.unspoken[string(d.Name())], l.unspoken[camelCase(string(d.Name()))] = true, true
		}
	}
	return l, problems
}

// gather adds the types that an audience can reach from md.
func (c *Compiler) gather(md protoreflect.MessageDescriptor, types map[protoreflect.FullName]*libraryType) {
	if types[md.FullName()] != nil {
		return
	}
	t := c.library.types[md.FullName()]
	if t == nil {
		t = c.readType(md)
		c.library.types[md.FullName()] = t
	}
	types[md.FullName()] = t
	for _, within := range t.refers {
		c.gather(within, types)
	}
}

// readType reads the options of a message, its oneofs and its fields.
func (c *Compiler) readType(md protoreflect.MessageDescriptor) *libraryType {
	t := &libraryType{md: md, fields: map[protoreflect.FullName]*bufvalidate.FieldRules{}}
	var err error
	if t.rules, t.ruled, err = source.Option[*bufvalidate.MessageRules](md.Options(), bufvalidate.E_Message); err != nil {
		c.libraryProblem(t, md, err.Error())
	}
	for i := range md.Oneofs().Len() {
		od := md.Oneofs().Get(i)
		_, ruled, err := source.Option[*bufvalidate.OneofRules](od.Options(), bufvalidate.E_Oneof)
		if err != nil {
			c.libraryProblem(t, od, err.Error())
		}
		t.ruled = t.ruled || ruled
		if len(c.visibleNames(od.Fields())) == 0 {
			t.hidden = append(t.hidden, od)
		}
	}
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		if !c.opts.visible(fd) {
			t.hidden = append(t.hidden, fd)
			continue
		}
		rules, ruled, err := source.Option[*bufvalidate.FieldRules](fd.Options(), bufvalidate.E_Field)
		if err != nil {
			c.libraryProblem(t, fd, err.Error())
		}
		if ruled {
			t.fields[fd.FullName()], t.ruled = rules, true
		}
		t.redacts = t.redacts || schema.IsRedacted(fd)
		if within := messageOf(fd); within != nil {
			t.refers = append(t.refers, within)
		}
	}
	return t
}

// messageOf returns the message that a field leads to: for a map that of its values.
func messageOf(fd protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	if fd.IsMap() {
		return fd.MapValue().Message()
	}
	return fd.Message()
}

// tryOut has the library compile the rules of a type, one descriptor at a time, which it does not tell apart in its errors.
func (c *Compiler) tryOut(t *libraryType) {
	if t.compiled || !t.ruled {
		return
	}
	t.compiled = true
	empty := dynamicpb.NewMessage(t.md)
	attempt := func(only protoreflect.Descriptor) {
		filter := func(_ protoreflect.Message, d protoreflect.Descriptor) bool { return d == only }
		err := c.library.validator.Validate(empty, protovalidate.WithFilter(protovalidate.FilterFunc(filter)))
		if fault, ok := errors.AsType[*protovalidate.CompilationError](err); ok {
			c.compilationProblem(t, only, fault.Unwrap().Error())
		}
	}
	attempt(t.md)
	for i := range t.md.Fields().Len() {
		if fd := t.md.Fields().Get(i); t.fields[fd.FullName()] != nil {
			attempt(fd)
		}
	}
}

// compilationProblem tells what the library does not like, and where.
func (c *Compiler) compilationProblem(t *libraryType, d protoreflect.Descriptor, message string) {
	if strings.Contains(message, "failed to compile embedded type") {
		return // that is told where the type is
	}
	rules := proto.Message(t.rules)
	if fields := t.fields[d.FullName()]; fields != nil {
		rules = fields
	}
	option := ruleNamed(rules.ProtoReflect(), message)
	// Expressions are shown with a marker below them, on lines of their own.
	message, _, _ = strings.Cut(message, "\n")
	c.libraryProblem(t, d, strings.ReplaceAll(message, "ERROR: <input>:", "at "), option...)
}

func (c *Compiler) libraryProblem(t *libraryType, d protoreflect.Descriptor, message string, option ...int32) {
	number := bufvalidate.E_Field.TypeDescriptor().Number()
	at := c.set.Position(d, append([]int32{int32(number)}, option...)...)
	t.problems = append(t.problems, source.Problem{Position: at, Message: fmt.Sprintf("rules of %s: %s", d.FullName(), message)})
}

// ruleNamed returns the path of the expression that a message is about, so far as its id tells.
func ruleNamed(rules protoreflect.Message, message string) []int32 {
	fields := rules.Descriptor().Fields()
	for _, name := range []protoreflect.Name{"cel", "cel_expression"} {
		fd := fields.ByName(name)
		listed := rules.Get(fd).List()
		for i := range listed.Len() {
			id := listed.Get(i).String()
			if rule, ok := listed.Get(i).Interface().(protoreflect.Message); ok {
				id = rule.Interface().(*bufvalidate.Rule).GetId()
			}
			if strings.Contains(message, "expression "+id+":") || strings.Contains(message, "expression "+id+" ") {
				return []int32{int32(fd.Number()), int32(i)}
			}
		}
	}
	return nil
}

// expressions returns the rules of a message, or of a field and what is in it, that have an id.
func (t *libraryType) expressions(fd protoreflect.FieldDescriptor, id string) []*bufvalidate.Rule {
	if fd == nil {
		return withID(id, t.rules.GetCel(), t.rules.GetCelExpression())
	}
	rules := t.fields[fd.FullName()]
	var found []*bufvalidate.Rule
	for _, within := range []*bufvalidate.FieldRules{
		rules, rules.GetRepeated().GetItems(), rules.GetMap().GetKeys(), rules.GetMap().GetValues(),
	} {
		found = append(found, withID(id, within.GetCel(), within.GetCelExpression())...)
	}
	return found
}

func withID(id string, rules []*bufvalidate.Rule, bare []string) []*bufvalidate.Rule {
	found := slices.DeleteFunc(slices.Clone(rules), func(r *bufvalidate.Rule) bool { return r.GetId() != id })
	for _, expression := range bare {
		if expression == id {
			found = append(found, bufvalidate.Rule_builder{Id: &expression, Expression: &expression}.Build())
		}
	}
	return found
}
