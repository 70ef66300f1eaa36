package server_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// shopFor is an edge in front of the shop whose first listener serves the audience.
func shopFor(t *testing.T, audience string) string {
	t.Helper()
	cfg := edgetest.InFrontOf(startShop(t))
	cfg.Listeners = []*configv1.Listener{{Address: "127.0.0.1:0", Audience: audience}}
	_, url := edgetest.Edge(t, cfg)
	return url
}

func TestAnAudienceIsServedWhatItSeesAndReadsNoMore(t *testing.T) {
	t.Parallel()
	public, partner := shopFor(t, ""), shopFor(t, "partner")
	for _, c := range []struct {
		url   string
		sees  bool
		reads map[string]int // documents, by path
	}{
		{public, false, map[string]int{"/openapi.json": 200, "/openapi/public.json": 200, "/openapi/partner.json": 404, "/openapi/internal.yaml": 404}},
		{partner, true, map[string]int{"/openapi.json": 200, "/openapi/public.yaml": 200, "/openapi/partner.json": 200, "/openapi/internal.json": 404}},
	} {
		if got := send(t, "GET", c.url+"/v1/products/copper-saucepan", ""); strings.Contains(got.body, "wholesalePrice") != c.sees {
			t.Errorf("the product is %s", got.body)
		}
		for path, status := range c.reads {
			if got := send(t, "GET", c.url+path, ""); got.status != status {
				t.Errorf("GET %s is %d, not %d", path, got.status, status)
			}
		}
		if got := send(t, "GET", c.url+"/openapi.json", ""); strings.Contains(got.body, "wholesalePrice") != c.sees {
			t.Errorf("the document of %s has wholesalePrice: %t", c.url, !c.sees)
		}
		if got := send(t, "GET", c.url+"/openapi/public.json", ""); strings.Contains(got.body, "wholesalePrice") {
			t.Error("the public's document has wholesalePrice")
		}
		if page := request(t, "GET", c.url+"/docs", ""); page.status != 200 || strings.Contains(page.body, "/openapi/public.json") != c.sees {
			t.Errorf("the page is %d and leads to the public's document: %t", page.status, !c.sees)
		}
	}
}

func TestDocumentsAreServedFromMemory(t *testing.T) {
	t.Parallel()
	url := shopFor(t, "")
	inJSON, inYAML := send(t, "GET", url+"/openapi.json", ""), send(t, "GET", url+"/openapi.yaml", "")
	var one, other any
	if err := json.Unmarshal([]byte(inJSON.body), &one); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(inYAML.body), &other); err != nil {
		t.Fatal(err)
	}
	if kind := inJSON.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("JSON comes as %s", kind)
	}
	if kind := inYAML.header.Get("Content-Type"); kind != "application/yaml" {
		t.Errorf("YAML comes as %s", kind)
	}
	tag := inJSON.header.Get("Etag")
	if got := send(t, "GET", url+"/openapi.json", "", "If-None-Match", tag); got.status != 304 || got.body != "" {
		t.Errorf("with its tag %s the document is %d", tag, got.status)
	}
	if got := send(t, "HEAD", url+"/openapi.json", ""); got.status != 200 || got.header.Get("Etag") == "" || got.body != "" {
		t.Errorf("HEAD is %d with the tag %s and a body of %d bytes", got.status, got.header.Get("Etag"), len(got.body))
	}
	if got := send(t, "POST", url+"/openapi.json", "{}"); got.status != 405 || got.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST is %d, allowed is %s", got.status, got.header.Get("Allow"))
	}
	for _, path := range []string{"/openapi.txt", "/openapi", "/openapi/", "/openapi/nobody.json", "/openapi/public.json/x", "/docsy"} {
		if got := send(t, "GET", url+path, ""); got.status != 404 {
			t.Errorf("GET %s is %d", path, got.status)
		}
	}
}

func TestDocumentsCanBeOffAndRoutesComeFirst(t *testing.T) {
	t.Parallel()
	target := startShop(t)
	off := edgetest.InFrontOf(target)
	off.Openapi = &configv1.OpenApi{Off: true}
	_, url := edgetest.Edge(t, off)
	for _, path := range []string{"/openapi.json", "/docs"} {
		if got := send(t, "GET", url+path, ""); got.status != 404 {
			t.Errorf("though they are off, GET %s is %d", path, got.status)
		}
	}
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	text := "type: google.api.Service\nconfig_version: 3\nhttp: {rules: [{selector: shop.catalog.v1.CatalogService.GetProduct, get: '/docs/{id}'}]}\n"
	if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	own := edgetest.InFrontOf(target)
	own.ServiceConfigs = []string{rules}
	_, url = edgetest.Edge(t, own)
	if got := send(t, "GET", url+"/docs/copper-saucepan", ""); got.status != 200 || !strings.Contains(got.body, "copper-saucepan") {
		t.Errorf("the API's own /docs/{id} is %d %s", got.status, got.body)
	}
	if got := request(t, "GET", url+"/docs", ""); got.status != 200 {
		t.Errorf("/docs beside it is %d", got.status)
	}
}

func TestTheConfigurationNamesTheDocument(t *testing.T) {
	t.Parallel()
	cfg := edgetest.InFrontOf(startShop(t))
	cfg.Openapi = &configv1.OpenApi{Title: "Ours", Version: "7", Description: "All of it.", Servers: []string{"https://api.example.com"}}
	_, url := edgetest.Edge(t, cfg)
	var doc struct {
		Info    struct{ Title, Version, Description string }
		Servers []struct{ URL string }
	}
	if err := json.Unmarshal([]byte(send(t, "GET", url+"/openapi.json", "").body), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Info.Title != "Ours" || doc.Info.Version != "7" || doc.Info.Description != "All of it." || doc.Servers[0].URL != "https://api.example.com" {
		t.Errorf("the document says %+v", doc)
	}
}
