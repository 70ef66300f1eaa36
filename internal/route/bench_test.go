package route_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
	"github.com/gatehouse-edge/gatehouse/internal/route"
)

var sizes = []int{10, 1_000, 10_000}

// fixture is n routes, five for each resource, and requests that visit all of them in a scattered order.
func fixture(n int) (routes [][2]string, hits, misses [][2]string) {
	shapes := [][2]string{
		{"GET", "/v1/%s"}, {"POST", "/v1/%s"}, {"GET", "/v1/%s/{id}"},
		{"POST", "/v1/%s/{id}:archive"}, {"GET", "/v1/%s/{id}/parts/{part}"},
	}
	expand := strings.NewReplacer("{id}", "8f14e45f-ceea", "{part}", "17")
	for i := range n {
		shape := shapes[i%len(shapes)]
		routes = append(routes, [2]string{shape[0], fmt.Sprintf(shape[1], fmt.Sprintf("resource%d", i/len(shapes)))})
	}
	for i := range n {
		r := routes[i*7919%n]
		path := expand.Replace(r[1])
		hits = append(hits, [2]string{r[0], path})
		misses = append(misses, [2]string{r[0], path + "/none/none"})
	}
	return routes, hits, misses
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range sizes {
		routes, hits, misses := fixture(n)
		builder := route.NewBuilder[int]()
		for i, r := range routes {
			template, err := httprule.Parse(r[1])
			if err != nil {
				b.Fatal(err)
			}
			if err := builder.Add(r[0], template, r[1], i); err != nil {
				b.Fatal(err)
			}
		}
		table, err := builder.Build()
		if err != nil {
			b.Fatal(err)
		}
		run := func(name string, requests [][2]string, want route.Outcome) {
			b.Run(fmt.Sprintf("routes=%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				var room [4]string
				i := 0
				for b.Loop() {
					if _, outcome := table.Match(requests[i][0], requests[i][1], room[:0]); outcome != want {
						b.Fatalf("%v: outcome %d", requests[i], outcome)
					}
					if i++; i == len(requests) {
						i = 0
					}
				}
			})
		}
		run("hit", hits, route.Found)
		run("miss", misses, route.NotFound)
	}
}

// silent is a response writer that keeps only the status.
type silent struct {
	header http.Header
	status int
}

func (w *silent) Header() http.Header         { return w.header }
func (w *silent) Write(p []byte) (int, error) { return len(p), nil }
func (w *silent) WriteHeader(status int)      { w.status = status }

// BenchmarkMatchGRPCGateway is the same routes and requests on grpc-gateway's mux. Its handlers do nothing; a miss
// includes the error response, which its mux writes itself.
func BenchmarkMatchGRPCGateway(b *testing.B) {
	for _, n := range sizes {
		routes, hits, misses := fixture(n)
		mux := runtime.NewServeMux()
		for _, r := range routes {
			done := func(w http.ResponseWriter, _ *http.Request, _ map[string]string) { w.WriteHeader(http.StatusOK) }
			if err := mux.HandlePath(r[0], r[1], done); err != nil {
				b.Fatal(err)
			}
		}
		run := func(name string, requests [][2]string, want int) {
			b.Run(fmt.Sprintf("routes=%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				prepared := make([]*http.Request, len(requests))
				for i, r := range requests {
					prepared[i] = httptest.NewRequest(r[0], r[1], nil)
				}
				i := 0
				for b.Loop() {
					w := silent{header: http.Header{}}
					if mux.ServeHTTP(&w, prepared[i]); w.status != want {
						b.Fatalf("%v: status %d", requests[i], w.status)
					}
					if i++; i == len(requests) {
						i = 0
					}
				}
			})
		}
		run("hit", hits, http.StatusOK)
		run("miss", misses, http.StatusNotFound)
	}
}
