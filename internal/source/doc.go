// Package source loads protobuf descriptors, wherever they come from, into one linked set.
//
// A [Set] comes from Go packages in the binary ([Linked]), from .proto files ([Dir]), from a compiled image ([Image]),
// from a running server ([Reflection]), or from several of these at once ([Merge]). Rules for protos that carry none
// come from a service configuration ([ServiceConfig]).
//
// # Rules
//
//   - Every origin gives the same thing. Descriptors are reduced to FileDescriptorProtos and linked by one linker, so
//     that what stands above cannot tell, and need not ask, where a method came from.
//   - Custom options can be read whatever the origin: [Option] finds them as linked extensions, as dynamic ones and
//     in unknown fields.
//   - A file that an origin imports and does not bring is taken from what is linked into the binary: google/api,
//     google/rpc, google/protobuf, validate, buf/validate and protoc-gen-openapiv2 always are. An image's or a server's
//     own copy wins; a folder's does not, except under gatehouse/v1.
//   - Problems are reported all at once, sorted by file, line and column, one [Problem] each.
//   - Origins are not trusted: files, bytes and time are limited, and what an origin says is never executed.
//
// # Files
//
//	set.go, merge.go                  the set, and several made one
//	link.go, imports.go               linking, and imports that go by other names
//	linked.go, wellknown.go           what the binary brings along
//	limits.go                         how much an origin may be
//	image.go, imagejson.go            compiled images
//	dir.go, tree.go, roots.go         .proto files and their import roots
//	reflection.go, reflect*.go        running servers
//	serviceconfig.go                  HTTP rules in YAML
//	option.go, types.go, position.go  reading options, finding types, telling people where
package source
