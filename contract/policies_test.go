package contract_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/routers"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest"
	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/shop"
)

// schemes are one of each kind.
var schemes = []openapi.Scheme{
	{Name: "bearer", Kind: openapi.BearerToken},
	{Name: "openId", Kind: openapi.OpenIDToken, URL: "https://login.example.com/.well-known/openid-configuration"},
	{Name: "apiKey", Kind: openapi.KeyInHeader, Header: "X-Api-Key"},
	{Name: "certificate", Kind: openapi.ClientCertificate},
}

// samplePolicy gives each method one of all kinds of policies, which names every field that a policy can name: hidden ones
// too.
func samplePolicy(m *schema.Method) *openapi.Policy {
	p := &openapi.Policy{Who: openapi.Who(len(m.FullName()) % int(openapi.Nobody+1))}
	fields := m.Descriptor.Input().Fields()
	for i := range fields.Len() {
		path, problem := schema.Scalar(m.Descriptor.Input(), string(fields.Get(i).Name()))
		if problem != "" {
			continue
		}
		p.Limits = append(p.Limits, openapi.Limit{Requests: 10, Window: time.Minute, Each: path})
		if p.Who != openapi.Anybody {
			p.Own = append(p.Own, openapi.OwnField{Path: path, Claim: "region", Unless: "admin"})
		}
	}
	if p.Who == openapi.AnyScope || p.Who == openapi.AllScopes {
		p.Scopes = []string{"things.read", "things.write"}
	}
	return p
}

// TestRefusalsAreAsTheDocumentSays calls the shop without credentials, with those that do not suffice, and too often. Each
// answer has a response of its own in the document, and is as that says.
func TestRefusalsAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	const key = "somebody's"
	keys := filepath.Join(t.TempDir(), "keys.yaml")
	text := fmt.Sprintf("keys: [{hash: '%x', subject: c-1001}]\n", sha256.Sum256([]byte(key)))
	if err := os.WriteFile(keys, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	running, err := shop.Start(context.WithoutCancel(t.Context()), shop.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	cfg := &configv1.Config{Authentication: &configv1.Authentication{ApiKeys: &configv1.ApiKeys{File: keys}}}
	for service, target := range running.Targets() {
		cfg.Upstreams = append(cfg.Upstreams, &configv1.Upstream{Target: target, Services: []string{service}})
	}
	edge, url := edgetest.Edge(t, cfg)
	document := served(t, url)
	recorder := new(recorder)
	front := httptest.NewServer(recorder.around(edge.Handler()))
	t.Cleanup(front.Close)
	answer := func(method, path, key string) *exchange {
		recorder.forget()
		req, err := http.NewRequestWithContext(t.Context(), method, front.URL+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if key != "" {
			req.Header.Set("X-Api-Key", key)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close() //nolint:errcheck // nothing of it is read here
		return recorder.last()
	}
	for _, c := range []struct {
		method, path, key string
		code              int
	}{
		{"GET", "/v1/promotions", "", 200},
		{"GET", "/v1/promotions/none", "", 404},
		{"POST", "/v1/products", "", 401},
		{"POST", "/v1/products", "nobody's", 401},
		{"POST", "/v1/products", key, 403},
		{"GET", "/v1/carts/c-1001", "", 401},
		{"GET", "/v1/carts/c-1002", key, 403},
		{"GET", "/v1/carts/c-1001", key, 200},
		{"GET", "/v1/products/none", "", 404},
	} {
		documented(t, document, answer(c.method, c.path, c.key), c.code)
	}
	for range 20 {
		e := answer("GET", "/v1/promotions/none", "")
		if e.code == http.StatusTooManyRequests {
			documented(t, document, e, http.StatusTooManyRequests)
			return
		}
	}
	t.Error("there is no end to promotions")
}

// documented holds an answer against the response of its code: the default response is not enough.
func documented(t *testing.T, document routers.Router, e *exchange, code int) {
	t.Helper()
	name := e.request.Method + " " + e.request.URL.Path
	if e.code != code {
		t.Errorf("%s is %d, not %d: %s", name, e.code, code, &e.answer)
		return
	}
	route, _, err := document.FindRoute(e.request)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	said := route.Operation.Responses.Status(code)
	if said == nil {
		t.Errorf("%s: the document has no response %d", name, code)
		return
	}
	problems, _ := e.problems(t.Context(), document)
	problems = slices.DeleteFunc(problems, func(p string) bool { return strings.HasPrefix(p, "request:") })
	for header := range said.Value.Headers {
		optional := header == "Location" || code == http.StatusUnauthorized && header != "WWW-Authenticate"
		if e.header.Get(header) == "" && !optional {
			problems = append(problems, "there is no "+header)
		}
	}
	if len(problems) > 0 {
		t.Errorf("%s: %s", name, strings.Join(problems, "\n"))
	}
}
