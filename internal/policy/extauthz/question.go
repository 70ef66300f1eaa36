package extauthz

import (
	"net/http"
	"net/netip"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// Call is one of which the service is asked.
type Call struct {
	Request   *http.Request
	ID        string               // of the request
	Client    netip.Addr           // as far as it is believed
	Principal *principal.Principal // nil for one who is not known
	RPC       string               // /shop.cart.v1.CartService/GetCart
	Template  string               // /v1/carts/{id}
	Audience  string
	// Credentials are the headers that showed who calls, which the edge has consumed, by their canonical names.
	Credentials http.Header
}

// question is what the service is told, in Envoy's form.
func (c *Checker) question(call *Call) *authv3.CheckRequest {
	r := call.Request
	extensions := map[string]string{"rpc": call.RPC, "template": call.Template, "audience": call.Audience}
	source := &authv3.AttributeContext_Peer{Address: address(call.Client)}
	if p := call.Principal; p != nil {
		extensions["subject"], extensions["issuer"], extensions["scopes"] = p.Subject, p.Issuer, strings.Join(p.Scopes, " ")
		source.Principal = p.Subject
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source: source,
		Request: &authv3.AttributeContext_Request{
			Time: timestamppb.New(c.now()),
			Http: &authv3.AttributeContext_HttpRequest{
				Id: call.ID, Method: r.Method, Path: r.URL.RequestURI(), Host: r.Host, Scheme: scheme, Protocol: r.Proto,
				Size: r.ContentLength, Headers: c.told(call),
			},
		},
		ContextExtensions: extensions,
	}}
}

func address(client netip.Addr) *corev3.Address {
	if !client.IsValid() {
		return nil
	}
	return &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{Address: client.String()}}}
}

// told are the headers that the service is told, in lower case. Several of a name are one, as HTTP has it.
func (c *Checker) told(call *Call) map[string]string {
	headers := map[string]string{":authority": call.Request.Host, ":method": call.Request.Method, ":path": call.Request.URL.RequestURI()}
	for _, all := range []http.Header{call.Request.Header, call.Credentials} {
		for name, values := range all {
			if name = strings.ToLower(name); c.tells(name) {
				headers[name] = strings.ToValidUTF8(strings.Join(values, ", "), "?")
			}
		}
	}
	return headers
}

// tells says whether a header is told: those that are named, or all but credentials.
func (c *Checker) tells(name string) bool {
	if len(c.headers) > 0 {
		_, named := c.headers[name]
		return named
	}
	return name != "authorization" && name != "cookie" && name != "proxy-authorization" && name != c.keyHeader
}
