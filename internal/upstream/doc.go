// Package upstream calls gRPC services with messages that stay bytes.
//
// A [Target] is one place where services run, reached over several connections that take turns: one HTTP/2 connection
// is one TCP stream and, behind a balancer that balances connections, one instance. Messages pass through a codec that
// neither encodes nor decodes.
//
// A failed call comes back as a [fault.Error]. What the upstream said is kept apart from what was inferred because it
// said nothing: only the former's text reaches a caller, as the latter's holds addresses.
//
// [Plain] and [Gateway] are the two ways in which HTTP headers become metadata and metadata become headers. In both,
// what a request says about where it came from counts only if one of the [Proxies] that are believed says it.
//
// # Files
//
//	target.go    connections and unary calls
//	balancer.go  calls to all addresses of a name
//	stream.go    calls whose messages come one by one
//	codec.go     messages as bytes
//	pool.go      the memory that they are in
//	failure.go   gRPC errors to faults
//	plain.go     header lists of the gatehouse preset
//	names.go     names that can be listed, and values that can pass
//	gateway.go   header names of the grpc-gateway preset
//	proxies.go   where a request came from
//	forwarded.go the grammar of what proxies say about it
//	timeout.go   deadlines that clients ask for
package upstream
