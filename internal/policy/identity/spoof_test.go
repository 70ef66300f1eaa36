package identity_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/gatehouse-edge/gatehouse/internal/policy/identity"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// spellings are the ways to write the edge's names that some server on the way takes for the same.
func spellings() []string {
	var all []string
	for _, name := range []string{identity.Subject, identity.Issuer, identity.Method, identity.Scopes, identity.Tier, identity.Audience, identity.Token} {
		for _, prefix := range []string{"", "Grpc-Metadata-", "grpc-metadata-", "GRPC_METADATA_", "Grpcgateway-", "Grpc-Metadata-Grpc-Metadata-", "Grpc-Metadata-Grpcgateway-"} {
			for _, suffix := range []string{"", "-Bin", "_bin"} {
				n := prefix + name + suffix
				all = append(all, n, strings.ToUpper(n), strings.ReplaceAll(n, "-", "_"), strings.Replace(n, "-", "_", 1), http.CanonicalHeaderKey(n))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// dialects are those in which headers become metadata, and let through what they can.
func dialects(t *testing.T) map[string]upstream.Headers {
	t.Helper()
	proxies, err := upstream.NewProxies([]string{"0.0.0.0/0", "::/0"})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := upstream.NewPlain([]string{"X-Tenant", "Cookie", "Trace-Bin"}, nil, proxies)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]upstream.Headers{"plain": plain, "gateway": upstream.NewGateway(upstream.Proxies{}), "gateway behind a proxy": upstream.NewGateway(proxies)}
}

// toldTo is what a service is told of a caller after a request with some lines of headers has come through net/http and a
// dialect; ok is false if the request was refused before that.
func toldTo(t *testing.T, by upstream.Headers, lines string, p *principal.Principal) (md metadata.MD, ok bool) {
	t.Helper()
	edge := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx, err := by.Outgoing(r.Context(), r, "/shop.cart.v1.CartService/GetCart", "id")
		if err != nil {
			return
		}
		ctx = metadata.AppendToOutgoingContext(ctx, identity.Append(nil, p, "public")...)
		md, ok = metadata.FromOutgoingContext(ctx)
	}))
	defer edge.Close()
	conn, err := net.Dial("tcp", edge.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "GET /v1/carts HTTP/1.1\r\nHost: shop.example.com\r\n%sConnection: close\r\n\r\n", lines); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	edge.Close()
	return md, ok
}

func TestNoClientTellsServicesWhoCalls(t *testing.T) {
	t.Parallel()
	known := &principal.Principal{Subject: "c-1", Method: principal.Bearer}
	var lines strings.Builder
	for _, name := range spellings() {
		fmt.Fprintf(&lines, "%s: forged\r\n", name)
	}
	for name, by := range dialects(t) {
		for _, caller := range []*principal.Principal{nil, known} {
			md, ok := toldTo(t, by, lines.String(), caller)
			if !ok {
				t.Fatalf("%s: the request was refused", name)
			}
			want := metadata.Pairs(identity.Append(nil, caller, "public")...)
			for key, values := range md {
				if strings.Contains(strings.ReplaceAll(key, "_", "-"), "x-gatehouse") && !slices.Equal(values, want[key]) || slices.Contains(values, "forged") {
					t.Errorf("%s: %s is %q", name, key, values)
				}
			}
			if caller != nil && !slices.Equal(md[identity.Subject], []string{"c-1"}) {
				t.Errorf("%s: who calls is %q", name, md[identity.Subject])
			}
		}
	}
}

func TestNamesThatAreSpelledOutsideTheRulesTellServicesNothing(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"X-Gatehouse-Subject : forged", "X-Gatehouse-Subject\t: forged", " X-Gatehouse-Subject: forged", "X-Tenant: a\r\n X-Gatehouse-Subject: forged",
		"X-Gatehouse-Subject\x00: forged", "X-Gatehouse-S\u016bbject: forged", "X-Tenant: a\rX-Gatehouse-Subject: forged", "X-Tenant: a\nX-Gatehouse-Subject: forged",
		"Connection: X-Gatehouse-Subject", "X-Gatehouse-Subject:", "\u212a-Gatehouse-Subject: forged", "X\u2010Gatehouse\u2010Subject: forged",
	} {
		for name, by := range dialects(t) {
			md, _ := toldTo(t, by, line+"\r\n", nil)
			for key := range md {
				if strings.Contains(key, "gatehouse") {
					t.Errorf("%s: %q tells %s: %q", name, line, key, md[key])
				}
			}
		}
	}
}

func TestAHeaderWithTheEdgesNameCanNotBeListedToPass(t *testing.T) {
	t.Parallel()
	for _, name := range spellings() {
		if strings.HasPrefix(strings.ToLower(name), "grpcgateway") {
			continue // which is metadata of another name
		}
		if _, err := upstream.NewPlain([]string{name}, nil, upstream.Proxies{}); err == nil {
			t.Errorf("%s can be listed", name)
		}
	}
}
