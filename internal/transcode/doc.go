// Package transcode turns JSON into protobuf wire bytes and wire bytes into JSON, each in one pass, with no message
// objects and no reflection between.
//
// A [Codec] holds one set of [Options] and compiles message descriptors into tables, each a [Message]. Compiling looks
// descriptors up, walks them and quotes their names; running only reads tables. Tables are immutable, so every method
// of a Codec and of what it hands out may be called by any number of goroutines at once.
//
// The JSON is the official protobuf mapping (https://protobuf.dev/programming-guides/json/), for proto2, proto3 and
// editions, all well-known types included.
//
// # Rules
//
//   - A request is built by concatenation: protobuf merges repeated occurrences of a field, so wire(body), wire(query)
//     and wire(path) written one after the other are the merged message, and the path wins over everything before it.
//   - A response is written while its bytes are read. Protobuf permits forms that canonical encoders never write: a
//     list interleaved with other fields, a singular message in two pieces, several members of one oneof. The pass
//     notices the first of them, gives up, and starts over on a rewritten, canonical copy.
//   - Equal messages have equal JSON: the entries of a map are sorted by their keys, in whatever order they came.
//   - Nothing grows faster than its input: depth is limited, numbers are checked before they become sizes, and bytes
//     that are skipped are never stored.
//
// # Files
//
//	options.go              the dialect
//	codec.go, table.go      descriptors to tables
//	message.go              what a table does
//	encode*.go              wire to JSON
//	keyset.go               keys of maps that have been seen
//	canonical*.go           any wire to canonical wire
//	required.go             proto2's required fields
//	check.go                whether a message has a JSON form
//	decode*.go, scan.go     JSON to wire
//	param.go, query.go      text parameters to wire
//	request.go, response.go what one HTTP binding needs of all this
//	select.go               what ?fields= leaves of an answer
//	mask.go                 what a PATCH gives
//	form.go, protobody.go   bodies that are not JSON
//	httpbody.go             bytes as they are
//	pick.go                 one field's value as text
//	number.go, text.go      numbers and strings, in both directions
//	errors.go               what is wrong, where, and what may have been meant
//	wire.go                 varints, tags and lengths
package transcode
