package contract_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// crumbs are what comments are made of that try to become more than text.
var crumbs = []string{
	"<x>", "<x", "</x>", "<!--", "-->", "`", "``", "```", "~~~", "\n", "\n\n", " ", "    ", "\t", "- ", "> ", "1. ", "|", "|-|-|", "\\", "[a]",
	"[a]: ", "(", "](", "javascript:x", "a", "b.c", "[a][b.c]", "# ", "---", "<https://a.b>", "&lt;", "![", "(--", "--)", "One. ", "Two. ",
}

var markup = regexp.MustCompile(`(?i)<x|</x|<!--|(?:href|src)="javascript`)

// TestNoCommentBecomesMarkup renders comments with a markdown library that lets HTML through.
func TestNoCommentBecomesMarkup(t *testing.T) {
	t.Parallel()
	const methods = 500
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	for seed := range uint64(4) {
		doc := describe(t, commented(t, seed, methods), nil, openapi.V31, openapi.Dialect{})
		for path, item := range doc.Paths.All() {
			for _, text := range []string{item.Get.Summary, item.Get.Description} {
				var page bytes.Buffer
				if err := md.Convert([]byte(text), &page); err != nil {
					t.Fatal(err)
				}
				if found := markup.FindString(page.String()); found != "" {
					t.Errorf("seed %d: %s: %q becomes %s", seed, path, text, page.String())
				}
			}
		}
	}
}

// commented is a service whose methods have comments of crumbs.
func commented(t *testing.T, seed uint64, methods int) *source.Set {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	var file strings.Builder
	file.WriteString("syntax = \"proto3\";\npackage p;\nimport \"google/api/annotations.proto\";\nmessage M {}\nservice S {\n")
	for i := range methods {
		var comment strings.Builder
		for range 2 + random.IntN(14) {
			comment.WriteString(crumbs[random.IntN(len(crumbs))])
		}
		for line := range strings.SplitSeq(comment.String(), "\n") {
			fmt.Fprintf(&file, "  // %s\n", line)
		}
		fmt.Fprintf(&file, "  rpc M%d(M) returns (M) { option (google.api.http) = {get: \"/%d\"}; }\n", i, i)
	}
	file.WriteString("}\n")
	path := filepath.Join(t.TempDir(), "p.proto")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := source.Dir(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
