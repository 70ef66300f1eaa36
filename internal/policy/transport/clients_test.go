package transport_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

// door is a listener that asks clients for certificates.
type door struct {
	address     string
	authorities string // a file
	server      *issuer
}

func newDoor(t *testing.T, clients *issuer, optional bool) *door {
	t.Helper()
	d := &door{server: newIssuer(t, "servers"), authorities: clients.file()}
	cfg := files(d.server.issue([]string{"localhost"}))
	cfg.Clients = &configv1.ClientCertificates{Authorities: d.authorities, Optional: optional}
	d.address = serve(t, cfg, transport.Options{})
	return d
}

// client shows a certificate whatever the server asks for.
func (d *door) client(p *pair) *tls.Config {
	c := &tls.Config{RootCAs: d.server.pool(), ServerName: "localhost"}
	if p != nil {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &p.memory, nil }
	}
	return c
}

func TestClientsShowCertificates(t *testing.T) {
	t.Parallel()
	known, unknown := newIssuer(t, "partners"), newIssuer(t, "partners")
	chained := newIssuer(t, "branch")
	chained.cert = known.sign(chained.cert, chained.key.Public())
	behind := chained.issue(nil)
	behind.memory.Certificate = append(behind.memory.Certificate, chained.cert.Raw)
	required, optional := newDoor(t, known, false), newDoor(t, known, true)
	for _, c := range []struct {
		name               string
		pair               *pair
		required, optional string // "" is refused
	}{
		{"a good one", known.issue(nil), "of a test of partners", "of a test of partners"},
		{"one behind another", behind, "of a test of partners", "of a test of partners"},
		{"none", nil, "", "nobody"},
		{"one of an unknown authority with the same name", unknown.issue(nil), "", ""},
		{"an expired one", known.issue(nil, expired), "", ""},
		{"a server's", known.issue(nil, func(x *x509.Certificate) { x.ExtKeyUsage = x.ExtKeyUsage[:1] }), "", ""},
	} {
		for d, want := range map[*door]string{required: c.required, optional: c.optional} {
			for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
				config := d.client(c.pair)
				config.MaxVersion = version
				got, err := get(t, d.address, config)
				if want == "" && err == nil || want != "" && !strings.HasPrefix(got, want+" HTTP/2.0") {
					t.Errorf("%s, %s: got %q, %v, want %q", c.name, tls.VersionName(version), got, err, want)
				}
			}
		}
	}
}

func TestAuthoritiesOfClientsAreFollowed(t *testing.T) {
	t.Parallel()
	old, next := newIssuer(t, "old"), newIssuer(t, "next")
	d := newDoor(t, old, false)
	before, after := old.issue(nil), next.issue(nil)
	if _, err := get(t, d.address, d.client(after)); err == nil {
		t.Fatal("a client of an authority that is not known yet was let in")
	}
	replace(t, d.authorities, slices.Concat(encode(old.cert), encode(next.cert)))
	until(t, "both authorities are known", func() bool {
		_, err := get(t, d.address, d.client(after))
		return err == nil
	})
	if _, err := get(t, d.address, d.client(before)); err != nil {
		t.Errorf("a client of the old authority, which is known still: %v", err)
	}
	replace(t, d.authorities, encode(next.cert))
	until(t, "the old authority is not known any more", func() bool {
		_, err := get(t, d.address, d.client(before))
		return err != nil
	})
}

func TestAResumedSessionIsNoWayAroundAChangedAuthority(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			old, kept, next := newIssuer(t, "old"), newIssuer(t, "kept"), newIssuer(t, "next")
			d := newDoor(t, old, true)
			replace(t, d.authorities, slices.Concat(encode(old.cert), encode(kept.cert)))
			leaving, staying := d.client(old.issue(nil)), d.client(kept.issue(nil))
			for _, c := range []*tls.Config{leaving, staying} {
				c.MaxVersion, c.ClientSessionCache = version, tls.NewLRUClientSessionCache(1)
			}
			until(t, "both are let in", func() bool {
				_, refused := get(t, d.address, staying)
				return refused == nil
			})
			for name, c := range map[string]*tls.Config{"old": leaving, "kept": staying} {
				for i := range 2 {
					want := fmt.Sprintf("of a test of %s HTTP/2.0 resumed=%t", name, i > 0 || name == "kept")
					if got, err := get(t, d.address, c); got != want {
						t.Fatalf("got %q, %v, want %q: without sessions that are resumed, nothing is tested", got, err, want)
					}
				}
			}
			replace(t, d.authorities, slices.Concat(encode(kept.cert), encode(next.cert)))
			until(t, "the new authority is known", func() bool {
				_, err := get(t, d.address, d.client(next.issue(nil)))
				return err == nil
			})
			if got, err := get(t, d.address, leaving); err == nil {
				t.Errorf("a client of an authority that is gone was let in as %q", got)
			}
			if got, err := get(t, d.address, staying); !strings.HasPrefix(got, "of a test of kept") {
				t.Errorf("a client of an authority that stays got %q, %v", got, err)
			}
		})
	}
}
