package cors

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	anyHeader = "*"

	defaultMaxAge = 10 * time.Minute
	longestMaxAge = 24 * time.Hour
)

// defaultHeaders are what pages may send unless the configuration says otherwise.
var defaultHeaders = []string{
	"Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Last-Event-Id", "Range", "X-Request-Id",
	"X-Request-Timeout", "Traceparent", "Tracestate",
}

// safeHeaders may be sent anyway, but browsers ask about them where a value is long or unusual.
var safeHeaders = []string{"Accept", "Accept-Language", "Content-Language"}

// Problems reports all that is wrong with a configuration, each with its key below cors.
func Problems(cfg *configv1.Cors, report func(key, format string, args ...any)) {
	origins := cfg.GetOrigins()
	for i, origin := range origins {
		key := fmt.Sprintf("origins[%d]", i)
		if err := checkOrigin(origin); err != nil {
			report(key, "%q %v", origin, err)
			continue
		}
		switch {
		case slices.Index(origins, origin) < i:
			report(key, "%s is origins[%d] already", origin, slices.Index(origins, origin))
		case origin == anyOrigin && len(origins) > 1:
			report(key, `"*" is all origins; leave the others out`)
		case origin == anyOrigin && cfg.GetCredentials():
			report(key, `"*" excludes credentials, as any page could act as whoever visits it; name the origins`)
		case origin == nullOrigin && cfg.GetCredentials():
			report(key, `"null" excludes credentials, as any page can make its origin null; name the origins`)
		}
	}
	if len(origins) == 0 && (cfg.GetCredentials() || cfg.GetPrivateNetwork() || cfg.GetMaxAge() != nil ||
		len(cfg.GetHeaders()) > 0 || len(cfg.GetExposedHeaders()) > 0) {
		report("origins", "is missing; without any, no page of another origin may call")
	}
	headerProblems("headers", cfg.GetHeaders(), report)
	headerProblems("exposed_headers", cfg.GetExposedHeaders(), report)
	if slices.Contains(cfg.GetExposedHeaders(), anyHeader) && cfg.GetCredentials() {
		report("exposed_headers", `"*" is no wildcard with credentials; name the headers`)
	}
	if d := cfg.GetMaxAge(); d != nil && (d.AsDuration() < 0 || d.AsDuration() > longestMaxAge || d.GetNanos() != 0) {
		report("max_age", "%v is not whole seconds between 0s and %.0fs", d.AsDuration(), longestMaxAge.Seconds())
	}
}

func headerProblems(key string, names []string, report func(key, format string, args ...any)) {
	for i, name := range names {
		switch {
		case name == anyHeader && len(names) > 1:
			report(fmt.Sprintf("%s[%d]", key, i), `"*" is all headers; leave the others out`)
		case !isToken(name):
			report(fmt.Sprintf("%s[%d]", key, i), "%q is no name of a header, such as X-Request-Id", name)
		}
	}
}

// validate joins all that is wrong with a configuration, each problem with its key.
func validate(cfg *configv1.Cors) error {
	var problems []error
	Problems(cfg, func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf(key+": "+format, args...))
	})
	return errors.Join(problems...)
}

// isToken tells whether a text is a token (RFC 9110, section 5.6.2), as names of headers and methods are.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, notInToken)
}

func notInToken(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
