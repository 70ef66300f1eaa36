package ratelimit

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	defaultKeys    = 1_000_000
	mostKeys       = 100_000_000
	defaultPrefix  = "gatehouse"
	defaultTimeout = 50 * time.Millisecond
	maxTimeout     = 10 * time.Second
	maxConnections = 1000
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

func timeout(cfg *configv1.Redis) time.Duration {
	if d := cfg.GetTimeout().AsDuration(); d != 0 {
		return d
	}
	return defaultTimeout
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
		redisProblems(cfg.GetRedis(), report)
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

func redisProblems(r *configv1.Redis, report func(key, format string, args ...any)) {
	switch n := len(r.GetAddresses()); {
	case n == 0:
		report("redis.addresses", "is missing; give host and port, such as redis.internal:6379")
	case n > 1 && !r.GetCluster():
		report("redis.addresses", "are %d; several are the nodes of a cluster, which cluster: true says", n)
	}
	for i, a := range r.GetAddresses() {
		host, port, err := net.SplitHostPort(a)
		if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" {
			report(fmt.Sprintf("redis.addresses[%d]", i), "%q is no host and port, such as redis.internal:6379", a)
		}
	}
	if r.GetCluster() && r.GetDatabase() != 0 {
		report("redis.database", "%d does not exist: a cluster has 0 only", r.GetDatabase())
	}
	if r.GetUsername() != "" && r.GetPasswordFile() == "" {
		report("redis.password_file", "is missing; a username needs it")
	}
	if tls := r.GetTls(); (tls.GetCertificate() == "") != (tls.GetKey() == "") {
		report("redis.tls", "needs both certificate and key, or neither")
	}
	if strings.ContainsFunc(r.GetKeyPrefix(), notInName) {
		report("redis.key_prefix", "%q has more than letters, digits and -_./:", r.GetKeyPrefix())
	}
	if t := r.GetTimeout(); t != nil && (t.AsDuration() < time.Millisecond || t.AsDuration() > maxTimeout) {
		report("redis.timeout", "%v is not between 1ms and %v", t.AsDuration(), maxTimeout)
	}
	if r.GetConnections() > maxConnections {
		report("redis.connections", "%d are too many; %d at most", r.GetConnections(), maxConnections)
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
