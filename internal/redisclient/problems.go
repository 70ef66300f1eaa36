package redisclient

import (
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	defaultTimeout = 50 * time.Millisecond
	maxTimeout     = 10 * time.Second
	maxConnections = 1000
)

// plain leaves out braces, by which a cluster places keys.
var plain = regexp.MustCompile(`^[-a-zA-Z0-9_./:]*$`)

// Timeout is the longest that a call waits for Redis.
func Timeout(cfg *configv1.Redis) time.Duration {
	if d := cfg.GetTimeout().AsDuration(); d != 0 {
		return d
	}
	return defaultTimeout
}

// Problems reports all that is wrong with a configuration, each with its key below that of the Redis.
func Problems(cfg *configv1.Redis, report func(key, format string, args ...any)) {
	switch n := len(cfg.GetAddresses()); {
	case n == 0:
		report("addresses", "is missing; give host and port, such as redis.internal:6379")
	case n > 1 && !cfg.GetCluster():
		report("addresses", "are %d; several are the nodes of a cluster, which cluster: true says", n)
	}
	for i, a := range cfg.GetAddresses() {
		host, port, err := net.SplitHostPort(a)
		if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" {
			report(fmt.Sprintf("addresses[%d]", i), "%q is no host and port, such as redis.internal:6379", a)
		}
	}
	if cfg.GetCluster() && cfg.GetDatabase() != 0 {
		report("database", "%d does not exist: a cluster has 0 only", cfg.GetDatabase())
	}
	if cfg.GetUsername() != "" && cfg.GetPasswordFile() == "" {
		report("password_file", "is missing; a username needs it")
	}
	if tls := cfg.GetTls(); (tls.GetCertificate() == "") != (tls.GetKey() == "") {
		report("tls", "needs both certificate and key, or neither")
	}
	if !plain.MatchString(cfg.GetKeyPrefix()) {
		report("key_prefix", "%q has more than letters, digits and -_./:", cfg.GetKeyPrefix())
	}
	if t := cfg.GetTimeout(); t != nil && (t.AsDuration() < time.Millisecond || t.AsDuration() > maxTimeout) {
		report("timeout", "%v is not between 1ms and %v", t.AsDuration(), maxTimeout)
	}
	if cfg.GetConnections() > maxConnections {
		report("connections", "%d are too many; %d at most", cfg.GetConnections(), maxConnections)
	}
}
