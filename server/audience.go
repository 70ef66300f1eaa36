package server

import (
	"net/http"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/config"
	"github.com/gatehouse-edge/gatehouse/internal/policy/cors"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// audience is a group of callers who see the same, and are served in the same way.
type audience struct {
	settings
	name    string
	labels  []string
	visible func(protoreflect.Descriptor) bool
	cors    *cors.Policy // nil if no page of another origin may call
	table   int          // its place among the tables; -1 if it is served to nobody
}

// sees tells whether it may see all that another audience sees.
func (a *audience) sees(other *audience) bool {
	return !slices.ContainsFunc(other.labels, func(label string) bool { return !slices.Contains(a.labels, label) })
}

// audiences are those of an edge.
type audiences struct {
	all       []*audience
	served    []*audience          // those that anybody can be of
	hosts     map[string]*audience // by host
	wildcards []wildcard           // the longest first
}

// wildcard is a host below which all are of an audience.
type wildcard struct {
	suffix   string // .partners.example.com
	audience *audience
}

// audiencesOf reads them from a configuration. The error names the key that can not be.
func audiencesOf(cfg *configv1.Config) (*audiences, error) {
	as := &audiences{hosts: map[string]*audience{}}
	for _, said := range config.Audiences(cfg) {
		view, err := settingsOf(viewOf(cfg, said))
		if err != nil {
			return nil, err
		}
		a := &audience{
			settings: view, name: said.GetName(), labels: said.GetVisibilityLabels(), visible: schema.Visible(said.GetVisibilityLabels()), table: -1,
		}
		if a.cors, err = corsOf(cfg, said); err != nil {
			return nil, err
		}
		as.all = append(as.all, a)
		for _, host := range said.GetHosts() {
			if suffix, ok := strings.CutPrefix(host, "*"); ok {
				as.wildcards = append(as.wildcards, wildcard{suffix, a})
			} else {
				as.hosts[host] = a
			}
		}
	}
	slices.SortStableFunc(as.wildcards, func(a, b wildcard) int { return len(b.suffix) - len(a.suffix) })
	as.find(cfg)
	return as, nil
}

// exposed are the headers of answers that pages of other origins may read.
var exposed = []string{
	"Content-Disposition", "Content-Range", "Deprecation", "ETag", partialHeader, "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "Sunset",
	"WWW-Authenticate", "X-Request-Id",
}

// corsOf is what an audience's pages may do.
func corsOf(cfg *configv1.Config, a *configv1.Audience) (*cors.Policy, error) {
	said := cfg.GetCors()
	if a.GetCors() != nil {
		said = a.GetCors()
	}
	headers := slices.Clone(cfg.GetHeaders().GetRequest())
	if keys := cfg.GetAuthentication().GetApiKeys(); keys != nil {
		headers = append(headers, or(keys.GetHeader(), defaultKeyHeader))
	}
	return cors.New(said, cors.Options{Headers: headers, Exposed: slices.Concat(exposed, cfg.GetHeaders().GetResponse())})
}

// viewOf is the configuration as it holds for an audience.
func viewOf(cfg *configv1.Config, a *configv1.Audience) *configv1.Config {
	if a.GetDialect() == nil && a.GetLimits() == nil {
		return cfg
	}
	view := proto.CloneOf(cfg)
	if a.GetDialect() != nil {
		view.Dialect = a.GetDialect()
	}
	if a.GetLimits() != nil {
		if view.Limits == nil {
			view.Limits = new(configv1.Limits)
		}
		proto.Merge(view.Limits, a.GetLimits())
	}
	return view
}

// find finds those that anybody can be of: an entrance's, a host's, and where callers can show who they are, all.
func (as *audiences) find(cfg *configv1.Config) {
	serve := func(a *audience) {
		if a.table < 0 {
			a.table = len(as.served)
			as.served = append(as.served, a)
		}
	}
	for _, l := range cfg.GetListeners() {
		serve(as.named(l.GetAudience()))
	}
	if len(cfg.GetListeners()) == 0 {
		serve(as.all[0])
	}
	for i, said := range config.Audiences(cfg) {
		if auth := cfg.GetAuthentication(); auth != nil && !auth.GetOff() || len(said.GetHosts()) > 0 {
			serve(as.all[i])
		}
	}
}

// names are those of all.
func (as *audiences) names() []string {
	names := make([]string, len(as.all))
	for i, a := range as.all {
		names[i] = a.name
	}
	return names
}

// named returns the audience of a name; "" is the first.
func (as *audiences) named(name string) *audience {
	for _, a := range as.all {
		if a.name == name {
			return a
		}
	}
	return as.all[0]
}

// ofHost returns the audience of a host as it stands in a request; nil for none.
func (as *audiences) ofHost(host string) *audience {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if a := as.hosts[host]; a != nil {
		return a
	}
	for _, w := range as.wildcards {
		if strings.HasSuffix(host, w.suffix) && len(host) > len(w.suffix) {
			return w.audience
		}
	}
	return nil
}

// entrance is where calls come in: a listener.
type entrance struct {
	edge     *Edge
	audience *audience // of those who have none of their own
	only     bool      // and of those who have
	hsts     []string  // the value of Strict-Transport-Security, none for none
}

// ServeHTTP surrounds a request with what every request gets.
func (in *entrance) ServeHTTP(w http.ResponseWriter, r *http.Request) { in.edge.serve(w, r, in) }

// ofHost returns the audience of a call of which nothing is known but where it goes.
func (in *entrance) ofHost(r *http.Request) *audience {
	as := in.edge.audiences
	if in.only || len(as.hosts) == 0 && len(as.wildcards) == 0 {
		return in.audience
	}
	if a := as.ofHost(in.audience.proxies.Client(r).Host); a != nil {
		return a
	}
	return in.audience
}

// ownOf returns the audience that a caller has of their own, which wins over that of the host; nil for none.
func (in *entrance) ownOf(p *principal.Principal) *audience {
	if p == nil || p.Audience == "" || in.only {
		return nil
	}
	return in.edge.audiences.named(p.Audience)
}
