package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What caches may do with a response.
const (
	forEver  = "public, max-age=31536000, immutable"
	askAgain = "no-cache"
)

// mediaTypes are written here because those of package mime depend on the machine.
var mediaTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// file is the response to a path.
type file struct {
	mediaType, caching string
	hash               string // of packed
	packed             []byte // gzipped
	unpacked           func() ([]byte, error)
}

// newFile takes what is gzipped already. The name's extension tells the media type.
func newFile(name, caching string, packed []byte) *file {
	sum := sha256.Sum256(packed)
	return &file{
		mediaType: mediaTypes[path.Ext(name)],
		caching:   caching,
		hash:      hex.EncodeToString(sum[:8]),
		packed:    packed,
		unpacked:  sync.OnceValues(func() ([]byte, error) { return unpack(packed) }),
	}
}

// ServeHTTP answers in gzip or plainly, and also ranges and conditions.
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	body, etag := f.packed, f.hash+"-gzip"
	if acceptsGzip(r.Header.Values("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
	} else {
		plain, err := f.unpacked()
		if err != nil {
			http.Error(w, "the file is damaged", http.StatusInternalServerError)
			return
		}
		body, etag = plain, f.hash
	}
	h.Set("Content-Length", strconv.Itoa(len(body))) // ServeContent leaves it out where there is a coding
	h.Set("Content-Type", f.mediaType)
	h.Set("Cache-Control", f.caching)
	h.Add("Vary", "Accept-Encoding")
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3). Clients that do not send it want no coding.
func acceptsGzip(header []string) bool {
	accepts := false
	for element := range strings.SplitSeq(strings.Join(header, ","), ",") {
		coding, weight, _ := strings.Cut(element, ";")
		_, q, _ := strings.Cut(weight, "=")
		value, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		refused := err == nil && value == 0
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return !refused
		case "*":
			accepts = !refused
		}
	}
	return accepts
}

func pack(plain []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
