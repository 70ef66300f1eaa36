// Package transport is how connections are secured: the TLS of listeners and of connections to upstreams, the way from HTTP
// to HTTPS, and Strict-Transport-Security.
//
// [Server] makes the configuration of a listener (listener.go). For each handshake it chooses among certificates
// (choose.go) that come from files (reader.go), are made for development (selfsigned.go) or come from an authority that
// speaks ACME, RFC 8555: acme.go keeps them, order.go gets them. What lasts of that is in a folder (folder.go), the answers
// to challenges among it (challenge.go): whichever edge or listener has the same folder can give them. [Client] makes the
// credentials of connections to an upstream (upstream.go).
//
// Files are followed by their content. What they say holds for handshakes from then on, and no connection is cut: TLS keeps
// what was agreed. A session that a client resumes is no way around changed authorities: crypto/tls holds the chain of the
// session against those of the new handshake, and makes a full one if they no longer vouch for it.
//
// redirect.go sends browsers to HTTPS, hsts.go keeps them there, config.go says what is wrong with a configuration.
package transport
