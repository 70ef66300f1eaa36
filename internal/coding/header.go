package coding

import (
	"net/http"
	"strings"
)

// packs tells whether content of the type is text enough to become smaller.
func packs(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	switch media = strings.ToLower(strings.TrimSpace(media)); media {
	case "application/json", "application/x-ndjson", "application/xml", "application/javascript",
		"application/protobuf", "application/x-protobuf":
		return true
	default:
		return strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "+json") || strings.HasSuffix(media, "+xml")
	}
}

// mayEncode tells whether a response may be given a coding on its way.
func mayEncode(status int, h http.Header) bool {
	switch status {
	case http.StatusSwitchingProtocols, http.StatusNoContent, http.StatusPartialContent, http.StatusNotModified:
		return false
	default:
		return h["Content-Encoding"] == nil && h["Content-Range"] == nil && !lists(h["Cache-Control"], "no-transform")
	}
}

// addVary tells caches that the response depends on Accept-Encoding.
func addVary(h http.Header) {
	const field = "Accept-Encoding"
	switch values := h["Vary"]; {
	case values == nil:
		h["Vary"] = onlyEncoding
	case !lists(values, field) && !lists(values, "*"):
		h["Vary"] = append(values, field)
	}
}

// onlyEncoding is the value of Vary on nearly all responses. Appending to it makes a copy.
var onlyEncoding = []string{"Accept-Encoding"}

// weaken makes a strong ETag weak: the bytes are others than those that it was made for, and differ between codings.
func weaken(h http.Header) {
	if tags := h["Etag"]; len(tags) == 1 && strings.HasPrefix(tags[0], `"`) {
		h["Etag"] = []string{"W/" + tags[0]}
	}
}

// lists tells whether a header's list has the token.
func lists(values []string, token string) bool {
	for _, line := range values {
		for one := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.Trim(one, " \t"), token) {
				return true
			}
		}
	}
	return false
}
