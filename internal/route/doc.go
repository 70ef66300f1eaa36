// Package route finds the operation an HTTP request means: method and path in, operation and path variables out.
//
// A [Builder] collects routes and reports every conflict at once. What it builds, a [Table], is immutable, so any number
// of goroutines may match against it while a newer one is built beside it. Values of a route are of any type; the
// package knows neither gRPC nor net/http.
//
// # Rules
//
//   - The path is matched as it was sent, percent-encoded. It is split at its slashes first, and only then are literals
//     compared, and values taken, percent-decoded: an encoded slash never separates.
//   - Segment by segment a literal beats *, and * beats **. The search goes back and tries the next best when the rest
//     of the path, or the method, does not fit.
//   - A colon in the last segment begins a verb only where that very verb is registered; elsewhere it is data.
//   - No wildcard but ** takes an empty segment, so a trailing slash is a different path.
//   - A path with a "." or ".." segment is refused whole. See [CheckPath].
//   - Two templates that match the same paths at the same rank, under the same method, are an error when building.
//
// docs/routing.md has the cases; a test reads them from there.
//
// # Cost
//
// Routes live in a trie with a hash map for the literals below each node: one look-up for each segment, however many
// routes there are. A sorted list would need a comparison, and a cache miss, for each halving. A search enters each
// node once at most and looks no deeper into a path than the deepest template ([MaxDepth] at most), so neither many
// slashes nor many wildcards make it long, and the recursion is as deep as a template, never as a path. Checking a path
// and finding its ends are single passes over it. Matching allocates only to decode a percent-encoded part.
//
// # Files
//
//	builder.go  routes in, conflicts out
//	table.go    the public questions: match, allow, list
//	trie.go     nodes and what ends there
//	search.go   the walk
//	path.go     splitting and checking a path
//	value.go    variables, percent-decoding
package route
