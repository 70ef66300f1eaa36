// Package fault is the edge's one error type and the one place that turns an error into an HTTP response.
//
// An [Error] is what a caller may know. What went wrong underneath travels beside it as the cause, is logged, and is
// never sent. The ladder from gRPC codes to HTTP statuses is grpc-gateway's; what the edge itself refuses has a status
// and a stable machine-readable reason of its own, in a google.rpc.ErrorInfo of the domain "gatehouse".
//
// The body is google.rpc.Status in its JSON form, or the problem details of RFC 9457 ([Problem]).
package fault
