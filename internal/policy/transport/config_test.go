package transport_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

func TestTheValueOfHSTS(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]*configv1.Hsts{
		"":                 nil,
		"max-age=31536000": {},
		"max-age=0":        {MaxAge: durationpb.New(0)},
		"max-age=3600":     {MaxAge: durationpb.New(time.Hour)},
		"max-age=63072000; includeSubDomains; preload": {MaxAge: durationpb.New(2 * 365 * 24 * time.Hour), IncludeSubdomains: true, Preload: true},
		"max-age=31536000; includeSubDomains":          {IncludeSubdomains: true},
	} {
		if got := transport.HSTS(cfg); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// found are the keys of the problems of a listener.
func found(l *configv1.Listener) []string {
	keys := map[string]bool{}
	transport.Problems(l, func(key, format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !strings.Contains(text, "%!") && text != "" {
			keys[key] = true
		}
	})
	return slices.Sorted(maps.Keys(keys))
}

func TestProblemsAreReportedUnderTheirKeys(t *testing.T) {
	t.Parallel()
	acme := func(change func(*configv1.Acme)) *configv1.Listener {
		a := &configv1.Acme{Hosts: []string{"api.example.com"}, Folder: "acme", AcceptTerms: true}
		change(a)
		return &configv1.Listener{Tls: &configv1.Tls{Acme: a}}
	}
	given := &configv1.Tls{Certificate: "tls.crt", Key: "tls.key"}
	for _, c := range []struct {
		name string
		l    *configv1.Listener
		want []string
	}{
		{"plain HTTP", &configv1.Listener{}, nil},
		{"files", &configv1.Listener{Tls: given}, nil},
		{"further files only", &configv1.Listener{Tls: &configv1.Tls{Certificates: []*configv1.Certificate{{Certificate: "c", Key: "k"}}}}, nil},
		{"self-signed, kept", &configv1.Listener{Tls: &configv1.Tls{SelfSigned: true, Folder: "tls"}}, nil},
		{"ACME", acme(func(*configv1.Acme) {}), nil},
		{"ACME beside files", &configv1.Listener{Tls: &configv1.Tls{Certificate: "c", Key: "k", Acme: acme(func(*configv1.Acme) {}).GetTls().GetAcme()}}, nil},
		{"redirect", &configv1.Listener{Redirect: 443}, nil},
		{"HSTS", &configv1.Listener{Tls: given, Hsts: new(configv1.Hsts)}, nil},
		{"HSTS that is taken back", &configv1.Listener{Tls: given, Hsts: &configv1.Hsts{MaxAge: durationpb.New(0)}}, nil},

		{"nothing", &configv1.Listener{Tls: new(configv1.Tls)}, []string{"tls.certificate"}},
		{"a certificate without a key", &configv1.Listener{Tls: &configv1.Tls{Certificate: "c"}}, []string{"tls.key"}},
		{"a key without a certificate", &configv1.Listener{Tls: &configv1.Tls{Key: "k"}}, []string{"tls.certificate"}},
		{"further halves", &configv1.Listener{Tls: &configv1.Tls{Certificates: []*configv1.Certificate{{Certificate: "c"}, {Key: "k"}, {}}}}, []string{
			"tls.certificates[0].key", "tls.certificates[1].certificate", "tls.certificates[2].certificate",
		}},
		{"self-signed beside files", &configv1.Listener{Tls: &configv1.Tls{SelfSigned: true, Certificate: "c", Key: "k"}}, []string{"tls.self_signed"}},
		{"self-signed beside ACME", &configv1.Listener{Tls: &configv1.Tls{SelfSigned: true, Acme: acme(func(*configv1.Acme) {}).GetTls().GetAcme()}}, []string{"tls.self_signed"}},
		{"a folder for nothing", &configv1.Listener{Tls: &configv1.Tls{Certificate: "c", Key: "k", Folder: "f"}}, []string{"tls.folder"}},
		{"clients of nobody", &configv1.Listener{Tls: &configv1.Tls{Certificate: "c", Key: "k", Clients: new(configv1.ClientCertificates)}}, []string{"tls.clients.authorities"}},
		{"no version", &configv1.Listener{Tls: &configv1.Tls{Certificate: "c", Key: "k", Minimum: 9}}, []string{"tls.minimum"}},
		{"an empty ACME", &configv1.Listener{Tls: &configv1.Tls{Acme: new(configv1.Acme)}}, []string{"tls.acme.accept_terms", "tls.acme.folder", "tls.acme.hosts"}},
		{"hosts that no certificate can be had for", acme(func(a *configv1.Acme) {
			a.Hosts = []string{"*.example.com", "192.0.2.7", "2001:db8::1", "localhost", "bücher.example", "a b.example.com", "example.com.", "", "../x.example.com", "a_b.example.com", "ok.example.com"}
		}), []string{
			"tls.acme.hosts[0]", "tls.acme.hosts[1]", "tls.acme.hosts[2]", "tls.acme.hosts[3]", "tls.acme.hosts[4]", "tls.acme.hosts[5]",
			"tls.acme.hosts[6]", "tls.acme.hosts[7]", "tls.acme.hosts[8]", "tls.acme.hosts[9]",
		}},
		{"a host twice", acme(func(a *configv1.Acme) { a.Hosts = []string{"a.example.com", "A.example.com"} }), []string{"tls.acme.hosts[1]"}},
		{"a directory over HTTP", acme(func(a *configv1.Acme) { a.Directory = "http://acme.example.com/directory" }), []string{"tls.acme.directory"}},
		{"no address", acme(func(a *configv1.Acme) { a.Email = "nobody" }), []string{"tls.acme.email"}},
		{"two addresses", acme(func(a *configv1.Acme) { a.Email = "a@example.com,b@example.com" }), []string{"tls.acme.email"}},
		{"redirect to no port", &configv1.Listener{Redirect: 65536}, []string{"redirect"}},
		{"redirect from HTTPS", &configv1.Listener{Redirect: 443, Tls: given}, []string{"redirect"}},
		{"HSTS over HTTP", &configv1.Listener{Hsts: new(configv1.Hsts)}, []string{"hsts"}},
		{"a negative age", &configv1.Listener{Tls: given, Hsts: &configv1.Hsts{MaxAge: durationpb.New(-time.Second)}}, []string{"hsts.max_age"}},
		{"half a second", &configv1.Listener{Tls: given, Hsts: &configv1.Hsts{MaxAge: durationpb.New(time.Second / 2)}}, []string{"hsts.max_age"}},
		{"preload for a day", &configv1.Listener{Tls: given, Hsts: &configv1.Hsts{MaxAge: durationpb.New(24 * time.Hour), Preload: true, IncludeSubdomains: true}}, []string{"hsts.max_age"}},
		{"preload of a part", &configv1.Listener{Tls: given, Hsts: &configv1.Hsts{Preload: true}}, []string{"hsts.preload"}},
	} {
		if got := found(c.l); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestProblemsOfAnUpstream(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cfg  *configv1.UpstreamTls
		want string
	}{
		{nil, ""},
		{new(configv1.UpstreamTls), ""},
		{&configv1.UpstreamTls{ServerName: "orders.example.com"}, ""},
		{&configv1.UpstreamTls{ServerName: "2001:db8::1"}, ""},
		{&configv1.UpstreamTls{ServerName: "orders.example.com:443"}, "server_name"},
		{&configv1.UpstreamTls{Certificate: "c"}, "key"},
		{&configv1.UpstreamTls{Key: "k"}, "certificate"},
	} {
		var got []string
		transport.UpstreamProblems(c.cfg, func(key, _ string, _ ...any) { got = append(got, key) })
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v: got %q, want %q", c.cfg, got, c.want)
		}
	}
}
