// Package server is the edge: it takes HTTPS calls, turns them into gRPC calls, and answers.
//
// [New] compiles a configuration and the descriptors it names into one immutable table; [Edge.Serve] runs it.
// [Edge.Reload] builds a new table beside the one in use and swaps it in; requests in flight finish on the table they
// began with, and a table that does not compile changes nothing. An Edge may be used by any number of goroutines.
//
// serve.go is the way of a request through the house, top to bottom.
//
// # Files
//
//	edge.go     the Edge and its life
//	config.go   what the configuration means
//	load.go     descriptors and upstreams
//	table.go    routes and operations
//	chain.go    what surrounds every request
//	serve.go    one unary call
//	stream.go   one server stream
//	body.go     reading bodies
//	httpbody.go google.api.HttpBody
//	listen.go   listeners, TLS, draining
//	metrics.go  counters
//	admin.go    health, metrics, routes
package server
