package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	maxConnections = 64
	maxDepth       = 10_000
	maxPort        = 65_535
)

// Check reports what is wrong with a configuration, each problem under the path of its key.
type Check func(cfg *configv1.Config, report func(key, format string, args ...any))

// Validate reports everything that is wrong with a configuration, joined, each problem under the path of its key: in its
// own structure, and what the checks find, which know what its parts mean.
func Validate(cfg *configv1.Config, checks ...Check) error {
	v := &validator{}
	v.audiences(cfg)
	for i, l := range cfg.GetListeners() {
		key := fmt.Sprintf("listeners[%d]", i)
		v.listener(key, l)
		if name := l.GetAudience(); name != "" && !slices.ContainsFunc(Audiences(cfg), func(a *configv1.Audience) bool { return a.GetName() == name }) {
			v.problem(key+".audience", "there is no audience %q; there are %s", name, names(Audiences(cfg)))
		}
	}
	if admin := cfg.GetAdminAddress(); admin != "" && admin != "off" {
		v.address("admin_address", admin)
	}
	for i, s := range cfg.GetSources() {
		if s.GetOrigin() == nil {
			v.problem(fmt.Sprintf("sources[%d]", i), "names no origin: give image, protos or reflection")
		}
	}
	v.upstreams(cfg.GetUpstreams())
	v.limits("limits", cfg.GetLimits())
	v.services(cfg.GetServices())
	v.streams(cfg.GetStreams())
	v.policies(cfg.GetPolicies())
	for i, server := range cfg.GetOpenapi().GetServers() {
		if _, err := url.Parse(server); err != nil || server == "" {
			v.problem(fmt.Sprintf("openapi.servers[%d]", i), "%q is no URL, such as https://api.example.com", server)
		}
	}
	for _, check := range checks {
		check(cfg, v.problem)
	}
	return errors.Join(v.problems...)
}

// problem is one thing that is wrong with the value of a key, such as listeners[0].address.
type problem struct{ key, message string }

func (p problem) Error() string { return p.key + ": " + p.message }

type validator struct{ problems []error }

func (v *validator) problem(key, format string, args ...any) {
	v.problems = append(v.problems, problem{key, fmt.Sprintf(format, args...)})
}

func (v *validator) address(key, address string) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		v.problem(key, "%q is no host and port, such as 127.0.0.1:8080 or :8080", address)
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > maxPort {
		v.problem(key, "%q has no port between 0 and 65535", address)
	}
}

func (v *validator) listener(key string, l *configv1.Listener) {
	v.address(key+".address", l.GetAddress())
	if l.GetRedirect() != 0 && (l.GetAudience() != "" || l.GetOnlyAudience()) {
		v.problem(key+".redirect", "sends everybody away; leave the audience out")
	}
}

func (v *validator) upstreams(upstreams []*configv1.Upstream) {
	owner, rest := map[string]int{}, -1
	for i, u := range upstreams {
		key := fmt.Sprintf("upstreams[%d]", i)
		if u.GetTarget() == "" {
			v.problem(key+".target", "is missing; give a gRPC target such as localhost:9090")
		}
		if u.GetConnections() > maxConnections {
			v.problem(key+".connections", "%d are too many; %d at most", u.GetConnections(), maxConnections)
		}
		if len(u.GetServices()) == 0 {
			if rest >= 0 {
				v.problem(key+".services", "upstreams[%d] takes all services that no upstream names already; name those of one of the two, by flag: --upstream SERVICE=TARGET", rest)
			}
			rest = i
		}
		for _, service := range u.GetServices() {
			if first, taken := owner[service]; taken {
				v.problem(key+".services", "%s is at upstreams[%d] already", service, first)
				continue
			}
			owner[service] = i
		}
	}
}

func (v *validator) limits(key string, l *configv1.Limits) {
	if l.GetJsonDepth() > maxDepth {
		v.problem(key+".json_depth", "%d is too deep; %d at most", l.GetJsonDepth(), maxDepth)
	}
	for _, limit := range []struct {
		name string
		time *durationpb.Duration
	}{
		{"timeout", l.GetTimeout()}, {"drain", l.GetDrain()}, {"body_timeout", l.GetBodyTimeout()},
		{"stream_timeout", l.GetStreamTimeout()}, {"stream_idle", l.GetStreamIdle()}, {"write_timeout", l.GetWriteTimeout()},
	} {
		if limit.time.AsDuration() < 0 {
			v.problem(key+"."+limit.name, "is negative")
		}
	}
	const largest = 1 << 31
	if l.GetBodyBytes() > largest {
		v.problem(key+".body_bytes", "is more than 2 GiB, which no protobuf message can be")
	}
	if l.GetStreamMessageBytes() > largest {
		v.problem(key+".stream_message_bytes", "is more than 2 GiB, which no protobuf message can be")
	}
	if l.GetUploadBytes() > math.MaxInt64 {
		v.problem(key+".upload_bytes", "is more than a body can be")
	}
	if l.GetUpstreamMessageBytes() > largest {
		v.problem(key+".upstream_message_bytes", "is more than 2 GiB, which no protobuf message can be")
	}
}

func (v *validator) policies(list []*configv1.PolicySettings) {
	for i, p := range list {
		key := fmt.Sprintf("policies[%d]", i)
		if len(p.GetNames()) == 0 {
			v.problem(key+".names", "is missing; give the full names of services or methods, such as shop.cart.v1.CartService.GetCart")
		}
		if p.GetPolicy() == nil {
			v.problem(key+".policy", "is missing; say what holds for them")
		}
	}
}

func (v *validator) services(list []*configv1.ServiceSettings) {
	owner := map[string]int{}
	for i, s := range list {
		key := fmt.Sprintf("services[%d].names", i)
		if len(s.GetNames()) == 0 {
			v.problem(key, "is missing; give the full names of services, such as shop.cart.v1.CartService")
		}
		for _, name := range s.GetNames() {
			if first, taken := owner[name]; taken {
				v.problem(key, "%s is at services[%d] already", name, first)
				continue
			}
			owner[name] = i
		}
	}
}

func (v *validator) streams(s *configv1.Streams) {
	if d := s.GetHeartbeat(); d != nil && d.AsDuration() < 0 {
		v.problem("streams.heartbeat", "is negative")
	}
	if d := s.GetRetry(); d != nil && d.AsDuration() < 0 {
		v.problem("streams.retry", "is negative")
	}
	for i, origin := range s.GetOrigins() {
		u, err := url.Parse(origin)
		if origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin) {
			v.problem(fmt.Sprintf("streams.origins[%d]", i), "%q is no origin, such as https://app.example.com", origin)
		}
	}
}
