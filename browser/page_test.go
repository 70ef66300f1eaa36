package browser_test

import "testing"

func TestAPageSpeaksWithTheEdge(t *testing.T) {
	run := page(t)
	for name, c := range map[string]struct{ script, want string }{
		"a JSON document is shown": {`
			return 'shelves: ' + JSON.parse(document.body.innerText).length`, "shelves: 8"},

		"events of a delivered order end": {`
			return new Promise(done => {
				const seen = [], source = new EventSource('/v1/orders/o-100001:watch')
				source.onmessage = e => seen.push(JSON.parse(e.data).order.id + ' ' + (e.lastEventId > 0))
				source.addEventListener('end', () => { source.close(); done(seen.join()) })
				source.onerror = () => { source.close(); done('error behind ' + seen) }
			})`, "o-100001 true"},
		"events of an order come as it moves": {order + `
			return new Promise(done => {
				const seen = [], source = new EventSource('/v1/orders/' + order + ':watch')
				const finish = result => { source.close(); done(result) }
				source.onmessage = e => {
					const change = JSON.parse(e.data)
					seen.push(change.order.status)
					if (e.lastEventId !== change.sequence) finish('id ' + e.lastEventId + ' of ' + e.data)
					if (seen.length === 2) finish('moved: ' + (seen[0] !== seen[1]))
				}
				source.onerror = () => finish('error behind ' + seen)
			})`, "moved: true"},
		"events of no order are not asked for again": {`
			const state = id => new Promise(done => {
				const source = new EventSource('/v1/orders/' + id + ':watch')
				source.onerror = () => done(source.readyState === EventSource.CLOSED ? 'closed' : 'will ask again')
			})
			return [await state('o-999999999'), await state('nothing')].join()`, "closed,closed"},

		"lines come one by one": {order + `
			const response = await fetch('/v1/orders/' + order + ':watch?maxWait=3s')
			const reader = response.body.getReader(), decoder = new TextDecoder()
			const chunks = []
			for (let chunk; !(chunk = await reader.read()).done;) chunks.push(decoder.decode(chunk.value))
			const lines = chunks.join('').trim().split('\n').map(JSON.parse)
			return [response.headers.get('content-type'), JSON.parse(chunks[0]).order.id === order, lines.length > 1].join()`,
			"application/x-ndjson,true,true"},
		"a stream is an array to who asks for JSON": {`
			const response = await fetch('/v1/orders/o-100001:watch', { headers: { accept: 'application/json' } })
			return response.headers.get('content-type') + ', messages: ' + (await response.json()).length`,
			"application/json, messages: 1"},
		"a long list is compressed": {`
			const response = await fetch('/v1/products?pageSize=100')
			return [response.headers.get('content-encoding'), (await response.json()).products.length].join()`, "zstd,100"},

		"a picture comes back as it was sent": {`
			const bytes = new Uint8Array(200000).map((_, i) => i * i % 256)
			bytes.set(new TextEncoder().encode('\r\n------WebKitFormBoundary\r\n'), 1000)
			const form = new FormData()
			form.append('content', new File([bytes], 'noise.png', { type: 'image/png' }))
			const up = await fetch('/v1/products/copper-saucepan/images?alt=noise', { method: 'POST', body: form })
			const image = await up.json()
			if (!up.ok) return JSON.stringify(image)
			const down = await fetch('/v1/products/copper-saucepan/images/' + image.id)
			const same = new Uint8Array(await down.arrayBuffer())
			return [image.alt, down.headers.get('content-type'), same.join() === bytes.join()].join()`, "noise,image/png,true"},
		"a request is streamed over HTTP/2": {`
			const line = id => JSON.stringify({ product: {
				id, name: id, category: 'categories/study/pens', price: { currencyCode: 'EUR', units: '19' } } }) + '\n'
			const lines = [line('first-of-the-stream'), line('second-of-the-stream')]
			const body = new ReadableStream({
				async pull(controller) {
					await new Promise(later => setTimeout(later, 50))
					lines.length ? controller.enqueue(lines.shift()) : controller.close()
				},
			}).pipeThrough(new TextEncoderStream())
			const response = await fetch('/v1/products:import', {
				method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/x-ndjson' } })
			const answer = await response.json()
			return response.ok ? 'created: ' + answer.createdCount : JSON.stringify(answer)`, "created: 2"},

		"a talk over a WebSocket ends when the page is done": {socket + `
			const talk = await open('/v1/support/chat', ['gatehouse', 'bearer.token'])
			const greeting = JSON.parse(await talk.next())
			talk.send('{"text": "hello"}')
			const answer = JSON.parse(await talk.next())
			talk.send('')
			const end = await talk.closed
			return [talk.protocol, greeting.sequence, answer.sequence, end.code, end.wasClean].join()`, "gatehouse,1,2,1000,true"},
		"a WebSocket is told of a wrong name": {socket + `
			return refused(await open('/v1/support/chat'), '{"txet": "hello"}')`,
			`4003 3 message 0: $: unknown field "txet"; did you mean "text"? (offset 1)`},
		"a WebSocket is told of bad JSON": {socket + `
			return (await refused(await open('/v1/support/chat'), '{"text": ')).slice(0, 17)`, "4003 3 message 0:"},
		"a WebSocket watches an order": {socket + `
			const watch = await open('/v1/orders/o-100001:watch')
			const change = JSON.parse(await watch.next())
			const end = await watch.closed
			return [change.order.id, end.code].join()`, "o-100001,1000"},
		"a WebSocket is told of an unknown order": {socket + `
			const watch = await open('/v1/orders/o-999999999:watch')
			const last = JSON.parse(await watch.next())
			const end = await watch.closed
			return [end.code, last.error.code].join()`, "4005,5"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := run(t, c.script); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// order places an order, whose id it leaves in a constant of that name.
const order = `
	const post = async (path, body) => {
		const response = await fetch(path, {
			method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
		if (!response.ok) throw new Error(path + ': ' + await response.text())
		return response.json()
	}
	await post('/v1/carts/browser/items', { productId: 'anodised-drafting-pen', quantity: 1 })
	const { order: { id: order } } = await post('/v1/carts/browser:checkout', {
		customerId: 'c-1001', invoice: {},
		shipTo: { recipient: 'A. Reader', lines: ['1 Quiet Lane'], city: 'Bremen', countryCode: 'DE' } })`

// socket defines open, which opens a WebSocket whose frames can be awaited one by one, and refused, which says how a talk
// ends after a frame.
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
	})
	const refused = async (talk, text) => {
		await talk.next()
		talk.send(text)
		const { error } = JSON.parse(await talk.next())
		const end = await talk.closed
		return [end.code, error.code, error.message].join(' ')
	}`
