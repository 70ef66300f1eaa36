package portal_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestEveryResponseHasThePolicy(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; " +
		"font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	check := func(method, path string) {
		response := ask(t, h, method, path)
		for name, want := range map[string]string{
			"Content-Security-Policy": policy,
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "no-referrer",
		} {
			if got := response.Header().Get(name); got != want {
				t.Errorf("%s %s: %s is %q", method, path, name, got)
			}
		}
	}
	for _, path := range append(assets(t, h), "/docs", "/docs/", "/docs/reference", "/docs/nothing") {
		check(http.MethodGet, path)
	}
	check(http.MethodPost, "/docs")
}

func TestAssetsAreKeptForEver(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	types := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml", "txt": "text/plain; charset=utf-8"}
	for _, url := range assets(t, h) {
		response := ask(t, h, http.MethodGet, url)
		if response.Code != http.StatusOK {
			t.Errorf("%s: %d", url, response.Code)
		}
		if got := response.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control is %q", url, got)
		}
		want := types[url[strings.LastIndexByte(url, '.')+1:]]
		if got := response.Header().Get("Content-Type"); got != want {
			t.Errorf("%s: Content-Type is %q", url, got)
		}
	}
}

func TestAPageIsSentAgainOnlyWhenItChanged(t *testing.T) {
	t.Parallel()
	changed := shop()
	changed.Title = "Corner Shop 2"
	before, after := handler(t, shop()), handler(t, changed)
	for _, path := range []string{"/docs", "/docs/reference"} {
		for _, coding := range []string{"identity", "gzip"} {
			first := ask(t, before, http.MethodGet, path, "Accept-Encoding", coding)
			etag := first.Header().Get("ETag")
			if got := first.Header().Get("Cache-Control"); got != "no-cache" || etag == "" {
				t.Errorf("%s in %s: Cache-Control is %q, ETag %q", path, coding, got, etag)
			}
			again := ask(t, before, http.MethodGet, path, "Accept-Encoding", coding, "If-None-Match", etag)
			if again.Code != http.StatusNotModified || again.Body.String() != "" || again.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s in %s: %d, %v", path, coding, again.Code, again.Header())
			}
			if other := ask(t, after, http.MethodGet, path, "Accept-Encoding", coding, "If-None-Match", etag); other.Code != http.StatusOK {
				t.Errorf("%s in %s after a change: %d", path, coding, other.Code)
			}
		}
		plain, packed := ask(t, before, http.MethodGet, path), ask(t, before, http.MethodGet, path, "Accept-Encoding", "gzip")
		if plain.Header().Get("ETag") == packed.Header().Get("ETag") {
			t.Errorf("%s: both codings have the ETag %s", path, plain.Header().Get("ETag"))
		}
	}
}

func TestGzipIsForThoseWhoAcceptIt(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	for _, c := range []struct{ name, accepts, coding string }{
		{"browser", "gzip, deflate, br, zstd", "gzip"},
		{"old name", "x-gzip", "gzip"},
		{"case and space", "br ; q=1 , GZIP ; q=0.5", "gzip"},
		{"anything", "*", "gzip"},
		{"nothing said", "", ""},
		{"identity", "identity", ""},
		{"refused", "gzip;q=0, *", ""},
		{"refused, at length", "gzip;q=0.000", ""},
		{"everything refused", "*;q=0", ""},
		{"another", "br", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, path := range append(assets(t, h), "/docs") {
				response := ask(t, h, http.MethodGet, path, "Accept-Encoding", c.accepts)
				if got := response.Header().Get("Content-Encoding"); got != c.coding {
					t.Fatalf("%s: Content-Encoding is %q", path, got)
				}
				content := response.Body.String()
				if got := response.Header().Get("Content-Length"); got != strconv.Itoa(len(content)) {
					t.Errorf("%s: Content-Length is %s of %d", path, got, len(content))
				}
				if c.coding == "gzip" && unpack(t, content) != get(t, h, path) {
					t.Errorf("%s: the codings differ in content", path)
				}
			}
		})
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	for _, path := range append(assets(t, h), "/docs", "/docs/reference") {
		head, whole := ask(t, h, http.MethodHead, path), ask(t, h, http.MethodGet, path)
		if head.Code != http.StatusOK || head.Body.String() != "" {
			t.Errorf("HEAD %s: %d with a body", path, head.Code)
		}
		for name := range whole.Header() {
			if got, want := head.Header().Get(name), whole.Header().Get(name); got != want {
				t.Errorf("HEAD %s: %s is %q, not %q", path, name, got, want)
			}
		}
	}
}

func TestThereIsNothingElse(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	for _, path := range []string{"/", "/docs/nothing", "/docs/assets", "/docs/assets/scalar.js", "/docs/landing.html", "/docs/assets/../../portal.go"} {
		response := ask(t, h, http.MethodGet, path)
		if response.Code != http.StatusNotFound || response.Body.String() != "there is no such page\n" {
			t.Errorf("%s: %d", path, response.Code)
		}
		if got := response.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
			t.Errorf("%s: Content-Type is %q", path, got)
		}
	}
}

func TestPagesCanOnlyBeRead(t *testing.T) {
	t.Parallel()
	h := handler(t, shop())
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		response := ask(t, h, method, "/docs")
		if response.Code != http.StatusMethodNotAllowed || response.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow is %q", method, response.Code, response.Header().Get("Allow"))
		}
	}
}
