package upstream_test

import (
	"slices"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

func BenchmarkOutgoing(b *testing.B) {
	headers := []string{
		"Accept", "*/*", "Accept-Encoding", "gzip, br", "Accept-Language", "de", "Authorization", "Bearer x", "User-Agent", "browser/1",
		"Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	}
	proxied := slices.Concat(headers, []string{
		"X-Forwarded-For", "198.51.100.7, 10.0.0.2", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "public.example",
	})
	for _, c := range []struct {
		name    string
		by      upstream.Headers
		peer    string
		headers []string
	}{
		{"plain", upstream.Plain{}, stranger, headers},
		{"plain/keep-alive", upstream.Plain{}, stranger, slices.Concat(headers, []string{"Connection", "keep-alive"})},
		{"plain/forging", plain(b, nil, nil), stranger, proxied},
		{"plain/proxied", plain(b, nil, nil), proxy, proxied},
		{"gateway", upstream.NewGateway(upstream.Proxies{}), stranger, headers},
		{"gateway/forging", upstream.NewGateway(upstream.Proxies{}), stranger, proxied},
		{"gateway/proxied", upstream.NewGateway(behind(b, "10.0.0.0/8")), proxy, proxied},
	} {
		r := request(b, c.peer, c.headers...)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.by.Outgoing(b.Context(), r, "/shop.v1.Shop/GetBook", "id"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
