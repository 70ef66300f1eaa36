package openapi_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

var schemes = []openapi.Scheme{
	{Name: "openId", Kind: openapi.OpenIDToken, URL: "https://login.example.com/.well-known/openid-configuration"},
	{Name: "apiKey", Kind: openapi.KeyInHeader, Header: "X-Api-Key"},
	{Name: "certificate", Kind: openapi.ClientCertificate},
}

// samplePolicies are those of the methods of testdata/samples.
func samplePolicies(m *schema.Method) *openapi.Policy {
	return map[protoreflect.Name]*openapi.Policy{
		"Create": {Who: openapi.AnyScope, Scopes: []string{"write", "admin"}},
		"Update": {
			Who: openapi.AllScopes, Scopes: []string{"read", "write"},
			Own: []openapi.OwnField{{Path: path(m, "thing.name"), Unless: "admin"}, {Path: path(m, "thing.code"), Claim: "region"}},
		},
		"Replace": {Limits: []openapi.Limit{
			{Requests: 10, Window: time.Minute, Burst: 3, Each: path(m, "thing.name")},
			{Requests: 1, Window: 24 * time.Hour, Quota: true, Shared: true, Tiers: []string{"free", "trial"}},
		}},
		"Grow": {Who: openapi.Known},
		"Loop": {Who: openapi.Nobody},
	}[m.Descriptor.Name()]
}

// path is that of a field, nil where the request has none of the name.
func path(m *schema.Method, name string) schema.FieldPath {
	found, _ := schema.Scalar(m.Descriptor.Input(), name)
	return found
}

// codes are those of an operation's responses.
func codes(doc any, operation string) string {
	responses, _ := find(doc, operation+" responses").(map[string]any)
	var list []string
	for _, code := range []string{"200", "400", "401", "403", "404", "409", "412", "429", "default"} {
		if responses[code] != nil {
			list = append(list, code)
		}
	}
	if len(list) != len(responses) {
		return "others too"
	}
	return strings.Join(list, " ")
}

func TestAnOperationSaysWhoMayCallAndHowOften(t *testing.T) {
	t.Parallel()
	doc := mustBuild(t, "testdata/samples", openapi.Options{Policy: samplePolicies, Security: schemes})
	expect(t, doc, map[string]string{
		"components securitySchemes": `{
			"openId": {"type": "openIdConnect", "openIdConnectUrl": "https://login.example.com/.well-known/openid-configuration"},
			"apiKey": {"type": "apiKey", "name": "X-Api-Key", "in": "header"}, "certificate": {"type": "mutualTLS"}}`,
		"paths /v1/things post security": `[{"openId": ["write"]}, {"apiKey": ["write"]}, {"certificate": ["write"]},
			{"openId": ["admin"]}, {"apiKey": ["admin"]}, {"certificate": ["admin"]}]`,
		"paths /v1/things post description":       `"Needs one of the scopes ` + "`write`, `admin`" + `."`,
		"paths /v1/things/{thing} patch security": `[{"openId": ["read", "write"]}, {"apiKey": ["read", "write"]}, {"certificate": ["read", "write"]}]`,
		"paths /v1/things/{thing} patch description": `"The path's ` + "`things/{thing}` is the field `thing.name`" + `.\n\nNeeds the scopes ` + "`read` and `write`. `thing.name` has to be the caller's own, unless the caller has the scope `admin`. " +
			"`thing.code` has to be what the caller's claim `region` says" + `."`,
		"paths /v1/things:replace post security": `[]`,
		"paths /v1/things:replace post description": `"At most 10 calls in 60 s, 3 at once, for each ` + "`thing.name`. " +
			"At most 1 call in each 24 h since midnight UTC, by all callers together, for callers of the tiers `free`, `trial`" + `."`,
		"paths /v1/trees post security":                                 `[{"openId": []}, {"apiKey": []}, {"certificate": []}]`,
		"paths /v1/trees post description":                              `"Needs credentials."`,
		"paths /v1/loops post description":                              `"Nobody may call it: no policy says who may."`,
		"paths /v1/wide post security":                                  `null`,
		"components responses Unauthenticated headers WWW-Authenticate": `{"$ref": "#/components/headers/WWW-Authenticate"}`,
		"components responses TooManyRequests headers RateLimit-Policy": `{"$ref": "#/components/headers/RateLimit-Policy"}`,
		"components responses TooManyRequests headers Retry-After":      `{"$ref": "#/components/headers/Retry-After"}`,
		"paths /v1/things:replace post responses 200 headers RateLimit": `{"$ref": "#/components/headers/RateLimit"}`,
		"paths /v1/things post responses 200 headers RateLimit":         `null`,
	})
	for operation, want := range map[string]string{
		"paths /v1/things post":          "200 400 401 403 default",
		"paths /v1/things:replace post":  "200 400 429 default",
		"paths /v1/things/{thing} patch": "200 400 401 403 404 default",
		"paths /v1/wide post":            "200 400 default",
	} {
		if got := codes(doc, operation); got != want {
			t.Errorf("%s has %s, not %s", operation, got, want)
		}
	}
}

func TestNothingIsSaidOfCredentialsThatNobodyCanShow(t *testing.T) {
	t.Parallel()
	expect(t, mustBuild(t, "testdata/samples", openapi.Options{Policy: samplePolicies}), map[string]string{
		"components securitySchemes":             `null`,
		"paths /v1/things post security":         `null`,
		"paths /v1/things:replace post security": `null`,
		"paths /v1/things post description":      `"Needs one of the scopes ` + "`write`, `admin`" + `."`,
	})
}

func TestOpenAPI30HasNoCertificatesAndNoScopesOfKeys(t *testing.T) {
	t.Parallel()
	expect(t, mustBuild(t, "testdata/samples", openapi.Options{Policy: samplePolicies, Security: schemes, Version: openapi.V30}), map[string]string{
		"components securitySchemes certificate": `null`,
		"paths /v1/things post security":         `[{"openId": ["write"]}, {"apiKey": []}, {"openId": ["admin"]}]`,
		"paths /v1/things:replace post security": `[]`,
	})
	expect(t, mustBuild(t, "testdata/samples", openapi.Options{Policy: samplePolicies, Security: schemes[2:], Version: openapi.V30}), map[string]string{
		"components securitySchemes":             `null`,
		"paths /v1/trees post security":          `null`,
		"paths /v1/things:replace post security": `[]`,
	})
}

func TestWhatATeamHasWrittenOfSecurityStays(t *testing.T) {
	t.Parallel()
	public := func(*schema.Method) *openapi.Policy { return new(openapi.Policy) }
	own := []openapi.Scheme{{Name: "Key", Kind: openapi.BearerToken}, {Name: "token", Kind: openapi.BearerToken}}
	expect(t, mustBuild(t, "testdata/library", openapi.Options{Policy: public, Security: own}), map[string]string{
		"security": `[{"Login": ["read"]}, {"Basic": [], "Key": []}]`,
		"paths /v1/shelves/{target}/books post security": `[{"Login": ["lend", "read"]}]`,
		"paths /v1/shelves/{shelfId}/cover get security": `null`,
		"components securitySchemes Key type":            `"apiKey"`,
		"components securitySchemes token":               `{"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}`,
	})
}

func TestPoliciesTellNothingThatIsHidden(t *testing.T) {
	t.Parallel()
	policy := func(m *schema.Method) *openapi.Policy {
		hidden := path(m, "hush")
		if hidden == nil {
			return nil
		}
		return &openapi.Policy{
			Who: openapi.Known, Own: []openapi.OwnField{{Path: hidden}},
			Limits: []openapi.Limit{{Requests: 9, Window: time.Minute, Each: hidden}},
		}
	}
	for label, want := range map[string]string{
		"":        `"Needs credentials. At most 9 calls in 60 s."`,
		"INSIDER": `"Needs credentials. ` + "`hush` has to be the caller's own. At most 9 calls in 60 s, for each `hush`" + `."`,
	} {
		doc := mustBuild(t, "testdata/discreet", openapi.Options{Policy: policy}, label)
		expect(t, doc, map[string]string{"paths /v1/things post description": want})
	}
}
