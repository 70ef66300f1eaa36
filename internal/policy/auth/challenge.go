package auth

import (
	"strings"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

const defaultRealm = "gatehouse"

// refusal is why credentials are not taken.
type refusal struct {
	text  string // for who sent them: no quotes, no backslashes
	code  string // of RFC 6750, section 3.1
	cause error  // for the log; may be nil
}

func (r *refusal) Error() string { return r.text }

func refuse(text string) error { return &refusal{text: text, code: "invalid_token"} }

func refuseBecause(text string, cause error) error {
	return &refusal{text: text, code: "invalid_token", cause: cause}
}

// invalidRequest refuses a request that shows more than one thing, or one that can not be read.
func invalidRequest(text string) error { return &refusal{text: text, code: "invalid_request"} }

// challenges are values of WWW-Authenticate (RFC 9110, section 11.6.1). Bearer is that of RFC 6750; the other schemes have
// no standard.
type challenges struct {
	bearer, key string
	all         string
}

func newChallenges(cfg *configv1.Authentication) challenges {
	realm := cfg.GetRealm()
	if realm == "" {
		realm = defaultRealm
	}
	realm = ` realm="` + realm + `"`
	c := challenges{bearer: "Bearer" + realm, key: "ApiKey" + realm + `, header="` + keyHeader(cfg.GetApiKeys()) + `"`}
	var all []string
	if len(cfg.GetIssuers()) > 0 {
		all = append(all, c.bearer)
	}
	if cfg.GetApiKeys() != nil {
		all = append(all, c.key)
	}
	if len(all) == 0 && len(cfg.GetCertificates()) > 0 {
		all = append(all, "Certificate"+realm)
	}
	if len(all) == 0 {
		all = append(all, c.bearer)
	}
	c.all = strings.Join(all, ", ")
	return c
}

// refused is the challenge after credentials that are not good.
func (c challenges) refused(by principal.Method, r *refusal) string {
	switch by {
	case principal.Bearer:
		return c.bearer + `, error="` + r.code + `", error_description="` + r.text + `"`
	case principal.APIKey:
		return c.key
	default:
		return c.all
	}
}

// scopes is the challenge after a token that has not all of some scopes.
func (c challenges) scopes(scopes []string) string {
	return c.bearer + `, error="insufficient_scope", scope="` + strings.Join(scopes, " ") + `"`
}
