package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"slices"
	"strconv"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	maxConnections = 64
	maxDepth       = 10_000
)

// Validate reports everything that is wrong with a configuration, joined, each problem under the path of its key.
func Validate(cfg *configv1.Config) error {
	v := &validator{}
	v.audiences(cfg.GetAudiences())
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
	v.limits(cfg.GetLimits())
	v.services(cfg.GetServices())
	v.streams(cfg.GetStreams())
	for i, server := range cfg.GetOpenapi().GetServers() {
		if _, err := url.Parse(server); err != nil || server == "" {
			v.problem(fmt.Sprintf("openapi.servers[%d]", i), "%q is no URL, such as https://api.example.com", server)
		}
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
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		v.problem(key, "%q has no port between 0 and 65535", address)
	}
}

func (v *validator) listener(key string, l *configv1.Listener) {
	v.address(key+".address", l.GetAddress())
	tls := l.GetTls()
	hasFiles := tls.GetCertificate() != "" || tls.GetKey() != ""
	switch {
	case tls == nil:
	case tls.GetSelfSigned() && hasFiles:
		v.problem(key+".tls", "self_signed makes a certificate; leave certificate and key out, or leave it out")
	case !tls.GetSelfSigned() && (tls.GetCertificate() == "" || tls.GetKey() == ""):
		v.problem(key+".tls", "needs both certificate and key, or self_signed")
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

func (v *validator) limits(l *configv1.Limits) {
	if l.GetJsonDepth() > maxDepth {
		v.problem("limits.json_depth", "%d is too deep; %d at most", l.GetJsonDepth(), maxDepth)
	}
	if d := l.GetTimeout(); d != nil && d.AsDuration() < 0 {
		v.problem("limits.timeout", "is negative")
	}
	if d := l.GetDrain(); d != nil && d.AsDuration() < 0 {
		v.problem("limits.drain", "is negative")
	}
	if d := l.GetBodyTimeout(); d != nil && d.AsDuration() < 0 {
		v.problem("limits.body_timeout", "is negative")
	}
	const largest = 1 << 31
	if l.GetBodyBytes() > largest {
		v.problem("limits.body_bytes", "is more than 2 GiB, which no protobuf message can be")
	}
	if l.GetStreamMessageBytes() > largest {
		v.problem("limits.stream_message_bytes", "is more than 2 GiB, which no protobuf message can be")
	}
	if l.GetUploadBytes() > math.MaxInt64 {
		v.problem("limits.upload_bytes", "is more than a body can be")
	}
	if l.GetUpstreamMessageBytes() > largest {
		v.problem("limits.upstream_message_bytes", "is more than 2 GiB, which no protobuf message can be")
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
