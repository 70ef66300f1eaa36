package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gatehouse-edge/gatehouse/server"
)

// announce tells where the edge listens, and what it serves.
func announce(w io.Writer, edge *server.Edge) {
	s := styleOf(w)
	fmt.Fprintf(w, "%s %s\n\n", s.bold("gatehouse"), version())
	urls := edge.URLs()
	for _, url := range urls {
		scheme, _, _ := strings.Cut(url, ":")
		fmt.Fprintf(w, "  %-8s%s\n", scheme, s.bold(url))
	}
	if admin := edge.AdminURL(); admin != "" {
		fmt.Fprintf(w, "  %-8s%s  %s\n", "admin", admin, s.faint("(/healthz /readyz /metrics /routes)"))
	}
	routes := edge.Routes()
	list := services(routes)
	fmt.Fprintf(w, "\n  %s of %s\n", count(len(routes), "route"), count(len(list), "service"))
	width := 0
	for _, service := range list {
		width = max(width, len(service.name))
	}
	for _, service := range list {
		fmt.Fprintf(w, "    %-*s  %d\n", width, service.name, service.routes)
	}
	fmt.Fprintln(w)
}

// suggest tells where to look and to read on, and calls to try, each a URL's path and the options of curl before it.
func suggest(w io.Writer, edge *server.Edge, look string, calls ...[2]string) {
	urls := edge.URLs()
	if len(urls) == 0 {
		return
	}
	s := styleOf(w)
	if look != "" {
		fmt.Fprintf(w, "  look    %s\n", s.bold(urls[0]+look))
	}
	if edge.HasDocs() {
		fmt.Fprintf(w, "  read    %s\n", s.bold(urls[0]+"/docs"))
	}
	label := "try"
	for _, call := range calls {
		fmt.Fprintf(w, "  %-8s%s\n", label, s.bold("curl "+call[0]+insecure(urls[0])+call[1]))
		label = ""
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

// style marks text for a terminal. The zero value leaves it alone.
type style struct{ marks bool }

// styleOf marks what goes to a terminal, unless NO_COLOR (https://no-color.org) is set.
func styleOf(w io.Writer) style { return style{isTerminal(w) && os.Getenv("NO_COLOR") == ""} }

func (s style) bold(text string) string  { return s.mark("1", text) }
func (s style) faint(text string) string { return s.mark("2", text) }

func (s style) mark(code, text string) string {
	if !s.marks {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// isTerminal takes every character device for a terminal: of the others, only /dev/null is written to, and nobody reads it.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
