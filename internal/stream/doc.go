// Package stream frames the messages of a stream for HTTP, and finds the messages in the body of a request.
//
// A [Writer] is one answer in one of four forms:
//
//	NDJSON           application/x-ndjson  a message a line; {"error": …} is the last line of a stream that failed
//	NDJSON, Result   application/json      {"result": …} and {"error": …}, a line each, as grpc-gateway writes them
//	SSE              text/event-stream     a message an event, and an event "end" or "error" behind the last one
//	Array            application/json      one JSON array; a stream that fails is cut off
//
// Every message is flushed as it is written. What goes wrong after the beginning is told in the stream's own form, with
// the same google.rpc.Status that a failed unary call has as its body, so that no failure looks like the end.
//
// A [Reader] takes a body apart into JSON values as they come in, and holds one of them at a time.
//
// # Files
//
//	writer.go    what the forms have in common
//	ndjson.go    lines
//	sse.go       server-sent events
//	array.go     one array
//	reader.go    bodies to values
//	extent.go    where a value ends
//	buffer.go    the bytes that were read and not yet taken
package stream
