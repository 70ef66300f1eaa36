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
//	edge.go       the Edge and its life
//	config.go     what the configuration means
//	problems.go   what is wrong with it
//	load.go       descriptors and upstreams
//	generation.go what one loading of them makes
//	table.go      routes and operations
//	audience.go   who sees which table
//	door.go       what guards the tables
//	policy.go     what guards an operation
//	chain.go      what surrounds every request
//	serve.go      the way of a request
//	admit.go      who calls, and whether they may
//	negotiate.go  the form of the answer
//	request.go    the message: body, query and path
//	parts.go      multipart bodies
//	body.go       reading bodies
//	unary.go      one message for one
//	compose.go    the answers of several methods
//	partial.go    what of them is missing
//	whose.go      whose responses are kept
//	success.go    statuses and headers of success
//	etag.go       entity tags
//	raw.go        google.api.HttpBody
//	stream.go     a stream of answers
//	upload.go     a stream of requests
//	duplex.go     both at once
//	socket.go     WebSockets
//	listen.go     listeners, TLS, draining
//	challenges.go what an ACME authority asks by HTTP
//	patience.go   clients that are slow
//	metrics.go    counters
//	log.go        the access log
//	trace.go      traces
//	admin.go      health, metrics, routes
//	pages.go      what tells about the API
//	documents.go  the OpenAPI documents
//	describe.go   policies and credentials as these tell them
package server
