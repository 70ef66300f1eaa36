package browser_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/gatehouse-edge/gatehouse/internal/cli"
)

// patience is how long a script may take. None is expected to need that long.
const patience = time.Minute

// free is an address with a port that nobody uses.
const free = "127.0.0.1:0"

// shop runs the sample shop behind an edge that asks nobody who they are, on free ports, and returns its https URL.
func shop(t *testing.T) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "gatehouse.yaml")
	if err := os.WriteFile(config, []byte("authentication: {off: true}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	urls := serve(t, "--demo", "--config", config, "--listen", free, "--listen-tls", free, "--admin", free)
	return urls[1]
}

var listening = regexp.MustCompile(`^  https?\s+(https?://[0-9.]+:\d+)$`)

// serve runs `gatehouse serve` until the test ends, and returns the URLs of its listeners.
func serve(t *testing.T, args ...string) (urls []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, append([]string{"serve"}, args...), in, t.Output())
		in.CloseWithError(io.EOF)
	}()
	t.Cleanup(func() {
		cancel()
		if status := <-ended; status != 0 {
			t.Errorf("the edge ended with %d", status)
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		switch url := listening.FindStringSubmatch(lines.Text()); {
		case url != nil:
			urls = append(urls, url[1])
		case len(urls) > 0:
			go io.Copy(io.Discard, out) //nolint:errcheck // the rest is of no interest
			return urls
		}
	}
	t.Fatal("the edge does not say where it listens")
	return nil
}

// page opens a page of the shop in a browser of its own and returns a function that runs a script there: the body of an
// async function, which returns a string. Without a browser the test is skipped.
func page(t *testing.T) (run func(t *testing.T, script string) string) {
	t.Helper()
	ctx := chrome(t)
	if _, err := chromedp.Run(ctx, chromedp.Navigate(shop(t)+"/v1/categories")); err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, script string) string {
		t.Helper()
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		result, err := chromedp.Run(limited, chromedp.Evaluate[string]("(async () => {"+script+"})()", chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

// chrome starts a browser, which runs until the test ends. Without one the test is skipped.
//
// The browser keeps what it writes in a folder of its own, which chromedp makes and removes.
func chrome(t *testing.T) context.Context {
	t.Helper()
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.IgnoreCertErrors,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// chromium is the browser's path. Without one, the test is skipped.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no browser: apt-get install chromium")
	return ""
}
