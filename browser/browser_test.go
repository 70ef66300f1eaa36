package browser_test

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"regexp"
	"strings"
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
		ended <- cli.Run(ctx, []string{"serve", "--demo", "--listen", free, "--listen-tls", free, "--admin", free}, in, io.Discard)
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

// page opens a page of the shop in a browser of its own and returns a function that runs scripts there.
func page(t *testing.T) (run func(t *testing.T, script string) string) {
	t.Helper()
	path := chromium(t)
	url := shop(t)
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.IgnoreCertErrors, chromedp.Flag("disable-quic", true))...)
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

func TestAPageSpeaksWithTheEdge(t *testing.T) {
	run := page(t)
	for name, c := range map[string]struct{ script, want string }{
		"events of an order": {`
			return new Promise(done => {
				const seen = [], source = new EventSource('/v1/orders/o-100001:watch')
				source.onmessage = e => seen.push(JSON.parse(e.data).order.id + ' ' + (e.lastEventId > 0))
				source.addEventListener('end', () => { source.close(); done(seen.join()) })
				source.onerror = () => { source.close(); done('error behind ' + seen) }
			})`, "o-100001 true"},
		"events of no order": {`
			return new Promise(done => {
				const source = new EventSource('/v1/orders/o-999999999:watch')
				source.onerror = () => done('state ' + source.readyState)
			})`, "state 2"},
		"lines as they come": {order + `
			const response = await fetch('/v1/orders/' + order + ':watch?maxWait=3s')
			const reader = response.body.getReader(), decoder = new TextDecoder()
			let chunks = 0, text = '', first = null
			for (;;) {
				const { done, value } = await reader.read()
				if (done) break
				chunks++
				text += decoder.decode(value)
				first ??= text
			}
			const lines = text.trim().split('\n').map(JSON.parse)
			return [response.headers.get('content-type'), JSON.parse(first).order.status, chunks > 1, lines.length > 1].join()`,
			"application/x-ndjson,ORDER_STATUS_PLACED,true,true"},
		"an array": {`
			const response = await fetch('/v1/orders/o-100001:watch', { headers: { accept: 'application/json' } })
			return 'messages: ' + (await response.json()).length`, "messages: 1"},
		"a compressed list": {`
			const response = await fetch('/v1/products?pageSize=100')
			return [response.headers.get('content-encoding') !== null, (await response.json()).products.length].join()`, "true,100"},
		"a picture up and down": {`
			const bytes = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 31, 21, 196, 137])
			const form = new FormData()
			form.append('content', new Blob([bytes], { type: 'image/png' }), 'dot.png')
			const up = await fetch('/v1/products/copper-saucepan/images?alt=a+dot', { method: 'POST', body: form })
			const image = await up.json()
			if (!up.ok) return JSON.stringify(image)
			const down = await fetch('/v1/products/copper-saucepan/images/' + image.id)
			const same = new Uint8Array(await down.arrayBuffer())
			return [down.headers.get('content-type'), same.join() === bytes.join()].join()`, "image/png,true"},
		"a stream of requests": {`
			const product = { id: 'streamed-lamp', sku: 'LAM-9999', name: 'Streamed Lamp', category: 'categories/study/pens', price: { currencyCode: 'EUR', units: '19' } }
			const body = new Blob([JSON.stringify({ product }) + '\n']).stream()
			const response = await fetch('/v1/products:import', { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/x-ndjson' } })
			const answer = await response.json()
			return [response.status, answer.createdCount + answer.failures.length].join()`, "200,1"},
		"a talk": {socket + `
			const talk = await open('/v1/support/chat', ['gatehouse', 'bearer.token'])
			const greeting = JSON.parse(await talk.next())
			talk.send('{"text": "hello"}')
			const answer = JSON.parse(await talk.next())
			talk.send('')
			const end = await talk.closed
			return [talk.protocol, greeting.sequence, answer.sequence, end.code].join()`, "gatehouse,1,2,1000"},
		"a talk that goes wrong": {socket + `
			const talk = await open('/v1/support/chat')
			await talk.next()
			talk.send('{"txet": "hello"}')
			const last = JSON.parse(await talk.next())
			const end = await talk.closed
			return [last.error.code, end.code, end.reason.includes('did you mean "text"')].join()`, "3,4003,true"},
		"a stream of answers over a WebSocket": {socket + `
			const watch = await open('/v1/orders/o-100001:watch')
			const change = JSON.parse(await watch.next())
			const end = await watch.closed
			return [change.order.id, end.code].join()`, "o-100001,1000"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := run(t, c.script); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if !strings.Contains(run(t, "return document.body.innerText"), "categories/study") {
		t.Error("a browser that asks for a page is not shown the JSON")
	}
}

// order places an order, whose id it leaves in a constant of that name.
const order = `
	const post = (path, body) => fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then(r => r.json())
	await post('/v1/carts/browser/items', { productId: 'anodised-drafting-pen', quantity: 1 })
	const placed = await post('/v1/carts/browser:checkout', {
		customerId: 'c-1001', invoice: {}, shipTo: { recipient: 'Me', lines: ['1 Quiet Lane'], city: 'Bremen', countryCode: 'DE' } })
	const order = placed.id ?? placed.order?.id ?? JSON.stringify(placed)`

// socket defines open, which opens a WebSocket whose frames can be awaited one by one.
const socket = `
	const open = (path, protocols) => new Promise((opened, failed) => {
		const ws = new WebSocket(location.origin.replace('https', 'wss') + path, protocols)
		const frames = [], waiting = []
		const closed = new Promise(done => { ws.onclose = done })
		ws.onmessage = e => waiting.length ? waiting.shift()(e.data) : frames.push(e.data)
		ws.onerror = () => failed(new Error('the WebSocket fails'))
		ws.onopen = () => opened({
			closed, protocol: ws.protocol, send: text => ws.send(text),
			next: () => frames.length ? Promise.resolve(frames.shift()) : new Promise(frame => waiting.push(frame)),
		})
	})`
