package transport

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
)

// source is where a certificate comes from. What it gives may change from one handshake to the next.
type source interface {
	// Get returns nil as long as there is none.
	Get() *tls.Certificate
	Close()
}

// fixed is a certificate that stays what it is.
type fixed tls.Certificate

func (f *fixed) Get() *tls.Certificate { return (*tls.Certificate)(f) }

func (*fixed) Close() {}

var errNone = errors.New("there is no certificate yet")

// choose returns the first certificate that is for the name that a client asks for and of a kind that it understands, one
// for the very name before one for all names of its domain. A client that asks for none of them, or for no name at all,
// gets the first that it understands.
func choose(sources []source, hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	available := make([]*tls.Certificate, 0, len(sources))
	for _, s := range sources {
		if c := s.Get(); c != nil {
			available = append(available, c)
		}
	}
	if len(available) == 0 {
		return nil, errNone
	}
	var wildcard *tls.Certificate
	for _, c := range available {
		if hello.ServerName == "" || hello.SupportsCertificate(c) != nil {
			continue
		}
		if names(c, hello.ServerName) {
			return c, nil
		}
		if wildcard == nil {
			wildcard = c
		}
	}
	if wildcard != nil {
		return wildcard, nil
	}
	nameless := *hello
	nameless.ServerName = ""
	if i := slices.IndexFunc(available, func(c *tls.Certificate) bool { return nameless.SupportsCertificate(c) == nil }); i >= 0 {
		return available[i], nil
	}
	return available[0], nil // crypto/tls tells the client what is the matter
}

func names(c *tls.Certificate, name string) bool {
	return slices.ContainsFunc(c.Leaf.DNSNames, func(n string) bool { return strings.EqualFold(n, name) })
}
