package server_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc/metadata"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/server"
)

// everybody lets anybody call what no policy speaks of.
func everybody() *gatehousev1.Policy {
	return &gatehousev1.Policy{Access: &gatehousev1.Access{Who: &gatehousev1.Access_Public{Public: true}}}
}

// known lets everybody call who has shown who they are.
func known() *gatehousev1.Policy {
	return &gatehousev1.Policy{Access: &gatehousev1.Access{Who: &gatehousev1.Access_Authenticated{Authenticated: true}}}
}

// reached makes sure that a call was answered, and returns the metadata that came with it to the service.
func reached(t *testing.T, b *edgetest.Backend, got reply) metadata.MD {
	t.Helper()
	_, md := b.Last()
	if got.status != http.StatusOK || md == nil {
		t.Fatalf("the service was not reached: %d %s", got.status, got.body)
	}
	return md
}

// identities are what services are told of a caller.
func identities(md metadata.MD) map[string]string {
	told := map[string]string{}
	for key, values := range md {
		if strings.Contains(strings.ReplaceAll(key, "_", "-"), "x-gatehouse-") {
			told[key] = strings.Join(values, "|")
		}
	}
	return told
}

// forgeries are headers in which a client may say who it is, in all the spellings that a server on the way may take for
// the edge's own.
func forgeries() (lines []string) {
	for _, name := range []string{"subject", "issuer", "method", "scopes", "tier", "audience", "token", "anything"} {
		for _, prefix := range []string{"", "Grpc-Metadata-", "Grpc_Metadata_", "Grpcgateway-", "Grpc-Metadata-Grpcgateway-"} {
			for _, suffix := range []string{"", "-Bin"} {
				n := prefix + "x-gatehouse-" + name + suffix
				lines = append(lines, n, strings.ToUpper(n), http.CanonicalHeaderKey(n), strings.ReplaceAll(n, "-", "_"), strings.Replace(n, "e-", "e_", 1))
			}
		}
	}
	for i, n := range lines {
		lines[i] = n + ": Zm9yZ2Vk\r\n"
	}
	return append(lines, "X-Gatehouse-Subject:  Zm9yZ2Vk \t\r\n", "X-Gatehouse-Subject: Zm9yZ2Vk\r\n")
}

func TestNoSpellingOfAnIdentityReachesTheService(t *testing.T) {
	t.Parallel()
	for name, preset := range map[string]configv1.Dialect_Preset{
		"gatehouse": configv1.Dialect_PRESET_GATEHOUSE, "grpc-gateway": configv1.Dialect_PRESET_GRPC_GATEWAY,
	} {
		b := edgetest.StartBackend(t)
		cfg := edgetest.InFrontOf(b.Target)
		cfg.Dialect = &configv1.Dialect{Preset: preset}
		cfg.DefaultPolicy = everybody()
		tokens := guard(t, cfg)
		_, url := edgetest.Edge(t, cfg)
		for caller, want := range map[string]string{"": "", "customer": "c-1001"} {
			authorization := ""
			if caller != "" {
				authorization = "Authorization: Bearer " + tokens[caller] + "\r\n"
			}
			for _, forged := range slices.Collect(slices.Chunk(forgeries(), 100)) { // of which more would be too large a header
				for _, connection := range []string{"", "Connection: X-Gatehouse-Subject, x-gatehouse-scopes, authorization, close\r\n"} {
					text := "GET " + prefix + "/query HTTP/1.1\r\nHost: example.com\r\n" + authorization + connection + strings.Join(forged, "") + "\r\n"
					md := reached(t, b, raw(t, url, text))
					for key, values := range md {
						if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, "Zm9yZ2Vk") || strings.Contains(v, "forged") }) {
							t.Errorf("%s: %q comes as %s: %q", name, caller, key, values)
						}
					}
					if got := identities(md)["x-gatehouse-subject"]; got != want {
						t.Errorf("%s: the service takes %q for %q", name, caller, got)
					}
				}
			}
		}
	}
}

func TestServicesAreToldWhoCalls(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.DefaultPolicy = everybody()
	tokens := guard(t, cfg)
	_, url := edgetest.Edge(t, cfg)
	issuer := cfg.GetAuthentication().GetIssuers()[0].GetIssuer()
	for caller, want := range map[string]map[string]string{
		"":         {},
		"customer": {"x-gatehouse-subject": "c-1001", "x-gatehouse-tier": "standard", "x-gatehouse-audience": "public"},
		"partner":  {"x-gatehouse-subject": "p-2001", "x-gatehouse-tier": "partner", "x-gatehouse-audience": "partner"},
		"admin":    {"x-gatehouse-subject": "s-3001", "x-gatehouse-tier": "staff", "x-gatehouse-audience": "internal", "x-gatehouse-scopes": "admin"},
	} {
		var header []string
		if caller != "" {
			want["x-gatehouse-issuer"], want["x-gatehouse-method"] = issuer, "bearer"
			header = []string{"Authorization", "Bearer " + tokens[caller]}
		}
		got := identities(reached(t, b, send(t, "GET", url+prefix+"/query", "", header...)))
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q:\n got %v\nwant %v", caller, got, want)
		}
	}
}

func TestTheConfigurationCanNotPassIdentitiesOn(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"x-gatehouse-subject", "X-Gatehouse-Token", "X_Gatehouse_Scopes", "X-GATEHOUSE-tier-Bin", "Grpc-Metadata-X-Gatehouse-Subject", "X-Request-Id"} {
		cfg := edgetest.InFrontOf("localhost:1")
		cfg.Headers = &configv1.Headers{Request: []string{name}}
		if err := server.Check(t.Context(), cfg, server.Offline()); err == nil || !strings.Contains(err.Error(), "headers.request") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// withKey lets who has the key "parrot" call as p-42.
func withKey(t *testing.T, a *configv1.Authentication) {
	t.Helper()
	hash := sha256.Sum256([]byte("parrot"))
	file := filepath.Join(t.TempDir(), "keys.yaml")
	text := "keys:\n  - hash: " + hex.EncodeToString(hash[:]) + "\n    subject: p-42\n    scopes: [orders.read]\n    tier: gold\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	a.ApiKeys = &configv1.ApiKeys{File: file}
}

func TestCredentialsGoNoFurtherThanTheEdgeThatTakesThem(t *testing.T) {
	t.Parallel()
	const authorization, key = "Authorization", "X-Api-Key"
	for _, preset := range []configv1.Dialect_Preset{configv1.Dialect_PRESET_GATEHOUSE, configv1.Dialect_PRESET_GRPC_GATEWAY} {
		b := edgetest.StartBackend(t)
		front := func(issuer, keys bool) (url, token string) {
			cfg := edgetest.InFrontOf(b.Target)
			cfg.Dialect = &configv1.Dialect{Preset: preset}
			cfg.Headers = &configv1.Headers{Request: []string{key}}
			cfg.DefaultPolicy = everybody()
			cfg.Authentication = &configv1.Authentication{Off: true}
			if issuer {
				token = guard(t, cfg)["customer"]
			}
			if keys {
				cfg.Authentication.Off = false
				withKey(t, cfg.GetAuthentication())
			}
			_, url = edgetest.Edge(t, cfg)
			return url + prefix + "/query", token
		}
		seen := func(url string, header ...string) string {
			md := reached(t, b, send(t, "GET", url, "", header...))
			return strings.Join(slices.Concat(md["authorization"], md["grpcgateway-authorization"], md["x-api-key"]), " ")
		}
		both, token := front(true, true)
		if got := seen(both, authorization, "Bearer "+token); got != "" {
			t.Errorf("%v: a token comes through: %s", preset, got)
		}
		if got := seen(both, key, "parrot"); got != "" {
			t.Errorf("%v: a key comes through: %s", preset, got)
		}
		onlyKeys, _ := front(false, true)
		if got := seen(onlyKeys, authorization, "Bearer other"); !strings.HasPrefix(got, "Bearer other") {
			t.Errorf("%v: a token that is not for the edge does not come through: %q", preset, got)
		}
		neither, _ := front(false, false)
		if got := seen(neither, authorization, "Bearer other"); !strings.HasPrefix(got, "Bearer other") {
			t.Errorf("%v: nobody asks for a token, and it does not come through: %q", preset, got)
		}
		if preset != configv1.Dialect_PRESET_GATEHOUSE {
			continue // which passes no headers of one's own
		}
		onlyTokens, _ := front(true, false)
		if got := seen(onlyTokens, key, "parrot"); got != "parrot" {
			t.Errorf("%v: a key that is not for the edge does not come through: %q", preset, got)
		}
	}
}

func TestACallerWithAKeyIsKnown(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.Authentication = &configv1.Authentication{}
	cfg.DefaultPolicy = known()
	withKey(t, cfg.GetAuthentication())
	_, url := edgetest.Edge(t, cfg)
	got := identities(reached(t, b, send(t, "GET", url+prefix+"/query", "", "X-Api-Key", "parrot")))
	if got["x-gatehouse-subject"] != "p-42" || got["x-gatehouse-method"] != "api_key" || got["x-gatehouse-scopes"] != "orders.read" || got["x-gatehouse-tier"] != "gold" {
		t.Errorf("%v", got)
	}
	for _, keys := range [][]string{{}, {"X-Api-Key", "parro"}, {"X-Api-Key", ""}, {"X-Api-Key", "parrot", "X-Api-Key", "parrot"}, {"X-Api-Key", "parrot,parrot"}, {"X_Api_Key", "parrot"}} {
		if got := send(t, "GET", url+prefix+"/query", "", keys...); got.status != http.StatusUnauthorized {
			t.Errorf("%q: %d %s", keys, got.status, got.body)
		}
	}
}

// signingKey is the file of a key for the edge's tokens.
func signingKey(t *testing.T) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "internal.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAServiceCanTellThatTheEdgeCalls(t *testing.T) {
	t.Parallel()
	b := edgetest.StartBackend(t)
	cfg := edgetest.InFrontOf(b.Target)
	cfg.DefaultPolicy = everybody()
	tokens := guard(t, cfg)
	cfg.Authentication.InternalToken = &configv1.InternalToken{Key: signingKey(t)}
	edge := listening(t, cfg)

	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(send(t, "GET", edge.AdminURL()+"/jwks.json", "").body), &set); err != nil || len(set.Keys) != 1 || set.Keys[0]["d"] != "" {
		t.Fatalf("%v %v", err, set)
	}
	public, err := base64.RawURLEncoding.DecodeString(set.Keys[0]["x"])
	if err != nil {
		t.Fatal(err)
	}
	for caller, subject := range map[string]string{"": "", "customer": "c-1001", "admin": "s-3001"} {
		header := []string{"X-Gatehouse-Token", "forged"}
		if caller != "" {
			header = append(header, "Authorization", "Bearer "+tokens[caller])
		}
		md := reached(t, b, send(t, "GET", edge.URLs()[0]+prefix+"/query", "", header...))
		if len(md["x-gatehouse-token"]) != 1 {
			t.Fatalf("%q: %q", caller, md["x-gatehouse-token"])
		}
		token, err := jwt.Parse(md["x-gatehouse-token"][0], func(t *jwt.Token) (any, error) {
			if t.Header["kid"] != set.Keys[0]["kid"] {
				return nil, fmt.Errorf("the key %v is not in %v", t.Header["kid"], set)
			}
			return ed25519.PublicKey(public), nil
		}, jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithIssuer("gatehouse"), jwt.WithAudience("edgetest.v1.EverythingService"), jwt.WithExpirationRequired())
		if err != nil {
			t.Errorf("%q: %v", caller, err)
			continue
		}
		if got, err := token.Claims.GetSubject(); got != subject || err != nil {
			t.Errorf("%q: the token is of %q: %v", caller, got, err)
		}
	}
}
