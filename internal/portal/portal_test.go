package portal_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/portal"
)

var (
	public  = portal.Document{Audience: "public", JSON: "/openapi.json", YAML: "/openapi.yaml", Operations: 7}
	partner = portal.Document{Audience: "partner", JSON: "/openapi/partner.json", YAML: "/openapi/partner.yaml", Operations: 9}
)

// shop is a site that has some of everything.
func shop() portal.Site {
	return portal.Site{
		Title:       "Corner Shop",
		Version:     "v3",
		Description: "What the shop sells,\nand how to buy it.\n\nAmounts are in <euros>.",
		Audience:    "public",
		Documents:   []portal.Document{public},
		Modules: []portal.Module{{
			Name: "shop.catalog.v1",
			Services: []portal.Service{
				{Name: "Catalog", FullName: "shop.catalog.v1.Catalog", Summary: "Shelves & products.", Tag: "Catalog", Operations: 6},
				{Name: "GiftCards", FullName: "shop.catalog.v1.GiftCards", Tag: "Gift Cards", Operations: 1, Deprecated: true},
			},
		}},
	}
}

func handler(t *testing.T, site portal.Site) http.Handler {
	t.Helper()
	h, err := portal.New(site)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// ask makes a request with pairs of a header's name and value.
func ask(t *testing.T, h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	return recorder
}

func get(t *testing.T, h http.Handler, path string) string {
	t.Helper()
	response := ask(t, h, http.MethodGet, path)
	if response.Code != http.StatusOK {
		t.Fatalf("GET %s: %d", path, response.Code)
	}
	return response.Body.String()
}

var assetURL = regexp.MustCompile(`"(/docs/assets/[^"]+)"`)

// assets are the URLs that the pages name.
func assets(t *testing.T, h http.Handler) []string {
	t.Helper()
	var urls []string
	for _, match := range assetURL.FindAllStringSubmatch(get(t, h, "/docs")+get(t, h, "/docs/reference"), -1) {
		urls = append(urls, match[1])
	}
	if len(urls) < 8 {
		t.Fatalf("the pages name %q only", urls)
	}
	return urls
}

func TestTheLandingPageTellsOfTheSite(t *testing.T) {
	t.Parallel()
	site := shop()
	site.Documents = append(site.Documents, partner)
	page := get(t, handler(t, site), "/docs")
	for _, want := range []string{
		"<title>Corner Shop</title>",
		`<h1>Corner Shop <span class="version">v3</span></h1>`,
		"public API",
		"<p class=\"description\">What the shop sells,\nand how to buy it.</p>",
		`<p class="description">Amounts are in &lt;euros&gt;.</p>`,
		`href="/docs/reference"`,
		"<h3>shop.catalog.v1</h3>",
		`<li id="shop.catalog.v1.Catalog">`,
		"<p>Shelves &amp; products.</p>",
		">6 operations<",
		">1 operation<",
		`GiftCards</a> <span class="deprecated">deprecated</span>`,
		`href="/openapi.json" download`,
		`href="/openapi.yaml" download`,
		`href="/openapi/partner.json" download`,
		"Corner Shop v3, served by Gatehouse.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func TestTheLandingPageOfAnEmptySiteHasNoEmptyParts(t *testing.T) {
	t.Parallel()
	page := get(t, handler(t, portal.Site{Title: "New", Documents: []portal.Document{public}}), "/docs")
	for _, unwanted := range []string{`class="audience"`, `class="version"`, `class="description"`, `class="services"`, "<h3></h3>", "New ,"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page has %s", unwanted)
		}
	}
	if !strings.Contains(page, "There is no service for this audience yet.") {
		t.Error("the page does not say that there is no service")
	}
}

func TestTheReferenceShowsTheReadersOwnDocumentFirst(t *testing.T) {
	t.Parallel()
	site := shop()
	site.Documents = []portal.Document{partner, public}
	page := get(t, handler(t, site), "/docs/reference")
	for _, want := range []string{
		"<title>Corner Shop</title>",
		`[{"title":"partner","slug":"partner","url":"/openapi/partner.json"},{"title":"public","slug":"public","url":"/openapi.json"}]`,
		`<link rel="preload" href="/openapi/partner.json" as="fetch" crossorigin>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

// The anchors are what Scalar makes of these names.
func TestAServiceLeadsToItsTag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ tag, anchor string }{
		{"CatalogService", "tag/catalogservice"},
		{"shop.catalog.v1.CatalogService", "tag/shopcatalogv1catalogservice"},
		{"Gift Cards", "tag/gift-cards"},
		{"gift_cards - new", "tag/gift-cards-new"},
		{" -Gift & Cards_ ", "tag/gift-cards"},
		{"Käse 2", "tag/k%C3%A4se-2"},
	} {
		t.Run(c.tag, func(t *testing.T) {
			t.Parallel()
			site := shop()
			site.Modules = []portal.Module{{Services: []portal.Service{{Tag: c.tag}}}}
			alone := get(t, handler(t, site), "/docs")
			if want := `href="/docs/reference#` + c.anchor + `"`; !strings.Contains(alone, want) {
				t.Errorf("with one document there is no %s", want)
			}
			site.Documents = []portal.Document{partner, public}
			among := get(t, handler(t, site), "/docs")
			if want := `href="/docs/reference#partner/` + c.anchor + `"`; !strings.Contains(among, want) {
				t.Errorf("with several documents there is no %s", want)
			}
		})
	}
}

func TestASiteThatCanNotBeShownIsRefused(t *testing.T) {
	t.Parallel()
	with := func(documents ...portal.Document) portal.Site { return portal.Site{Documents: documents} }
	for _, c := range []struct {
		name    string
		site    portal.Site
		problem string
	}{
		{"no document", with(), "at least one document"},
		{"no URL", with(portal.Document{Audience: "public", JSON: "/a.json"}), `document of "public": "" is not an absolute path`},
		{"relative URL", with(portal.Document{Audience: "public", JSON: "a.json", YAML: "/a.yaml"}), `"a.json" is not`},
		{"foreign URL", with(portal.Document{Audience: "public", JSON: "https://example.com/a.json", YAML: "/a.yaml"}), `is not`},
		{"foreign host", with(portal.Document{Audience: "public", JSON: "//example.com/a.json", YAML: "/a.yaml"}), `is not`},
		{"foreign host for browsers", with(portal.Document{Audience: "public", JSON: `/\example.com/a.json`, YAML: "/a.yaml"}), `is not`},
		{"line break before a slash", with(portal.Document{Audience: "public", JSON: "/\n/example.com/a.json", YAML: "/a.yaml"}), `is not`},
		{"script", with(portal.Document{Audience: "public", JSON: "/a.json", YAML: "javascript:alert(1)"}), `is not`},
		{"audience without a name", with(portal.Document{Audience: "…", JSON: "/a.json", YAML: "/a.yaml"}), "no letter and no digit"},
		{"audiences alike", with(public, portal.Document{Audience: "Public!", JSON: "/a.json", YAML: "/a.yaml"}), `document of "Public!": its name in links, public, is that of "public" too`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := portal.New(c.site); err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("got %v, want %s", err, c.problem)
			}
		})
	}
}

func TestAllProblemsOfASiteAreTold(t *testing.T) {
	t.Parallel()
	_, err := portal.New(portal.Site{Documents: []portal.Document{{Audience: "public", JSON: "a", YAML: "b"}, {Audience: "!"}}})
	if err == nil || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("got %v", err)
	}
}

func unpack(t *testing.T, packed string) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader([]byte(packed)))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
