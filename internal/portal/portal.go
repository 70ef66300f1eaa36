package portal

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

const (
	landingPath   = "/docs"
	referencePath = "/docs/reference"
	assetsPath    = "/docs/assets"
)

// policy lets a page load and call what is on its own host. The reference's script adds styles, and gives the pictures
// and sounds that calls return blob URLs.
var policy = strings.Join([]string{
	"default-src 'self'",
	"style-src 'self' 'unsafe-inline'",
	"img-src 'self' data: blob:",
	"media-src 'self' blob:",
	"font-src 'self' data:",
	"connect-src 'self'",
	"object-src 'none'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
}, "; ")

//go:embed assets pages
var embedded embed.FS

// portal is what is served, by path. It is not changed once it is made, and may serve any number of requests at once.
type portal map[string]*file

// New renders the pages. The handler answers GET and HEAD at /docs and below it. A site that can not be shown is refused
// with all that is wrong with it.
func New(site Site) (http.Handler, error) {
	if err := site.check(); err != nil {
		return nil, err
	}
	p := portal{}
	urls, err := p.addAssets()
	if err != nil {
		return nil, err
	}
	if err := p.addPages(site, urls); err != nil {
		return nil, err
	}
	return p, nil
}

// addAssets returns the assets' URLs by their names.
func (p portal) addAssets() (map[string]string, error) {
	urls := map[string]string{}
	return urls, fs.WalkDir(embedded, "assets", func(from string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := embedded.ReadFile(from)
		if err != nil {
			return err
		}
		name, packed := strings.CutSuffix(path.Base(from), ".gz")
		if !packed {
			if content, err = pack(content); err != nil {
				return err
			}
		}
		f := newFile(name, forEver, content)
		urls[name] = path.Join(assetsPath, f.hash, name)
		p[urls[name]] = f
		return nil
	})
}

func (p portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	found, ok := p[strings.TrimSuffix(r.URL.Path, "/")]
	switch {
	case !ok:
		http.Error(w, "there is no such page", http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "pages can only be read", http.StatusMethodNotAllowed)
	default:
		found.ServeHTTP(w, r)
	}
}
