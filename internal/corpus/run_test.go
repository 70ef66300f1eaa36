package corpus_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/corpus"
)

// stage is a backend, and a client of it for gateways of the tests.
type stage struct {
	backend *corpus.Backend
	client  edgetestv1.ResourceServiceClient
}

func newStage(t *testing.T) *stage {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	backend := corpus.NewBackend()
	go backend.Serve(lis) //nolint:errcheck // it ends when the test stops it
	t.Cleanup(backend.Stop)
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // nothing is in flight any more
	return &stage{backend, edgetestv1.NewResourceServiceClient(conn)}
}

// play plays a case against a gateway of one handler.
func (s *stage) play(t *testing.T, text string, h http.HandlerFunc) []string {
	t.Helper()
	c, err := corpus.Parse("g/c.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	fronts := corpus.NewFronts(func(string) (http.Handler, func() error, error) { return h, func() error { return nil }, nil })
	defer fronts.Close()
	results, err := s.backend.Run(t.Context(), []*corpus.Case{c}, fronts.Front)
	if err != nil {
		t.Fatal(err)
	}
	return results[0].Differences
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-A", "1")
		w.WriteHeader(status)
		io.WriteString(w, body) //nolint:errcheck // the runner tells
	}
}

// Each response is taken for what it is and for nothing else.
func TestAResponseIsComparedInItsForm(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for wanted, bodies := range map[string]struct{ right, wrong []string }{
		"json\n<\n< {\"a\": [1, \"x<any>z\", \"...\"], \"b\": \"<any>\", \"...\": \"...\"}": {
			right: []string{`{"a":[1.0,"xyz"],"b":null}`, `{"a":[1,"xz",3],"b":{},"c":4}`},
			wrong: []string{``, `{`, `{"a":[1,"xyz"]}`, `{"a":[2,"xyz"],"b":1}`, `{"a":[1,"xy"],"b":1}`, `{"a":[1],"b":1}`, `{"a":1,"b":1}`, `[]`},
		},
		"json\n<\n< {\"a\": true}": {right: []string{`{"a":true}`}, wrong: []string{`{"a":true,"b":1}`, `{"a":"true"}`, `{"a":false}`}},
		"json\n<\n< [null]":        {right: []string{`[null]`}, wrong: []string{`[]`, `[null,null]`, `[0]`}},
		"lines\n<\n< 1\n< 2":       {right: []string{"1\n2\n", "1\n2"}, wrong: []string{"1\n", "1\n3\n", "1 2", "1\n2\n3\n", "1\n\n2"}},
		"lines":                    {right: []string{""}, wrong: []string{"1\n"}},
		"text\n<\n< a\n< b":        {right: []string{"a\nb"}, wrong: []string{"a\nb\n", "a\r\nb", ""}},
		"text\n<\n< <any>b<any>d":  {right: []string{"abcd", "bd"}, wrong: []string{"abc", "ad", "db"}},
		"empty":                    {right: []string{""}, wrong: []string{"a"}},
		"any":                      {right: []string{"", "a"}},
		"events\n<\n< id: 1\n< data: {\"a\": 1}\n<\n< event: end\n< data: x": {
			right: []string{":\n\nid: 1\ndata: {\"a\":1.0}\n\n:\n\nevent:end\r\ndata: x\r\n\r\n"},
			wrong: []string{"id: 1\ndata: {\"a\":1}\n\n", "id: 2\ndata: {\"a\":1}\n\nevent: end\ndata: x\n\n", "id: 1\ndata: {\"a\":1}\ndata: 2\n\nevent: end\ndata: x\n\n"},
		},
		"protobuf edgetest.v1.Child\n<\n< {\"size\": 1}": {right: []string{"\x10\x01"}, wrong: []string{"\x10\x02", "\xff", ""}},
	} {
		text := opening + get + "< 200 " + wanted
		for _, body := range bodies.right {
			if got := s.play(t, text, says(200, body)); len(got) > 0 {
				t.Errorf("%q is not %s: %q", body, wanted, got)
			}
		}
		for _, body := range bodies.wrong {
			if got := s.play(t, text, says(200, body)); len(got) == 0 {
				t.Errorf("%q is %s", body, wanted)
			}
		}
	}
}

func TestStatusAndHeadersAreCompared(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for head, right := range map[string]bool{
		"200 any\n< X-A: 1\n< !X-B": true, "200 any\n< x-a: <any>": true,
		"201 any": false, "200 any\n< X-A: 2": false, "200 any\n< X-A: 1\n< X-A: 1": false, "200 any\n< !X-A": false, "200 any\n< X-B: <any>": false,
	} {
		if got := s.play(t, opening+get+"< "+head, says(200, "")); (len(got) == 0) != right {
			t.Errorf("%s: %q", head, got)
		}
	}
}

func TestATransferThatBreaksOffIsNoWholeOne(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	breaks := func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a")                //nolint:errcheck // the runner tells
		http.NewResponseController(w).Flush() //nolint:errcheck // likewise
		panic(http.ErrAbortHandler)
	}
	aborted, text := opening+get+"< 200 aborted\n<\n< a", opening+get+"< 200 text\n<\n< a"
	if got := s.play(t, aborted, breaks); len(got) > 0 {
		t.Error(got)
	}
	if s.play(t, aborted, says(200, "a")) == nil || s.play(t, text, breaks) == nil {
		t.Error("the end of a transfer makes no difference")
	}
}

// What a gateway sends to the upstream is compared, and the upstream answers as the case says.
func TestTheUpstreamPlaysItsPart(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	calls := func(name string, times int, pairs ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(r.Context(), pairs...), 5*time.Second)
			defer cancel()
			for range times {
				answer, err := s.client.GetResource(ctx, &edgetestv1.GetResourceRequest{Name: name})
				w.Header().Set("X-Error", errorText(err))
				io.WriteString(w, answer.GetTitle()) //nolint:errcheck // the runner tells
			}
		}
	}
	lists := func(_ http.ResponseWriter, r *http.Request) {
		s.client.ListResources(r.Context(), &edgetestv1.ListResourcesRequest{}) //nolint:errcheck // the runner tells
	}
	takesBack := func(_ http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		stream, err := s.client.Collect(ctx)
		if err == nil {
			err = stream.Send(new(edgetestv1.Resource))
		}
		if err != nil {
			t.Error(err)
		}
		cancel()
	}
	const asked = opening + get + ">> edgetest.v1.ResourceService/GetResource\n>> a: 1\n>> !b\n>> within 5s\n>> {\"name\": \"x\"}\n<< {\"title\": \"t\"}\n< 200 text\n<\n< t"
	refused := opening + get + called + "<< error ABORTED no\n< 200 any\n< X-Error: <any>no"
	for name, c := range map[string]struct {
		text    string
		gateway http.HandlerFunc
		want    string // of a difference
	}{
		"as it must be":      {asked, calls("x", 1, "a", "1"), ""},
		"another message":    {asked, calls("y", 1, "a", "1"), `message 0: got {"name":"y"}`},
		"no metadata":        {asked, calls("x", 1), "metadata a: got []"},
		"too much metadata":  {asked, calls("x", 1, "a", "1", "b", "2"), "metadata b: got [\"2\"], want none"},
		"no call":            {asked, calls("x", 0), "upstream: got 0 calls"},
		"two calls":          {asked, calls("x", 2, "a", "1"), "upstream: got 2 calls"},
		"another call":       {asked, lists, "upstream: got a call of /edgetest.v1.ResourceService/ListResources"},
		"a later deadline":   {strings.Replace(asked, "5s", "1s", 1), calls("x", 1, "a", "1"), "deadline: got "},
		"a call too many":    {opening + get + "< 200 any", calls("x", 1), "upstream: got a call"},
		"a call taken back":  {opening + get + "< 200 any", takesBack, ""},
		"an error":           {refused, calls("resources/1", 1), ""},
		"a service that may": {strings.Replace(refused, "no\n", "yes\n", 1), calls("resources/1", 1), "header X-Error"},
	} {
		got := strings.Join(s.play(t, c.text, c.gateway), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestACallThatGoesOnWithoutItsClientIsFound(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const text = opening + get + ">> edgetest.v1.ResourceService/WatchResources\n>> {}\n<< {}\n<< hang\n< 200 left\n<\n< 1"
	gateway := func(ctx func(*http.Request) context.Context) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			watch, err := s.client.WatchResources(ctx(r), &edgetestv1.WatchResourcesRequest{})
			if err == nil {
				_, err = watch.Recv() // only now is it sure that the upstream has been called
			}
			if err != nil {
				t.Error(err)
			}
			io.WriteString(w, "1\n")              //nolint:errcheck // the runner tells
			http.NewResponseController(w).Flush() //nolint:errcheck // likewise
			<-r.Context().Done()
		}
	}
	if got := s.play(t, text, gateway(func(r *http.Request) context.Context { return r.Context() })); len(got) > 0 {
		t.Error(got)
	}
	got := s.play(t, text, gateway(func(*http.Request) context.Context { return t.Context() }))
	if len(got) != 1 || !strings.Contains(got[0], "goes on") {
		t.Error(got)
	}
}

func TestAGatewayIsWaitedFor(t *testing.T) {
	t.Parallel()
	slow := 0
	fronts := corpus.NewFronts(func(string) (http.Handler, func() error, error) {
		h := func(w http.ResponseWriter, _ *http.Request) {
			if slow++; slow < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}
		return http.HandlerFunc(h), func() error { return nil }, nil
	})
	defer fronts.Close()
	url, err := fronts.Front("")
	if err != nil {
		t.Fatal(err)
	}
	if err := corpus.Wait(t.Context(), url, time.Minute); err != nil || slow != 3 {
		t.Error(slow, err)
	}
	if err := corpus.Wait(t.Context(), "http://127.0.0.1:1", 50*time.Millisecond); err == nil {
		t.Error("nothing has answered")
	}
}

func TestAReportCountsGroupsAndNamesWhatFailed(t *testing.T) {
	t.Parallel()
	var results []corpus.Result
	for name, differences := range map[string][]string{"a/b.txt": nil, "a/c.txt": {"status: got 1, want 2"}, "a/d.txt": nil} {
		c, err := corpus.Parse(name, whole)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, corpus.Result{Case: c, Differences: differences, Skipped: name == "a/d.txt"})
	}
	for f, want := range map[corpus.Format][]string{
		corpus.Plain:    {"a      1/2\n", "all    1/2\n", "a/c\n  A promise.\n  - status: got 1, want 2\n", "1 cases need settings"},
		corpus.Markdown: {"| a | 1/2 |\n", "### a/c\n\nA promise.\n", "status: got 1, want 2"},
	} {
		var b bytes.Buffer
		if err := corpus.Write(&b, results, f); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("no %q in:\n%s", w, b.String())
			}
		}
	}
	var b bytes.Buffer
	var rows []map[string]any
	if err := errors.Join(corpus.Write(&b, results, corpus.JSON), json.Unmarshal(b.Bytes(), &rows)); err != nil || len(rows) != 3 {
		t.Errorf("%v: %s", err, b.String())
	}
	if got := (corpus.Tally{}).String(); got != "–" {
		t.Error(got)
	}
}
