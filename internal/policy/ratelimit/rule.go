package ratelimit

import (
	"net/netip"
	"slices"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// By says whose calls a rule counts together.
type By uint8

const (
	// ByCaller is the principal, or the address of one who is not known.
	ByCaller By = iota
	// ByPrincipal is the principal. Those who are not known have no such limit.
	ByPrincipal
	// ByAddress is the client's address.
	ByAddress
	// ByField is the value of a field of the request. Those who leave it out count together.
	ByField
	// ByAll is everybody: all calls that the limit is for.
	ByAll
)

// Rule is a limit and for whom it is.
type Rule struct {
	Limit *Limit
	By    By
	// Tiers are those of the callers that the rule is for; none is all.
	Tiers []string
}

// Caller is what a rule asks of a call.
type Caller struct {
	// Principal is nil for one who is not known.
	Principal *principal.Principal
	// Address is the client's.
	Address netip.Addr
	// Field is the value of the field, for rules by a field.
	Field string
}

// Check returns the check that the rule demands of a call, if any.
func (r *Rule) Check(c Caller) (Check, bool) {
	if len(r.Tiers) > 0 && (c.Principal == nil || !slices.Contains(r.Tiers, c.Principal.Tier)) {
		return Check{}, false
	}
	check := Check{Limit: r.Limit}
	switch {
	case r.By == ByPrincipal && c.Principal == nil:
		return Check{}, false
	case r.By == ByPrincipal, r.By == ByCaller && c.Principal != nil:
		check.Key = OfPrincipal(c.Principal)
	case r.By == ByCaller, r.By == ByAddress:
		check.Key = OfAddress(c.Address)
	case r.By == ByField:
		check.Key = OfField(c.Field)
	}
	return check, true
}

// Defaults returns the rules of methods whose protos have none.
func Defaults(cfg *configv1.RateLimiting) []Rule {
	rules := make([]Rule, 0, len(cfg.GetDefaults()))
	for _, d := range cfg.GetDefaults() {
		rules = append(rules, Rule{Limit: limitOf(d), By: keys[d.GetKey()], Tiers: d.GetTiers()})
	}
	return rules
}

var keys = map[configv1.DefaultLimit_Key]By{
	configv1.DefaultLimit_KEY_UNSPECIFIED: ByCaller,
	configv1.DefaultLimit_KEY_PRINCIPAL:   ByPrincipal,
	configv1.DefaultLimit_KEY_ADDRESS:     ByAddress,
	configv1.DefaultLimit_KEY_ALL:         ByAll,
}

func limitOf(d *configv1.DefaultLimit) *Limit {
	l := &Limit{Name: d.GetName(), Requests: d.GetRequests(), Window: d.GetWindow().AsDuration(), Burst: d.GetBurst()}
	if d.GetKind() == configv1.DefaultLimit_KIND_QUOTA {
		l.Kind = Quota
	}
	return l
}
