package auth

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/redisclient"
)

const (
	defaultHeader   = "X-Api-Key"
	defaultLeeway   = 30 * time.Second
	longestLeeway   = 5 * time.Minute
	defaultRefresh  = 15 * time.Minute
	shortestRefresh = 10 * time.Second
	defaultRemember = 10 * time.Second
	longestRemember = time.Hour
)

func keyHeader(cfg *configv1.ApiKeys) string {
	if h := cfg.GetHeader(); h != "" {
		return http.CanonicalHeaderKey(h)
	}
	return defaultHeader
}

func leeway(cfg *configv1.Issuer) time.Duration {
	if cfg.GetLeeway() == nil {
		return defaultLeeway
	}
	return cfg.GetLeeway().AsDuration()
}

func refresh(cfg *configv1.Issuer) time.Duration {
	if cfg.GetRefresh() == nil {
		return defaultRefresh
	}
	return cfg.GetRefresh().AsDuration()
}

func remember(cfg *configv1.ApiKeysInRedis) time.Duration {
	if cfg.GetRemember() == nil {
		return defaultRemember
	}
	return cfg.GetRemember().AsDuration()
}

func validate(cfg *configv1.Authentication, audiences []string) error {
	var problems []error
	Problems(cfg, audiences, func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf(key+": "+format, args...))
	})
	return errors.Join(problems...)
}

// Problems reports all that is wrong with a configuration, each with its key below authentication. External authorization and
// the internal token are not looked at. audiences are the names of all there are.
func Problems(cfg *configv1.Authentication, audiences []string, report func(key, format string, args ...any)) {
	p := problems{audiences: audiences, report: report}
	if cfg.GetOff() && (len(cfg.GetIssuers())+len(cfg.GetCertificates()) > 0 || cfg.GetApiKeys() != nil || cfg.GetExternal() != nil || cfg.GetInternalToken() != nil) {
		report("off", "lets everybody call everything; leave all else out, or leave it out")
	}
	if strings.ContainsFunc(cfg.GetRealm(), func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		report("realm", "%q has more than printable ASCII without quotes and backslashes", cfg.GetRealm())
	}
	owner := map[string]int{}
	for i, issuer := range cfg.GetIssuers() {
		key := fmt.Sprintf("issuers[%d].", i)
		p.issuer(key, issuer)
		if first, taken := owner[issuer.GetIssuer()]; taken {
			report(key+"issuer", "%s is issuers[%d] already", issuer.GetIssuer(), first)
			continue
		}
		owner[issuer.GetIssuer()] = i
	}
	if cfg.GetApiKeys() != nil {
		p.apiKeys(cfg.GetApiKeys(), len(cfg.GetIssuers()) > 0)
	}
	for i, rule := range cfg.GetCertificates() {
		p.certificate(fmt.Sprintf("certificates[%d].", i), rule)
	}
}

type problems struct {
	audiences []string
	report    func(key, format string, args ...any)
}

func (p *problems) audience(key, name string) {
	if name != "" && !slices.Contains(p.audiences, name) {
		p.report(key, "there is no audience %q; there are %s", name, strings.Join(p.audiences, ", "))
	}
}

func (p *problems) issuer(key string, cfg *configv1.Issuer) {
	local := cfg.GetJwksUrl() != "" || cfg.GetJwksFile() != ""
	switch {
	case cfg.GetIssuer() == "":
		p.report(key+"issuer", "is missing; give what the claim iss of its tokens is, such as https://login.example.com")
	case !local && !isFetchable(cfg.GetIssuer()):
		p.report(key+"issuer", "%q is no https URL to ask for its keys; give jwks_url or jwks_file besides", cfg.GetIssuer())
	}
	switch {
	case cfg.GetJwksUrl() != "" && cfg.GetJwksFile() != "":
		p.report(key+"jwks_file", "is there, and so is jwks_url; leave one out")
	case cfg.GetJwksUrl() != "" && !isFetchable(cfg.GetJwksUrl()):
		p.report(key+"jwks_url", "%q is no https URL, nor an http URL of this machine", cfg.GetJwksUrl())
	}
	if len(cfg.GetAudiences()) == 0 || slices.Contains(cfg.GetAudiences(), "") {
		p.report(key+"audiences", "is missing; say what the claim aud of tokens for this API holds")
	}
	for i, a := range cfg.GetAlgorithms() {
		if !slices.Contains(allAlgorithms, a) {
			p.report(fmt.Sprintf("%salgorithms[%d]", key, i), "%q is not taken; there are %s", a, strings.Join(allAlgorithms, ", "))
		}
	}
	if d := leeway(cfg); d < 0 || d > longestLeeway {
		p.report(key+"leeway", "%v is not between 0s and %v", d, longestLeeway)
	}
	if d := refresh(cfg); d < shortestRefresh {
		p.report(key+"refresh", "%v is less than %v", d, shortestRefresh)
	}
	p.audience(key+"audience", cfg.GetAudience())
}

// isFetchable tells whether keys may be fetched from a URL: by https or, on this machine, by http.
func isFetchable(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (p *problems) apiKeys(cfg *configv1.ApiKeys, tokens bool) {
	header := keyHeader(cfg)
	switch {
	case strings.ContainsFunc(header, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}):
		p.report("api_keys.header", "%q is no name of a header", header)
	case header == "Authorization" && tokens:
		p.report("api_keys.header", "Authorization carries tokens already")
	}
	if cfg.GetFile() == "" && cfg.GetRedis() == nil {
		p.report("api_keys", "names no keys; give file or redis")
	}
	if cfg.GetRedis() != nil {
		redisclient.Problems(cfg.GetRedis().GetServer(), func(key, format string, args ...any) {
			p.report("api_keys.redis.server."+key, format, args...)
		})
		if d := remember(cfg.GetRedis()); d < 0 || d > longestRemember {
			p.report("api_keys.redis.remember", "%v is not between 0s and %v", d, longestRemember)
		}
	}
}

func (p *problems) certificate(key string, rule *configv1.CertificateRule) {
	switch {
	case (rule.GetSpiffe() == "") == (rule.GetCommonName() == ""):
		p.report(key+"spiffe", "is for certificates with an URI, common_name for others; give one of them")
	case rule.GetSpiffe() != "" && !isSPIFFE(rule.GetSpiffe()):
		p.report(key+"spiffe", "%q is no SPIFFE URI, such as spiffe://example.com/ns/shop/ for all below that", rule.GetSpiffe())
	}
	p.audience(key+"audience", rule.GetAudience())
}

func isSPIFFE(text string) bool {
	rest, ok := strings.CutPrefix(text, "spiffe://")
	domain, _, hasPath := strings.Cut(rest, "/")
	return ok && domain != "" && hasPath
}
