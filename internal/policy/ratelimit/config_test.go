package ratelimit_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"buf.build/go/protoyaml"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
)

func parse(t *testing.T, text string) *configv1.RateLimiting {
	t.Helper()
	cfg := new(configv1.RateLimiting)
	if err := protoyaml.Unmarshal([]byte(text), cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestAWrongConfigurationIsToldByItsKeys(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{}`: nil,
		`{redis: {addresses: ["redis:6379"]}, on_failure: FAIL_CLOSED, exempt_addresses: [10.0.0.0/8, "::1"]}`:                      nil,
		`defaults: [{name: free, requests: 60, window: 60s, burst: 5}, {name: day, requests: 9, window: 86400s, kind: KIND_QUOTA}]`: nil,

		`redis: {}`:                          {"redis.addresses: is missing"},
		`redis: {addresses: ["a:1", "b:1"]}`: {"redis.addresses: are 2"},
		`redis: {addresses: ["a:1", "b:x", ":1", "c:0"], cluster: true}`:   {"redis.addresses[1]:", "redis.addresses[2]:", "redis.addresses[3]:"},
		`redis: {addresses: ["a:1"], cluster: true, database: 1}`:          {"redis.database: 1"},
		`redis: {addresses: ["a:1"], username: edge}`:                      {"redis.password_file: is missing"},
		`redis: {addresses: ["a:1"], tls: {key: k}}`:                       {"redis.tls: needs both"},
		`redis: {addresses: ["a:1"], key_prefix: "{x}"}`:                   {"redis.key_prefix:"},
		`redis: {addresses: ["a:1"], timeout: 11s}`:                        {"redis.timeout: 11s"},
		`redis: {addresses: ["a:1"], timeout: -1s}`:                        {"redis.timeout: -1s"},
		`redis: {addresses: ["a:1"], connections: 1001}`:                   {"redis.connections: 1001"},
		`{exempt_addresses: [10.0.0.0/8, localhost], max_keys: 100000001}`: {"exempt_addresses[1]:", "max_keys:"},

		`defaults: [{}]`: {"defaults[0].name:", "defaults[0].requests:", "defaults[0].window:"},
		`defaults: [{name: a, requests: 1, window: 1s}, {name: a, requests: 1, window: 1s}]`: {"defaults[1].name: a is defaults[0] already"},
		`defaults: [{name: a b, requests: 1, window: 0.5s}]`:                                 {"defaults[0].name:", "defaults[0].window: 500ms"},
		`defaults: [{name: a, requests: 1, window: 2678401s}]`:                               {"defaults[0].window:"},
		`defaults: [{name: a, requests: 100001, window: 1s}]`:                                {"defaults[0].requests: 100001"},
		`defaults: [{name: a, requests: 1, window: 86400s, burst: 400}]`:                     {"defaults[0].burst: 400"},
		`defaults: [{name: a, requests: 1, window: 7s, kind: KIND_QUOTA}]`:                   {"defaults[0].window: 7s does not divide"},
		`defaults: [{name: a, requests: 1, window: 1s, burst: 1, kind: KIND_QUOTA}]`:         {"defaults[0].burst:"},
	} {
		err := ratelimit.Validate(parse(t, text))
		var lines []string
		if err != nil {
			lines = strings.Split(err.Error(), "\n")
		}
		if len(lines) != len(want) {
			t.Errorf("%s: got %q, want %q", text, lines, want)
			continue
		}
		for i := range want {
			if !strings.HasPrefix(lines[i], want[i]) {
				t.Errorf("%s: got %q, want %q", text, lines[i], want[i])
			}
		}
		if err == nil {
			continue
		}
		if _, failed := ratelimit.New(parse(t, text), ratelimit.Options{}); failed == nil {
			t.Errorf("%s: a limiter is made of it", text)
		}
	}
}

func TestALimitSaysItselfWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	if err := minute.Validate(); err != nil {
		t.Error(err)
	}
	if err := (&ratelimit.Limit{Name: "/v1/x{id}", Requests: 1, Window: time.Second}).Validate(); err == nil || !strings.HasPrefix(err.Error(), "name: ") {
		t.Error(err)
	}
}

func TestRulesAreForWhomTheySay(t *testing.T) {
	t.Parallel()
	rules := ratelimit.Defaults(parse(t, `
defaults:
- {name: caller, requests: 60, window: 60s}
- {name: principal, requests: 60, window: 60s, key: KEY_PRINCIPAL}
- {name: address, requests: 60, window: 60s, key: KEY_ADDRESS, burst: 5}
- {name: all, requests: 60, window: 60s, key: KEY_ALL}
- {name: gold, requests: 60, window: 3600s, tiers: [gold, platinum], kind: KIND_QUOTA}
`))
	if rules[2].Limit.Burst != 5 || rules[4].Limit.Kind != ratelimit.Quota || rules[4].Limit.Window != time.Hour {
		t.Errorf("%+v, %+v", rules[2].Limit, rules[4].Limit)
	}
	rules = append(rules, ratelimit.Rule{Limit: &ratelimit.Limit{Name: "field"}, By: ratelimit.ByField})
	somebody, address := &principal.Principal{Subject: "somebody"}, netip.MustParseAddr("192.0.2.7")
	gold := &principal.Principal{Subject: "somebody", Tier: "gold"}
	known, unknown := ratelimit.OfPrincipal(somebody), ratelimit.OfAddress(address)
	for name, c := range map[string]struct {
		principal *principal.Principal
		want      map[string]ratelimit.Key
	}{
		"not known": {nil, map[string]ratelimit.Key{
			"caller": unknown, "address": unknown, "all": {}, "field": ratelimit.OfField("f"),
		}},
		"known": {somebody, map[string]ratelimit.Key{
			"caller": known, "principal": known, "address": unknown, "all": {}, "field": ratelimit.OfField("f"),
		}},
		"of a tier": {gold, map[string]ratelimit.Key{
			"caller": known, "principal": known, "address": unknown, "all": {}, "gold": known, "field": ratelimit.OfField("f"),
		}},
	} {
		for _, r := range rules {
			check, holds := r.Check(ratelimit.Caller{Principal: c.principal, Address: address, Field: "f"})
			if want, wanted := c.want[r.Limit.Name]; holds != wanted || holds && (check.Key != want || check.Limit != r.Limit) {
				t.Errorf("%s: %s: %t %+v, want %t %+v", name, r.Limit.Name, holds, check.Key, wanted, want)
			}
		}
	}
}
