package ratelimit

import (
	"fmt"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
)

// Of returns the rules of a method's policy, and all that is wrong with them, each beginning with the option's field.
func Of(method string, limits []*gatehousev1.RateLimit) ([]Rule, []string) {
	var rules []Rule
	var problems []string
	for i, said := range limits {
		at := fmt.Sprintf("rate_limits[%d].", i)
		report := func(field, format string, args ...any) {
			problems = append(problems, at+field+": "+fmt.Sprintf(format, args...))
		}
		l := &Limit{
			Name: said.GetName(), Requests: said.GetRequests(), Window: said.GetWindow().AsDuration(), Burst: said.GetBurst(),
		}
		if l.Name == "" {
			l.Name = nameOf(method, i)
		}
		if said.GetKind() == gatehousev1.RateLimit_KIND_QUOTA {
			l.Kind = Quota
		}
		l.problems(report)
		if (said.GetKey() == gatehousev1.RateLimit_KEY_FIELD) != (said.GetField() != "") {
			report("field", "goes with KEY_FIELD; give both or neither")
		}
		rules = append(rules, Rule{Limit: l, By: policyKeys[said.GetKey()], Tiers: said.GetTiers()})
	}
	return rules, problems
}

// nameOf is the method's own name, and for further limits their number too.
func nameOf(method string, i int) string {
	if i == 0 {
		return method
	}
	return fmt.Sprintf("%s:%d", method, i+1)
}

var policyKeys = map[gatehousev1.RateLimit_Key]By{
	gatehousev1.RateLimit_KEY_UNSPECIFIED: ByCaller,
	gatehousev1.RateLimit_KEY_PRINCIPAL:   ByPrincipal,
	gatehousev1.RateLimit_KEY_ADDRESS:     ByAddress,
	gatehousev1.RateLimit_KEY_FIELD:       ByField,
	gatehousev1.RateLimit_KEY_METHOD:      ByAll,
}
