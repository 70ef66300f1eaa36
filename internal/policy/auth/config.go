package auth

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/redisclient"
)

const (
	defaultHeader   = "X-Api-Key"
	defaultLeeway   = 30 * time.Second
	maxLeeway       = 5 * time.Minute
	defaultRefresh  = 15 * time.Minute
	minRefresh      = 10 * time.Second
	defaultRemember = 10 * time.Second
	maxRemember     = time.Hour
)

var headerName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

func keyHeader(cfg *configv1.ApiKeys) string {
	if h := cfg.GetHeader(); h != "" {
		return h
	}
	return defaultHeader
}

func leeway(cfg *configv1.Issuer) time.Duration {
	if d := cfg.GetLeeway(); d != nil {
		return d.AsDuration()
	}
	return defaultLeeway
}

func refresh(cfg *configv1.Issuer) time.Duration {
	if d := cfg.GetRefresh(); d != nil {
		return d.AsDuration()
	}
	return defaultRefresh
}

func remember(cfg *configv1.ApiKeysInRedis) time.Duration {
	if d := cfg.GetRemember(); d != nil {
		return d.AsDuration()
	}
	return defaultRemember
}

func validate(cfg *configv1.Authentication, audiences []string) error {
	var problems []error
	Problems(cfg, audiences, func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf(key+": "+format, args...))
	})
	return errors.Join(problems...)
}

// Problems reports all that is wrong with a configuration, each with its key below authentication. The audiences are the
// names of those that there are. What external and internal_token hold is not looked at.
func Problems(cfg *configv1.Authentication, audiences []string, report func(key, format string, args ...any)) {
	if cfg.GetOff() && !proto.Equal(cfg, &configv1.Authentication{Off: true}) {
		report("off", "excludes all others; leave them out, or leave it out")
	}
	if strings.ContainsFunc(cfg.GetRealm(), func(r rune) bool { return r != ' ' && notInScope(r) }) {
		report("realm", "%q has more than ASCII characters without quotes and backslashes", cfg.GetRealm())
	}
	p := problems{audiences: audiences, report: report}
	owner := map[string]int{}
	for i, issuer := range cfg.GetIssuers() {
		key := fmt.Sprintf("issuers[%d].", i)
		p.within(key).issuer(issuer)
		if first, taken := owner[issuer.GetIssuer()]; taken {
			report(key+"issuer", "%s is issuers[%d] already", issuer.GetIssuer(), first)
			continue
		}
		owner[issuer.GetIssuer()] = i
	}
	if cfg.GetApiKeys() != nil {
		p.within("api_keys.").apiKeys(cfg.GetApiKeys())
	}
	for i, rule := range cfg.GetCertificates() {
		p.within(fmt.Sprintf("certificates[%d].", i)).certificate(rule)
	}
}

// problems reports what is wrong with one part of a configuration.
type problems struct {
	audiences []string
	report    func(key, format string, args ...any)
}

func (p problems) within(key string) problems {
	outer := p.report
	p.report = func(inner, format string, args ...any) { outer(key+inner, format, args...) }
	return p
}

func (p problems) issuer(cfg *configv1.Issuer) {
	switch {
	case cfg.GetIssuer() == "":
		p.report("issuer", "is missing; give what the claim iss is, such as https://login.example.com")
	case cfg.GetJwksUrl() == "" && cfg.GetJwksFile() == "" && !isSafeText(cfg.GetIssuer()):
		p.report("issuer", "%q is no https URL, or http URL of this machine, so nobody can ask it for its keys: give jwks_url or jwks_file", cfg.GetIssuer())
	}
	if len(cfg.GetAudiences()) == 0 || slices.Contains(cfg.GetAudiences(), "") {
		p.report("audiences", "is missing; give what the claim aud of tokens for here holds, such as https://api.example.com")
	}
	if cfg.GetJwksUrl() != "" && !isSafeText(cfg.GetJwksUrl()) {
		p.report("jwks_url", "%q is no https URL, or http URL of this machine, such as https://login.example.com/keys", cfg.GetJwksUrl())
	}
	if cfg.GetJwksFile() != "" {
		if cfg.GetJwksUrl() != "" {
			p.report("jwks_file", "takes the place of jwks_url; give one of them")
		}
		if cfg.GetRefresh() != nil {
			p.report("refresh", "is for keys that are fetched; a file is read again when it changes")
		}
		if cfg.GetAuthorities() != "" {
			p.report("authorities", "are for keys that are fetched, not for those of a file")
		}
	}
	for i, a := range cfg.GetAlgorithms() {
		if !slices.Contains(allAlgorithms, a) {
			p.report(fmt.Sprintf("algorithms[%d]", i), "%q is not taken; there are %s", a, strings.Join(allAlgorithms, ", "))
		}
	}
	if d := leeway(cfg); d < 0 || d > maxLeeway {
		p.report("leeway", "%v is not between 0s and %v", d, maxLeeway)
	}
	if d := refresh(cfg); d < minRefresh {
		p.report("refresh", "%v is less than %v", d, minRefresh)
	}
	p.audience(cfg.GetAudience())
}

func (p problems) apiKeys(cfg *configv1.ApiKeys) {
	switch h := keyHeader(cfg); {
	case !headerName.MatchString(h):
		p.report("header", "%q is no name of a header, such as %s", h, defaultHeader)
	case strings.EqualFold(h, "Authorization"), strings.EqualFold(h, "Cookie"):
		p.report("header", "%s has a meaning of its own; give another one, such as %s", h, defaultHeader)
	}
	if cfg.GetFile() == "" && cfg.GetRedis() == nil {
		p.report("file", "is missing; give a file with keys, or redis")
	}
	if cfg.GetRedis() == nil {
		return
	}
	redisclient.Problems(cfg.GetRedis().GetServer(), p.within("redis.server.").report)
	if d := remember(cfg.GetRedis()); d < 0 || d > maxRemember {
		p.report("redis.remember", "%v is not between 0s and %v", d, maxRemember)
	}
}

func (p problems) certificate(cfg *configv1.CertificateRule) {
	id := cfg.GetSpiffe()
	if (id == "") == (cfg.GetCommonName() == "") {
		p.report("spiffe", "or common_name is needed, one of them")
	}
	if bare := strings.TrimSuffix(id, "/"); id != "" && (!spiffe.MatchString(bare) || hasDots(bare)) {
		p.report("spiffe", "%q is no SPIFFE URI or the beginning of one, such as spiffe://example.com/ns/shop/", id)
	}
	for i, scope := range cfg.GetScopes() {
		if scope == "" || strings.ContainsFunc(scope, notInScope) {
			p.report(fmt.Sprintf("scopes[%d]", i), "%q is no scope, such as orders.read", scope)
		}
	}
	p.audience(cfg.GetAudience())
}

func (p problems) audience(name string) {
	if name != "" && !slices.Contains(p.audiences, name) {
		p.report("audience", "%s", noAudience(name, p.audiences))
	}
}

func isSafeText(text string) bool {
	u, err := url.Parse(text)
	return err == nil && isSafe(u)
}
