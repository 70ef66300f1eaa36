package contract_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// snippet is a piece of code on a page.
var snippet = regexp.MustCompile("(?ms)^```(ts|go)\n(.*?)\n```$")

// TestTheClientsOnThePageAreThoseThatBuy makes sure that what the page of documents shows of clients, and which generators it
// names, is what the purchases are made with.
func TestTheClientsOnThePageAreThoseThatBuy(t *testing.T) {
	t.Parallel()
	page := read(t, root, "docs", "openapi.md")
	_, section, found := strings.Cut(page, "\n## Clients\n")
	if !found {
		t.Fatal("the page says nothing of clients")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	sources := map[string]string{"ts": read(t, "typescript", "purchase.ts"), "go": read(t, "goclient", "main.go")}
	shown := 0
	for _, found := range snippet.FindAllStringSubmatch(section, -1) {
		for line := range strings.Lines(found[2]) {
			shown++
			if !strings.Contains(sources[found[1]], strings.TrimSpace(line)) {
				t.Errorf("the client in %s has no line %s", found[1], line)
			}
		}
	}
	if shown < 8 {
		t.Errorf("only %d lines are shown", shown)
	}
	for _, c := range []struct{ said, pinned, in string }{
		{"openapi-typescript 7.13.0", `"openapi-typescript": "7.13.0"`, read(t, "typescript", "package.json")},
		{"openapi-fetch 0.17.0", `"openapi-fetch": "0.17.0"`, read(t, "typescript", "package.json")},
		{"openapi-typescript shop.yaml --output shop.d.ts", `"openapi-typescript shop.yaml --output shop.d.ts"`, read(t, "typescript", "package.json")},
		{"oapi-codegen v2.8.2", "oapi-codegen/v2 v2.8.2", read(t, "goclient", "go.mod")},
		{"go tool oapi-codegen --config oapi-codegen.yaml shop.yaml", "go tool oapi-codegen --config oapi-codegen.yaml shop.yaml", read(t, "goclient", "shop", "generate.go")},
	} {
		if !strings.Contains(section, c.said) || !strings.Contains(c.in, c.pinned) {
			t.Errorf("the page says %s: %t; it is so: %t", c.said, strings.Contains(section, c.said), strings.Contains(c.in, c.pinned))
		}
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
