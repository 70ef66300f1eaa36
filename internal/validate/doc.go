// Package validate checks the wire bytes of request messages against the rules that their protos carry, before an upstream
// is called: those of protoc-gen-validate (validate.rules) and those of protovalidate (buf.validate).
//
// A [Compiler] compiles the rules of a message and of all it refers to into tables, for one audience; a [Checks] runs them.
// Tables are immutable, so every method of both may be called by any number of goroutines at once.
//
// # Rules
//
//   - The rules of protoc-gen-validate mean what the validators it generates for Go do with them, their surprises
//     included: an unset field of proto2 is checked by its default, `required` does nothing on an optional field of
//     proto3, `lt_now: false` is the same as true, a NaN is in every range. What the generator refuses is refused here,
//     when the rules are compiled, with the place where it stands.
//   - Where the generator goes no further, these go on: groups, editions (a field with presence is checked when it is
//     set), lists of wrappers, and the contents of an Any whose type the set knows.
//   - Neither kind looks at extensions.
//   - The rules of protovalidate are left to its own library, on a dynamic message.
//   - A message is read as protobuf permits it to be written: fields in any order, a scalar twice, a message or a list in
//     pieces, a map key twice, several members of a oneof. It is what it amounts to that is checked.
//   - What an audience does not see is not checked and never named; the service checks it.
//   - All that is wrong is told at once, up to a limit. Text tells what a rule wants, not what a request said.
//   - Time and memory grow with the message and no faster. Nothing is allocated for a message without fault, as far as
//     protoc-gen-validate's rules go, and there is nothing unusual in it.
//
// # How a message is read
//
// Two passes are made over each message. The first records, for every field that has rules, what its occurrences amount
// to: of a scalar the last one, of a list, a map or a message the runs of bytes that it is in. A member of a oneof forgets
// the others. The second judges field by field. A message in pieces is put together first; all else is judged where it is.
//
// # Files
//
//	checks.go, options.go               what callers use
//	compile.go, table.go, seal.go       descriptors to tables
//	field.go, value.go                  a field's rules
//	limits.go, times.go, lists.go       rules of numbers and durations; of times; of lists, maps and oneofs
//	strings.go, bytes.go                rules of strings and bytes
//	words.go                            what violations say
//	checker.go, scan.go, judge.go       the two passes
//	list.go, entries.go, known.go       lists, maps, well-known types
//	test.go, formats.go, pattern.go     single tests
//	wire.go, path.go                    bytes and places
//	library*.go                         protovalidate
package validate
