package server

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/metadata"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/extauthz"
	"github.com/gatehouse-edge/gatehouse/internal/policy/identity"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// join makes the call one of an audience.
func (c *call) join(a *audience) {
	c.table = c.tables[a.table]
	c.dialect = a.dialect
}

// identify finds out who calls, and so what is there for them.
func (c *call) identify() error {
	if isUpgrade(c.r) {
		takeToken(c.r)
	}
	p, credentials, err := c.edge.door.identify(c.r)
	if err != nil {
		return err
	}
	c.principal, c.credentials = p, credentials
	if own := c.entrance.ownOf(p); own != nil {
		c.join(own)
	}
	return nil
}

// admit decides whether the caller may call, before anything of the body is read.
func (c *call) admit() error {
	p := c.op.policy
	if err := p.access.Admit(c.principal); err != nil {
		return c.edge.door.challenge(err, p.access, c.principal) // 401, 403
	}
	if !p.late {
		if err := c.limitRate(nil); err != nil {
			return err // 429, 503
		}
	}
	if external := c.edge.door.external; external != nil {
		return c.askAuthorizer(external) // 401, 403, 429, 503
	}
	return nil
}

// askAuthorizer asks another service about the call, unless it is for everybody. What that adds for upstreams takes the place
// of what the client says under the same names, which passes in no case.
func (c *call) askAuthorizer(external *extauthz.Checker) error {
	if c.op.policy.access.Public() && !external.Public() {
		c.drop(external.Owns())
		return nil
	}
	added, err := external.Check(c.r.Context(), &extauthz.Call{
		Request: c.r, ID: c.id, Client: c.client(), Principal: c.principal, RPC: c.op.rpc, Template: c.op.template,
		Audience: c.table.name, Credentials: c.credentials,
	})
	if err != nil {
		return c.edge.door.asking(err)
	}
	c.drop(external.Owns())
	c.added = added
	return nil
}

// drop takes headers out of the request.
func (c *call) drop(names []string) {
	for _, name := range names {
		delete(c.r.Header, name)
	}
}

// introduce tells the service who calls.
func (c *call) introduce(ctx context.Context) (context.Context, error) {
	if pairs := identity.Append(c.added, c.principal, c.table.name); len(pairs) > 0 {
		ctx = metadata.AppendToOutgoingContext(ctx, pairs...)
	}
	if c.op.plan != nil {
		return ctx, nil // each part's service gets a token of its own
	}
	return c.vouch(ctx, c.op.service)
}

// vouch adds the token that a service can tell by that the edge calls.
func (c *call) vouch(ctx context.Context, service string) (context.Context, error) {
	signer := c.edge.door.signer
	if signer == nil {
		return ctx, nil
	}
	pairs, err := signer.Append(nil, c.principal, service)
	if err != nil {
		return nil, fault.New(fault.Internal, "the call can not be vouched for").Because(err)
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...), nil
}

// admitMessage decides about a message that is about to be sent, the only one or the first of a stream, or one of those
// that follow it.
func (c *call) admitMessage(wire []byte, first bool) error {
	p := c.op.policy
	if err := p.access.AdmitMessage(c.principal, wire, first); err != nil {
		return err // 403
	}
	if err := c.op.request.CheckMask(wire); err != nil {
		return badRequest(err)
	}
	if p.late && first {
		if err := c.limitRate(wire); err != nil {
			return err // 429, 503
		}
	}
	return c.validate(wire) // 400
}

// limitRate counts the call, and refuses one too many. What else limits it stands in the headers.
func (c *call) limitRate(wire []byte) error {
	if len(c.op.policy.rates) == 0 {
		return nil
	}
	limiter, address := c.edge.door.limiter, c.client()
	if limiter.Exempt(address) {
		return nil
	}
	var room [4]ratelimit.Check
	checks := room[:0]
	for i := range c.op.policy.rates {
		r := &c.op.policy.rates[i]
		caller := ratelimit.Caller{Principal: c.principal, Address: address}
		if r.field != nil {
			caller.Field = r.field(wire)
		}
		if check, limited := r.Check(caller); limited {
			checks = append(checks, check)
		}
	}
	decision, err := limiter.Allow(c.r.Context(), checks)
	switch {
	case err != nil:
		return err
	case !decision.Allowed:
		return ratelimit.Refusal(checks, decision)
	}
	ratelimit.SetHeaders(c.w.Header(), checks, decision)
	return nil
}

// client is the address that the call came from, as far as that is believed.
func (c *call) client() netip.Addr {
	if !c.address.IsValid() {
		c.address = c.table.proxies.Client(c.r).Client
	}
	return c.address
}

// validate checks a message against the rules of its proto.
func (c *call) validate(wire []byte) error {
	checks := c.op.policy.checks
	if checks == nil {
		return nil
	}
	violations, err := checks.Check(wire, time.Now())
	switch {
	case errors.Is(err, validate.ErrRules):
		return fault.New(fault.Internal, "the rules of this message can not be evaluated").Because(err)
	case err != nil:
		return fault.New(fault.BadRequest, "the request is no message that its rules can be looked at in").Because(err)
	case len(violations) > 0:
		return c.violated(violations)
	default:
		return nil
	}
}

// violated names all that is wrong, each in its place: of the body as $.items[0], of a parameter by its name.
func (c *call) violated(violations []validate.Violation) error {
	bad := new(errdetails.BadRequest)
	for _, v := range violations {
		bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field: c.op.place(v.Path), Description: v.Text, Reason: v.Rule,
		})
	}
	first := bad.GetFieldViolations()[0]
	text := strings.TrimPrefix(first.GetField()+": "+first.GetDescription(), ": ")
	if more := len(violations) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return fault.New(fault.RulesViolated, text, bad)
}

// place is where a client finds a field of the message.
func (op *operation) place(path string) string {
	b := op.binding
	switch {
	case b.Body == schema.FieldBody && !op.rawBody:
		name := op.nameOf(b.BodyField)
		if rest, ok := strings.CutPrefix(path, name); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return "$" + rest
		}
	case b.Body == schema.WholeBody && !op.isVariable(path) && path != "":
		return "$." + path
	case b.Body == schema.WholeBody && path == "":
		return "$"
	}
	return path
}

// isVariable tells whether a path is that of a variable of the template.
func (op *operation) isVariable(path string) bool {
	for _, variable := range op.binding.Variables {
		var names []string
		for _, fd := range variable {
			names = append(names, op.nameOf(fd))
		}
		if strings.Join(names, ".") == path {
			return true
		}
	}
	return false
}

// enter waits for a place among the calls that may be under way. leave gives it back.
func (c *call) enter(ctx context.Context) error {
	if len(c.op.policy.gates) == 0 {
		return nil
	}
	began := time.Now()
	defer func() { c.queued = time.Since(began) }()
	for i, gate := range c.op.policy.gates {
		if err := gate.Acquire(ctx); err != nil {
			c.leave(i)
			return err // 503
		}
	}
	return nil
}

func (c *call) leave(gates int) {
	for i := gates - 1; i >= 0; i-- {
		c.op.policy.gates[i].Release()
	}
}
