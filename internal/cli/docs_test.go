package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/config"
	"github.com/gatehouse-edge/gatehouse/server"
)

var yamlBlock = regexp.MustCompile("(?s)\n```yaml\n(.*?)\n```\n")

// TestEveryConfigurationInTheDocumentationCanBeLoaded loads what the pages show as YAML, but files for others: API keys, buf.
func TestEveryConfigurationInTheDocumentationCanBeLoaded(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
			if strings.HasPrefix(block[1], "keys:") || strings.HasPrefix(block[1], "# buf.gen.yaml") {
				continue
			}
			found++
			path := filepath.Join(t.TempDir(), "gatehouse.yaml")
			if err := os.WriteFile(path, []byte(block[1]), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := config.Load(path, server.Problems); err != nil {
				t.Errorf("%s:\n%s%v", page, block[1], err)
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d configurations", found)
	}
}
