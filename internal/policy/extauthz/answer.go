package extauthz

import (
	"errors"
	"net/http"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc/codes"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// allows tells whether the service lets the call through. The status decides; one that was forgotten beside a denial, which
// reads as OK, does not.
func allows(answer *authv3.CheckResponse) bool {
	return codes.Code(answer.GetStatus().GetCode()) == codes.OK && answer.GetDeniedResponse() == nil
}

// told are the headers of a denial that clients get.
var told = []string{"Retry-After", "Www-Authenticate"}

// denial is the service's refusal in the edge's form. Its body is its own words to somebody else, so it is left out.
func denial(answer *authv3.CheckResponse) error {
	denied := answer.GetDeniedResponse()
	reason, text := fault.Forbidden, "the authorization policy does not let this call through"
	switch int(denied.GetStatus().GetCode()) {
	case http.StatusUnauthorized:
		reason, text = fault.Unauthenticated, "the authorization policy asks for other credentials"
	case http.StatusTooManyRequests:
		reason, text = fault.RateLimited, "the authorization policy lets no more calls through for now"
	case http.StatusServiceUnavailable:
		reason, text = fault.AuthUnavailable, unavailable
	}
	f := fault.New(reason, text)
	for _, h := range denied.GetHeaders() {
		name, value := said(h)
		for _, passes := range told {
			if http.CanonicalHeaderKey(name) == passes && isValue(value) {
				f = f.With(passes, value)
			}
		}
	}
	if message := answer.GetStatus().GetMessage(); message != "" {
		f = f.Because(errors.New(message))
	}
	return f
}

// added are the headers that the upstream gets. As in Envoy, the last of a name counts.
func (c *Checker) added(options []*corev3.HeaderValueOption) []string {
	var pairs []string
	for _, o := range options {
		name, value := said(o)
		if _, may := c.upstream[name]; may && isValue(value) {
			pairs = set(pairs, name, value)
		}
	}
	return pairs
}

// set puts a name and its value in the place of what is there under that name.
func set(pairs []string, name, value string) []string {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == name {
			pairs[i+1] = value
			return pairs
		}
	}
	return append(pairs, name, value)
}

// said is a header in an answer, its name in lower case.
func said(o *corev3.HeaderValueOption) (name, value string) {
	h := o.GetHeader()
	if value = h.GetValue(); value == "" {
		value = string(h.GetRawValue())
	}
	return strings.ToLower(h.GetKey()), value
}

// isValue tells whether a value can be metadata, and stand in a header: printable ASCII, and not too much.
func isValue(value string) bool {
	const longest = 8 << 10
	return value != "" && len(value) <= longest && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' })
}
