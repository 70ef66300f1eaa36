// Package compose answers a method that has no service behind it with the answers of other methods, as
// (gatehouse.v1.compose) says.
//
// [Compile] checks a composition and makes a [Plan] of it; [Plan.Run] answers a request. Both requests and responses stay
// bytes: protobuf merges what is written one after the other, so that an answer is put together of the parts' responses
// without decoding one. A Plan is immutable, so any number of goroutines may run it at once.
//
// A stream is not put together of parts: [CompileRelay] finds the method whose stream takes its place.
//
// # Rules
//
//   - A part begins as soon as the parts that it binds from are there. Its bindings, and all it has to wait for, are known
//     when it is compiled; parts that wait for each other are refused then.
//   - Types are checked when a plan is compiled: a field takes what has its own type, or a message that is declared alike.
//   - A required part that fails ends the whole, and the calls that are under way with it. An optional one that fails is
//     left out, and never silently: the answer has a [Partial] for it.
//   - Messages are read as protobuf permits them to be written: fields in any order, a message in pieces, the last of several
//     scalars, the last member of a oneof, lists packed or not.
//   - A response that is not sound, or has no JSON form, is a failure of its part. It is checked before anything is taken from it,
//     so that what a service writes wrongly costs the part and not the answer. One glance tells of nearly all that they have a
//     JSON form; of the others, a time out of range or an Any, [Options].Form says it.
//   - What a part may show is not more than what its own method and fields would: a field that google.api.visibility
//     restricts is not taken into one that it does not restrict.
//   - Everything is bounded: parts, calls, calls at once, the answer, what is kept.
//
// # Files
//
//	plan.go                                a compiled composition
//	compile.go, parts.go                   the option to a plan
//	relay.go                               streams that are those of other methods
//	bindings.go, take.go                   what a call is made with, and what becomes of its response
//	order.go, path.go, alike.go            what waits for what, which fields are meant, which types fit
//	constant.go, want.go, reveal.go        values and conditions in options, and what may be shown
//	run.go, perform.go, fetch.go, fail.go  one request: all parts, one part, one call, and what goes wrong
//	build.go, splice.go                    the request of a call, the answer
//	budget.go                              how much is done for one request
//	wire.go, read.go, shape.go, form.go    bytes: one field, one path, a whole message, and whether it has a JSON form
//	store.go, entries.go                   responses that are kept, calls that are shared
package compose
