package ratelimit

import (
	"errors"
	"fmt"
	"net/netip"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/redisclient"
)

const (
	defaultKeys   = 1_000_000
	mostKeys      = 100_000_000
	defaultPrefix = "gatehouse"
)

func maxKeys(cfg *configv1.RateLimiting) int {
	if n := cfg.GetMaxKeys(); n != 0 {
		return int(n)
	}
	return defaultKeys
}

func keyPrefix(cfg *configv1.Redis) string {
	if p := cfg.GetKeyPrefix(); p != "" {
		return p
	}
	return defaultPrefix
}

// Validate reports all that is wrong with a configuration, joined, each problem with its key.
func Validate(cfg *configv1.RateLimiting) error {
	var problems []error
	Problems(cfg, func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf(key+": "+format, args...))
	})
	return errors.Join(problems...)
}

// Problems reports all that is wrong with a configuration, each with its key below rate_limiting.
func Problems(cfg *configv1.RateLimiting, report func(key, format string, args ...any)) {
	if cfg.GetRedis() != nil {
		redisclient.Problems(cfg.GetRedis(), func(key, format string, args ...any) { report("redis."+key, format, args...) })
	}
	owner := map[string]int{}
	for i, d := range cfg.GetDefaults() {
		key := fmt.Sprintf("defaults[%d].", i)
		limitOf(d).problems(func(field, format string, args ...any) { report(key+field, format, args...) })
		if first, taken := owner[d.GetName()]; taken {
			report(key+"name", "%s is defaults[%d] already", d.GetName(), first)
			continue
		}
		owner[d.GetName()] = i
	}
	for i, a := range cfg.GetExemptAddresses() {
		if _, err := prefix(a); err != nil {
			report(fmt.Sprintf("exempt_addresses[%d]", i), "%q is no address or network, such as 192.0.2.7 or 10.0.0.0/8", a)
		}
	}
	if cfg.GetMaxKeys() > mostKeys {
		report("max_keys", "%d are too many; %d at most", cfg.GetMaxKeys(), mostKeys)
	}
}

// exempt are the networks of a configuration that is valid.
func exempt(list []string) []netip.Prefix {
	networks := make([]netip.Prefix, 0, len(list))
	for _, text := range list {
		if p, err := prefix(text); err == nil {
			networks = append(networks, p)
		}
	}
	return networks
}

func prefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return a.Unmap().Prefix(a.Unmap().BitLen())
	}
	return netip.ParsePrefix(text)
}
