package browser_test

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab shows pages of one host. When the test ends, it fails if a page complained in the console, tried what its policy
// forbids, or asked another host.
type tab struct {
	*testing.T
	ctx  context.Context
	host string

	mu         sync.Mutex
	complaints []string
	requests   []*network.Request
}

// open opens a tab with a cache and a memory of its own.
func open(browser context.Context, t *testing.T, host string) *tab {
	t.Helper()
	own, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{T: t, host: host}
	for _, err := range []error{
		chromedp.Do(own),
		chromedp.Listen(own, b.hear),
		enable(own, log.Enable),
		enable(own, audits.Enable),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := chromedp.Call(own, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	b.ctx, cancel = context.WithTimeout(own, patience)
	t.Cleanup(cancel)
	b.do(chromedp.EmulateViewport(wide, 900))
	t.Cleanup(b.check)
	return b
}

func enable(ctx context.Context, domain cdp.Command[cdp.Empty, cdp.Empty]) error {
	_, err := chromedp.Call(ctx, domain, cdp.Empty{})
	return err
}

// hear notes what is wrong. It runs between the messages of the browser, so it must not ask it anything.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.complain("the console has a %s: %s", e.Type, text(e.Args))
		}
	case *runtime.EventExceptionThrown:
		b.complain("a script fails: %s at %s:%d", e.ExceptionDetails.Text, e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber+1)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.complain("the browser says: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if policy := e.Issue.Details.ContentSecurityPolicyIssueDetails; policy != nil {
			b.complain("the policy's %s forbids %s", policy.ViolatedDirective, policy.BlockedURL)
		}
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request)
		if url := e.Request.URL; !strings.HasPrefix(url, b.host+"/") && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "blob:"+b.host+"/") {
			b.complain("a page asks another host: %s", url)
		}
	}
}

func (b *tab) complain(format string, args ...any) {
	b.complaints = append(b.complaints, fmt.Sprintf(format, args...))
}

func text(args []*runtime.RemoteObject) string {
	words := make([]string, len(args))
	for i, arg := range args {
		if words[i] = string(arg.Value); words[i] == "" {
			words[i] = arg.Description
		}
	}
	return strings.Join(words, " ")
}

// check is called when the test has ended, while the tab is still open.
func (b *tab) check() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, complaint := range b.complaints {
		b.Error(complaint)
	}
}

// sent returns the last request that was sent to a path, which may have a query.
func (b *tab) sent(path string) *network.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.requests) - 1; i >= 0; i-- {
		if b.requests[i].URL == b.host+path {
			return b.requests[i]
		}
	}
	b.Fatalf("nothing is sent to %s", path)
	return nil
}

// do runs steps, in order.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	for i, step := range steps {
		if err := chromedp.Do(b.ctx, step); err != nil {
			b.Fatalf("step %d of %d: %v", i+1, len(steps), err)
		}
	}
}

// visit loads a page, also where the tab shows another part of it.
func (b *tab) visit(path string) {
	b.Helper()
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(b.host+path))
}

// await waits until a script's expression is true of this page.
func (b *tab) await(condition string) {
	b.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(0))); err != nil {
		b.Fatalf("waiting until %s: %v", condition, err)
	}
}

// shows waits for an element with a text, and returns all its text.
func (b *tab) shows(selector, want string) string {
	b.Helper()
	if err := chromedp.Do(b.ctx, chromedp.WaitReady(chromedp.CSS(selector))); err != nil {
		b.Fatalf("waiting for %s: %v", selector, err)
	}
	b.await(fmt.Sprintf("document.querySelector(%q)?.innerText.includes(%q)", selector, want))
	return b.value(fmt.Sprintf("document.querySelector(%q).innerText", selector))
}

// value evaluates a script's expression to a string.
func (b *tab) value(expression string) string {
	b.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return value
}

// fill types into the element that a script's expression returns.
func (b *tab) fill(element, text string) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void]("("+element+").focus()"), chromedp.KeyEvent(text))
	b.await(fmt.Sprintf("[(%[1]s).value, (%[1]s).innerText].some((text) => text?.trim() === %[2]q)", element, text))
}

//go:embed testdata/unreadable.js
var unreadable string

// The windows of a telephone and of a desk.
const narrow, wide = 390, 1280

// isReadable looks at the page as readers of light and dark pages see it, in both windows.
func (b *tab) isReadable() {
	b.Helper()
	for _, width := range []int64{narrow, wide} {
		b.do(chromedp.EmulateViewport(width, 900))
		for _, scheme := range []string{"dark", "light"} {
			b.prefer(scheme)
			if found := b.value(unreadable); found != "" {
				b.Errorf("%s, %d wide:\n%s", scheme, width, found)
			}
		}
	}
}

// prefer sets the scheme of colours that the reader prefers. The reference has a class for it, which follows.
func (b *tab) prefer(scheme string) {
	b.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
		b.Fatal(err)
	}
	b.await(fmt.Sprintf("document.body.matches('.%s-mode, :not(.light-mode, .dark-mode)')", scheme))
}
