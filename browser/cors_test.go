package browser_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// other serves an empty page of an origin of its own until the test ends, and returns the origin.
func other(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// tries are what pages of other origins do: the bodies of async functions, which return a string. EDGE is the edge's URL.
var tries = []struct{ name, script, friend, stranger string }{
	{"an answer is read", `
		const answer = await fetch(EDGE + '/v1/categories')
		return answer.status + ' ' + (answer.headers.get('x-request-id') !== null)`, "200 true", "TypeError"},
	{"an error is read", `
		const answer = await fetch(EDGE + '/v1/products/nothing', { headers: { 'x-request-id': 'page-1' } })
		return answer.status + ' ' + answer.headers.get('x-request-id')`, "404 page-1", "TypeError"},
	{"a change is sent", `
		const answer = await fetch(EDGE + '/v1/carts/page/items', {
			method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer nobody' },
			body: JSON.stringify({ productId: 'anodised-drafting-pen', quantity: 1 }) })
		return String(answer.status)`, "200", "TypeError"},
	{"a header that is not listed is sent", `
		return String((await fetch(EDGE + '/v1/categories', { headers: { 'x-evil': '1' } })).status)`, "TypeError", "TypeError"},
	{"a method that does not exist is sent", `
		return String((await fetch(EDGE + '/v1/categories', { method: 'DELETE' })).status)`, "TypeError", "TypeError"},
	{"credentials are sent", `
		return String((await fetch(EDGE + '/v1/categories', { credentials: 'include' })).status)`, "200", "TypeError"},
	{"a WebSocket is opened", `
		return new Promise(done => {
			const talk = new WebSocket(EDGE.replace('http', 'ws') + '/v1/support/chat')
			talk.onmessage = e => { talk.close(); done('sequence ' + JSON.parse(e.data).sequence) }
			talk.onerror = () => done('error')
		})`, "sequence 1", "error"},
	{"events are read", `
		return new Promise(done => {
			const source = new EventSource(EDGE + '/v1/orders/o-100001:watch')
			source.onmessage = e => { source.close(); done(JSON.parse(e.data).order.id) }
			source.onerror = () => { source.close(); done('error') }
		})`, "o-100001", "error"},
}

func TestPagesOfOtherOriginsMayDoWhatIsAllowedThem(t *testing.T) {
	browser := chrome(t)
	friend, stranger := other(t), other(t)
	config := filepath.Join(t.TempDir(), "gatehouse.yaml")
	text := "authentication: {off: true}\ncors: {origins: ['" + friend + "'], credentials: true}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	edge := serve(t, "--demo", "--config", config, "--listen", free, "--admin", free)[0]
	for _, c := range []struct {
		who, origin string
		want        func(i int) string
	}{
		{"a page that is listed", friend, func(i int) string { return tries[i].friend }},
		{"a page that is not", stranger, func(i int) string { return tries[i].stranger }},
	} {
		if _, err := chromedp.Run(browser, chromedp.Navigate(c.origin)); err != nil {
			t.Fatal(err)
		}
		for i, try := range tries {
			t.Run(c.who+"/"+try.name, func(t *testing.T) {
				limited, cancel := context.WithTimeout(browser, patience)
				defer cancel()
				script := "(async () => { try {" + strings.ReplaceAll(try.script, "EDGE", "'"+edge+"'") + "} catch (e) { return e.name } })()"
				got, err := chromedp.Run(limited, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
				if err != nil || got != c.want(i) {
					t.Errorf("got %q %v, want %q", got, err, c.want(i))
				}
			})
		}
	}
}
