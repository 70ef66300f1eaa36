package upstream_test

import (
	"crypto/tls"
	"net/netip"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

func TestTheClientIsTheLastWhoIsNoTrustedProxy(t *testing.T) {
	t.Parallel()
	proxies := behind(t, "10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.43")
	many := strings.Repeat("10.0.0.2, ", 62)
	for name, c := range map[string]struct {
		peer    string
		headers []string
		client  string
	}{
		"nobody in between":         {stranger, nil, "203.0.113.9"},
		"a stranger":                {stranger, []string{"X-Forwarded-For", "198.51.100.7"}, "203.0.113.9"},
		"a stranger, forwarded":     {stranger, []string{"Forwarded", "for=198.51.100.7"}, "203.0.113.9"},
		"a silent proxy":            {proxy, nil, "10.0.0.1"},
		"IPv6 peer":                 {"[2001:db8::7]:4711", nil, "2001:db8::7"},
		"IPv6 peer with a zone":     {"[fe80::1%eth0]:4711", nil, "fe80::1"},
		"IPv4 in IPv6":              {"[::ffff:10.0.0.1]:4711", []string{"X-Forwarded-For", "::ffff:198.51.100.7"}, "198.51.100.7"},
		"one":                       {proxy, []string{"X-Forwarded-For", "198.51.100.7"}, "198.51.100.7"},
		"a client's forgery before": {proxy, []string{"X-Forwarded-For", "127.0.0.1, 198.51.100.7"}, "198.51.100.7"},
		"several proxies":           {proxy, []string{"X-Forwarded-For", "127.0.0.1, 198.51.100.7,10.0.0.3 ,\t10.0.0.2"}, "198.51.100.7"},
		"several lines":             {proxy, []string{"X-Forwarded-For", "127.0.0.1", "X-Forwarded-For", "198.51.100.7, 10.0.0.3", "X-Forwarded-For", "10.0.0.2"}, "198.51.100.7"},
		"all trusted":               {proxy, []string{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"an address alone":          {proxy, []string{"X-Forwarded-For", "198.51.100.7, 192.0.2.43"}, "198.51.100.7"},
		"port":                      {proxy, []string{"X-Forwarded-For", "198.51.100.7:4711"}, "198.51.100.7"},
		"IPv6":                      {proxy, []string{"X-Forwarded-For", "2001:db8::7"}, "2001:db8::7"},
		"IPv6 in brackets":          {proxy, []string{"X-Forwarded-For", "[2001:db8::7]"}, "2001:db8::7"},
		"IPv6 with a port":          {proxy, []string{"X-Forwarded-For", "[2001:db8::7]:4711"}, "2001:db8::7"},
		"IPv6, quoted":              {proxy, []string{"X-Forwarded-For", `"[2001:db8::7]:4711"`}, "2001:db8::7"},
		"IPv6 proxy":                {"[2001:db8:ffff::1]:4711", []string{"X-Forwarded-For", "198.51.100.7, 2001:db8:ffff::2"}, "198.51.100.7"},
		"empty elements":            {proxy, []string{"X-Forwarded-For", "198.51.100.7, , 10.0.0.2,"}, "198.51.100.7"},
		"empty":                     {proxy, []string{"X-Forwarded-For", ""}, "10.0.0.1"},
		"unknown":                   {proxy, []string{"X-Forwarded-For", "198.51.100.7, unknown"}, "10.0.0.1"},
		"garbage":                   {proxy, []string{"X-Forwarded-For", "198.51.100.7, <script>, 10.0.0.2"}, "10.0.0.2"},
		"garbage before the client": {proxy, []string{"X-Forwarded-For", `",<script>, 198.51.100.7`}, "198.51.100.7"},
		"zone":                      {proxy, []string{"X-Forwarded-For", "fe80::1%evil"}, "10.0.0.1"},
		"port that is none":         {proxy, []string{"X-Forwarded-For", "198.51.100.7:x"}, "10.0.0.1"},
		"port that is too long":     {proxy, []string{"X-Forwarded-For", "198.51.100.7:123456"}, "10.0.0.1"},
		"no port":                   {proxy, []string{"X-Forwarded-For", "198.51.100.7:"}, "10.0.0.1"},
		"brackets left open":        {proxy, []string{"X-Forwarded-For", "[2001:db8::7"}, "10.0.0.1"},
		"behind the brackets":       {proxy, []string{"X-Forwarded-For", "[2001:db8::7]80"}, "10.0.0.1"},
		"IPv4 in brackets":          {proxy, []string{"X-Forwarded-For", "[198.51.100.7]"}, "10.0.0.1"},
		"no address of a network":   {proxy, []string{"X-Forwarded-For", "198.51.100.7/32"}, "10.0.0.1"},
		"long element":              {proxy, []string{"X-Forwarded-For", strings.Repeat("1", 20<<10)}, "10.0.0.1"},
		"the 63rd":                  {proxy, []string{"X-Forwarded-For", "198.51.100.7, " + strings.TrimSuffix(many, ", ")}, "198.51.100.7"},
		"the 65th":                  {proxy, []string{"X-Forwarded-For", "198.51.100.7, 10.0.0.4, 10.0.0.3, " + strings.TrimSuffix(many, ", ")}, "10.0.0.4"},
		"beyond 16 KiB":             {proxy, []string{"X-Forwarded-For", "198.51.100.7, 10.0.0.3" + strings.Repeat(" ", 16<<10) + ", 10.0.0.2"}, "10.0.0.2"},
		"both headers":              {proxy, []string{"X-Forwarded-For", "198.51.100.7", "Forwarded", "for=127.0.0.1"}, "198.51.100.7"},
		"a forgery beside a host":   {proxy, []string{"X-Forwarded-Host", "public.example", "Forwarded", "for=127.0.0.1"}, "10.0.0.1"},
	} {
		if got := proxies.Client(request(t, c.peer, c.headers...)).Client; got.String() != c.client {
			t.Errorf("%s: got %s, want %s", name, got, c.client)
		}
	}
}

// TestForwardedIsReadAsRFC7239HasIt has the examples of its sections 4, 6 and 7.
func TestForwardedIsReadAsRFC7239HasIt(t *testing.T) {
	t.Parallel()
	proxies := behind(t, "10.0.0.0/8", "2001:db8:cafe::17", "198.51.100.17")
	for forwarded, want := range map[string]string{
		`for="_gazonk"`:                                             "10.0.0.1 http shop.example",
		`For="[2001:db8:cafe::17]:4711"`:                            "2001:db8:cafe::17 http shop.example",
		`for=192.0.2.60;proto=http;by=203.0.113.43`:                 "192.0.2.60 http shop.example",
		`for=192.0.2.43, for=198.51.100.17`:                         "192.0.2.43 http shop.example",
		`for=_hidden, for=_SEVKISEK`:                                "10.0.0.1 http shop.example",
		`for=192.0.2.43,for="[2001:db8:cafe::17]",for=unknown`:      "10.0.0.1 http shop.example",
		`for=192.0.2.43, for="[2001:db8:cafe::17]"`:                 "192.0.2.43 http shop.example",
		`for=192.0.2.43, for="[2001:db8:cafe::17]", for=10.0.0.2`:   "192.0.2.43 http shop.example",
		`for=192.0.2.43;host=example.com;proto=https, for=10.0.0.2`: "192.0.2.43 https example.com",
		`for="192.0.2.43:47011"`:                                    "192.0.2.43 http shop.example",
		`for="192.0.2.43:_port.1-2"`:                                "192.0.2.43 http shop.example",
		`for=_mdn`:                                                  "10.0.0.1 http shop.example",
		`FOR=192.0.2.43;PROTO=HTTPS;HOST="example.com:8443"`:        "192.0.2.43 https example.com:8443",
		`for=192.0.2.43; proto=https; host=example.com`:             "192.0.2.43 https example.com",
		`;;for=192.0.2.43;`:                                         "192.0.2.43 http shop.example",
		`for=[2001:db8::7]:4711;by=_x`:                              "2001:db8::7 http shop.example",
		`secret="a,b;for=127.0.0.1\"";for=192.0.2.43`:               "192.0.2.43 http shop.example",
		`for=127.0.0.1;x=", for=192.0.2.43`:                         "192.0.2.43 http shop.example",
		`for=127.0.0.1;x="\, for="[2001:db8::7]"`:                   "2001:db8::7 http shop.example",
		`for=unknown;proto=https`:                                   "10.0.0.1 https shop.example",
		`proto=https`:                                               "10.0.0.1 https shop.example",
		`by=10.0.0.1`:                                               "10.0.0.1 http shop.example",
		`for=192.0.2.43;for=127.0.0.1`:                              "10.0.0.1 http shop.example",
		`for=192.0.2.43;host="a b"`:                                 "192.0.2.43 http shop.example",
		`for=192.0.2.43;host="evil.example/path"`:                   "192.0.2.43 http shop.example",
		`for=192.0.2.43;host=` + strings.Repeat("a", 300):           "192.0.2.43 http shop.example",
		`for=192.0.2.43;proto=ftp`:                                  "192.0.2.43 http shop.example",
		`for=192.0.2.43;proto="https`:                               "10.0.0.1 http shop.example",
		`for="192.0.2.43"x`:                                         "10.0.0.1 http shop.example",
		`for="192.0.2.43\"`:                                         "10.0.0.1 http shop.example",
		`for=19"2.0.2.43"`:                                          "10.0.0.1 http shop.example",
		`for`:                                                       "10.0.0.1 http shop.example",
		`for=`:                                                      "10.0.0.1 http shop.example",
		`for=;for=192.0.2.43`:                                       "10.0.0.1 http shop.example",
		`=192.0.2.43`:                                               "10.0.0.1 http shop.example",
		`for=127.0.0.1, for=192.0.2.43, for=10.0.0.3;proto=https, for=10.0.0.2;host=a`: "192.0.2.43 https a",
	} {
		o := proxies.Client(request(t, proxy, "Forwarded", forwarded))
		if got := o.Client.String() + " " + o.Proto + " " + o.Host; got != want {
			t.Errorf("%s: got %s, want %s", forwarded, got, want)
		}
	}
}

func TestTheNearestProxySaysProtocolAndHost(t *testing.T) {
	t.Parallel()
	proxies := behind(t, "10.0.0.0/8")
	for name, c := range map[string]struct {
		peer    string
		headers []string
		want    string
	}{
		"none":                     {proxy, nil, "http shop.example"},
		"both":                     {proxy, []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "public.example:8443"}, "https public.example:8443"},
		"without an address":       {proxy, []string{"X-Forwarded-Proto", "HTTPS"}, "https shop.example"},
		"a client's before":        {proxy, []string{"X-Forwarded-Proto", "https, http", "X-Forwarded-Host", "evil.example, public.example"}, "http public.example"},
		"a client's in a line":     {proxy, []string{"X-Forwarded-Host", "evil.example", "X-Forwarded-Host", "public.example"}, "http public.example"},
		"another protocol":         {proxy, []string{"X-Forwarded-Proto", "gopher"}, "http shop.example"},
		"no host":                  {proxy, []string{"X-Forwarded-Host", "a@b"}, "http shop.example"},
		"a stranger":               {stranger, []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example"}, "http shop.example"},
		"whatever Connection says": {proxy, []string{"X-Forwarded-Proto", "https", "Connection", "X-Forwarded-Proto"}, "https shop.example"},
	} {
		o := proxies.Client(request(t, c.peer, c.headers...))
		if got := o.Proto + " " + o.Host; got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	r := request(t, stranger, "X-Forwarded-Proto", "http")
	r.TLS = new(tls.ConnectionState)
	if got := proxies.Client(r).Proto; got != "https" {
		t.Errorf("over TLS: got %s", got)
	}
}

func TestTrustedProxiesAreAddressesAndNetworks(t *testing.T) {
	t.Parallel()
	behind(t, "192.0.2.7", "10.0.0.0/8", "0.0.0.0/0", "::1", "2001:db8::/32", "::ffff:192.0.2.7")
	for text, want := range map[string]string{
		"":                    "is no address",
		"proxy.example":       "is no address",
		"10.0.0.0/33":         "is no address",
		"10.0.0.1:80":         "is no address",
		"fe80::1%eth0":        "is no address",
		"::ffff:10.0.0.0/104": "is no address",
		"10.0.0.7/8":          "is both; write 10.0.0.0/8 for the network, 10.0.0.7 for the address",
	} {
		_, err := upstream.NewProxies([]string{"10.0.0.1", text})
		if err == nil || !strings.HasPrefix(err.Error(), `headers.trusted_proxies[1]: "`+text+`" `+want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := upstream.NewProxies([]string{"a", "::1", "b"}); err == nil || strings.Count(err.Error(), "headers.trusted_proxies[") != 2 {
		t.Errorf("two problems: %v", err)
	}
}

// FuzzForwarded writes what a client may have sent in front of what a believed proxy adds.
func FuzzForwarded(f *testing.F) {
	for _, text := range []string{
		"", "127.0.0.1", "for=127.0.0.1;proto=https", `for="[2001:db8:cafe::17]:4711"`, `for="`, `x="\`, `\\"`, ",,,", "unknown", "for=_hidden",
		"[::1]:80", "1.2.3.4:5", "fe80::1%eth0", `for=10.0.0.2;host="a\"b,c"`, "10.0.0.2, 10.0.0.3", "for=10.0.0.2, for=198.51.100.7",
	} {
		f.Add(text)
	}
	proxies := behind(f, "10.0.0.0/8")
	by, err := upstream.NewPlain(nil, nil, proxies)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, header := range []string{"X-Forwarded-For", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto"} {
			r := request(t, proxy, header, text)
			o := proxies.Client(r)
			if a, err := netip.ParseAddr(o.Client.String()); err != nil || a != o.Client || a.Zone() != "" || a.Is4In6() {
				t.Errorf("%s: %q: the client is %s", header, text, o.Client)
			}
			if o.Proto != "http" && o.Proto != "https" || strings.ContainsAny(o.Host, "\r\n\x00 ,;/@\"") {
				t.Errorf("%s: %q: %+v", header, text, o)
			}
			hops := strings.Split(outgoing(t, by, r)["x-forwarded-for"][0], ", ")
			if hops[0] != o.Client.String() || hops[len(hops)-1] != "10.0.0.1" {
				t.Errorf("%s: %q: passed on as %q", header, text, hops)
			}
		}
		for header, added := range map[string]string{"X-Forwarded-For": "203.0.113.9", "Forwarded": `for="203.0.113.9:80";proto=http`} {
			for _, r := range []string{text + ", " + added, text + "," + added} {
				if got := proxies.Client(request(t, proxy, header, r)).Client.String(); got != "203.0.113.9" {
					t.Errorf("%s: %q: the client is %s", header, r, got)
				}
			}
		}
	})
}
