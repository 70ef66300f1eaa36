package server

import (
	"net/http"

	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

// challenges answers what an authority asks by HTTP before it issues a certificate to one of several listeners: the first
// that knows the challenge has the answer.
type challenges []http.Handler

// challengesOf are those of listeners that get certificates; nil if none does.
func challengesOf(listeners []listener) http.Handler {
	var all challenges
	for _, l := range listeners {
		if l.tls == nil {
			continue
		}
		if h := l.tls.HTTPChallenge(); h != nil {
			all = append(all, h)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// ServeHTTP implements [http.Handler].
func (c challenges) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, h := range c[:len(c)-1] {
		known := &unlessMissing{ResponseWriter: w}
		if h.ServeHTTP(known, r); !known.missing {
			return
		}
	}
	c[len(c)-1].ServeHTTP(w, r)
}

// unlessMissing drops a 404 and what follows it.
type unlessMissing struct {
	http.ResponseWriter
	missing bool
}

func (u *unlessMissing) WriteHeader(status int) {
	if u.missing = status == http.StatusNotFound; !u.missing {
		u.ResponseWriter.WriteHeader(status)
	}
}

func (u *unlessMissing) Write(b []byte) (int, error) {
	if u.missing {
		return len(b), nil
	}
	return u.ResponseWriter.Write(b)
}

// redirect is the handler of a listener that sends everybody to HTTPS.
func redirect(port uint32, listeners []listener) http.Handler {
	return transport.Redirect(port, challengesOf(listeners))
}
