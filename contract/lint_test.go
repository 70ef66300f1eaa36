package contract_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTheLinterFindsNoError runs the linter that redocly.yaml says the rules of.
func TestTheLinterFindsNoError(t *testing.T) {
	t.Parallel()
	command := redocly(t)
	rules, err := filepath.Abs("redocly.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	args := []string{"lint", "--config", rules}
	for name, load := range apis {
		set := load(t)
		for dialectName, dialect := range dialects {
			for version, v := range versions {
				file := name + "-" + dialectName + "-" + version + ".yaml"
				if err := os.WriteFile(filepath.Join(dir, file), asYAML(t, describe(t, set, nil, v, dialect)), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, file)
			}
		}
	}
	cmd := exec.CommandContext(t.Context(), command, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if n, want := bytes.Count(out, []byte("validated in")), len(apis)*len(dialects)*len(versions); n != want {
		t.Errorf("%d documents of %d have been looked at", n, want)
	}
}

// redocly installs the linter and returns its path.
func redocly(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json"} {
		if err := copyFile(filepath.Join(dir, name), name); err != nil {
			t.Fatal(err)
		}
	}
	install(t, dir)
	return filepath.Join(dir, "node_modules", ".bin", "redocly")
}

// install installs what the package-lock.json of a folder pins, and returns the path of npm.
func install(t *testing.T, dir string) string {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm is missing: install Node.js 20.19 or newer")
	}
	if out, err := inFolder(t, dir, npm, "ci", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
		unavailable(t, err, out)
	}
	return npm
}

// unavailable skips a test that lacks what it has to download, except where CI says that nothing may be lacking.
func unavailable(t *testing.T, err error, said []byte) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%v\n%s", err, said)
	}
	t.Skipf("what the test needs is not to be had: %v\n%s", err, said)
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}
