package upstream

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are those that are believed about the client. The zero value believes nobody. Proxies may be used by any
// number of goroutines at once.
//
// Where a request has both, X-Forwarded- headers count and Forwarded does not, because most proxies write the former
// and let a client's own Forwarded pass. A proxy that writes Forwarded has to drop the others.
type Proxies struct{ trusted []netip.Prefix }

// NewProxies returns the proxies at the addresses and in the networks, such as 192.0.2.7 or 10.0.0.0/8. The error joins
// all that is wrong, each under its key.
func NewProxies(trusted []string) (Proxies, error) {
	var p Proxies
	var errs []error
	for i, text := range trusted {
		prefix, err := parsePrefix(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("headers.trusted_proxies[%d]: %q %w", i, text, err))
		}
		p.trusted = append(p.trusted, prefix)
	}
	return p, errors.Join(errs...)
}

func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || prefix.Addr().Is4In6():
		return netip.Prefix{}, errors.New("is no address and no network, such as 192.0.2.7 or 10.0.0.0/8")
	case prefix != prefix.Masked():
		return netip.Prefix{}, fmt.Errorf("is both; write %s for the network, %s for the address",
			prefix.Masked(), prefix.Addr())
	default:
		return prefix, nil
	}
}

func (p Proxies) trust(addr netip.Addr) bool {
	for _, prefix := range p.trusted {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// Origin is where a request came from, as far as it is believed.
type Origin struct {
	Client netip.Addr // without a zone; the zero Addr if it is unknown, as behind a unix socket
	Proto  string     // what the client spoke: http or https
	Host   string     // what the client asked for, with its port if it gave one
}

// Client returns where a request came from. If the peer is believed, that is the last address in X-Forwarded-For, or
// else in Forwarded (RFC 7239), that is not a trusted proxy's; the first one if all are; and where an address is hidden
// or malformed, the one behind it. Proto and host are those that the nearest proxy gives in X-Forwarded-Proto and
// X-Forwarded-Host or, in Forwarded, that stand beside the address. At most 64 elements in 16 KiB are looked at.
func (p Proxies) Client(r *http.Request) Origin { return p.trail(r).Origin }

// trail is the way that a request came.
type trail struct {
	Origin
	peer string       // the address that the connection came from
	hops []netip.Addr // those before it, the nearest first
}

func (p Proxies) trail(r *http.Request) trail {
	t := trail{Origin: Origin{Proto: scheme(r), Host: r.Host}}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		t.peer, _, _ = strings.Cut(host, "%")
	}
	if addr, err := netip.ParseAddr(t.peer); err == nil {
		t.Client = addr.Unmap()
	}
	if p.trust(t.Client) {
		const usual = 4
		t.hops = make([]netip.Addr, 0, usual)
		t.hear(p, r.Header)
	}
	return t
}

func scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// The headers in which proxies tell of the client.
const (
	forwardedHeader = "Forwarded"
	forHeader       = "X-Forwarded-For"
	hostHeader      = "X-Forwarded-Host"
	protoHeader     = "X-Forwarded-Proto"
)

// hear takes up what a believed peer says.
func (t *trail) hear(p Proxies, h http.Header) {
	if h[forHeader] == nil && h[hostHeader] == nil && h[protoHeader] == nil {
		t.hearForwarded(p, h[forwardedHeader])
		return
	}
	t.believe(last(h[protoHeader]), last(h[hostHeader]))
	for element := range fromLast(h[forHeader]) {
		if !t.follow(p, element) {
			return
		}
	}
}

func (t *trail) hearForwarded(p Proxies, lines []string) {
	for element := range fromLast(lines) {
		f, ok := parseForwarded(element)
		if !ok {
			return
		}
		t.believe(f.proto, f.host)
		if !t.follow(p, f.node) {
			return
		}
	}
}

func (t *trail) believe(proto, host string) {
	switch {
	case strings.EqualFold(proto, "http"):
		t.Proto = "http"
	case strings.EqualFold(proto, "https"):
		t.Proto = "https"
	}
	if isHost(host) {
		t.Host = host
	}
}

// follow goes one hop back towards the client and tells whether whoever is there is believed about the next.
func (t *trail) follow(p Proxies, node string) bool {
	addr, ok := parseNode(node)
	if !ok {
		return false
	}
	t.Client = addr
	t.hops = append(t.hops, addr)
	return p.trust(addr)
}

// forwardedFor is the whole trail as X-Forwarded-For gives it, the client first.
func (t *trail) forwardedFor() string {
	if len(t.hops) == 0 {
		return t.peer
	}
	var room [128]byte
	return string(append(append(t.appendHops(room[:0]), ", "...), t.peer...))
}

func (t *trail) appendHops(b []byte) []byte {
	for i := len(t.hops) - 1; i >= 0; i-- {
		b = t.hops[i].AppendTo(b)
		if i > 0 {
			b = append(b, ", "...)
		}
	}
	return b
}
