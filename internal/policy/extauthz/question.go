package extauthz

import (
	"net"
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
	source := &authv3.AttributeContext_Peer{Address: address(netip.AddrPortFrom(call.Client, 0))}
	if p := call.Principal; p != nil {
		source.Principal = utf8(p.Subject)
		extensions["subject"], extensions["issuer"], extensions["scopes"] = source.Principal, utf8(p.Issuer), utf8(strings.Join(p.Scopes, " "))
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	path, host := utf8(r.URL.RequestURI()), utf8(r.Host)
	headers := c.told(call)
	headers[":authority"], headers[":method"], headers[":path"] = host, r.Method, path
	return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source:      source,
		Destination: destination(r),
		Request: &authv3.AttributeContext_Request{
			Time: timestamppb.New(c.now()),
			Http: &authv3.AttributeContext_HttpRequest{
				Id: call.ID, Method: r.Method, Path: path, Host: host, Scheme: scheme, Protocol: r.Proto,
				Size: r.ContentLength, Headers: headers,
			},
		},
		ContextExtensions: extensions,
	}}
}

// destination is the edge, as the client has reached it.
func destination(r *http.Request) *authv3.AttributeContext_Peer {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return nil
	}
	return &authv3.AttributeContext_Peer{Address: address(local.AddrPort())}
}

// address is one in Envoy's form. A port of 0 is not known.
func address(a netip.AddrPort) *corev3.Address {
	if !a.IsValid() {
		return nil
	}
	return &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{
		Address: a.Addr().Unmap().String(), PortSpecifier: &corev3.SocketAddress_PortValue{PortValue: uint32(a.Port())},
	}}}
}

// told are the headers that the service is told, in lower case. Several of a name are one, as HTTP has it.
func (c *Checker) told(call *Call) map[string]string {
	headers := make(map[string]string, len(call.Request.Header)+len(call.Credentials)+3)
	for _, all := range []http.Header{call.Request.Header, call.Credentials} {
		for name, values := range all {
			if name = strings.ToLower(name); c.tells(name) {
				headers[name] = utf8(strings.Join(values, ", "))
			}
		}
	}
	return headers
}

// tells says whether a header is told: those that are named, or all but credentials and what clients make up in the edge's
// name.
func (c *Checker) tells(name string) bool {
	if len(c.headers) > 0 {
		_, named := c.headers[name]
		return named
	}
	switch name {
	case "authorization", "cookie", "proxy-authorization", c.keyHeader:
		return false
	case "sec-websocket-protocol": // in which browsers send tokens
		return false
	default:
		return !isEdges(name)
	}
}

// utf8 is a text as protobuf takes it. A client must not be able to make a question that can not be asked.
func utf8(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
