package coding_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestHeadersSayWhatWasDone(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", minBytes)
	for name, c := range map[string]struct {
		method  string // GET
		coding  string // gzip
		status  int    // 200
		header  string // of the handler's response, a line each
		body    string
		encoded string // Content-Encoding
		vary    string
		etag    string
		length  string
	}{
		"JSON":               {header: "Content-Type: application/json", body: large, encoded: "gzip", vary: "Accept-Encoding"},
		"zstd":               {coding: "zstd", header: "Content-Type: application/json", body: large, encoded: "zstd", vary: "Accept-Encoding"},
		"an error":           {status: 404, header: "Content-Type: application/problem+json", body: large, encoded: "gzip", vary: "Accept-Encoding"},
		"text with charset":  {header: "Content-Type: Text/HTML; charset=utf-8", body: large, encoded: "gzip", vary: "Accept-Encoding"},
		"SVG":                {header: "Content-Type: image/svg+xml", body: large, encoded: "gzip", vary: "Accept-Encoding"},
		"protobuf":           {header: "Content-Type: application/protobuf", body: large, encoded: "gzip", vary: "Accept-Encoding"},
		"its length is gone": {header: "Content-Type: text/css\nContent-Length: 100", body: large, encoded: "gzip", vary: "Accept-Encoding"},
		"a strong ETag":      {header: "Content-Type: text/css\nETag: \"1\"", body: large, encoded: "gzip", vary: "Accept-Encoding", etag: `W/"1"`},
		"a weak ETag":        {header: "Content-Type: text/css\nETag: W/\"1\"", body: large, encoded: "gzip", vary: "Accept-Encoding", etag: `W/"1"`},
		"Vary has others":    {header: "Content-Type: text/css\nVary: Origin", body: large, encoded: "gzip", vary: "Origin|Accept-Encoding"},
		"Vary has it":        {header: "Content-Type: text/css\nVary: Origin, accept-encoding", body: large, encoded: "gzip", vary: "Origin, accept-encoding"},
		"Vary is all":        {header: "Content-Type: text/css\nVary: *", body: large, encoded: "gzip", vary: "*"},

		"no coding":          {coding: "identity", header: "Content-Type: text/css\nETag: \"1\"", body: large, vary: "Accept-Encoding", etag: `"1"`, length: "100"},
		"unknown coding":     {coding: "deflate", header: "Content-Type: text/css", body: large, vary: "Accept-Encoding", length: "100"},
		"HEAD":               {method: "HEAD", header: "Content-Type: text/css\nContent-Length: 100", vary: "Accept-Encoding", length: "100"},
		"small":              {header: "Content-Type: text/css\nETag: \"1\"", body: large[1:], vary: "Accept-Encoding", etag: `"1"`, length: "99"},
		"of known length":    {header: "Content-Type: text/css\nContent-Length: 99", body: large[1:], vary: "Accept-Encoding", length: "99"},
		"empty":              {status: 200, header: "Content-Type: text/css", vary: "Accept-Encoding", length: "0"},
		"an image":           {header: "Content-Type: image/png\nETag: \"1\"", body: large, etag: `"1"`, length: "100"},
		"anything":           {header: "Content-Type: application/octet-stream", body: large, length: "100"},
		"of no type":         {body: large, length: "100"},
		"encoded already":    {header: "Content-Type: text/css\nContent-Encoding: br", body: large, encoded: "br", vary: "Accept-Encoding", length: "100"},
		"no-transform":       {header: "Content-Type: text/css\nCache-Control: public, No-Transform", body: large, vary: "Accept-Encoding", length: "100"},
		"no content":         {status: 204, header: "Content-Type: text/css", vary: "Accept-Encoding"},
		"partial":            {status: 206, header: "Content-Type: text/css", body: large, vary: "Accept-Encoding", length: "100"},
		"a range":            {header: "Content-Type: text/css\nContent-Range: bytes 0-99/200", body: large, vary: "Accept-Encoding", length: "100"},
		"not modified":       {status: 304, header: "ETag: \"1\"", vary: "Accept-Encoding", etag: `W/"1"`},
		"not modified, HEAD": {method: "HEAD", status: 304, header: "ETag: \"1\"", vary: "Accept-Encoding", etag: `"1"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(w http.ResponseWriter, _ *http.Request) {
				for line := range strings.Lines(c.header) {
					field, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
					w.Header().Set(field, value)
				}
				if c.status != 0 {
					w.WriteHeader(c.status)
				}
				if c.body != "" {
					write(t, w, c.body)
				}
			})
			method, encoding := c.method, c.coding
			if method == "" {
				method = http.MethodGet
			}
			if encoding == "" {
				encoding = "gzip"
			}
			response := ask(t, s, method, encoding)
			h := response.header
			got := []string{h.Get("Content-Encoding"), strings.Join(h["Vary"], "|"), h.Get("ETag")}
			if want := []string{c.encoded, c.vary, c.etag}; strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got %q, want %q", got, want)
			}
			if c.encoded == "" && h.Get("Content-Length") != c.length {
				t.Errorf("Content-Length: %q", h.Get("Content-Length"))
			}
			if c.encoded == "br" {
				return // which the handler only says
			}
			if body, err := io.ReadAll(unpack(t, c.encoded, response.body)); err != nil || string(body) != c.body {
				t.Errorf("%q, %v", body, err)
			}
		})
	}
}
