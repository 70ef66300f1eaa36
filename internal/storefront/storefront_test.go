package storefront_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/storefront"
)

func handler(t *testing.T, options storefront.Options) http.Handler {
	t.Helper()
	h, err := storefront.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// shop has a caller who gets a token, and one who does not.
func shop() storefront.Options {
	return storefront.Options{
		Callers: []storefront.Caller{{Name: "customer", Says: "somebody who buys"}, {Name: "unlucky", Says: "somebody else"}},
		Token: func(caller string) (string, error) {
			if caller == "unlucky" {
				return "", errors.New("the key is lost")
			}
			return "token of " + caller, nil
		},
	}
}

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var assetURL = regexp.MustCompile(`/storefront/assets/[0-9a-f]{16}/[a-z0-9.-]+`)

func TestThePageLeadsToItsAssets(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	page := ask(h, http.MethodGet, "/")
	if got := page.Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("the page is %s", got)
	}
	types := map[string]string{
		"app.js": "text/javascript; charset=utf-8", "app.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml",
		"licences.txt": "text/plain; charset=utf-8", "fraunces.woff2": "font/woff2", "instrument-sans.woff2": "font/woff2",
	}
	for _, url := range assetURL.FindAllString(page.Body.String(), -1) {
		name := url[strings.LastIndex(url, "/")+1:]
		asset := ask(h, http.MethodGet, url)
		if got, want := asset.Header().Get("Content-Type"), types[name]; asset.Code != http.StatusOK || got != want || want == "" {
			t.Errorf("%s is %d %s", url, asset.Code, got)
		}
		if got := asset.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control is %q", url, got)
		}
		delete(types, name)
	}
	for name := range types {
		t.Errorf("nothing leads to %s", name)
	}
}

func TestEveryResponseHasThePolicy(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	asset := assetURL.FindString(ask(h, http.MethodGet, "/").Body.String())
	for _, path := range []string{"/", asset, "/storefront/session/customer", "/storefront/session/unlucky", "/nothing"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			header := ask(h, method, path).Header()
			for name, want := range map[string]string{
				"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			} {
				if got := header.Get(name); got != want {
					t.Errorf("%s %s: %s is %q", method, path, name, got)
				}
			}
		}
	}
}

var inline = regexp.MustCompile(`(?i)<script(?:\s+type="module")?>|<style|\s(?:on[a-z]+|style)\s*=|(?:src|href)="(?:[a-z]+:)?//`)

func TestThePageHasNothingInlineOrFromElsewhere(t *testing.T) {
	t.Parallel()
	if found := inline.FindString(ask(handler(t, shop()), http.MethodGet, "/").Body.String()); found != "" {
		t.Errorf("the page has %s", found)
	}
	for _, text := range []string{`<script>`, `<p onclick=""`, `<p style=""`, `<style>`, `src="//example.com"`, `href="https://example.com"`} {
		if !inline.MatchString(text) {
			t.Errorf("this test does not see %s", text)
		}
	}
}

func TestOnlyWhatIsThereIsServed(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	asset := assetURL.FindString(ask(h, http.MethodGet, "/").Body.String())
	for _, path := range []string{
		"/index.html", "/storefront", "/storefront/", "/storefront/assets/", "/storefront/assets/app.js", asset + "/",
		strings.Replace(asset, "assets/", "assets/0", 1), "/storefront/session/", "/storefront/session/nobody",
		"/storefront/session/customer/", "/storefront/session/../session/customer", "//", "/storefront/assets/../index.html",
	} {
		response := ask(h, http.MethodGet, "http://example.com"+path)
		if response.Code != http.StatusNotFound || response.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s is %d %s", path, response.Code, response.Header().Get("Content-Type"))
		}
	}
	for _, path := range []string{"/", asset, "/storefront/session/customer"} {
		if response := ask(h, http.MethodPost, path); response.Code != http.StatusMethodNotAllowed || response.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("POST %s is %d, with Allow %q", path, response.Code, response.Header().Get("Allow"))
		}
		if response := ask(h, http.MethodHead, path); response.Code != http.StatusOK {
			t.Errorf("HEAD %s is %d", path, response.Code)
		}
	}
}

func TestWhatIsKeptIsNotSentAgain(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	etag := ask(h, http.MethodGet, "/").Header().Get("ETag")
	if got := ask(h, http.MethodGet, "/", "If-None-Match", etag).Code; got != http.StatusNotModified {
		t.Errorf("the page is %d to who has %s", got, etag)
	}
	if got := ask(handler(t, storefront.Options{}), http.MethodGet, "/").Header().Get("ETag"); got == etag {
		t.Errorf("a page for other callers is %s, too", etag)
	}
}

func TestACallerGetsATokenThatNobodyKeeps(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	response := ask(h, http.MethodGet, "/storefront/session/customer")
	var session struct{ Token string }
	if err := json.Unmarshal(response.Body.Bytes(), &session); err != nil || session.Token != "token of customer" {
		t.Errorf("got %s: %v", response.Body, err)
	}
	if got := response.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	response = ask(h, http.MethodGet, "/storefront/session/unlucky")
	if response.Code != http.StatusInternalServerError || strings.Contains(response.Body.String(), "key") {
		t.Errorf("a failure is %d %s", response.Code, response.Body)
	}
}

func TestHostileCallersStayText(t *testing.T) {
	t.Parallel()
	const hostile = `</script><script>alert(1)</script><!--"'` + "`"
	options := shop()
	options.Callers = []storefront.Caller{{Name: hostile, Says: hostile}}
	page := ask(handler(t, options), http.MethodGet, "/").Body.String()
	_, list, _ := strings.Cut(page, `id="callers">`)
	list, _, _ = strings.Cut(list, "</script>")
	var callers []storefront.Caller
	if err := json.Unmarshal([]byte(list), &callers); err != nil || callers[0] != options.Callers[0] {
		t.Errorf("the page lists %s: %v", list, err)
	}
}

func TestAPageWithoutCallersListsNone(t *testing.T) {
	t.Parallel()
	if page := ask(handler(t, storefront.Options{}), http.MethodGet, "/").Body.String(); !strings.Contains(page, `id="callers">[]</script>`) {
		t.Errorf("the page is\n%s", page)
	}
}

func TestCallersNeedTokens(t *testing.T) {
	t.Parallel()
	options := shop()
	options.Token = nil
	if _, err := storefront.New(options); err == nil {
		t.Error("nobody says that no tokens can be made")
	}
}
