package contract_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// purchase is what each of the generated clients says while it buys.
const purchase = `a product is chosen
it has not changed
one that is missing is a Status
a wrong request is a Problem with its field
two are in the cart
the order is placed
it is paid for
it is called off
its events end
`

// TestGeneratedClientsBuyAndCallOff lets clients that other people's generators make of the shop's documents buy something
// from the edge that `gatehouse serve --demo` starts. Their programs compile against what is generated only.
func TestGeneratedClientsBuyAndCallOff(t *testing.T) {
	t.Parallel()
	gatehouse := command(t)
	for name, buy := range map[string]func(t *testing.T, gatehouse, url, token string) string{
		"TypeScript": buyInTypeScript, "Go": buyInGo,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, token := demo(t, gatehouse)
			if got := buy(t, gatehouse, url, token); got != purchase {
				t.Errorf("got\n%s\nwant\n%s", got, purchase)
			}
		})
	}
}

// buyInTypeScript makes types of the document that is kept in the repository. The program is compiled together with
// misuse.ts, which compiles only if the types refuse what is wrong there.
func buyInTypeScript(t *testing.T, _, url, token string) string {
	t.Helper()
	dir := t.TempDir()
	copyFiles(t, dir, "typescript")
	if err := copyFile(filepath.Join(dir, "shop.yaml"), filepath.Join(root, "openapi", "public.yaml")); err != nil {
		t.Fatal(err)
	}
	npm := install(t, dir)
	output(t, dir, npm, "run", "--silent", "generate")
	output(t, dir, npm, "run", "--silent", "build")
	return output(t, dir, npm, "run", "--silent", "start", "--", url, token)
}

// buyInGo makes a client of the document that the command writes for generators that know nothing newer than 3.0.
func buyInGo(t *testing.T, gatehouse, url, token string) string {
	t.Helper()
	dir := t.TempDir()
	copyFiles(t, dir, "goclient")
	copyFiles(t, filepath.Join(dir, "shop"), "goclient", "shop")
	output(t, root, gatehouse, "openapi", "--spec", "3.0", "--output", filepath.Join(dir, "shop", "shop.yaml"), "proto/shop")
	// Apart from the rest, so that it is known of what compiles that it does.
	if out, err := inFolder(t, dir, "go", "mod", "download").CombinedOutput(); err != nil {
		unavailable(t, err, out)
	}
	output(t, dir, "go", "generate", "./shop")
	output(t, dir, "go", "vet", "./...")
	return output(t, dir, "go", "run", ".", url, token)
}

// command builds the command and returns its path.
func command(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gatehouse")
	output(t, root, "go", "build", "-o", path, "./cmd/gatehouse")
	return path
}

var (
	listening = regexp.MustCompile(`^  http\s+(http://[0-9.]+:\d+)$`)
	customers = regexp.MustCompile(`also at (http://[0-9.]+:\d+/customer)`)
)

// demo runs the edge with the sample shop until the test ends, and returns its URL and a customer's token.
func demo(t *testing.T, gatehouse string) (url, token string) {
	t.Helper()
	cmd := inFolder(t, "", gatehouse, "serve", "--demo", "--demo-login", "127.0.0.1:0", "-l", "127.0.0.1:0", "--admin", "off")
	cmd.Stderr = t.Output()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("the edge ended: %v", err)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			url = found[1]
		}
		if found := customers.FindStringSubmatch(lines.Text()); found != nil {
			go io.Copy(io.Discard, out) //nolint:errcheck // the rest is of no interest
			return url, tokenAt(t, found[1])
		}
	}
	t.Fatal("the edge does not say where it listens, and where tokens are to be had")
	return "", ""
}

func tokenAt(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	token, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(token))
}

// output runs a command in a folder and returns what it prints.
func output(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := inFolder(t, dir, name, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, &out, &errs)
	}
	return out.String()
}

// inFolder is a command that ends when the test does, or when it takes far too long.
func inFolder(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.WaitDelay = dir, 10*time.Second
	return cmd
}

// copyFiles copies the files of a folder: not what is in folders within, and so nothing that was installed there.
func copyFiles(t *testing.T, to string, from ...string) {
	t.Helper()
	folder := filepath.Join(from...)
	entries, err := os.ReadDir(folder)
	if err == nil {
		err = os.MkdirAll(to, 0o700)
	}
	for _, entry := range entries {
		if err == nil && entry.Type().IsRegular() {
			err = copyFile(filepath.Join(to, entry.Name()), filepath.Join(folder, entry.Name()))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
