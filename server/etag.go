package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// unchanged gives the answer to a GET its ETag, unless the upstream has, and tells whether the client holds the same
// already. The tag comes from the message's etag field, or from a hash of the message and of what decides its form.
func (c *call) unchanged(wire []byte) bool {
	if c.dialect.gateway || c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return false
	}
	h := c.w.Header()
	tags := h["Etag"]
	if tags == nil {
		tags = c.value(tagValue, c.entityTag(wire))
		h["Etag"] = tags
	}
	known := c.r.Header["If-None-Match"]
	return known != nil && matchesTag(known, tags[0])
}

func (c *call) entityTag(wire []byte) string {
	var b [40]byte
	if c.op.etag != nil && c.r.URL.RawQuery == "" && c.form == formJSON {
		if tag := c.op.etag.Text(wire); isTag(tag) {
			return `"` + tag + `"`
		}
	}
	var d xxhash.Digest
	d.ResetWithSeed(c.op.seed + uint64(c.form))
	d.Write(wire) //nolint:errcheck // it never fails
	if c.op.selectable {
		d.WriteString(c.r.URL.RawQuery) //nolint:errcheck // likewise
	}
	return string(append(strconv.AppendUint(append(b[:0], `W/"`...), d.Sum64(), 36), '"'))
}

// isTag tells whether the text can stand between the quotes of an entity tag (RFC 9110, section 8.8.3).
func isTag(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c == '"' || c >= 0x7f {
			return false
		}
	}
	return text != ""
}

// matchesTag tells whether a list of entity tags has the tag, weak or strong, or is *.
func matchesTag(lists []string, tag string) bool {
	tag = strings.TrimPrefix(tag, "W/")
	for _, list := range lists {
		for one := range strings.SplitSeq(list, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// ifMatch returns the tag, without its quotes, that a client wants the resource to have still.
func ifMatch(h http.Header) (string, bool) {
	values := h["If-Match"]
	if len(values) != 1 {
		return "", false
	}
	tag, quoted := strings.CutPrefix(strings.TrimPrefix(values[0], "W/"), `"`)
	tag, closed := strings.CutSuffix(tag, `"`)
	return tag, quoted && closed && isTag(tag)
}
