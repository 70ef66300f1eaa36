package tracing_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/tracing"
)

// BenchmarkRequest is what a request with one call costs, recorded or not, and where nothing is traced.
func BenchmarkRequest(b *testing.B) {
	for name, cfg := range map[string]*configv1.Tracing{
		"recorded": {Target: "127.0.0.1:1"}, "not recorded": {Target: "127.0.0.1:1", Sample: 1<<32 - 1}, "off": nil,
	} {
		b.Run(name, func(b *testing.B) {
			var t *tracing.Tracer
			if cfg != nil {
				var err error
				if t, err = tracing.New(b.Context(), cfg, tracing.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/v1/products/copper-saucepan", http.NoBody)
			b.ReportAllocs()
			for b.Loop() {
				q := t.Request(r)
				_, call := t.Call(q.Within(r.Context()), "/shop.catalog.v1.CatalogService/GetProduct", "127.0.0.1:50051")
				call.End(nil)
				q.End(r, &tracing.Outcome{RequestID: "r-1", Audience: "public", Template: "/v1/products/{id}", Status: http.StatusOK})
			}
		})
	}
}
