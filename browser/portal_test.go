package browser_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

const audiences = `
listeners:
  - address: 127.0.0.1:0
  - address: 127.0.0.1:0
    audience: partner
admin_address: "off"
`

func TestThePortalOfTheShop(t *testing.T) {
	chrome := chrome(t)
	config := filepath.Join(t.TempDir(), "gatehouse.yaml")
	if err := os.WriteFile(config, []byte(audiences), 0o600); err != nil {
		t.Fatal(err)
	}
	urls := serve(t, "--demo", "--demo-login", "127.0.0.1:0", "--config", config)
	public, partner := urls[0], urls[1]

	for name, c := range map[string]struct {
		host string
		read func(*tab)
	}{
		"the landing page tells of the services": {public, landing},
		"documents are downloaded":               {public, downloads},
		"a service leads to its operations":      {public, deepLink},
		"an operation is found":                  {public, search},
		"a call is tried":                        {public, tryProduct},
		"a partner reads both documents":         {partner, bothDocuments},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.read(open(chrome, t, c.host))
		})
	}
}

func landing(b *tab) {
	b.visit("/docs")
	if got := b.value("document.title + ', ' + document.querySelector('h1').innerText"); got != "Shop API, Shop API 1.0" {
		b.Errorf("the title is %s", got)
	}
	if got := b.value("document.querySelector('header').innerText"); !strings.HasPrefix(got, "Public API\n") {
		b.Errorf("the page begins with %q", got)
	}
	for id, want := range map[string]string{
		"shop.catalog.v1.CatalogService": "What the shop sells: shelves, products and their pictures|17 operations",
		"shop.orders.v1.OrdersService":   "What was bought, and how far it has come|5 operations",
		"shop.support.v1.SupportService": "Help, at any hour|1 operation",
	} {
		_, name, _ := strings.Cut(id, ".v1.")
		card := b.value(`document.getElementById("` + id + `").innerText`)
		if got := strings.Join(strings.FieldsFunc(card, isBreak), "|"); got != name+"|"+want {
			b.Errorf("the card of %s says %s", id, got)
		}
	}
	if got := b.value("document.querySelector('.documents').innerText"); !strings.Contains(got, "33 operations") {
		b.Errorf("of the document, the page says %q", got)
	}
	b.isReadable()
	light := b.value("getComputedStyle(document.body).backgroundColor")
	b.prefer("dark")
	if dark := b.value("getComputedStyle(document.body).backgroundColor"); dark == light {
		b.Errorf("the dark page is %s, as the light one is", dark)
	}
}

func isBreak(r rune) bool { return r == '\n' }

func downloads(b *tab) {
	b.visit("/docs")
	folder, yes := b.TempDir(), true
	context := chromedp.FromContext(b.ctx).BrowserContextID
	if _, err := chromedp.CallBrowser(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: context, DownloadPath: folder, EventsEnabled: &yes,
	}); err != nil {
		b.Fatal(err)
	}
	for kind, beginning := range map[string]string{"json": "{", "yaml": "openapi: "} {
		name := "openapi." + kind
		download(b, `a[download][href="/`+name+`"]`, name)
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			b.Fatal(err)
		}
		if !strings.HasPrefix(string(content), beginning) || kind == "json" && !json.Valid(content) {
			b.Errorf("%s begins with %.40q", name, content)
		}
	}
}

// download follows a link and waits until the browser has the file.
func download(b *tab, link, name string) {
	begun, progress := chromedp.BrowserEvents(b.ctx, browser.DownloadWillBegin), chromedp.BrowserEvents(b.ctx, browser.DownloadProgress)
	b.do(chromedp.Click(chromedp.CSS(link)))
	id := ""
	for event, err := range begun {
		if err != nil {
			b.Fatal(err)
		}
		if event.SuggestedFilename != name {
			b.Errorf("the file is offered as %s", event.SuggestedFilename)
		}
		id = event.GUID
		break
	}
	for event, err := range progress {
		switch {
		case err != nil:
			b.Fatal(err)
		case event.GUID != id:
		case event.State == browser.DownloadProgressStateCompleted:
			return
		case event.State == browser.DownloadProgressStateCanceled:
			b.Fatal("the download is canceled")
		}
	}
}
