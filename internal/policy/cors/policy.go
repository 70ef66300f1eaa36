package cors

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

// Options are what an API brings along.
type Options struct {
	// Headers are those that pages may send beside the usual ones, unless the configuration lists some.
	Headers []string
	// Exposed are those that pages may read, unless the configuration lists some.
	Exposed []string
}

// Policy says which pages may call, how, and what of the answers they may read. It is not changed once it is made, and its
// methods may be called concurrently. A nil policy lets no page of another origin call.
type Policy struct {
	all       bool // whatever the origin
	origins   map[string]struct{}
	wildcards []wildcard

	headers map[string]struct{} // that pages may send, in lower case; nil for whatever they ask for

	// The values of headers, which are never changed. One that is nil is not sent.
	credentials   []string
	exposed       []string
	allowed       []string // headers, nil for whatever a page asks for
	maxAge        []string
	private       []string
	preflightVary []string
}

// New returns a policy, or all that is wrong with its configuration. It is nil for a configuration without origins.
func New(cfg *configv1.Cors, options Options) (*Policy, error) {
	if err := validate(cfg); err != nil {
		return nil, err
	}
	if len(cfg.GetOrigins()) == 0 {
		return nil, nil //nolint:nilnil // a nil policy is one that allows nothing
	}
	p := &Policy{origins: map[string]struct{}{}}
	for _, origin := range cfg.GetOrigins() {
		p.allow(origin)
	}
	p.setHeaders(cfg.GetHeaders(), options.Headers)
	p.exposed = listed(or(cfg.GetExposedHeaders(), options.Exposed))
	if cfg.GetCredentials() {
		p.credentials = yes
	}
	vary := "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
	if cfg.GetPrivateNetwork() {
		p.private = yes
		vary += ", Access-Control-Request-Private-Network"
	}
	p.preflightVary = []string{vary}
	maxAge := defaultMaxAge
	if cfg.GetMaxAge() != nil {
		maxAge = cfg.GetMaxAge().AsDuration()
	}
	p.maxAge = []string{strconv.Itoa(int(maxAge / time.Second))}
	return p, nil
}

var (
	yes        = []string{"true"}
	everybody  = []string{anyOrigin}
	varyOrigin = []string{"Origin"}
)

func (p *Policy) allow(origin string) {
	if prefix, suffix, below := strings.Cut(origin, "://*"); below {
		p.wildcards = append(p.wildcards, wildcard{prefix: prefix + "://", suffix: suffix})
		return
	}
	p.all = p.all || origin == anyOrigin
	p.origins[origin] = struct{}{}
}

// setHeaders sets which headers pages may send: those of the configuration, or else the usual ones and the API's.
func (p *Policy) setHeaders(configured, api []string) {
	if slices.Contains(configured, anyHeader) {
		return
	}
	names := configured
	if len(names) == 0 {
		names = slices.Concat(defaultHeaders, api)
	}
	p.headers = map[string]struct{}{}
	for _, name := range slices.Concat(names, safeHeaders) {
		p.headers[strings.ToLower(name)] = struct{}{}
	}
	p.allowed = listed(slices.Concat(names, safeHeaders))
}

// AllowsOrigin tells whether pages of an origin may call. It is for WebSockets too, which browsers open without asking.
func (p *Policy) AllowsOrigin(origin string) bool {
	if p == nil || origin == "" {
		return false
	}
	if p.all {
		return true
	}
	if _, ok := p.origins[origin]; ok {
		return true
	}
	return slices.ContainsFunc(p.wildcards, func(w wildcard) bool { return w.matches(origin) })
}

// allows tells whether pages of the origin that a request names may call.
func (p *Policy) allows(r *http.Request) bool {
	origin := r.Header["Origin"]
	return len(origin) == 1 && p.AllowsOrigin(origin[0])
}

// Actual marks the answer to a request that is no preflight, whatever the answer will be: pages have to be able to read
// errors too. What else is varied by has to be added to the header Vary, since caches would serve one page's answer to
// another without what is in it.
func (p *Policy) Actual(h http.Header, r *http.Request) {
	switch {
	case p == nil:
		return
	case p.all: // the answer is the same for all, those included who do not say where they are from
		h["Access-Control-Allow-Origin"] = everybody
	default:
		vary(h, varyOrigin)
		if !p.allows(r) {
			return
		}
		h["Access-Control-Allow-Origin"] = r.Header["Origin"][:1:1]
	}
	set(h, "Access-Control-Allow-Credentials", p.credentials)
	set(h, "Access-Control-Expose-Headers", p.exposed)
}

// vary adds to what an answer depends on.
func vary(h http.Header, fields []string) {
	if h["Vary"] == nil {
		h["Vary"] = fields
		return
	}
	h["Vary"] = append(h["Vary"], fields...)
}

// set sets a header to values of the policy, unless there are none. Who adds to them makes a copy, for they have no room.
func set(h http.Header, name string, values []string) {
	if values != nil {
		h[name] = values
	}
}

// listed is a list as a header has it, each name once.
func listed(names []string) []string {
	var once []string
	for _, name := range names {
		if !slices.ContainsFunc(once, func(other string) bool { return strings.EqualFold(name, other) }) {
			once = append(once, name)
		}
	}
	if len(once) == 0 {
		return nil
	}
	return []string{strings.Join(once, ", ")}
}

func or(a, b []string) []string {
	if len(a) > 0 {
		return a
	}
	return b
}
