package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/gatehouse-edge/gatehouse/server"
)

// announce tells where the edge listens, what it serves, and one call to try.
func announce(w io.Writer, edge *server.Edge) {
	routes := edge.Routes()
	fmt.Fprintf(w, "gatehouse %s\n\n", version())
	urls := edge.URLs()
	for _, url := range urls {
		scheme, _, _ := strings.Cut(url, ":")
		fmt.Fprintf(w, "  %-8s%s\n", scheme, url)
	}
	if admin := edge.AdminURL(); admin != "" {
		fmt.Fprintf(w, "  %-8s%s  (/healthz /readyz /metrics /routes)\n", "admin", admin)
	}
	list := services(routes)
	fmt.Fprintf(w, "\n  %s of %s\n", count(len(routes), "route"), count(len(list), "service"))
	width := 0
	for _, s := range list {
		width = max(width, len(s.name))
	}
	for _, s := range list {
		fmt.Fprintf(w, "    %-*s  %d\n", width, s.name, s.routes)
	}
	if path := pathToTry(routes); path != "" && len(urls) > 0 {
		fmt.Fprintf(w, "\n  try     curl %s%s\n", insecure(urls[0]), path)
	}
	fmt.Fprintln(w)
}

// insecure lets curl talk to a listener whose certificate it may not know.
func insecure(url string) string {
	if strings.HasPrefix(url, "https:") {
		return "-k " + url
	}
	return url
}

// pathToTry picks a GET that needs nothing: the shortest template without a wildcard.
func pathToTry(routes []server.RouteInfo) string {
	best := ""
	for _, r := range routes {
		plain := r.Method == "GET" && r.Stream == "" && !strings.ContainsAny(r.Template, "{*:")
		if plain && (best == "" || len(r.Template) < len(best)) {
			best = r.Template
		}
	}
	return best
}
