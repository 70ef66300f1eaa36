package access

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// Reader returns how the value of a field is read from the wire bytes of a message, nil for a field that the callers of the
// method do not see.
type Reader func(schema.FieldPath) func(wire []byte) string

// Compile makes the rule of a policy for requests of a type. A nil policy lets nobody through. The problems say what is
// wrong, each beginning with the option's field.
func Compile(a *gatehousev1.Access, input protoreflect.MessageDescriptor, read Reader) (*Rule, []string) {
	c := compiler{rule: new(Rule)}
	switch said := a.GetWho().(type) {
	case *gatehousev1.Access_Public:
		c.is("public", said.Public, anybody)
	case *gatehousev1.Access_Authenticated:
		c.is("authenticated", said.Authenticated, known)
	case *gatehousev1.Access_AnyScope:
		c.scopes("any_scope", said.AnyScope, withAnyScope)
	case *gatehousev1.Access_AllScopes:
		c.scopes("all_scopes", said.AllScopes, withAllScopes)
	case nil:
		if len(a.GetFields()) > 0 {
			c.rule.who = known // who may say something of themselves has to be somebody
		}
	}
	if c.rule.who == anybody && len(a.GetFields()) > 0 {
		c.problem("fields: callers of a public method have no claims; say authenticated, or leave them out")
		return c.rule, c.problems
	}
	for i, f := range a.GetFields() {
		c.field(fmt.Sprintf("fields[%d]", i), f, input, read)
	}
	return c.rule, c.problems
}

type compiler struct {
	rule     *Rule
	problems []string
}

func (c *compiler) problem(format string, args ...any) {
	c.problems = append(c.problems, "access."+fmt.Sprintf(format, args...))
}

func (c *compiler) is(name string, said bool, who who) {
	if !said {
		c.problem("%s: false says nothing; say who may call", name)
	}
	c.rule.who = who
}

func (c *compiler) scopes(name string, said *gatehousev1.Scopes, who who) {
	c.rule.who, c.rule.scopes = who, said.GetScopes()
	if len(c.rule.scopes) == 0 {
		c.problem("%s: names no scope", name)
	}
	if i := slices.IndexFunc(c.rule.scopes, isNoScope); i >= 0 {
		c.problem("%s: %q is no scope: it is printable, and has no blanks, quotes or backslashes", name, c.rule.scopes[i])
	}
}

// isNoScope tells what RFC 6749 does not let stand in a list of scopes.
func isNoScope(s string) bool {
	return s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' })
}

func (c *compiler) field(at string, f *gatehousev1.ClaimedField, input protoreflect.MessageDescriptor, read Reader) {
	path, problem := schema.Scalar(input, f.GetField())
	if problem == "" {
		problem = unfit(path)
	}
	if problem != "" {
		c.problem("%s: %s", at, problem)
		return
	}
	if f.GetUnlessScope() != "" && isNoScope(f.GetUnlessScope()) {
		c.problem("%s.unless_scope: %q is no scope", at, f.GetUnlessScope())
	}
	text := read(path)
	if text == nil {
		c.problem("%s: field %s is hidden from those who call, so they can not say it", at, f.GetField())
		return
	}
	claim := f.GetClaim()
	if claim == "" {
		claim = principal.SubjectClaim
	}
	c.rule.fields = append(c.rule.fields, field{Field{path, claim, f.GetUnlessScope()}, f.GetField(), text})
}

// unfit tells why a field can not be compared with a claim.
func unfit(path schema.FieldPath) string {
	for _, fd := range path {
		if o := fd.ContainingOneof(); o != nil && !o.IsSynthetic() {
			return fmt.Sprintf("field %s is of the oneof %s, of which another member can take its place", fd.FullName(), o.Name())
		}
	}
	switch last := path[len(path)-1]; last.Kind() {
	case protoreflect.StringKind, protoreflect.EnumKind, protoreflect.BoolKind,
		protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind, protoreflect.Uint32Kind, protoreflect.Fixed32Kind,
		protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return ""
	default:
		return fmt.Sprintf("field %s is of the type %s; a claim is compared with strings, integers, booleans and enums", last.FullName(), last.Kind())
	}
}
