package compose

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// CompileRelay returns the method whose stream is that of a streaming method that [IsComposed]. The problems are all that is
// wrong with what it says, each with its place; if there are any, there is no target.
func CompileRelay(set *source.Set, md protoreflect.MethodDescriptor) (*Target, []source.Problem) {
	var problems []source.Problem
	c := &compiler{set: set, problems: &problems, method: md}
	t := c.relay()
	if len(problems) > 0 {
		return nil, problems
	}
	return t, nil
}

func (c *compiler) relay() *Target {
	option, _, err := declared(c.method)
	switch {
	case err != nil:
		c.problem(nil, "%v", err)
		return nil
	case len(option.GetParts()) != 1:
		c.problem(nil, "a stream is that of one other method, so that it has one part; it has %d", len(option.GetParts()))
		return nil
	}
	said := option.GetParts()[0]
	c.plan = &Plan{parts: []*part{{name: said.GetField()}}}
	c.checkPlain(said)
	md, problem := c.find(said.GetCall())
	if problem == "" {
		problem = c.checkRelayed(md)
	}
	if problem != "" {
		c.complain(0, []int32{atCall}, "call: %s", problem)
		return nil
	}
	return targetOf(md)
}

// checkPlain reports what a part says that makes no sense of a stream, which is passed on as it is.
func (c *compiler) checkPlain(said *gatehousev1.Part) {
	if said.GetField() != wholeAnswer {
		c.complain(0, []int32{atField}, "field: a stream is passed on whole; write %q", wholeAnswer)
	}
	fields := said.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if n := int32(fd.Number()); n != atField && n != atCall && said.ProtoReflect().Has(fd) {
			c.complain(0, []int32{n}, "%s: a stream is passed on as it is; leave this out", fd.Name())
		}
	}
}

// checkRelayed tells why the method can not be answered by the stream of another one, "" if it can.
func (c *compiler) checkRelayed(md protoreflect.MethodDescriptor) string {
	if have, want := streaming(md), streaming(c.method); have != want {
		return fmt.Sprintf("%s %s, and %s %s", md.FullName(), have, c.method.FullName(), want)
	}
	if IsComposed(md) {
		return fmt.Sprintf("%s is answered by another method itself; call that one", md.FullName())
	}
	if differs := fits(kindOfMessage(c.method.Input()), kindOfMessage(md.Input())); differs != "" {
		return "request: " + differs
	}
	if differs := fits(kindOfMessage(md.Output()), kindOfMessage(c.method.Output())); differs != "" {
		return "response: " + differs
	}
	hidden := reveals(
		[]protoreflect.Descriptor{md.Parent(), md, md.Output()},
		[]protoreflect.Descriptor{c.method.Parent(), c.method, c.method.Output()},
	)
	if hidden != nil {
		return fmt.Sprintf("%s is restricted to %s; restrict what shows it likewise", hidden.FullName(), restriction(hidden))
	}
	return ""
}

// streaming says in which directions a method streams.
func streaming(md protoreflect.MethodDescriptor) string {
	switch {
	case md.IsStreamingClient() && md.IsStreamingServer():
		return "streams both ways"
	case md.IsStreamingClient():
		return "takes a stream"
	case md.IsStreamingServer():
		return "answers with a stream"
	default:
		return "is no stream"
	}
}
