package openapi

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// Policy is what callers have to know of what the edge sees to before it calls a method. The zero value lets everybody call.
type Policy struct {
	// Who may call.
	Who Who
	// Scopes are those that Who speaks of.
	Scopes []string
	// Own are fields of the request that have to be the caller's own. One that the audience does not see is not told.
	Own []OwnField
	// Limits are how often somebody may call. All of them hold.
	Limits []Limit
}

// Who are the kinds of callers that a method has.
type Who uint8

const (
	// Anybody may call.
	Anybody Who = iota
	// Known may who has shown who they are.
	Known
	// AnyScope may who has one of the scopes.
	AnyScope
	// AllScopes may who has all of them.
	AllScopes
	// Nobody may call.
	Nobody
)

// OwnField is a field of the request that has to be what a claim of the caller says.
type OwnField struct {
	Path schema.FieldPath
	// Claim is the claim; "" is who the caller is.
	Claim string
	// Unless is the scope with which it may be anything; "" for none.
	Unless string
}

// Limit is how often one caller may call.
type Limit struct {
	Requests uint32
	Window   time.Duration
	// Burst is how many calls may come at once; 0 is all of them.
	Burst uint32
	// Quota says that its windows are those of the calendar.
	Quota bool
	// Shared says that all callers count together.
	Shared bool
	// Each is the field of the request whose values count apart; nil for none.
	Each schema.FieldPath
	// Tiers are those of the callers that it is for; none is all.
	Tiers []string
}

// policyOf is what is known of a method; nil for nothing.
func (b *builder) policyOf(m *schema.Method) *Policy {
	if b.opts.Policy == nil {
		return nil
	}
	return b.opts.Policy(m)
}

// asksWho tells whether callers have to show who they are.
func (c *call) asksWho() bool { return c.policy != nil && c.policy.Who != Anybody }

// isLimited tells whether there is a limit to how often a method may be called.
func (c *call) isLimited() bool { return c.policy != nil && len(c.policy.Limits) > 0 }

// policyText says who may call, with what, and how often.
func (b *builder) policyText(c *call) string {
	if c.policy == nil {
		return ""
	}
	var sentences []string
	say := func(text string) {
		if text != "" {
			sentences = append(sentences, sentence(text))
		}
	}
	say(c.policy.accessText())
	for _, own := range c.policy.Own {
		if b.seesAll(own.Path) {
			say(own.text(c.dialect))
		}
	}
	for _, l := range c.policy.Limits {
		say(b.limitText(l, c.dialect))
	}
	return strings.Join(sentences, " ")
}

func (p *Policy) accessText() string {
	switch {
	case p.Who == Known:
		return "needs credentials"
	case p.Who == AnyScope && len(p.Scopes) > 1:
		return "needs one of the scopes " + inQuotes(p.Scopes, ", ")
	case p.Who == AllScopes && len(p.Scopes) > 1:
		return "needs the scopes " + inQuotes(p.Scopes, " and ")
	case p.Who == AnyScope, p.Who == AllScopes:
		return "needs the scope " + inQuotes(p.Scopes, "")
	case p.Who == Nobody:
		return "nobody may call it: no policy says who may"
	default:
		return ""
	}
}

func (f *OwnField) text(d *Dialect) string {
	text := fmt.Sprintf("`%s` has to be the caller's own", d.pathName(f.Path))
	if f.Claim != "" {
		text = fmt.Sprintf("`%s` has to be what the caller's claim `%s` says", d.pathName(f.Path), f.Claim)
	}
	if f.Unless != "" {
		text += fmt.Sprintf(", unless the caller has the scope `%s`", f.Unless)
	}
	return text
}

func (b *builder) limitText(l Limit, d *Dialect) string {
	text := fmt.Sprintf("at most %d %s in %s", l.Requests, pick(l.Requests == 1, "call", "calls"), spanOf(l.Window))
	if l.Quota {
		text = fmt.Sprintf("at most %d %s in each %s since midnight UTC", l.Requests, pick(l.Requests == 1, "call", "calls"), spanOf(l.Window))
	}
	if l.Burst != 0 {
		text += fmt.Sprintf(", %d at once", l.Burst)
	}
	switch {
	case l.Shared:
		text += ", by all callers together"
	case l.Each != nil && b.seesAll(l.Each):
		text += fmt.Sprintf(", for each `%s`", d.pathName(l.Each))
	}
	if len(l.Tiers) > 0 {
		text += fmt.Sprintf(", for callers of the %s %s", pick(len(l.Tiers) == 1, "tier", "tiers"), inQuotes(l.Tiers, ", "))
	}
	return text
}

// spanOf says how long a window is: in hours if they are whole.
func spanOf(window time.Duration) string {
	if window%time.Hour == 0 {
		return fmt.Sprintf("%d h", window/time.Hour)
	}
	return fmt.Sprintf("%d s", window/time.Second)
}

func inQuotes(names []string, separator string) string {
	return "`" + strings.Join(names, "`"+separator+"`") + "`"
}

// seesAll tells whether the audience sees every field of a path.
func (b *builder) seesAll(path schema.FieldPath) bool {
	return !slices.ContainsFunc(path, func(fd protoreflect.FieldDescriptor) bool { return !b.opts.Visible(fd) })
}
