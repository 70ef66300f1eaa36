// Command conformance plays the HTTP conformance corpus of Gatehouse against a gateway. See docs/conformance.md.
//
// # Files
//
//	main.go       flags, and what is run
//	gatehouse.go  Gatehouse in this process
//	cases/        the corpus
package main
