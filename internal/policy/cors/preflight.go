package cors

import (
	"net/http"
	"slices"
	"strings"
)

// maxRequested is how long a list of headers may be that a page asks for, in bytes. Browsers name those that are not always
// safe, which are a handful.
const maxRequested = 4 << 10

// IsPreflight tells whether a request is a browser's, who asks before it calls. Any other OPTIONS is no business of CORS,
// nor is any with a nil policy.
func (p *Policy) IsPreflight(r *http.Request) bool {
	return p != nil && r.Method == http.MethodOptions && r.Header["Origin"] != nil && r.Header["Access-Control-Request-Method"] != nil
}

// Preflight sets the headers of the answer to a preflight, and tells whether the page may call. The methods are those that
// the path takes, none where there is no such path. Unless the page may call as it asks to, nothing is set that allows
// anything; the status is the same, 204.
func (p *Policy) Preflight(h http.Header, r *http.Request, methods []string) bool {
	if p == nil {
		return false
	}
	vary(h, p.preflightVary)
	if !p.allows(r) || !takes(methods, r.Header["Access-Control-Request-Method"]) {
		return false
	}
	headers, ok := p.allowedHeaders(r.Header["Access-Control-Request-Headers"])
	if !ok {
		return false
	}
	h["Access-Control-Allow-Origin"] = r.Header["Origin"][:1:1]
	if p.all {
		h["Access-Control-Allow-Origin"] = everybody
	}
	h["Access-Control-Allow-Methods"] = []string{strings.Join(methods, ", ")}
	set(h, "Access-Control-Allow-Headers", headers)
	set(h, "Access-Control-Allow-Credentials", p.credentials)
	set(h, "Access-Control-Max-Age", p.maxAge)
	if asked := r.Header["Access-Control-Request-Private-Network"]; len(asked) == 1 && asked[0] == "true" {
		set(h, "Access-Control-Allow-Private-Network", p.private)
	}
	return true
}

// takes tells whether a path takes the method that is asked for, as it is written: methods have upper and lower case. Where
// there is GET, there is HEAD.
func takes(methods, asked []string) bool {
	return len(asked) == 1 && (slices.Contains(methods, asked[0]) || asked[0] == http.MethodHead && slices.Contains(methods, http.MethodGet))
}

// allowedHeaders returns the headers that a page may send, or false if it asks for others. The list that is answered does
// not depend on what is asked, unless everything is allowed.
func (p *Policy) allowedHeaders(asked []string) ([]string, bool) {
	size := 0
	for _, list := range asked {
		size += len(list)
	}
	if size > maxRequested {
		return nil, false
	}
	var names []string
	for _, list := range asked {
		for element := range strings.SplitSeq(list, ",") {
			name := strings.Trim(element, " \t")
			switch {
			case name == "":
			case p.headers != nil && !p.allowsHeader(name), !isToken(name):
				return nil, false
			case p.headers == nil:
				names = append(names, name)
			}
		}
	}
	if p.headers != nil {
		return p.allowed, true
	}
	if len(names) == 0 {
		return nil, true
	}
	return []string{strings.Join(names, ", ")}, true
}

// allowsHeader looks a name up, whatever its case.
func (p *Policy) allowsHeader(name string) bool {
	var room [64]byte
	lower := room[:0]
	for i := range len(name) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower = append(lower, c)
	}
	_, ok := p.headers[string(lower)]
	return ok
}
