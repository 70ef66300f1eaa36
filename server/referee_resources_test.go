package server_test

import (
	"net/http"
	"slices"
	"strings"
)

// resourceCorpus is what both fronts of edgetest.v1.ResourceService are asked.
func resourceCorpus() []exchange {
	return under(prefix, slices.Concat(changes(), files(), messageStreams())...)
}

// changes read and write resources.
func changes() []exchange {
	put := func(path, body string) exchange {
		return exchange{method: http.MethodPut, path: path, body: body}
	}
	list := []exchange{
		get("/resources/1"), get("/resources/1?readMask=title,create_time"), get("/resources/1?fields=title"), get("/resources/1").with("Accept", "application/protobuf"), get("/resources/1").with("If-None-Match", "*"),
		get("/resources?pageSize=2"), get("/resources:bare?pageSize=2"), post("/resources", `{"name":"resources/a b"}`).unlike("success"), post("/resources", ``).unlike("success"),
		put("/resources/1", `{"title":"a"}`), {method: http.MethodDelete, path: "/resources/1", differs: "success"},
		post("/answer", `{"code":202}`).unlike("success"), post("/answer", `{"code":201,"location":"/there"}`).unlike("success"), post("/answer", `{"code":404}`), post("/answer", `{"code":"x"}`),
		post("/resources:collect", `{"title":"a"}`).with("Content-Encoding", "identity"),
	}
	for _, body := range []string{
		`{"title":"a"}`, `{}`, `{"title":null}`, `{"price":{"units":"1"}}`, `{"price":{}}`, `{"price":null}`, `{"labels":{"a":"b"}}`, `{"labels":{}}`, `{"tags":["a"]}`, `{"tags":[]}`, `{"prices":[{"units":"1"}]}`,
		`{"text":"a"}`, `{"amount":{"units":"1"}}`, `{"createTime":"2026-01-01T00:00:00Z"}`, `{"create_time":null}`, `{"size":"1","title":"b","price":{"units":"1","currencyCode":"EUR"}}`, `{"title":`,
		`{"any":{"@type":"type.googleapis.com/edgetest.v1.Amount","units":"1"}}`,
	} {
		list = append(list, patch("/resources/1", body), patch("/resources/1?updateMask=title", body))
	}
	return append(list, patch("/resources/1", `{"struct":{"a":{"b":1}}}`).unlike("mask-of-struct"), patch("/resources/1", `{"nothing":1}`).unlike("unknown-in-patch"))
}

// messageStreams go down, up, and both ways.
func messageStreams() []exchange {
	list := []exchange{
		get("/resources:watch?count=3"), get("/resources:watch?count=0").unlike("empty-stream"), get("/resources:watch?count=2&failure=broken"), get("/resources:watch?failure=broken"), get("/resources:watch?count=x"),
		get("/resources:watch?count=2").with("Accept", "text/event-stream"), get("/resources:watch?count=2").with("TE", "trailers"),
		get("/resources:export?count=3&size=4"), get("/resources:export?count=0"), get("/resources:export?failure=broken"),
	}
	for _, body := range []string{
		``, ` `, `{}`, `{"title":"a"}`, `{"title":"a"}{"title":"b"}`, "{\"title\":\"a\"}\n{\"title\":\"b\"}\n", `{"title":"a"} {"titel":"b"}`,
		`{"title":"a"}{"title":"fail"}`, `{"title":"fail"}`,
	} {
		talk := post("/resources:talk", body)
		if strings.TrimSpace(body) == "" {
			talk = talk.unlike("empty-stream")
		}
		list = append(list, talk, post("/resources:collect", body), post("/resources:collect", body).with("Content-Type", "text/plain"))
	}
	for _, body := range []string{`[{"title":"a"}]`, `5`, `"a"`, `{"title":5}`, `{"title":`, `,`} {
		list = append(list, post("/resources:collect", body), post("/resources:talk", body).unlike("bad-message"))
	}
	// These stand last: the backend may hear of their first message only when the answer has been given.
	for _, body := range []string{`{"title":"a"}{"title":5}`, `{"title":"a"}{"title":`, `{"title":"a"},{"title":"b"}`} {
		list = append(list, post("/resources:talk", body).unlike("bad-message"))
	}
	return list
}

// files are raw bytes.
func files() []exchange {
	return []exchange{
		get("/alphabet"), get("/alphabet").with("Range", "bytes=1-2"), get("/alphabet").with("If-Modified-Since", "Wed, 02 Sep 2026 12:00:00 GMT"),
		post("/files", `{"name":"a","content":"AQID"}`), post("/files", `{"name":"a","file":{"contentType":"text/plain","data":"AQID"}}`),
	}
}
