// Command bench measures the edge beside its peers: the handlers that grpc-gateway generates, vanguard, and the floor,
// which is the same HTTP server and the same gRPC client with a canned answer and no translation at all; and that floor with
// the metadata and the deadline of the edge's calls.
//
// Each edge runs as a process of its own in front of one backend that answers from prepared bytes. They are measured in
// turn, several rounds, and the medians are printed: CPU time of the edge's process for a request, throughput and
// latencies. All traffic is on loopback and every run is bounded.
//
// # Files
//
//	main.go      roles and flags
//	backend.go   the backend
//	edges.go     the edges
//	process.go   children, and what they cost
//	load.go      the load
//	measure.go   rounds and medians
//	target.go    what the edge is to stay within
//	report.go    the tables
//	routes.go    the cost of finding a route
//	streams.go   the memory of streams and files
//	screen.go    how long a composed screen is waited for
//	parts.go     what composing costs
//	corpus.go    the conformance corpus, played against the edge and its peers
package main
