package server

import (
	"net/http"
	"strconv"
	"strings"
)

// isTagged tells whether an answer has an entity tag.
func (c *call) isTagged(status int) bool {
	isGet := c.r.Method == http.MethodGet || c.r.Method == http.MethodHead
	return isGet && status == http.StatusOK && !c.dialect.gateway
}

// unchanged gives the answer its ETag, unless the upstream has, and tells whether the client holds the same already. sum
// is a hash of the answer's body, and so of nothing that its reader does not see.
func (c *call) unchanged(wire []byte, sum uint64) bool {
	h := c.w.Header()
	tags := h["Etag"]
	if tags == nil {
		tags = c.value(tagValue, c.entityTag(wire, sum))
		h["Etag"] = tags
	}
	known := c.r.Header["If-None-Match"]
	return known != nil && matchesTag(known, tags[0])
}

// entityTag is the message's etag field, where the answer is the whole message and nothing else, or else the hash.
func (c *call) entityTag(wire []byte, sum uint64) string {
	if c.op.etag != nil && c.r.URL.RawQuery == "" && c.form == formJSON {
		if tag := c.op.etag.Text(wire); isTag(tag) {
			return `"` + tag + c.table.tagSuffix() + `"`
		}
	}
	var b [40]byte
	return string(append(strconv.AppendUint(append(b[:0], `W/"`...), sum, 36), '"'))
}

// tagSuffix is what an audience that is not the first has behind the tags of resources: what it sees of one is another
// representation, and neither caches nor browsers must take it for that of others.
func (a *audience) tagSuffix() string {
	if a.table == 0 {
		return ""
	}
	return ";" + a.name
}

// isTag tells whether the text can stand between the quotes of an entity tag (RFC 9110, section 8.8.3), and in a list of
// them without being taken for two.
func isTag(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c == '"' || c == ',' || c >= 0x7f {
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

// ifMatch returns the tag, without its quotes and what the audience adds, that a client wants the resource to have still.
func (c *call) ifMatch() (string, bool) {
	values := c.r.Header["If-Match"]
	if len(values) != 1 {
		return "", false
	}
	tag, quoted := strings.CutPrefix(strings.TrimPrefix(values[0], "W/"), `"`)
	tag, closed := strings.CutSuffix(tag, `"`)
	tag = strings.TrimSuffix(tag, c.table.tagSuffix())
	return tag, quoted && closed && isTag(tag)
}
