// Package stream frames the messages of a stream for HTTP.
//
// NDJSON (application/x-ndjson) is one JSON message a line. Every message is flushed as it is written. What goes wrong
// after the first message is a last line, {"error": …}, with the same google.rpc.Status that a failed unary call has as
// its body; without it, a stream that ends is complete.
package stream
