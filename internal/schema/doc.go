// Package schema turns descriptors into the API that their HTTP annotations describe: services, methods, and the
// bindings by which HTTP reaches them.
//
// [Compile] reads google.api.http from the method itself or from a service configuration, follows every field that a
// template or body names, and refuses what can not work. Problems come all at once, in source order, each with its
// place, what is wrong and what would be right. What it returns is immutable.
//
// # Files
//
//	api.go      what a compiled API is
//	compile.go  services, methods and their rules
//	binding.go  one rule to one binding
//	options.go  what (gatehouse.v1.http) adds
//	visible.go  google.api visibility
package schema
