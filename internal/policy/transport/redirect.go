package transport

import (
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// ChallengePath is where authorities look for the answers to HTTP challenges.
const ChallengePath = "/.well-known/acme-challenge/"

const httpsPort = 443

// hostName has what may stand in the name of a host, and nothing that could make a URL of another one of it.
var hostName = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?$`)

const longestHost = 254 // 253, and a dot at the end

// Redirect sends everybody to HTTPS, at the same host and a port, with 308: the method stays what it is. What is asked for
// below ChallengePath is answered by challenges, if that is not nil.
func Redirect(port uint32, challenges http.Handler) http.Handler {
	suffix := ""
	if port != httpsPort {
		suffix = ":" + strconv.FormatUint(uint64(port), 10)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if challenges != nil && strings.HasPrefix(r.URL.Path, ChallengePath) {
			challenges.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		host, path := hostOf(r.Host), r.URL.EscapedPath()
		if path == "" && r.Method != http.MethodConnect {
			path = "/"
		}
		if host == "" || !strings.HasPrefix(path, "/") {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintln(w, "HTTPS is spoken here; the request names no host and path to be sent to.")
			return
		}
		if r.URL.RawQuery != "" {
			path += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, "https://"+host+suffix+path, http.StatusPermanentRedirect) //nolint:gosec // G710: to the host that was asked
		fmt.Fprintln(w, "HTTPS is spoken here.")
	})
}

// hostOf returns the host of a Host header without its port, as it stands in a URL; "" if it is none.
func hostOf(header string) string {
	if literal, rest, ok := strings.Cut(strings.TrimPrefix(header, "["), "]"); ok && header[0] == '[' {
		addr, err := netip.ParseAddr(literal)
		if err != nil || !addr.Is6() || addr.Zone() != "" || !isPort(rest) {
			return ""
		}
		return "[" + addr.String() + "]"
	}
	host, port, hasPort := strings.Cut(header, ":")
	if len(host) > longestHost || !hostName.MatchString(host) || hasPort && !isPort(":"+port) {
		return ""
	}
	return host
}

// isPort tells whether text is a colon and a number, or one of them, or nothing.
func isPort(text string) bool {
	digits, hasPort := strings.CutPrefix(text, ":")
	if digits == "" {
		return true
	}
	_, err := strconv.ParseUint(digits, 10, 16)
	return hasPort && err == nil
}
