package browser_test

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/gatehouse-edge/gatehouse/internal/cli"
)

// patience is how long a script may take. None is expected to need that long.
const patience = time.Minute

var httpsURL = regexp.MustCompile(`https://[0-9.]+:\d+`)

// shop runs the command that `make run` runs, on free ports, and returns its https URL.
func shop(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		const free = "127.0.0.1:0"
		args := []string{"serve", "--demo", "--listen", free, "--listen-tls", free, "--admin", free}
		ended <- cli.Run(ctx, args, in, t.Output())
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
		if url := httpsURL.FindString(lines.Text()); url != "" {
			go io.Copy(io.Discard, out) //nolint:errcheck // the rest is of no interest
			return url
		}
	}
	t.Fatal("the edge does not say where it listens")
	return ""
}

// page opens a page of the shop in a browser of its own and returns a function that runs a script there: the body of an
// async function, which returns a string. Without a browser the test is skipped.
//
// The browser keeps what it writes in a folder of its own, which chromedp makes and removes.
func page(t *testing.T) (run func(t *testing.T, script string) string) {
	t.Helper()
	path := chromium(t)
	url := shop(t)
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.IgnoreCertErrors,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if _, err := chromedp.Run(ctx, chromedp.Navigate(url+"/v1/categories")); err != nil {
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
