package storefront

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"time"
)

// What caches may do with a response.
const (
	forEver  = "public, max-age=31536000, immutable"
	askAgain = "no-cache"
)

// mediaTypes are written here because those of package mime depend on the machine.
var mediaTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".html":  "text/html; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".txt":   "text/plain; charset=utf-8",
	".woff2": "font/woff2",
}

var (
	//go:embed assets
	embedded embed.FS
	//go:embed index.html
	index string
)

// embeddedFiles returns the page and the assets by their paths. The page lists who the visitor may be.
func embeddedFiles(callers []Caller) (map[string]*file, error) {
	assets := map[string][]byte{}
	all := sha256.New()
	err := fs.WalkDir(embedded, "assets", func(from string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := embedded.ReadFile(from)
		assets[entry.Name()] = content
		all.Write(content)
		return err
	})
	if err != nil {
		return nil, err
	}
	folder := path.Join(assetsPath, hex.EncodeToString(all.Sum(nil)[:8])) + "/"
	files := make(map[string]*file, len(assets)+1)
	for name, content := range assets {
		files[folder+name] = newFile(name, forEver, content)
	}
	page, err := render(folder, callers)
	files[pagePath] = newFile("index.html", askAgain, page)
	return files, err
}

// render makes the page. Callers nobody has named are an empty list.
func render(assets string, callers []Caller) ([]byte, error) {
	t, err := template.New("index.html").Parse(index)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = t.Execute(&page, struct {
		Assets  string
		Callers []Caller
	}{assets, append([]Caller{}, callers...)})
	return page.Bytes(), err
}

// file is the response to a path.
type file struct {
	mediaType, caching, etag string
	content                  []byte
}

// newFile takes the media type from the name's extension.
func newFile(name, caching string, content []byte) *file {
	sum := sha256.Sum256(content)
	return &file{
		mediaType: mediaTypes[path.Ext(name)],
		caching:   caching,
		etag:      `"` + hex.EncodeToString(sum[:8]) + `"`,
		content:   content,
	}
}

// ServeHTTP answers also ranges and conditions.
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("Cache-Control", f.caching)
	h.Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
}
