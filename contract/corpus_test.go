package contract_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"buf.build/go/protoyaml"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/gatehouse-edge/gatehouse/conformance/cases"
	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/corpus"
	"github.com/gatehouse-edge/gatehouse/server"
)

// TestEveryCaseOfTheCorpusIsAsTheDocumentSays plays the corpus and holds each request that is served, and each response,
// against the document that the same edge serves.
func TestEveryCaseOfTheCorpusIsAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	all, err := corpus.Load(cases.Files)
	if err != nil {
		t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	backend := corpus.NewBackend()
	go backend.Serve(lis) //nolint:errcheck // it ends when the test stops it
	t.Cleanup(backend.Stop)
	recorder := new(recorder)
	fronts := corpus.NewFronts(recorder.gateway(t.Context(), lis.Addr().String()))
	t.Cleanup(func() { fronts.Close() }) //nolint:errcheck // nothing is in flight any more
	documents := map[string]routers.Router{}
	checked := 0
	for _, c := range all {
		url, err := fronts.Front(c.Settings)
		if err != nil {
			t.Fatal(err)
		}
		if documents[url] == nil {
			documents[url] = served(t, url)
		}
		recorder.forget()
		for _, difference := range backend.RunCase(t.Context(), c, url) {
			t.Errorf("%s: %s", c.Name, difference)
		}
		if judge(t, c.Name, documents[url], recorder.last()) {
			checked++
		}
	}
	for _, e := range exceptions {
		if !slices.ContainsFunc(all, func(c *corpus.Case) bool { return e.covers(c.Name) }) {
			t.Errorf("there is no case %s any more", e.name)
		}
	}
	t.Logf("%d of %d cases have an operation in the document", checked, len(all))
}

// judge holds one exchange against the document. It tells whether there was something to hold it against.
func judge(t *testing.T, name string, document routers.Router, e *exchange) bool {
	t.Helper()
	if e == nil {
		return false // refused before it reached the edge
	}
	problems, found := e.problems(t.Context(), document)
	reason := reasonFor(name)
	switch {
	case !found && reason == "" && e.code < 400 && e.request.Method != http.MethodOptions && e.request.Method != http.MethodHead:
		t.Errorf("%s: %s %s is served, and is not in the document", name, e.request.Method, e.request.URL)
	case len(problems) > 0 && reason == "":
		t.Errorf("%s: %s %s\n%s", name, e.request.Method, e.request.URL, strings.Join(problems, "\n"))
	case len(problems) == 0 && reason != "" && (found || e.code >= 400):
		t.Errorf("%s is as the document says, though it is expected not to be: %s", name, reason)
	}
	return found
}

// exchange is one request with its response.
type exchange struct {
	request *http.Request
	body    []byte
	code    int
	header  http.Header
	answer  bytes.Buffer
	aborted bool // the response did not end as a whole
}

// recorder keeps the last exchange of the gateways that it makes.
type recorder struct {
	mu   sync.Mutex
	kept *exchange
}

func (r *recorder) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = nil
}

func (r *recorder) last() *exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept
}

// gateway makes edges in front of a target.
func (r *recorder) gateway(ctx context.Context, target string) corpus.Gateway {
	return func(settings string) (http.Handler, func() error, error) {
		cfg := new(configv1.Config)
		if err := protoyaml.Unmarshal([]byte(settings), cfg); err != nil {
			return nil, nil, err
		}
		cfg.Upstreams = []*configv1.Upstream{{Target: target}}
		edge, err := server.New(ctx, cfg, server.WithLogger(slog.New(slog.DiscardHandler)), server.WithStdout(io.Discard))
		if err != nil {
			return nil, nil, err
		}
		return r.around(edge.Handler()), edge.Close, nil
	}
}

// around records what goes through a handler. A body is kept as far as the handler reads it.
func (r *recorder) around(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var body bytes.Buffer
		e := &exchange{request: req.Clone(context.WithoutCancel(req.Context()))}
		req.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(req.Body, &body), req.Body}
		defer func() {
			p := recover()
			e.body, e.header, e.aborted = body.Bytes(), w.Header(), p != nil
			defer func() {
				if p != nil {
					panic(p)
				}
			}()
			r.mu.Lock()
			defer r.mu.Unlock()
			r.kept = e
		}()
		h.ServeHTTP(&tee{ResponseWriter: w, into: e}, req)
	})
}

// tee copies a response.
type tee struct {
	http.ResponseWriter
	into *exchange
}

func (t *tee) WriteHeader(code int) {
	if t.into.code == 0 {
		t.into.code = code
	}
	t.ResponseWriter.WriteHeader(code)
}

func (t *tee) Write(b []byte) (int, error) {
	if t.into.code == 0 {
		t.into.code = http.StatusOK
	}
	t.into.answer.Write(b)
	return t.ResponseWriter.Write(b)
}

// Unwrap is how [http.ResponseController] finds what a server can do beside.
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// served reads the document of the edge at a URL.
func served(t *testing.T, url string) routers.Router {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/openapi.json", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s %v", res.StatusCode, text, err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return router
}

// problems tells where an exchange is not as its operation says, and whether there is an operation.
func (e *exchange) problems(ctx context.Context, document routers.Router) (problems []string, found bool) {
	route, parameters, err := document.FindRoute(e.request)
	if err != nil {
		return nil, false
	}
	options := &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	header, body := decoded(e.request.Header, e.body)
	req := e.request.Clone(ctx)
	req.Header = header
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: parameters, Route: route, Options: options}
	for _, item := range items(header, body) {
		req.Body = io.NopCloser(bytes.NewReader(item))
		if err := openapi3filter.ValidateRequest(ctx, in); err != nil && e.code < http.StatusBadRequest {
			problems = append(problems, "request: "+err.Error())
		}
	}
	if e.aborted {
		return problems, true
	}
	header, body = decoded(e.header, e.answer.Bytes())
	for _, item := range items(header, body) {
		err := openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
			RequestValidationInput: in, Status: e.code, Header: header, Body: io.NopCloser(bytes.NewReader(item)), Options: options,
		})
		if err != nil {
			problems = append(problems, "response: "+err.Error())
		}
	}
	return problems, true
}
