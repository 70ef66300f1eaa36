package portal_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/portal"
)

// elsewhere finds URLs that lead to a host, where a page or a script would follow them.
var elsewhere = regexp.MustCompile("(?i)" +
	`\b(?:src|srcset|href|action|poster|data)\s*=\s*["']?\s*(?:[a-z]+:)?//` +
	`|\burl\(\s*["']?\s*(?:[a-z]+:)?//` +
	"|\\b(?:import|fetch|open|Worker|EventSource|WebSocket)\\s*\\(?\\s*[\"'`](?:[a-z]+:)?//" +
	`|@import`)

func TestNothingComesFromElsewhere(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	for _, url := range append(assets(t, h), "/docs", "/docs/reference") {
		if strings.HasSuffix(url, "/scalar.js") {
			continue // it is not ours: the policy and the browser's tests hold it
		}
		if found := elsewhere.FindString(get(t, h, url)); found != "" {
			t.Errorf("%s has %s", url, found)
		}
	}
	for _, text := range []string{`<img src="https://example.com/x">`, `<a href=//example.com>`, `url(http://example.com)`, `fetch("https://example.com")`, "import('//example.com')", `@import "x"`} {
		if !elsewhere.MatchString(text) {
			t.Errorf("this test does not see %s", text)
		}
	}
}

var (
	inlineScript = regexp.MustCompile(`(?i)<script(?:[^>]*)>`)
	inlineCode   = regexp.MustCompile(`(?i)\s(?:on[a-z]+|style)\s*=|<style`)
)

// The policy would keep an inline script from running.
func TestPagesHaveNoInlineCode(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	for _, path := range []string{"/docs", "/docs/reference"} {
		page := get(t, h, path)
		for _, tag := range inlineScript.FindAllString(page, -1) {
			if !strings.Contains(tag, " src=") && !strings.Contains(tag, `type="application/json"`) {
				t.Errorf("%s has %s", path, tag)
			}
		}
		if found := inlineCode.FindString(page); found != "" {
			t.Errorf("%s has %s", path, found)
		}
	}
}

func TestAHostileSiteStaysText(t *testing.T) {
	t.Parallel()
	const hostile = `</script></title><script>alert(1)</script><img src=x onerror="alert(1)">'"` + "`" + ` javascript:alert(1) {{.}} --> ]]>`
	site := portal.Site{
		Title: hostile, Version: hostile, Description: hostile + "\n\n" + hostile, Audience: hostile,
		Documents: []portal.Document{
			{Audience: hostile, JSON: `/"><script>.json`, YAML: "/'onclick=alert(1).yaml"},
			public,
		},
		Modules: []portal.Module{{Name: hostile, Services: []portal.Service{
			{Name: hostile, FullName: hostile, Summary: hostile, Tag: hostile, Deprecated: true},
		}}},
	}
	h, plain := handler(t, site), handler(t, shop())
	for _, path := range []string{"/docs", "/docs/reference"} {
		page := get(t, h, path)
		for _, unwanted := range []string{"<script>", "<img src=x", "</script></title>", `"><` + "script", `"javascript:`} {
			if strings.Contains(page, unwanted) {
				t.Errorf("%s has %s", path, unwanted)
			}
		}
		if got, want := len(inlineScript.FindAllString(page, -1)), len(inlineScript.FindAllString(get(t, plain, path), -1)); got != want {
			t.Errorf("%s has %d scripts instead of %d", path, got, want)
		}
	}
	_, data, _ := strings.Cut(get(t, h, "/docs/reference"), `type="application/json">`)
	data, _, _ = strings.Cut(data, "</script>")
	var sources []struct{ Title, Slug, URL string }
	if err := json.Unmarshal([]byte(data), &sources); err != nil {
		t.Fatal(err)
	}
	if sources[0].Title != hostile || sources[0].URL != site.Documents[0].JSON {
		t.Errorf("the reference is told of %+v", sources[0])
	}
}

func TestTheReferenceIsWhole(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	for _, url := range assets(t, h) {
		if !strings.HasSuffix(url, "/scalar.js") {
			continue
		}
		if script := get(t, h, url); !strings.Contains(script, "createApiReference") || !strings.Contains(script, "__zod_globalConfig") {
			t.Error("the reference has not what assets/reference.js and assets/jitless.js use")
		}
		return
	}
	t.Error("no page loads the reference")
}
