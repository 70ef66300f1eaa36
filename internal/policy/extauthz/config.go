package extauthz

import (
	"fmt"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	defaultTimeout = 200 * time.Millisecond
	longestTimeout = 10 * time.Second
)

// Problems reports all that is wrong with a configuration, each with its key below external.
func Problems(cfg *configv1.ExternalAuthorization, report func(key, format string, args ...any)) {
	if cfg.GetTarget() == "" {
		report("target", "is missing; give a gRPC target such as localhost:9191")
	}
	if t := cfg.GetTimeout(); t != nil && (t.AsDuration() < time.Millisecond || t.AsDuration() > longestTimeout) {
		report("timeout", "%v is not between 1ms and %v", t.AsDuration(), longestTimeout)
	}
	for i, name := range cfg.GetHeaders() {
		switch {
		case !isName(name):
			report(fmt.Sprintf("headers[%d]", i), "%q is no name of a header in lower case", name)
		case isEdges(name):
			report(fmt.Sprintf("headers[%d]", i), "%q is not believed of clients; who calls is in context_extensions", name)
		}
	}
	for i, name := range cfg.GetUpstreamHeaders() {
		switch {
		case !isName(name):
			report(fmt.Sprintf("upstream_headers[%d]", i), "%q is no name of a header in lower case", name)
		case isReserved(name):
			report(fmt.Sprintf("upstream_headers[%d]", i), "%q is reserved", name)
		}
	}
}

func isName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r))
	})
}

// isEdges tells whether a name is one under which only the edge says something.
func isEdges(name string) bool {
	return strings.HasPrefix(strings.ReplaceAll(name, "_", "-"), "x-gatehouse-") // which some servers take for the same
}

// isReserved tells whether metadata of a name are the edge's own, gRPC's, or for one hop alone.
func isReserved(name string) bool {
	name = strings.ReplaceAll(name, "_", "-")
	for _, prefix := range []string{"x-gatehouse-", "x-forwarded-", "grpc-", "grpcgateway-", "content-", "proxy-", ":"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "connection", "forwarded", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-request-id":
		return true
	default:
		return strings.HasSuffix(name, "-bin")
	}
}
