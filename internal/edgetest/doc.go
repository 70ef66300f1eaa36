// Package edgetest is what tests of the edge share: a backend that remembers what it was asked, the edge in front of it,
// and the handlers that grpc-gateway generates beside it. It is for tests only.
//
// # Files
//
//	backend.go  the backend of edgetest.v1
//	tape.go     a backend's answers, played again
//	front.go    the edge, and grpc-gateway's handlers, in front of a backend
package edgetest
