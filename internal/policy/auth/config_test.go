package auth_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/policy/auth"
)

func TestAWrongConfigurationIsToldByItsKeys(t *testing.T) {
	t.Parallel()
	const good = `issuer: "https://login.example.com", audiences: [shop]`
	for text, want := range map[string][]string{
		`{}`:          nil,
		`{off: true}`: nil,
		`{issuers: [{` + good + `}, {issuer: me, audiences: [shop], jwks_file: keys.json, leeway: 0s, algorithms: [EdDSA]}], realm: "the shop"}`: nil,
		`{issuers: [{` + good + `, jwks_url: "http://127.0.0.1:1/k", refresh: 10s, leeway: 300s, audience: partner}]}`:                           nil,
		`{issuers: [{` + good + `, jwks_url: "http://[::1]:1/k"}, {issuer: a, audiences: [b], jwks_url: "http://localhost/k"}]}`:                 nil,
		`{certificates: [{spiffe: "spiffe://example.com/"}, {spiffe: "spiffe://example.com"}, {common_name: a}]}`:                                nil,
		`{api_keys: {header: X-Key, file: keys.yaml}}`:                            nil,
		`{external: {target: "localhost:1"}, internal_token: {key: k}}`:           nil,
		`{off: true, realm: a}`:                                                   {"off: excludes"},
		`{off: true, internal_token: {key: k}}`:                                   {"off: excludes"},
		`{realm: 'a"b'}`:                                                          {"realm:"},
		`{realm: "a\nb"}`:                                                         {"realm:"},
		`{issuers: [{}]}`:                                                         {"issuers[0].issuer: is missing", "issuers[0].audiences:"},
		`{issuers: [{issuer: me, audiences: [""]}]}`:                              {`issuers[0].issuer: "me" is no https URL`, "issuers[0].audiences:"},
		`{issuers: [{` + good + `}, {` + good + `}]}`:                             {"issuers[1].issuer: https://login.example.com is issuers[0] already"},
		`{issuers: [{` + good + `, jwks_url: "http://example.com/k"}]}`:           {"issuers[0].jwks_url:"},
		`{issuers: [{` + good + `, jwks_url: "http://127.0.0.1.example.com/k"}]}`: {"issuers[0].jwks_url:"},
		`{issuers: [{` + good + `, jwks_url: "https://a:b@example.com/k"}]}`:      {"issuers[0].jwks_url:"},
		`{issuers: [{` + good + `, jwks_url: "/keys"}]}`:                          {"issuers[0].jwks_url:"},
		`{issuers: [{` + good + `, jwks_url: "https://a/k", jwks_file: k, refresh: 60s, authorities: a}]}`: {"issuers[0].jwks_file:", "issuers[0].refresh:", "issuers[0].authorities:"},
		`{issuers: [{` + good + `, algorithms: [RS256, HS256, none]}]}`:                                    {"issuers[0].algorithms[1]:", "issuers[0].algorithms[2]:"},
		`{issuers: [{` + good + `, leeway: 301s, refresh: 9s}]}`:                                           {"issuers[0].leeway: 5m1s", "issuers[0].refresh: 9s"},
		`{issuers: [{` + good + `, leeway: -1s, audience: internal}]}`:                                     {"issuers[0].leeway:", "issuers[0].audience: there is no audience \"internal\"; there are public, partner"},
		`{api_keys: {}}`:                                                   {"api_keys.file: is missing"},
		`{api_keys: {file: k, header: "X Key"}}`:                           {"api_keys.header:"},
		`{api_keys: {file: k, header: authorization}}`:                     {"api_keys.header:"},
		`{api_keys: {redis: {}}}`:                                          {"api_keys.redis.server.addresses: is missing"},
		`{api_keys: {redis: {server: {addresses: [a]}, remember: 3601s}}}`: {"api_keys.redis.server.addresses[0]:", "api_keys.redis.remember: 1h0m1s"},
		`{certificates: [{}, {spiffe: "spiffe://a/", common_name: a}]}`:    {"certificates[0].spiffe: or common_name", "certificates[1].spiffe: or common_name"},
		`{certificates: [{spiffe: "spiffe:///a"}, {spiffe: "https://a/b"}, {spiffe: "spiffe://a/../b"}, {spiffe: "spiffe://a/*"}]}`: {"certificates[0].spiffe:", "certificates[1].spiffe:", "certificates[2].spiffe:", "certificates[3].spiffe:"},
		`{certificates: [{common_name: a, audience: x, scopes: [a, "a b"]}]}`:                                                       {"certificates[0].scopes[1]:", "certificates[0].audience:"},
	} {
		var got []string
		audiences := []string{"public", "partner"}
		auth.Problems(parse(t, text), audiences, func(key, format string, args ...any) {
			got = append(got, key+": "+fmt.Sprintf(format, args...))
		})
		if len(got) != len(want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
			continue
		}
		for i := range want {
			if !strings.HasPrefix(got[i], want[i]) {
				t.Errorf("%s: got %q, want %q", text, got[i], want[i])
			}
		}
		if len(got) == 0 {
			continue
		}
		if _, err := auth.New(parse(t, text), auth.Options{Audiences: audiences}); err == nil || err.Error() != strings.Join(got, "\n") {
			t.Errorf("%s: an authenticator is made of it: %v", text, err)
		}
	}
}

func TestFilesThatCanNotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	const issuer = `issuer: "http://127.0.0.1:1", audiences: [shop]`
	junk := write(t, "junk", []byte("junk"))
	for text, want := range map[string]string{
		`{issuers: [{` + issuer + `, jwks_file: "/none"}]}`:                                                                       "issuers[0].jwks_file: open /none",
		`{issuers: [{` + issuer + `, jwks_file: "` + junk + `"}]}`:                                                                "issuers[0].jwks_file: " + junk + ": it is no JSON Web Key Set",
		`{issuers: [{` + issuer + `, jwks_file: "` + write(t, "k", keySet(t, map[string]any{"kty": "oct", "k": "AAAA"})) + `"}]}`: "issuers[0].jwks_file: ",
		`{issuers: [{` + issuer + `}, {issuer: "http://127.0.0.1:2", audiences: [shop], authorities: "/none"}]}`:                  "issuers[1].authorities: open /none",
		`{issuers: [{` + issuer + `, authorities: "` + junk + `"}]}`:                                                              "issuers[0].authorities: " + junk + " holds no PEM certificate",
		`{api_keys: {file: "/none"}}`: "api_keys.file: open /none",
		`{api_keys: {redis: {server: {addresses: ["a:1"], password_file: "/none"}}}}`: "api_keys.redis.server.password_file: open /none",
	} {
		if _, err := auth.New(parse(t, text), auth.Options{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
