package schema

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// Numbers that lead to an HTTP rule within a method's options.
const (
	httpOption         = 72295728 // google.api.http
	additionalBindings = 11
)

// Options is what Compile is told beside the descriptors.
type Options struct {
	// Rules are the HTTP rules of service configurations, by method. A rule takes the place of the method's own.
	Rules map[string]source.Rule
	// Visible tells which services and methods exist; nil is all of them. See [Visible].
	Visible func(protoreflect.Descriptor) bool
}

// Compile reads the HTTP annotations of the set's services. Its error joins a [source.Problem] for each thing that is
// wrong, in source order. Whether two bindings conflict is for the router to say, which sees those of other sets too.
func Compile(set *source.Set, opts Options) (*API, error) {
	c := &compiler{set: set, opts: opts, unused: maps.Clone(opts.Rules)}
	api := &API{Set: set}
	for _, name := range set.Services {
		sd, err := set.Service(name)
		if err != nil {
			c.problem(source.Position{File: string(name)}, "%v", err)
			continue
		}
		api.Services = append(api.Services, c.service(sd))
	}
	for selector, rule := range c.unused {
		c.problem(rule.Position, "selector %q names no method of the API", selector)
	}
	return api, Join(c.problems)
}

// Join makes one error of problems, in source order, each once; nil of none.
func Join(problems []source.Problem) error {
	slices.SortStableFunc(problems, func(a, b source.Problem) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Message, b.Message))
	})
	problems = slices.Compact(problems)
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}

type compiler struct {
	set      *source.Set
	opts     Options
	unused   map[string]source.Rule
	problems []source.Problem
}

func (c *compiler) problem(at source.Position, format string, args ...any) {
	c.problems = append(c.problems, source.Problem{Position: at, Message: fmt.Sprintf(format, args...)})
}

func (c *compiler) hidden(d protoreflect.Descriptor) bool {
	return c.opts.Visible != nil && !c.opts.Visible(d)
}

func (c *compiler) service(sd protoreflect.ServiceDescriptor) *Service {
	s := &Service{Descriptor: sd}
	for i := range sd.Methods().Len() {
		md := sd.Methods().Get(i)
		m := &Method{Service: s, Descriptor: md, Position: c.set.Position(md)}
		c.bind(m)
		if len(m.Bindings) > 0 && !c.hidden(sd) && !c.hidden(md) {
			s.Methods = append(s.Methods, m)
		}
	}
	return s
}

// bind compiles the method's rule and its additional bindings.
func (c *compiler) bind(m *Method) {
	rule, at := c.ruleOf(m)
	if rule == nil {
		return
	}
	m.Answer = c.answer(m)
	m.Policy, m.PolicyAt = c.policy(m), c.set.Position(m.Descriptor, policyOption)
	c.add(m, rule, at())
	for i, more := range rule.GetAdditionalBindings() {
		where := at(additionalBindings, int32(i))
		if len(more.GetAdditionalBindings()) > 0 {
			c.problem(where, "%s: additional_bindings hold additional_bindings; list them all under the rule itself", m.FullName())
		}
		c.add(m, more, where)
	}
}

// ruleOf returns the method's HTTP rule and a function that tells where a part of it stands.
func (c *compiler) ruleOf(m *Method) (*annotations.HttpRule, func(...int32) source.Position) {
	if rule, ok := c.opts.Rules[m.FullName()]; ok {
		delete(c.unused, m.FullName())
		return rule.HttpRule, func(...int32) source.Position { return rule.Position }
	}
	at := func(path ...int32) source.Position {
		return c.set.Position(m.Descriptor, append([]int32{httpOption}, path...)...)
	}
	rule, found, err := source.Option[*annotations.HttpRule](m.Descriptor.Options(), annotations.E_Http)
	if err != nil {
		c.problem(at(), "%s: %v", m.FullName(), err)
	}
	if !found {
		return nil, at
	}
	return rule, at
}

func (c *compiler) add(m *Method, rule *annotations.HttpRule, at source.Position) {
	b := &Binding{Method: m, Position: at}
	before := len(c.problems)
	c.compileBinding(b, rule)
	if len(c.problems) == before {
		m.Bindings = append(m.Bindings, b)
	}
}
