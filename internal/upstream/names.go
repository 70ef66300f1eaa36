package upstream

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// name is one header on both sides.
type name struct {
	header string // canonical
	key    string // of the metadata, in lower case
}

func (n name) isBinary() bool { return isBinary(n.key) }

// isBinary tells whether gRPC takes any bytes as a value under the key.
func isBinary(key string) bool { return strings.HasSuffix(key, "-bin") }

// parseNames reads a setting that lists names. A name that stands there twice counts once.
func parseNames(setting string, list []string, isReserved func(key string) bool) ([]name, error) {
	var names []name
	var errs []error
	for i, text := range list {
		n := name{http.CanonicalHeaderKey(text), strings.ToLower(text)}
		switch {
		case !isKey(n.key):
			errs = append(errs, fmt.Errorf("%s[%d]: %q is no name that gRPC can carry", setting, i, text))
		case isReserved(n.key):
			errs = append(errs, fmt.Errorf("%s[%d]: %q is reserved", setting, i, text))
		case !slices.Contains(names, n):
			names = append(names, n)
		}
	}
	return names, errors.Join(errs...)
}

// isKey tells whether gRPC takes a name, in lower case, as a key of metadata.
func isKey(key string) bool {
	for i := range len(key) {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return key != ""
}

// isReserved tells whether a name, in lower case, never passes, in either direction: it belongs to one hop alone (RFC
// 9110, section 7.6.1), to gRPC, to the body, or to the edge, which computes or consumes it.
func isReserved(key string) bool {
	switch key {
	case "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
		"content-type", "content-length", "content-encoding", "content-range",
		"forwarded", "host", "x-content-type-options", "x-http-code", "x-request-id":
		return true
	default:
		// Some servers take an underscore for a hyphen.
		return isEdges(key) || hasAnyPrefix(strings.ReplaceAll(key, "_", "-"), "grpc-", "proxy-", "x-forwarded-", "access-control-")
	}
}

// isEdges tells whether a name, in lower case, is one under which the edge tells upstreams who calls. What they echo of it,
// a token maybe, is not for clients.
func isEdges(key string) bool {
	return strings.HasPrefix(strings.ReplaceAll(key, "_", "-"), "x-gatehouse-")
}

// isReservedInRequests also holds what describes the request's body, which upstreams do not get as it is, and the key
// under which gRPC names the edge.
func isReservedInRequests(key string) bool {
	return isReserved(key) || key == "user-agent" || strings.HasPrefix(key, "content-")
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

// forUpstream returns the values of a header by its canonical name, unless the client's Connection header says that
// they are for the edge alone.
func forUpstream(h http.Header, connection []string, header string) []string {
	if connection != nil && isOption(connection, header) {
		return nil
	}
	return h[header]
}

func isOption(connection []string, header string) bool {
	for option := range fromLast(connection) {
		if strings.EqualFold(option, header) {
			return true
		}
	}
	return false
}

// isPrintable tells whether gRPC takes the value: it may hold printable ASCII and spaces.
func isPrintable(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			return false
		}
	}
	return true
}

// isFieldValue tells whether the value can stand in a response (RFC 9110, section 5.5): it holds no control characters.
func isFieldValue(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
