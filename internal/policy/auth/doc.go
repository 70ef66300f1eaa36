// Package auth finds out who calls: by a token (JWT) of an issuer, by a key that was handed out, or by the certificate of a
// TLS connection.
//
// A request that shows nothing has no caller, which is no error; what it shows has to be good, whatever it is for. A token
// is believed if a key of the issuer that it names has signed it, and nothing that it says of keys itself is. What is cheap
// is checked before what is dear, and all that a stranger can send is bounded before it is read.
//
// auth.go is the way of a request, challenge.go what clients are told who are refused. bearer.go takes the token from the
// request, token.go and strict.go take it apart, issuer.go and claims.go say whether it holds. keyset.go holds public keys,
// which come from a file (local.go) or from the issuer (remote.go, fetch.go). apikeys.go looks keys up, in a file
// (keyfile.go) and in Redis (keyredis.go, outage.go); grant.go is what both say of one. certificate.go knows certificates.
// memory.go remembers what has been found out. config.go reads the configuration.
package auth
