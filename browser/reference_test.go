package browser_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// section selects a part of the reference. Its operations are rendered when they come near.
func section(id string) string { return fmt.Sprintf("section[id=%q]", id) }

const getProduct = "tag/catalogservice/GET/v1/products/{id}"

func deepLink(b *tab) {
	b.visit("/docs")
	b.do(chromedp.Click(chromedp.CSS(`li[id="shop.catalog.v1.CatalogService"] a`)))
	b.shows(section("public/tag/catalogservice"), "What the shop sells")
	b.shows(section("public/tag/catalogservice/GET/v1/categories"), "Lists the shelves")
	b.await(fmt.Sprintf("Math.abs(document.querySelector(%q).getBoundingClientRect().top) < innerHeight / 2", section("public/tag/catalogservice")))
	if got := b.value("location.pathname + location.hash"); !strings.HasPrefix(got, "/docs/reference#tag/catalogservice") { // which follows what is read
		b.Errorf("the link leads to %s", got)
	}
}

func search(b *tab) {
	b.visit("/docs/reference")
	b.do(
		chromedp.Click(chromedp.CSS("button:has(.sidebar-search-placeholder)")),
		chromedp.WaitVisible(chromedp.CSS("[role=dialog] input[role=combobox]")),
		chromedp.SendKeys(chromedp.CSS("[role=dialog] input[role=combobox]"), "watch"),
	)
	b.shows("[role=listbox] a[role=option]", "Watches an order")
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	operation := section("public/tag/ordersservice/GET/v1/orders/{id}:watch")
	shown := b.shows(operation, "curl")
	for _, want := range []string{"Watches an order", "Path Parameters", "The order.", "Query Parameters", "maxWait", "/v1/orders/{id}:watch'", "application/x-ndjson"} {
		if !strings.Contains(shown, want) {
			b.Errorf("the operation does not tell of %s", want)
		}
	}
	b.await(fmt.Sprintf("Math.abs(document.querySelector(%q).getBoundingClientRect().top) < innerHeight / 2", operation))
	b.isReadable()
}

func tryProduct(b *tab) {
	product := section("public/" + getProduct)
	b.visit("/docs/reference#" + getProduct)
	if shown := b.shows(product, "curl"); strings.Contains(shown, "fields=") || strings.Contains(shown, "--header") {
		b.Errorf("the sample sends what nobody asked for:\n%s", shown)
	}
	b.openCall(product)
	b.fill(value("id"), "copper-saucepan")
	b.send("/v1/products/copper-saucepan")
	if got := b.answered(`"sku"`); !strings.Contains(got, `"id": "copper-saucepan"`) {
		b.Errorf("the answer is\n%s", got)
	}
	b.fill(value("fields"), "id,name")
	b.send("/v1/products/copper-saucepan?fields=id%2Cname")
	b.await(fmt.Sprintf("!document.querySelector(%q).innerText.includes('sku')", answer))
	if got := b.answered("copper-saucepan"); !strings.Contains(got, `"name"`) {
		b.Errorf("with fields, the answer is\n%s", got)
	}
}

func bothDocuments(b *tab) {
	b.visit("/docs")
	if got := b.value("document.querySelector('header').innerText"); !strings.HasPrefix(got, "Partner API\n") {
		b.Errorf("the page begins with %q", got)
	}
	var links []string
	if err := json.Unmarshal([]byte(b.value("JSON.stringify([...document.querySelectorAll('.documents h3, a[download]')].map((e) => e.href ?? e.innerText))")), &links); err != nil {
		b.Fatal(err)
	}
	got := strings.ReplaceAll(strings.Join(links, " "), b.host, "")
	if want := "partner /openapi.json /openapi.yaml public /openapi/public.json /openapi/public.yaml"; got != want {
		b.Errorf("the documents are %s", got)
	}
	b.do(chromedp.Click(chromedp.CSS(`li[id="shop.catalog.v1.CatalogService"] a`)))
	b.shows(section("partner/tag/catalogservice"), "What the shop sells")
	for anchor, owner := range map[string]string{getProduct: "partner", "public/" + getProduct: "public"} {
		b.visit("/docs/reference#" + anchor)
		shown := b.shows(section(owner+"/"+getProduct), "curl")
		if sees := strings.Contains(shown, "wholesalePrice"); sees != (owner == "partner") {
			b.Errorf("at %s, the wholesale price is shown: %t", anchor, sees)
		}
	}
}

// openCall opens the form in which an operation of the reference is called.
func (b *tab) openCall(operation string) {
	b.Helper()
	b.do(
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).querySelector('button.show-api-client-button').click()", operation)),
		chromedp.WaitReady(chromedp.CSS("[role=dialog] button[data-addressbar-action=send]")),
	)
}

// value is where the form takes the value of a parameter.
func value(parameter string) string {
	return fmt.Sprintf(`document.querySelector('[role=dialog] input[aria-label="Include %s in request"]').closest('tr').querySelector('[contenteditable][aria-label$=Value]')`, parameter)
}

// send makes the call, and waits until it is answered with 200. There are two buttons, of which one is seen.
func (b *tab) send(path string) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void]("[...document.querySelectorAll('[role=dialog] button[data-addressbar-action=send]')].find((button) => button.checkVisibility()).click()"))
	b.shows("[role=dialog] section[aria-label=Response]", "200 OK")
	if got := b.sent(path).Method; got != http.MethodGet {
		b.Errorf("%s is sent by %q", path, got)
	}
}

const answer = "[role=dialog] .response-section-content .cm-content"

// answered waits for a body that has a text.
func (b *tab) answered(with string) string {
	b.Helper()
	return b.shows(answer, with)
}
