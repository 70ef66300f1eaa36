package server_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/server"
)

// described is what the tests read of a document.
type described struct {
	Paths map[string]map[string]struct {
		Description string
		Security    *[]map[string][]string
		Responses   map[string]any
	}
	Components struct {
		SecuritySchemes map[string]map[string]string
	}
}

func documentOf(t *testing.T, cfg *configv1.Config, audience string) (doc described, text string) {
	t.Helper()
	edge, _ := edgetest.Edge(t, cfg)
	written, err := edge.Document(server.DocumentOptions{Audience: audience})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(written, &doc); err != nil {
		t.Fatal(err)
	}
	return doc, string(written)
}

func TestTheDocumentSaysWhoMayCall(t *testing.T) {
	t.Parallel()
	keys := filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(keys, []byte("keys: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := edgetest.InFrontOf(startShop(t))
	cfg.Authentication = &configv1.Authentication{
		Issuers: []*configv1.Issuer{
			{Issuer: "https://login.example.com/", Audiences: []string{"https://api.example.com"}},
			{Issuer: "https://partners.example.com", Audiences: []string{"https://api.example.com"}, Audience: "partner"},
		},
		ApiKeys:      &configv1.ApiKeys{Header: "X-Shop-Key", File: keys},
		Certificates: []*configv1.CertificateRule{{CommonName: "warehouse", Audience: "internal"}},
	}
	cfg.Policies = []*configv1.PolicySettings{
		{
			Names:  []string{"shop.catalog.v1.CatalogService.ListProducts"},
			Policy: &gatehousev1.Policy{RateLimits: []*gatehousev1.RateLimit{{Requests: 7, Window: durationpb.New(time.Minute)}}},
		},
	}
	public, text := documentOf(t, cfg, "public")
	if strings.Contains(text, "partners.example.com") {
		t.Error("the public is told of the partners' issuer")
	}
	if got := public.Components.SecuritySchemes; len(got) != 2 ||
		got["openId"]["openIdConnectUrl"] != "https://login.example.com/.well-known/openid-configuration" || got["apiKey"]["name"] != "X-Shop-Key" {
		t.Errorf("the schemes are %v", got)
	}
	list := public.Paths["/v1/products"]["get"]
	if list.Security == nil || len(*list.Security) != 0 || !strings.HasSuffix(list.Description, "At most 7 calls in 60 s.") || list.Responses["429"] == nil {
		t.Errorf("of a public method the document says %+v", list)
	}
	create := public.Paths["/v1/products"]["post"]
	if create.Security == nil || len(*create.Security) != 4 || create.Responses["401"] == nil || create.Responses["403"] == nil ||
		!strings.HasSuffix(create.Description, "Needs one of the scopes `catalog.write`, `admin`.") {
		t.Errorf("of a method that needs scopes the document says %+v", create)
	}
	checkout := public.Paths["/v1/carts/{cartId}:checkout"]["post"]
	if !strings.Contains(checkout.Description, "`customerId` has to be the caller's own, unless the caller has the scope `admin`.") {
		t.Errorf("of a method with fields of the caller's the document says %s", checkout.Description)
	}
	partner, _ := documentOf(t, cfg, "partner")
	if partner.Components.SecuritySchemes["openId2"]["openIdConnectUrl"] != "https://partners.example.com/.well-known/openid-configuration" {
		t.Errorf("the partners' schemes are %v", partner.Components.SecuritySchemes)
	}
	internal, _ := documentOf(t, cfg, "internal")
	if internal.Components.SecuritySchemes["certificate"]["type"] != "mutualTLS" {
		t.Errorf("the schemes inside are %v", internal.Components.SecuritySchemes)
	}
}

func TestWithoutAuthenticationTheDocumentAsksForNothing(t *testing.T) {
	t.Parallel()
	doc, _ := documentOf(t, edgetest.InFrontOf(startShop(t)), "public")
	if n := len(doc.Components.SecuritySchemes); n != 0 {
		t.Errorf("there are %d schemes", n)
	}
	if create := doc.Paths["/v1/products"]["post"]; create.Security != nil || create.Responses["401"] != nil || strings.Contains(create.Description, "Needs") {
		t.Errorf("of a method that needs scopes the document says %+v", create)
	}
}
