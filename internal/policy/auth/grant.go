package auth

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// nameClaim is where the name of a key stands.
const nameClaim = "name"

// entry is what is written of a key.
type entry struct {
	subject, name, tier, audience, expires string
	scopes                                 []string
}

// grant reads an entry, and reports all that is wrong with it under the field's name.
func (e *entry) grant(audiences []string, report func(field, format string, args ...any)) *grant {
	g := &grant{principal: &principal.Principal{
		Subject: e.subject, Method: principal.APIKey, Audience: e.audience, Scopes: e.scopes, Tier: e.tier,
	}}
	if e.name != "" {
		g.principal.Claims = map[string]any{nameClaim: e.name}
	}
	if e.subject == "" {
		report("subject", "is missing; say whose key it is")
	}
	if e.audience != "" && !slices.Contains(audiences, e.audience) {
		report("audience", "%s", noAudience(e.audience, audiences))
	}
	for _, scope := range e.scopes {
		if scope == "" || strings.ContainsFunc(scope, notInScope) {
			report("scopes", "%q is no scope, such as orders.read", scope)
		}
	}
	if e.expires != "" {
		var err error
		if g.expires, err = time.Parse(time.RFC3339, e.expires); err != nil {
			report("expires", "%q is no time, such as 2030-01-31T00:00:00Z", e.expires)
		}
	}
	return g
}

// notInScope tells whether a scope can not have a character (RFC 6749, section 3.3).
func notInScope(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' }

func noAudience(name string, audiences []string) string {
	return fmt.Sprintf("there is no audience %q; there are %s", name, strings.Join(audiences, ", "))
}
