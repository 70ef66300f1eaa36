package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// plant writes files below a fresh folder and returns it.
func plant(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	money   = "syntax = \"proto3\";\npackage money;\nmessage Money { string units = 1; }\n"
	bank    = "syntax = \"proto3\";\npackage bank;\nimport \"money/money.proto\";\nservice Bank { rpc Pay(money.Money) returns (money.Money); }\n"
	nothing = "syntax = \"proto3\";\n"
)

func TestImportsStartFromTheRootsOfBufYAML(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		load  string
	}{
		"no buf.yaml": {map[string]string{"bank/bank.proto": bank, "money/money.proto": money}, "."},
		"v2 modules": {map[string]string{
			"buf.yaml":            "version: v2\nmodules:\n  - path: a\n  - path: b\n",
			"a/bank.proto":        bank,
			"b/money/money.proto": money,
		}, "a"},
		"v2 modules from above": {map[string]string{
			"buf.yaml":            "version: v2\nmodules:\n  - path: a\n    excludes: [a/old]\n  - path: b\n",
			"a/bank.proto":        bank,
			"a/old/x.proto":       "not a proto",
			"b/money/money.proto": money,
			"c/other.proto":       "not a proto",
		}, "."},
		"v1 above": {map[string]string{
			"buf.yaml": "version: v1\n", "bank/bank.proto": bank, "money/money.proto": money,
		}, "bank"},
		"v1 of a single file": {map[string]string{
			"buf.yaml": "version: v1\n", "bank/bank.proto": bank, "money/money.proto": money,
		}, "bank/bank.proto"},
		"buf.yaml of other folders": {map[string]string{
			"buf.yaml": "version: v2\nmodules:\n  - path: elsewhere\n", "mine/bank.proto": bank, "mine/money/money.proto": money,
		}, "mine"},
		"a vendored copy of a well-known file": {map[string]string{
			"bank.proto": bank, "money/money.proto": money, "google/api/http.proto": "not a proto",
		}, "."},
		"a mounted ConfigMap": {map[string]string{
			"bank.proto": bank, "money/money.proto": money, "..2026_01/bank.proto": bank, ".git/x.proto": nothing,
		}, "."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := source.Dir(t.Context(), filepath.Join(plant(t, c.files), filepath.FromSlash(c.load)))
			if err != nil {
				t.Fatal(err)
			}
			if want := []protoreflect.FullName{"bank.Bank"}; !slices.Equal(set.Services, want) {
				t.Errorf("services: got %v, want %v", set.Services, want)
			}
		})
	}
}

func TestFolderProblemsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no protos":    {map[string]string{"README": "none"}, "there are none of its own"},
		"bad buf.yaml": {map[string]string{"buf.yaml": "version: [", "x.proto": nothing}, "buf.yaml:1:1: "},
		"import cycle": {map[string]string{
			"a.proto": nothing + "import \"b.proto\";\n", "b.proto": nothing + "import \"a.proto\";\n",
		}, "cycle found in imports"},
		"import escapes":  {map[string]string{"a.proto": nothing + "import \"../x.proto\";\n"}, "a.proto:2:8: import \"../x.proto\" is not found"},
		"edition to come": {map[string]string{"a.proto": "edition = \"2024\";\n"}, "a.proto:1:11: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := source.Dir(t.Context(), plant(t, c.files))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
	if _, err := source.Dir(t.Context(), filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("a folder that is not there was loaded")
	}
}
