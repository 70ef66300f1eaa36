// Package upstream calls gRPC services with messages that stay bytes.
//
// A [Target] is one place where services run, reached over several connections that take turns: one HTTP/2 connection
// is one TCP stream and, behind a balancer that balances connections, one instance. Messages pass through a codec that
// neither encodes nor decodes.
//
// A failed call comes back as a [fault.Error]. What the upstream said is kept apart from what was inferred because it
// said nothing: only the former's text reaches a caller, as the latter's holds addresses.
//
// [Plain] and [Gateway] are the two ways in which HTTP headers become metadata and metadata become headers.
//
// # Files
//
//	target.go   connections and calls
//	codec.go    messages as bytes
//	pool.go     the memory that they are in
//	failure.go  gRPC errors to faults
//	plain.go    header lists of the gatehouse preset
//	gateway.go  header names of the grpc-gateway preset
//	timeout.go  deadlines that clients ask for
package upstream
