package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// Rule says who may call a method. It is immutable.
type Rule struct {
	who    who
	scopes []string
	fields []field
}

// who are the kinds of callers that a rule lets through.
type who uint8

const (
	nobody who = iota
	anybody
	known
	withAnyScope
	withAllScopes
)

// field is one of the request that has to be what a claim says.
type field struct {
	Field
	name string
	text func(wire []byte) string // the field's value in a message, "" for none
}

// Field is a field of the request that has to be what a claim of the caller says.
type Field struct {
	Path  schema.FieldPath
	Claim string
	// Unless is the scope of those who may say anything, "" for none.
	Unless string
}

// Fields returns those that the rule looks at.
func (r *Rule) Fields() []Field {
	fields := make([]Field, len(r.fields))
	for i, f := range r.fields {
		fields[i] = f.Field
	}
	return fields
}

// Open is a rule that lets everybody through.
func Open() *Rule { return &Rule{who: anybody} }

// Public tells whether callers who are not known are let through.
func (r *Rule) Public() bool { return r.who == anybody }

// Denied tells whether nobody is let through, as nobody has said who may.
func (r *Rule) Denied() bool { return r.who == nobody }

// Scopes returns the scopes of which a caller needs all or, with either, one.
func (r *Rule) Scopes() (scopes []string, either bool) { return r.scopes, r.who == withAnyScope }

// Admit decides about a caller, nil for one who is not known. The error is a *fault.Error: UNAUTHENTICATED or FORBIDDEN.
func (r *Rule) Admit(p *principal.Principal) error {
	switch {
	case r.who == anybody:
		return nil
	case r.who == nobody:
		return fault.New(fault.Forbidden, "nobody may call this: no policy says who may")
	case p == nil:
		return fault.New(fault.Unauthenticated, "this needs credentials; WWW-Authenticate says which")
	case r.who == withAnyScope && !slices.ContainsFunc(r.scopes, p.HasScope):
		return fault.New(fault.Forbidden, "this needs "+oneOf(r.scopes))
	case r.who == withAllScopes:
		return r.admitAll(p)
	default:
		return nil
	}
}

func (r *Rule) admitAll(p *principal.Principal) error {
	var missing []string
	for _, scope := range r.scopes {
		if !p.HasScope(scope) {
			missing = append(missing, scope)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fault.New(fault.Forbidden, "this needs the scope "+strings.Join(missing, ", and the scope "))
}

func oneOf(scopes []string) string {
	if len(scopes) == 1 {
		return "the scope " + scopes[0]
	}
	return "one of the scopes " + strings.Join(scopes, ", ")
}

// AdmitMessage decides about a message of a caller, which first is the only one or the first of a stream. Those that follow
// may leave fields out: what they belong to is settled by then.
func (r *Rule) AdmitMessage(p *principal.Principal, wire []byte, first bool) error {
	for i := range r.fields {
		f := &r.fields[i]
		if f.Unless != "" && p.HasScope(f.Unless) {
			continue
		}
		said := f.text(wire)
		if said == "" && !first {
			continue
		}
		if own, ok := p.Claim(f.Claim); !ok || own != said {
			return f.refusal()
		}
	}
	return nil
}

// refusal tells nothing of what the claim is, and no more of the field than its name.
func (f *field) refusal() error {
	text := fmt.Sprintf("%s has to be the caller's own", f.name)
	if f.Claim != principal.SubjectClaim {
		text = fmt.Sprintf("%s has to be what the caller's claim %s says", f.name, f.Claim)
	}
	if f.Unless != "" {
		text += fmt.Sprintf(", or the caller needs the scope %s", f.Unless)
	}
	return fault.New(fault.Forbidden, text)
}

// String says the rule as operators read it: "scope orders.read, user_id = sub unless admin".
func (r *Rule) String() string {
	parts := []string{map[who]string{
		nobody: "nobody", anybody: "public", known: "authenticated",
		withAnyScope: "scope " + strings.Join(r.scopes, " | "), withAllScopes: "scope " + strings.Join(r.scopes, " & "),
	}[r.who]}
	for _, f := range r.fields {
		text := f.name + " = " + f.Claim
		if f.Unless != "" {
			text += " unless " + f.Unless
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
