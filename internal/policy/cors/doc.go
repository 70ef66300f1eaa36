// Package cors says which pages of other origins may call, by the CORS protocol of the Fetch standard
// (https://fetch.spec.whatwg.org/#http-cors-protocol).
//
// CORS keeps nobody from calling but browsers, which ask on behalf of pages. So a page that may not call is told nothing: a
// preflight that is refused, for whatever reason, gets no header that allows anything, and all browsers take that as a no.
//
// origin.go reads origins and compares them, preflight.go answers what browsers ask before they call, policy.go marks the
// answers that pages may read, and config.go says what is wrong with a configuration.
package cors
