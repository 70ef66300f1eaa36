package contract_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// The schema of a stream is that of its items, which are read as JSON.
func init() { //nolint:gochecknoinits // the library knows no other way
	for _, stream := range []string{"application/x-ndjson", "text/event-stream"} {
		openapi3filter.RegisterBodyDecoder(stream, openapi3filter.JSONBodyDecoder)
	}
	for _, content := range []string{"image/png", "image/svg+xml", "application/x-letters"} {
		openapi3filter.RegisterBodyDecoder(content, openapi3filter.FileBodyDecoder)
	}
}

// decoded is a body as the one who reads it sees it, without its coding.
func decoded(header http.Header, body []byte) (http.Header, []byte) {
	if header.Get("Content-Encoding") != "gzip" {
		return header, body
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return header, body
	}
	if text, err := io.ReadAll(unzipped); err == nil {
		body = text
	}
	header = header.Clone()
	header.Del("Content-Encoding")
	return header, body
}

// items takes a stream apart into its messages. What is no stream is one.
func items(header http.Header, body []byte) [][]byte {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")) // one that can not be read is no stream
	switch kind {
	case "application/x-ndjson":
		return bytes.FieldsFunc(body, func(r rune) bool { return r == '\n' })
	case "text/event-stream":
		return events(string(body))
	default:
		return [][]byte{body}
	}
}

// events makes an object of every event that has data.
func events(body string) [][]byte {
	var list [][]byte
	for block := range strings.SplitSeq(body, "\n\n") {
		event := map[string]any{}
		for line := range strings.SplitSeq(block, "\n") {
			if name, value, isField := strings.Cut(line, ": "); isField && name != "" {
				event[name] = value
			}
		}
		if retry, ok := event["retry"].(string); ok {
			event["retry"] = json.Number(retry)
		}
		if text, err := json.Marshal(event); err == nil && event["data"] != nil {
			list = append(list, text)
		}
	}
	return list
}
