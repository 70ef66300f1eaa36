package server_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
)

// resources runs the service behind an edge.
func resources(t *testing.T) (*edgetest.Resources, string) {
	t.Helper()
	r := edgetest.StartResources(t)
	_, url := edgetest.Edge(t, edgetest.InFrontOf(r.Target))
	return r, url + prefix
}

func TestAStreamHasTheFormThatIsAccepted(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	for accept, want := range map[string]struct{ contentType, body string }{
		"":                               {"application/x-ndjson", `{"name":"resources/0",`},
		"*/*":                            {"application/x-ndjson", `{"name":"resources/0",`},
		"application/x-ndjson":           {"application/x-ndjson", `{"name":"resources/0",`},
		"text/event-stream":              {"text/event-stream", "retry: 3000\n\nid: tag-0\nevent: title 0\ndata: {\"name\":\"resources/0\","},
		"application/json":               {"application/json", `[{"name":"resources/0",`},
		"text/html, application/*;q=0.5": {"application/x-ndjson", `{"name":"resources/0",`},
	} {
		var header []string
		if accept != "" {
			header = []string{"Accept", accept}
		}
		got := send(t, "GET", url+"/resources:watch?count=2", "", header...)
		if got.status != 200 || got.header.Get("Content-Type") != want.contentType || !strings.HasPrefix(got.body, want.body) {
			t.Errorf("%q: %d %v\n%s", accept, got.status, got.header, got.body)
		}
	}
	if got := send(t, "GET", url+"/resources:watch?count=2", "", "Accept", "text/html"); got.status != 406 || !strings.Contains(got.body, "text/event-stream") {
		t.Errorf("%d %s", got.status, got.body)
	}
	var list []any
	if got := send(t, "GET", url+"/resources:watch?count=3", "", "Accept", "application/json"); json.Unmarshal([]byte(got.body), &list) != nil || len(list) != 3 {
		t.Errorf("%s", got.body)
	}
}

func TestAStreamThatBreaksEndsInItsOwnForm(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	lines := send(t, "GET", url+"/resources:watch?count=1&failure=broken", "").body
	if !strings.HasSuffix(lines, "}\n") || !strings.Contains(lines, "\n"+`{"error":{"code":10,"message":"broken"`) {
		t.Errorf("%s", lines)
	}
	events := send(t, "GET", url+"/resources:watch?count=1&failure=broken", "", "Accept", "text/event-stream").body
	if !strings.Contains(events, "\n\nevent: error\ndata: {\"code\":10,\"message\":\"broken\"") || strings.Contains(events, "event: end") {
		t.Errorf("%s", events)
	}
	for path, accept := range map[string]string{
		"/resources:watch?count=1&failure=broken": "application/json", "/resources:export?count=2&size=9&failure=broken": "*/*",
	} {
		for _, major := range []int{1, 2} {
			if body, err := readAll(t, major, url+path, accept); err == nil {
				t.Errorf("HTTP/%d %s: a broken answer looks whole: %s", major, path, body)
			}
		}
	}
	if got := send(t, "GET", url+"/resources:watch?failure=broken", "", "Accept", "text/event-stream"); got.status != 409 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// readAll reads an answer as far as it goes.
func readAll(t *testing.T, major int, url, accept string) (string, error) {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(major == 1)
	transport.Protocols.SetUnencryptedHTTP2(major == 2)
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	res, err := transport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

func TestAClientStreamTakesLinesValuesAndArrays(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	for name, c := range map[string]struct{ contentType, body string }{
		"lines":        {"application/x-ndjson", "{\"title\":\"a\"}\n{\"title\":\"b\"}\n"},
		"concatenated": {"application/json", `{"title":"a"}{"title":"b"}`},
		"array":        {"application/json", `[{"title":"a"}, {"title":"b"}]`},
		"untyped":      {"", `{"title":"a"} {"title":"b"}`},
	} {
		got := send(t, "POST", url+"/resources:collect", c.body, "Content-Type", c.contentType)
		if got.status != 200 || got.body != `{"count":2,"titles":["a","b"]}` {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	for body, want := range map[string]string{
		`{"title":"a"}{"titel":"b"}`: `message 1: $: unknown field \"titel\"; did you mean \"title\"?`,
		`{"title":"a"}{"title":`:     `message 1: $: `,
		`{"title":"a"},`:             `message 1: $: `,
		`[{"title":"a"}`:             `message 1: $: `,
	} {
		if got := send(t, "POST", url+"/resources:collect", body); got.status != 400 || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := send(t, "POST", url+"/resources:collect", `{"title":"`+strings.Repeat("a", 5<<20)+`"}`); got.status != 413 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, "POST", url+"/resources:collect", `{"title":"a"}{"title":"fail"}{"title":"c"}`); got.status != 409 || !strings.Contains(got.body, `"message":"fail"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, "POST", url+"/resources:collect", strings.Repeat(`{"title":"enough"}`, 1000)); got.status != 200 || !strings.Contains(got.body, `"count":1,`) {
		t.Errorf("an upstream that has heard enough: %d %s", got.status, got.body)
	}
	if got := send(t, "POST", url+"/resources:collect", ""); got.status != 200 || !strings.Contains(got.body, `"count":0`) {
		t.Errorf("no messages: %d %s", got.status, got.body)
	}
	r.Requests()
}

func TestAnUploadIsStreamedByteForByte(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	const size = 3<<20 + 17
	content := bytes.Repeat([]byte("0123456789abcdef\r\n\x00\xff"), size/20)
	sum := sha256.Sum256(content)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/uploads?name=a+file", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-thing")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var file struct{ Name, ContentType, Size, Sha256 string }
	if err := json.NewDecoder(res.Body).Decode(&file); err != nil {
		t.Fatal(err)
	}
	if file.Sha256 != hex.EncodeToString(sum[:]) || file.Name != "a file" || file.ContentType != "application/x-thing" || file.Size != fmt.Sprint(len(content)) {
		t.Errorf("%+v", file)
	}
}

func TestADownloadCanBeAskedForInParts(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	for rang, want := range map[string]struct {
		status int
		body   string
	}{
		"": {200, edgetest.Alphabet}, "bytes=2-4": {206, "cde"}, "bytes=-3": {206, "xyz"}, "bytes=23-": {206, "xyz"}, "bytes=99-": {416, ""},
	} {
		got := send(t, "GET", url+"/alphabet", "", "Range", rang)
		if got.status != want.status || got.status < 400 && got.body != want.body || got.status >= 400 && got.header.Get("Content-Range") != "bytes */26" || got.status == 200 && got.header.Get("Content-Length") != "26" ||
			got.status < 400 && (got.header.Get("Content-Type") != "text/plain" || got.header.Get("Content-Disposition") == "") {
			t.Errorf("%q: %d %v %q", rang, got.status, got.header, got.body)
		}
	}
	if got := send(t, "GET", url+"/alphabet", "", "If-Modified-Since", "Wed, 02 Sep 2026 12:00:00 GMT"); got.status != 304 {
		t.Errorf("%d %v", got.status, got.header)
	}
	if got := send(t, "GET", url+"/alphabet", "", "If-Unmodified-Since", "Mon, 31 Aug 2026 12:00:00 GMT"); got.status != 412 {
		t.Errorf("%d %v", got.status, got.header)
	}
	if got := send(t, "HEAD", url+"/alphabet", ""); got.status != 200 || got.header.Get("Content-Length") != "26" || got.body != "" {
		t.Errorf("%d %v %q", got.status, got.header, got.body)
	}
}

// A talk goes on in both directions at once: the next message is sent when the answer to the one before has come.
func TestMessagesGoBothWaysAtOnce(t *testing.T) {
	t.Parallel()
	for _, major := range []int{1, 2} {
		talk(t, major)
	}
}

func talk(t *testing.T, major int) {
	t.Helper()
	_, url := resources(t)
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(major == 1)
	transport.Protocols.SetUnencryptedHTTP2(major == 2)
	defer transport.CloseIdleConnections()
	body, up := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/resources:talk", body)
	if err != nil {
		t.Fatal(err)
	}
	go io.WriteString(up, `{"title":"0"}`) //nolint:errcheck // the answer tells
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(res.Body)
	for i := range 5 {
		if !lines.Scan() || !strings.Contains(lines.Text(), fmt.Sprintf(`"title":"%d"`, i)) {
			t.Fatalf("HTTP/%d: %d: %q %v", major, i, lines.Text(), lines.Err())
		}
		if _, err := fmt.Fprintf(up, `{"title":"%d"}`, i+1); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(up.Close(), res.Body.Close()); err != nil {
		t.Error(err)
	}
}

func TestATalkThatGoesWrongEndsWithAnError(t *testing.T) {
	t.Parallel()
	_, url := resources(t)
	for body, want := range map[string]string{
		`{"title":"a"}{"title":"fail now"}`: `{"error":{"code":10,"message":"fail now"`,
		`{"titel":"a"}`:                     `message 0: $: unknown field`,
	} {
		if got := send(t, "POST", url+"/resources:talk", body); !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

func TestAClientThatLeavesEndsTheCall(t *testing.T) {
	t.Parallel()
	r, url := resources(t)
	holding := make(chan struct{}, 1)
	r.Hold = func(ctx context.Context) error {
		holding <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/resources:watch?count=2", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	<-holding
	cancel()
	for len(r.Ended()) == 0 {
		time.Sleep(time.Millisecond)
	}
	if got := r.Ended()[0]; !errors.Is(got, context.Canceled) {
		t.Errorf("the upstream's context: %v", got)
	}
}
