package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

func TestASuccessHasTheStatusThatTheMethodOrTheUpstreamSays(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	got := send(t, "POST", url+"/resources", `{"name":"resources/a b","title":"x"}`)
	if got.status != 201 || got.header.Get("Location") != prefix+"/resources/a%20b" || !strings.Contains(got.body, `"title":"x"`) {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
	if got := send(t, "POST", url+"/resources", `{"title":"without a name"}`); got.status != 201 || got.header.Get("Location") != "" {
		t.Errorf("%d %v", got.status, got.header)
	}
	got = send(t, "DELETE", url+"/resources/1", "")
	if got.status != 204 || got.body != "" || got.header.Get("Deprecation") != "@0" || got.header.Get("Sunset") != "Tue, 31 Dec 2030 23:59:59 GMT" {
		t.Errorf("%d %v %q", got.status, got.header, got.body)
	}
	for code, want := range map[string]int{"202": 202, "201": 201, "204": 204, "404": 200, "99": 200} {
		got := send(t, "POST", url+"/answer", `{"code":`+code+`,"location":"/there"}`)
		if got.status != want || got.header.Get("Location") != "/there" || got.header.Get("X-Http-Code") != "" {
			t.Errorf("%s: %d %v", code, got.status, got.header)
		}
	}
	r.Requests()
}

func TestAnAnswerHasATagAndIsNotSentTwice(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	for path, want := range map[string]string{
		"/resources/1": `"tag-1"`, "/resources/untagged": `W/"`, "/resources?pageSize=1": `W/"`, "/resources/1?fields=title": `W/"`, "/alphabet": "",
		"/resources?pageSize=12000": `W/"`, // more than 512 KiB on the wire
	} {
		first := send(t, "GET", url+path, "")
		tag := first.header.Get("Etag")
		if !strings.HasPrefix(tag, want) || want == "" && tag != "" {
			t.Errorf("%s: %q", path, tag)
		}
		if tag == "" {
			continue
		}
		for _, known := range []string{tag, `"x", ` + tag, "*", strings.TrimPrefix(tag, "W/")} {
			if got := send(t, "GET", url+path, "", "If-None-Match", known); got.status != 304 || got.body != "" || strings.TrimPrefix(got.header.Get("Etag"), "W/") != strings.TrimPrefix(tag, "W/") {
				t.Errorf("%s: %s: %d %v %s", path, known, got.status, got.header, got.body)
			}
		}
		if got := send(t, "GET", url+path, "", "If-None-Match", `"other"`); got.status != 200 || got.header.Get("Etag") != tag {
			t.Errorf("%s: %d %v", path, got.status, got.header)
		}
	}
	one, two := send(t, "GET", url+"/resources?pageSize=1", ""), send(t, "GET", url+"/resources?pageSize=2", "")
	if one.header.Get("Etag") == two.header.Get("Etag") {
		t.Errorf("two answers, one tag: %v", one.header)
	}
}

func TestIfMatchBecomesTheTagOfTheRequest(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	for header, want := range map[string]string{`"a"`: "a", `W/"b"`: "b", "*": "q", `"a", "b"`: "q", "c": "q"} {
		send(t, "DELETE", url+"/resources/1?etag=q", "", "If-Match", header)
		if m, _ := r.Last(); m.(*edgetestv1.DeleteResourceRequest).GetEtag() != want {
			t.Errorf("%s: %v", header, m)
		}
	}
	send(t, "PATCH", url+"/resources/1", `{"title":"x"}`, "If-Match", `"a"`)
	m, _ := r.Last()
	if u := m.(*edgetestv1.UpdateResourceRequest); u.GetResource().GetEtag() != "a" || u.GetResource().GetTitle() != "x" || !slices.Equal(u.GetUpdateMask().GetPaths(), []string{"title"}) {
		t.Errorf("%v", m)
	}
}

func TestFieldsCutAnAnswerDownAndPassAsAReadMask(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	for path, want := range map[string]string{
		"/resources/1?fields=title,price.units":                  `{"title":"title 1","price":{"units":"1"}}`,
		"/resources?pageSize=2&fields=resources.name":            `{"resources":[{"name":"resources/0"},{"name":"resources/1"}]}`,
		"/resources:bare?pageSize=1&fields=etag":                 `[{"etag":"tag-0"}]`,
		"/resources:watch?count=2&fields=etag":                   "{\"etag\":\"tag-0\"}\n{\"etag\":\"tag-1\"}\n",
		"/resources?pageSize=0&fields=next_page_token":           `{"nextPageToken":"next"}`,
		"/resources/1?fields=labels":                             `{"labels":{"n":"1"}}`,
		"/resources/1?read_mask=title&fields=create_time%2Cetag": `{"etag":"tag-1"}`,
	} {
		if got := send(t, "GET", url+path, ""); got.status != 200 || got.body != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	r.Requests()
	send(t, "GET", url+"/resources/1?fields=title,createTime", "")
	if m, _ := r.Last(); !slices.Equal(m.(*edgetestv1.GetResourceRequest).GetReadMask().GetPaths(), []string{"title", "create_time"}) {
		t.Errorf("%v", m)
	}
	send(t, "GET", url+"/resources/1?fields=title&readMask=etag", "")
	if m, _ := r.Last(); !slices.Equal(m.(*edgetestv1.GetResourceRequest).GetReadMask().GetPaths(), []string{"etag"}) {
		t.Errorf("%v", m)
	}
	if got := send(t, "GET", url+"/resources/1?fields=titel", ""); got.status != 400 || !strings.Contains(got.body, `did you mean \"title\"?`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, "POST", url+"/answer?fields=title", `{"code":200}`); got.status != 200 || got.body != `{"title":"title 1"}` {
		t.Errorf("a body that gives everything: %d %s", got.status, got.body)
	}
	if got := send(t, "GET", url+"/resources/1?fields=title", "", "Accept", "application/protobuf"); !strings.Contains(got.body, "tag-1") {
		t.Errorf("an answer in protobuf is cut down: %q", got.body)
	}
}

func TestFieldsCutStreamsDownInEveryDirection(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	if got := send(t, "POST", url+"/resources:collect?fields=titles", `{"title":"a"}{"title":"b"}`); got.body != `{"titles":["a","b"]}` {
		t.Errorf("up: %d %s", got.status, got.body)
	}
	if got := send(t, "POST", url+"/resources:talk?fields=title", `{"title":"a","etag":"b"}`); got.body != "{\"title\":\"a\"}\n" {
		t.Errorf("both ways: %d %s", got.status, got.body)
	}
	got := send(t, "GET", url+"/resources:watch?count=1&fields=etag", "", "Accept", "text/event-stream")
	if !strings.Contains(got.body, "id: tag-0\nevent: title 0\ndata: {\"etag\":\"tag-0\"}\n\n") {
		t.Errorf("down: %d %s", got.status, got.body)
	}
	if frames, _, _ := closing(t, dial(t, url+"/resources:watch?count=2&fields=title", nil)); !slices.Equal(frames, []string{`{"title":"title 0"}`, `{"title":"title 1"}`}) {
		t.Errorf("down a WebSocket: %v", frames)
	}
	conn := dial(t, url+"/resources:talk?fields=price.units", nil)
	write(t, conn, `{"title":"a","price":{"units":"7","nanos":1}}`)
	if got := read(t, conn); got != `{"price":{"units":"7"}}` {
		t.Errorf("both ways through a WebSocket: %s", got)
	}
	for _, path := range []string{"/resources:collect", "/resources:talk"} {
		if got := send(t, "POST", url+path+"?fields=nothing", `{"title":"a"}`); got.status != 400 || !strings.Contains(got.body, `"field":"fields"`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestFilesComeInParts(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	form := func(parts ...[3]string) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for _, p := range parts {
			var part io.Writer
			var err error
			if p[1] == "" {
				part, err = w.CreateFormField(p[0])
			} else {
				part, err = w.CreateFormFile(p[0], p[1])
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(part, p[2]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String(), w.FormDataContentType()
	}
	body, kind := form([3]string{"name", "", "a & b"}, [3]string{"content", "x.bin", "\x00\xff"}, [3]string{"labels[k]", "", "v"})
	got := send(t, "POST", url+"/files", body, "Content-Type", kind)
	m, _ := r.Last()
	want := &edgetestv1.SaveFileRequest{Name: "a & b", Content: []byte("\x00\xff"), Labels: map[string]string{"k": "v"}}
	if got.status != 200 || !proto.Equal(m, want) {
		t.Errorf("%d %s\n%v", got.status, got.body, m)
	}
	body, kind = form([3]string{"name", "", "big"}, [3]string{"file", "x.bin", strings.Repeat("x", 100_000)})
	got = send(t, "POST", url+"/uploads:parts", body, "Content-Type", kind)
	if got.status != 200 || !strings.Contains(got.body, `"name":"big","contentType":"application/octet-stream","size":"100000"`) || strings.Contains(got.body, `"messages":1}`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	body, kind = form([3]string{"nothing", "", "1"})
	if got := send(t, "POST", url+"/files", body, "Content-Type", kind); got.status != 400 || !strings.Contains(got.body, "nothing") {
		t.Errorf("%d %s", got.status, got.body)
	}
	var many [][3]string
	for range 101 {
		many = append(many, [3]string{"name", "", "a"})
	}
	body, kind = form(many...)
	if got := send(t, "POST", url+"/files", body, "Content-Type", kind); got.status != 413 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, "POST", url+"/files", "no parts", "Content-Type", kind); got.status != 400 {
		t.Errorf("%d %s", got.status, got.body)
	}
	got = send(t, "POST", url+"/files", "name=a+b&labels[k]=v", "Content-Type", "application/x-www-form-urlencoded")
	if m, _ := r.Last(); got.status != 200 || !proto.Equal(m, &edgetestv1.SaveFileRequest{Name: "a b", Labels: map[string]string{"k": "v"}}) {
		t.Errorf("%d %s\n%v", got.status, got.body, m)
	}
}

func TestProtobufIsSpokenByThoseWhoAskForIt(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	wire, err := proto.Marshal(&edgetestv1.Resource{Name: "resources/1", Title: "x"})
	if err != nil {
		t.Fatal(err)
	}
	got := send(t, "POST", url+"/resources", string(wire), "Content-Type", "application/protobuf", "Accept", "application/protobuf")
	answer := new(edgetestv1.Resource)
	if err := proto.Unmarshal([]byte(got.body), answer); err != nil || got.status != 201 || answer.GetTitle() != "x" || got.header.Get("Content-Type") != "application/protobuf" {
		t.Errorf("%d %v %v %v", got.status, got.header, answer, err)
	}
	if m, _ := r.Last(); m.(*edgetestv1.CreateResourceRequest).GetResource().GetTitle() != "x" {
		t.Errorf("%v", m)
	}
	if got := send(t, "POST", url+"/resources", "\x0a\x05a", "Content-Type", "application/protobuf"); got.status != 400 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestBodiesAreCompressedBothWays(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, `{"title":"packed"}`); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := send(t, "POST", url+"/resources", packed.String(), "Content-Encoding", "gzip")
	if m, _ := r.Last(); got.status != 201 || m.(*edgetestv1.CreateResourceRequest).GetResource().GetTitle() != "packed" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, "POST", url+"/resources", "x", "Content-Encoding", "compress"); got.status != 415 || got.header.Get("Accept-Encoding") != "gzip, zstd" {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
	if got := send(t, "POST", url+"/resources", "x", "Content-Encoding", "gzip"); got.status != 400 {
		t.Errorf("%d %s", got.status, got.body)
	}
	got = send(t, "GET", url+"/resources?pageSize=50", "", "Accept-Encoding", "gzip")
	unpacked, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil || got.header.Get("Content-Encoding") != "gzip" || !slices.Equal(got.header["Vary"], []string{"Accept", "Accept-Encoding"}) {
		t.Fatalf("%v %v", got.header, err)
	}
	if text, err := io.ReadAll(unpacked); err != nil || string(text) != send(t, "GET", url+"/resources?pageSize=50", "").body {
		t.Errorf("%v %s", err, text)
	}
}

func TestProblemDetailsGoToThoseWhoPreferThem(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	for accept, want := range map[string]string{
		"application/problem+json": "application/problem+json", "application/json, application/problem+json;q=0.9": "application/json", "*/*": "application/json",
		"application/json;q=0.5, application/problem+json": "application/problem+json",
	} {
		got := request(t, "GET", url+"/nothing", "", "Accept", accept)
		if got.status != 404 || got.header.Get("Content-Type") != want || (want == "application/problem+json") != strings.Contains(got.body, `"type":"about:blank"`) {
			t.Errorf("%s: %d %v %s", accept, got.status, got.header, got.body)
		}
	}
	r := edgetest.StartResources(t)
	cfg := edgetest.InFrontOf(r.Target)
	cfg.Dialect = &configv1.Dialect{Errors: configv1.Dialect_ERRORS_PROBLEM}
	_, always := edgetest.Edge(t, cfg)
	if got := request(t, "GET", always+"/nothing", ""); got.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%v", got.header)
	}
}

func TestAServiceHasADialectOfItsOwn(t *testing.T) {
	t.Parallel()
	r := edgetest.StartResources(t)
	cfg := edgetest.InFrontOf(r.Target)
	cfg.Services = []*configv1.ServiceSettings{{
		Names: []string{"edgetest.v1.ResourceService"}, Dialect: &configv1.Dialect{Preset: configv1.Dialect_PRESET_GRPC_GATEWAY},
	}}
	_, url := edgetest.Edge(t, cfg)
	if got := send(t, "GET", url+prefix+"/resources:watch?count=1", ""); !strings.HasPrefix(got.body, `{"result":{`) {
		t.Errorf("%s", got.body)
	}
	if got := send(t, http.MethodPut, url+"/nowhere", ""); got.status != 404 {
		t.Errorf("%d", got.status)
	}
}

func TestAPostStandsForAnotherMethodOnlyWhereThatIsConfigured(t *testing.T) {
	t.Parallel()
	r := edgetest.StartResources(t)
	for _, on := range []bool{false, true} {
		cfg := edgetest.InFrontOf(r.Target)
		cfg.Headers = &configv1.Headers{MethodOverride: on}
		_, url := edgetest.Edge(t, cfg)
		want := 405
		if on {
			want = 204
		}
		if got := send(t, "POST", url+prefix+"/resources/1", "", "X-HTTP-Method-Override", "DELETE"); got.status != want {
			t.Errorf("%t: %d %s", on, got.status, got.body)
		}
	}
}
