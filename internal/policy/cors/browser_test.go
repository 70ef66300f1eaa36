package cors_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/cors"
)

// page is a page in a browser, that calls as the Fetch standard says: its steps are those of "CORS-preflight fetch" and
// "CORS check", and know nothing of the policy but what it answers.
type page struct {
	origin      string
	credentials bool
}

// answer is what a browser sees of one.
type answer struct {
	status int
	header http.Header
}

// fetch returns the answer to a call, or why the browser keeps it from the page.
func (p page) fetch(t *testing.T, url, method string, header http.Header) (answer, error) {
	t.Helper()
	if !slices.Contains([]string{"GET", "HEAD", "POST"}, method) || len(header) > 0 {
		if err := p.preflight(t, url, method, header); err != nil {
			return answer{}, fmt.Errorf("preflight: %w", err)
		}
	}
	request := header.Clone()
	if request == nil {
		request = http.Header{}
	}
	request.Set("Origin", p.origin)
	res := send(t, method, url, request)
	return res, p.check(res)
}

func (p page) preflight(t *testing.T, url, method string, header http.Header) error {
	t.Helper()
	var unsafe []string
	for name := range header {
		unsafe = append(unsafe, strings.ToLower(name))
	}
	slices.Sort(unsafe)
	ask := http.Header{"Origin": {p.origin}, "Access-Control-Request-Method": {method}, "Accept": {"*/*"}}
	if len(unsafe) > 0 {
		ask.Set("Access-Control-Request-Headers", strings.Join(unsafe, ","))
	}
	res := send(t, http.MethodOptions, url, ask)
	if err := p.check(res); err != nil {
		return err
	}
	if res.status < 200 || res.status > 299 {
		return fmt.Errorf("its status is %d", res.status)
	}
	methods, names := list(res.header, "Access-Control-Allow-Methods"), list(res.header, "Access-Control-Allow-Headers")
	wild := func(l []string) bool { return !p.credentials && slices.Contains(l, "*") }
	if !slices.Contains(methods, method) && !slices.Contains([]string{"GET", "HEAD", "POST"}, method) && !wild(methods) {
		return fmt.Errorf("%s is not among %q", method, methods)
	}
	for _, name := range unsafe {
		named := slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
		if !named && (name == "authorization" || !wild(names)) {
			return fmt.Errorf("%s is not among %q", name, names)
		}
	}
	return nil
}

// check is the CORS check.
func (p page) check(res answer) error {
	origin := strings.Join(res.header["Access-Control-Allow-Origin"], ", ")
	switch {
	case res.header["Access-Control-Allow-Origin"] == nil:
		return errors.New("no origin is allowed")
	case !p.credentials && origin == "*":
		return nil
	case origin != p.origin:
		return fmt.Errorf("%s is allowed", origin)
	case p.credentials && strings.Join(res.header["Access-Control-Allow-Credentials"], ", ") != "true":
		return errors.New("no credentials are allowed")
	default:
		return nil
	}
}

// reads tells whether the page can read a header of an answer.
func (p page) reads(res answer, name string) bool {
	names := list(res.header, "Access-Control-Expose-Headers")
	safe := []string{"Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires", "Last-Modified", "Pragma"}
	return slices.Contains(safe, name) || slices.Contains(names, name) || !p.credentials && slices.Contains(names, "*")
}

// list extracts the values of a header that is a list.
func list(h http.Header, name string) []string {
	var values []string
	for value := range strings.SplitSeq(strings.Join(h[name], ","), ",") {
		values = append(values, strings.TrimSpace(value))
	}
	return values
}

func send(t *testing.T, method, url string, header http.Header) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return answer{res.StatusCode, res.Header}
}

// serve serves /products, which can be read and added to, /products/1, which can be replaced, changed and removed, /secret,
// which is 401, and /broken, which is 500.
func serve(t *testing.T, cfg *configv1.Cors, options cors.Options) string {
	t.Helper()
	policy := newPolicy(t, cfg, options)
	methods := map[string][]string{
		"/products": {"GET", "HEAD", "OPTIONS", "POST"}, "/products/1": {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"},
		"/secret": {"GET", "HEAD", "OPTIONS"}, "/broken": {"GET", "HEAD", "OPTIONS"},
	}
	status := map[string]int{"/secret": 401, "/broken": 500}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allowed := methods[r.URL.Path]
		if policy.IsPreflight(r) {
			policy.Preflight(w.Header(), r, allowed)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		policy.Actual(w.Header(), r)
		w.Header().Set("Etag", `"1"`)
		w.Header().Set("X-Internal", "1")
		switch {
		case allowed == nil:
			w.WriteHeader(http.StatusNotFound)
		case !slices.Contains(allowed, r.Method):
			w.WriteHeader(http.StatusMethodNotAllowed)
		default:
			w.WriteHeader(cmp.Or(status[r.URL.Path], http.StatusOK))
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func newPolicy(t testing.TB, cfg *configv1.Cors, options cors.Options) *cors.Policy {
	t.Helper()
	p, err := cors.New(cfg, options)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestABrowserGivesPagesWhatThePolicySays(t *testing.T) {
	t.Parallel()
	named := &configv1.Cors{Origins: []string{"https://app.example.com", "https://*.shops.example.com"}}
	trusted := &configv1.Cors{Origins: named.GetOrigins(), Credentials: true, Headers: []string{"X-Cart", "Content-Type"}, ExposedHeaders: []string{"Etag"}}
	everybody := &configv1.Cors{Origins: []string{"*"}, Headers: []string{"*"}, ExposedHeaders: []string{"*"}}
	const app, shop, evil = "https://app.example.com", "https://a.shops.example.com", "https://evil.example.org"
	type header = http.Header
	for name, c := range map[string]struct {
		cfg         *configv1.Cors
		origin      string
		credentials bool
		method      string
		path        string
		header      header
		want        int // 0 if the page learns nothing
	}{
		"a page reads":                               {named, app, false, "GET", "/products", nil, 200},
		"a page below reads":                         {named, shop, false, "GET", "/products", nil, 200},
		"another page reads":                         {named, evil, false, "GET", "/products", nil, 0},
		"a page that hides its origin reads":         {named, "null", false, "GET", "/products", nil, 0},
		"nobody may":                                 {nil, app, false, "GET", "/products", nil, 0},
		"nobody may ask":                             {nil, app, false, "PUT", "/products/1", nil, 0},
		"a page asks for the head":                   {named, app, false, "HEAD", "/products", header{"If-Match": {"1"}}, 200},
		"a page adds":                                {named, app, false, "POST", "/products", header{"Content-Type": {"application/json"}}, 200},
		"a page adds to what takes none":             {named, app, false, "POST", "/secret", header{"Content-Type": {"application/json"}}, 0},
		"a page adds to it without asking":           {named, app, false, "POST", "/secret", nil, 405},
		"a page replaces":                            {named, shop, false, "PUT", "/products/1", header{"If-Match": {"1"}}, 200},
		"another page replaces":                      {named, evil, false, "PUT", "/products/1", nil, 0},
		"a page changes":                             {named, app, false, "PATCH", "/products/1", nil, 200},
		"a page changes, in lower case":              {named, app, false, "patch", "/products/1", nil, 0},
		"a page removes what can not be removed":     {named, app, false, "DELETE", "/products", nil, 0},
		"a page removes what is not there":           {named, app, false, "DELETE", "/nothing", nil, 0},
		"a page reads what is not there":             {named, app, false, "GET", "/nothing", nil, 404},
		"a page has no token":                        {named, app, false, "GET", "/secret", nil, 401},
		"a page has a token":                         {named, app, false, "GET", "/products", header{"Authorization": {"Bearer x"}}, 200},
		"something breaks":                           {named, app, false, "GET", "/broken", nil, 500},
		"a page sends what it may not":               {named, app, false, "GET", "/products", header{"X-Cart": {"1"}}, 0},
		"a page sends cookies that it may not":       {named, app, true, "GET", "/products", nil, 0},
		"a page sends cookies":                       {trusted, app, true, "GET", "/products", nil, 200},
		"a page sends cookies and a header":          {trusted, shop, true, "PUT", "/products/1", header{"X-Cart": {"1"}}, 200},
		"a page with cookies may not send":           {trusted, app, true, "GET", "/products", header{"Authorization": {"Bearer x"}}, 0},
		"another page sends cookies":                 {trusted, evil, true, "GET", "/products", nil, 0},
		"a page sends an accept that is long":        {trusted, app, true, "GET", "/products", header{"Accept": {strings.Repeat("a", 200)}}, 200},
		"any page reads":                             {everybody, evil, false, "GET", "/products", nil, 200},
		"any page that hides its origin reads":       {everybody, "null", false, "GET", "/products", nil, 200},
		"any page sends":                             {everybody, evil, false, "PUT", "/products/1", header{"X-Cart": {"1"}, "Authorization": {"x"}, "Accept": {"(x)"}}, 200},
		"any page sends cookies":                     {everybody, evil, true, "GET", "/products", nil, 0},
		"any page removes what can not be removed":   {everybody, evil, false, "DELETE", "/products", nil, 0},
		"any page asks for what is not there at all": {everybody, evil, false, "PUT", "/nothing", nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, err := page{c.origin, c.credentials}.fetch(t, serve(t, c.cfg, cors.Options{})+c.path, c.method, c.header)
			if got := statusOf(res, err); got != c.want {
				t.Errorf("got %d, want %d (%v)", got, c.want, err)
			}
		})
	}
}

func statusOf(res answer, err error) int {
	if err != nil {
		return 0
	}
	return res.status
}

func TestPagesReadTheHeadersThatAreExposed(t *testing.T) {
	t.Parallel()
	const app = "https://app.example.com"
	api := cors.Options{Exposed: []string{"Etag", "Link", "etag"}}
	for name, c := range map[string]struct {
		cfg            *configv1.Cors
		etag, internal bool
	}{
		"those of the API":           {&configv1.Cors{Origins: []string{app}}, true, false},
		"those of the configuration": {&configv1.Cors{Origins: []string{app}, ExposedHeaders: []string{"X-Internal"}}, false, true},
		"all":                        {&configv1.Cors{Origins: []string{"*"}, ExposedHeaders: []string{"*"}}, true, true},
	} {
		p := page{origin: app}
		res, err := p.fetch(t, serve(t, c.cfg, api)+"/products", "GET", nil)
		if err != nil || p.reads(res, "Etag") != c.etag || p.reads(res, "X-Internal") != c.internal || !p.reads(res, "Content-Length") {
			t.Errorf("%s: %v %v", name, err, res.header)
		}
	}
}
