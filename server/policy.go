package server

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/access"
	"github.com/gatehouse-edge/gatehouse/internal/policy/concurrency"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// policy is what the edge sees to before a method is called, compiled of what the protos and the configuration say.
type policy struct {
	access *access.Rule
	rates  []rate
	checks *validate.Checks       // nil if the service is left to check its messages itself
	gates  []*concurrency.Limiter // the method's before its upstream's
	late   bool                   // rates need the message
}

// rate is how often somebody may call.
type rate struct {
	ratelimit.Rule
	field func(wire []byte) string // whose values count apart; nil for none
}

// layers are what a configuration says of methods, under and over what their protos say.
type layers struct {
	under *gatehousev1.Policy
	over  map[string]*gatehousev1.Policy // by the full name of a method or a service
}

func layersOf(cfg *configv1.Config) layers {
	l := layers{under: cfg.GetDefaultPolicy(), over: map[string]*gatehousev1.Policy{}}
	for _, p := range cfg.GetPolicies() {
		for _, name := range p.GetNames() {
			l.over[name] = schema.LayPolicies(l.over[name], p.GetPolicy())
		}
	}
	return l
}

// of is what holds for a method, and what would hold if the configuration laid nothing over its protos.
func (l *layers) of(m *schema.Method) (holds, without *gatehousev1.Policy) {
	without = schema.LayPolicies(l.under, m.Policy)
	ofService, ofMethod := l.over[string(m.Service.Descriptor.FullName())], l.over[m.FullName()]
	if ofService == nil && ofMethod == nil {
		return without, without
	}
	return schema.LayPolicies(without, ofService, ofMethod), without
}

// loosened tells in which ways the configuration lets through what the protos do not.
func loosened(holds, without *gatehousev1.Policy) []string {
	var ways []string
	way := func(is bool, name string) {
		if is {
			ways = append(ways, name)
		}
	}
	more := func(now, before uint64) bool { return before != 0 && (now == 0 || now > before) }
	longer := func(now, before time.Duration) bool { return more(uint64(max(0, now)), uint64(max(0, before))) }
	way(without.GetAccess() != nil && access.Loosens(without.GetAccess(), holds.GetAccess()), "access")
	way(slices.ContainsFunc(without.GetRateLimits(), func(l *gatehousev1.RateLimit) bool {
		return !slices.ContainsFunc(holds.GetRateLimits(), func(other *gatehousev1.RateLimit) bool { return asTight(other, l) })
	}), "rate_limits")
	way(more(uint64(holds.GetMaxConcurrent()), uint64(without.GetMaxConcurrent())), "max_concurrent")
	way(longer(holds.GetTimeout().AsDuration(), without.GetTimeout().AsDuration()), "timeout")
	way(longer(holds.GetIdleTimeout().AsDuration(), without.GetIdleTimeout().AsDuration()), "idle_timeout")
	way(more(holds.GetBodyBytes(), without.GetBodyBytes()), "body_bytes")
	way(holds.GetSkipValidation() && !without.GetSkipValidation(), "skip_validation")
	return ways
}

// asTight tells whether a limit lets no more through than another: it is the same but for fewer calls.
func asTight(l, than *gatehousev1.RateLimit) bool {
	same := proto.CloneOf(than)
	same.Requests, same.Burst, same.Name = l.GetRequests(), l.GetBurst(), l.GetName()
	burst := func(l *gatehousev1.RateLimit) uint32 { return or(l.GetBurst(), l.GetRequests()) }
	return proto.Equal(l, same) && l.GetRequests() <= than.GetRequests() && burst(l) <= burst(than)
}

// policy compiles what holds for a method, whose calls go to a target, nil for none. What is wrong with it is reported at its
// place in the protos.
func (c *compiler) policy(m *schema.Method, holds *gatehousev1.Policy, d *dialect, target *upstream.Target) *policy {
	report := func(format string, args ...any) {
		c.problems = append(c.problems, source.Problem{
			Position: m.PolicyAt, Message: m.FullName() + ": (gatehouse.v1.policy)." + fmt.Sprintf(format, args...),
		})
	}
	p := &policy{gates: c.door.gates(m, holds, target)}
	read := c.reader(m.Descriptor.Input(), c.codec(d))
	var problems []string
	p.access, problems = access.Compile(holds.GetAccess(), m.Descriptor.Input(), read)
	p.access = c.door.settle(p.access, holds.GetAccess())
	rules, more := ratelimit.Of(m.FullName(), holds.GetRateLimits())
	for _, problem := range append(problems, more...) {
		report("%s", problem)
	}
	if len(rules) == 0 {
		rules = c.door.defaults
	}
	for i, rule := range rules {
		r := rate{Rule: rule}
		if rule.By == ratelimit.ByField {
			r.field = c.field(m, holds.GetRateLimits()[i].GetField(), read, func(problem string) {
				report("rate_limits[%d].field: %s", i, problem)
			})
			p.late = true
		}
		p.rates = append(p.rates, r)
	}
	if holds.GetTimeout().AsDuration() < 0 || holds.GetIdleTimeout().AsDuration() < 0 {
		report("timeout, idle_timeout: are not to be negative")
	}
	if !holds.GetSkipValidation() {
		p.checks = c.checksOf(m.Descriptor.Input(), d)
	}
	return p
}

// reader reads fields of messages of a type, as far as the audience sees them.
func (c *compiler) reader(md protoreflect.MessageDescriptor, codec *transcode.Codec) access.Reader {
	return func(path schema.FieldPath) func([]byte) string {
		if pick := codec.Pick(md, path); pick != nil {
			return pick.Text
		}
		return nil
	}
}

func (c *compiler) field(m *schema.Method, name string, read access.Reader, report func(problem string)) func([]byte) string {
	path, problem := schema.Scalar(m.Descriptor.Input(), name)
	if problem != "" {
		report(problem)
		return nil
	}
	text := read(path)
	if text == nil {
		report(fmt.Sprintf("field %s is hidden from those who call, so they can not say it", name))
	}
	return text
}

// describe says a policy as operators read it.
func (p *policy) describe() string {
	parts := []string{p.access.String()}
	for _, r := range p.rates {
		parts = append(parts, r.Limit.String())
	}
	return strings.Join(parts, "; ")
}

// guards are what a method has in common for all its bindings.
type guards struct {
	*policy
	called
	holds *gatehousev1.Policy
}

// guards compiles them for a method.
func (c *compiler) guards(m *schema.Method) guards {
	holds, without := c.settings.layers.of(m)
	for _, way := range loosened(holds, without) {
		c.loosened = append(c.loosened, m.FullName()+": "+way)
	}
	if holds.GetAccess() == nil {
		c.unruled = append(c.unruled, m.FullName())
	}
	d := c.settings.dialectOf(string(m.Service.Descriptor.FullName()))
	answers := c.called(m, d)
	return guards{c.policy(m, holds, d, answers.target), answers, holds}
}

// bound bounds what an operation's calls may cost.
func (g *guards) bound(op *operation, l *limits) {
	op.body = or(int(min(g.holds.GetBodyBytes(), math.MaxInt32)), l.body)
	op.timeout, op.idle = g.holds.GetTimeout().AsDuration(), or(g.holds.GetIdleTimeout().AsDuration(), l.streamIdle)
	if op.kind == unary {
		op.timeout, op.idle = or(op.timeout, l.timeout), 0
	} else {
		op.timeout = or(op.timeout, l.stream)
	}
}

// checksOf compiles the rules of a message type.
func (c *compiler) checksOf(md protoreflect.MessageDescriptor, d *dialect) *validate.Checks {
	names := d.transcode.ProtoNames
	if c.validators[names] == nil {
		c.validators[names] = validate.NewCompiler(c.api.Set, validate.Options{
			Visible: c.audience.visible, ProtoNames: names, MaxDepth: d.transcode.MaxDepth,
		})
	}
	checks, err := c.validators[names].Message(md)
	c.addProblems(err)
	return checks
}

// addProblems adds those that an error joins.
func (c *compiler) addProblems(err error) {
	if err == nil {
		return
	}
	for _, one := range err.(interface{ Unwrap() []error }).Unwrap() { //nolint:forcetypeassert // as it is documented
		if p, ok := errors.AsType[source.Problem](one); ok {
			c.problems = append(c.problems, p)
		}
	}
}

// nameOf is what clients call a field.
func (op *operation) nameOf(fd protoreflect.FieldDescriptor) string {
	if op.dialect.transcode.ProtoNames {
		return fd.TextName()
	}
	return fd.JSONName()
}
